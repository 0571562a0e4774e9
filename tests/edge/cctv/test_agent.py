"""From frames to readings, with a detector that finds what is painted."""

import gc
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta
from itertools import islice, pairwise
from pathlib import Path
from threading import Event

import pytest

from edge.camera.calibration_file import camera_from_toml
from edge.cctv.agent import CctvSource
from edge.cctv.container_numbers import Text
from edge.cctv.evidence import Evidence, crop_of, evidence_in, frame_of, frames_in
from edge.cctv.films import Film, Recorded
from edge.cctv.frames import Frame, Pixels
from edge.cctv.journal import Journal
from edge.cctv.scene import Line, Scene, Zone
from edge.cctv.scribe import Scribe
from edge.measured import Measured
from haechi.cameras import CameraView, ContainerRead, Detection
from haechi.messages import Message, Reading, decode_message, encode
from tests.edge.cctv import clips
from tests.edge.cctv.scenes import (
    CAMERA_TOML,
    NOON,
    FilmOf,
    after,
    block,
    filmed,
    passing,
    red_detector,
)

CAMERA = camera_from_toml(CAMERA_TOML)
SCENE = Scene(
    zone=(Zone(name="gate", polygon=((0.5, 0), (1, 0), (1, 1), (0.5, 1))),),
    line=(Line(name="quay", begin=(0.3, 0), end=(0.3, 1)),),
)


def source(folder: Path, film: Film, **more: object) -> CctvSource:
    """Return a camera that keeps what it knows in a folder."""
    settings = {"device": "cam-1", "boot": "20260101-a1b2c3d4", "scene": SCENE, "fps": 10, **more}
    return CctvSource(
        film,
        red_detector(),
        CAMERA,
        evidence_in(folder),
        Journal(folder / "followed.json"),
        **settings,  # type: ignore[arg-type]  # settings of many types, checked by the callee
    )


def carried(camera: CctvSource) -> list[Measured]:
    """Return all readings, as an outbox takes them."""
    said: list[Measured] = []
    for batch in camera.batches():
        said += batch
        camera.kept()
    return said


def detections(said: Sequence[Measured]) -> list[Detection]:
    """Return what was seen."""
    return [one.content for one in said if isinstance(one.content, Detection)]


def test_a_passing_car_is_reported_from_new_to_end(tmp_path: Path) -> None:
    """With label, box, place, zone, line, hashes and counts; and the wire takes it."""
    said = carried(source(tmp_path, FilmOf(filmed(passing()))))
    view, *seen = said
    assert (view.subject, view.at) == ("camera:cam-1", NOON)
    assert isinstance(view.content, CameraView)
    assert {one.subject for one in seen} == {"object:cam-1.a1b2c3d4-1"}
    phases = [one.phase for one in detections(seen)]
    assert phases[0] == "new"
    assert phases[-1] == "end"
    assert set(phases[1:-1]) == {"update"}
    assert [name for one in detections(seen) for name in one.crossed] == ["quay"]
    assert detections(seen)[-1].zones == ("gate",)
    assert detections(seen)[0].label == "car"
    assert [one.urgent for one in seen] == [
        one.phase != "update" or bool(one.crossed) for one in detections(seen)
    ]
    readings = tuple(
        Reading(seq=seq, at=one.at, subject=one.subject, content=one.content)
        for seq, one in enumerate(said, 1)
    )
    message = Message(device="cam-1", boot="20260101-a1b2c3d4", readings=readings)
    assert decode_message(encode(message)) == message


def test_what_is_reported_can_be_proven(tmp_path: Path) -> None:
    """The frame and the crop of each statement are kept under the digests that it cites."""
    frames = filmed(passing())
    for one in detections(carried(source(tmp_path, FilmOf(frames)))):
        assert one.frame in {frame.digest for frame in frames}
        kept = frame_of(tmp_path, one.frame)
        assert kept is not None
        assert kept.pixels().shape == (120, 160, 3)
        assert one.crop is not None
        assert crop_of(tmp_path, one.crop) is not None
    kept_at = [kept.at for kept in frames_in(tmp_path)]
    assert max(b - a for a, b in pairwise(kept_at)) <= timedelta(seconds=1)


def test_nothing_is_said_before_its_proof_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow the disk: a kill in between must not leave a reading without its frame."""
    keep = Evidence.frame

    def slowly(evidence: Evidence, frame: Frame) -> bool:
        Event().wait(0.05)
        return keep(evidence, frame)

    monkeypatch.setattr(Evidence, "frame", slowly)
    camera = source(tmp_path, FilmOf(filmed(passing(25))))
    cited = 0
    for batch in camera.batches():
        for one in detections(batch):
            cited += 1
            assert frame_of(tmp_path, one.frame or "") is not None
        camera.kept()
    assert cited >= 2


def test_the_place_is_where_the_camera_sees_the_foot(tmp_path: Path) -> None:
    """The middle of the lower edge; nothing is placed whose foot is cut off by the picture."""
    seen = detections(carried(source(tmp_path, FilmOf(filmed(passing())))))
    left, _, right, bottom = seen[0].box
    fix = CAMERA.ground_of((left + right) / 2 * 160, bottom * 120, 1.5)
    assert fix is not None
    assert (seen[0].lat, seen[0].lon, seen[0].ellipse) == (fix.lat, fix.lon, fix.ellipse)
    cut = [block(60, 105)] * 20
    assert [one.lat for one in detections(carried(source(tmp_path, FilmOf(filmed(cut)))))] == [
        None,
        None,
    ]


def test_speed_is_said_once_it_is_beyond_doubt(tmp_path: Path) -> None:
    """Eastwards the camera looks, so to the right is south."""
    seen = detections(carried(source(tmp_path, FilmOf(filmed(passing())))))
    assert seen[0].speed_kn is None
    moving = [one for one in seen if one.speed_kn is not None]
    assert moving
    assert all(170 < (one.course_deg or 0) < 190 for one in moving)


def test_a_recording_gives_the_same_readings_each_time(tmp_path: Path) -> None:
    """Real H.264, decoded twice."""
    file = clips.write(tmp_path / "passing.mp4", passing(), 10)
    folders = [tmp_path / "first", tmp_path / "again"]
    for folder in folders:
        folder.mkdir()
    first, again = (carried(source(folder, Recorded(file, start=NOON))) for folder in folders)
    assert first == again
    assert len(detections(first)) >= 2


def test_a_view_is_published_every_five_minutes(tmp_path: Path) -> None:
    """As long as there are frames: without them it sees nothing."""
    frames = [Frame(after(60 * number), block(-50)) for number in range(12)]
    said = carried(source(tmp_path, FilmOf(frames)))
    assert [one.at for one in said] == [after(0), after(300), after(600)]


class Torn:
    """A live camera that shows a car standing, and then nothing for ever."""

    waits = False

    def __init__(self) -> None:
        self.shown = Event()

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return a second and a half of it, one by one."""
        for frame in filmed([block(50)] * 15):
            yield frame
            while not self.shown.wait(0.05):
                if stopped.is_set():
                    return
            self.shown.clear()
        stopped.wait()


def standing(
    folder: Path, **more: object
) -> tuple[CctvSource, Generator[Sequence[Measured], None, None]]:
    """Return a camera that has just announced somebody, and what it says next."""
    film = Torn()
    camera = source(folder, film, **more)

    def said() -> Generator[Sequence[Measured], None, None]:
        for batch in camera.batches():
            yield batch
            camera.kept()
            film.shown.set()

    batches = said()
    for batch in batches:
        if detections(batch):
            return camera, batches
    raise AssertionError("nobody was announced")


def test_a_torn_stream_ends_who_was_followed(tmp_path: Path) -> None:
    """After the five seconds that everybody has, by this machine's clock: no frame says so."""
    clock = [0.0]
    _, batches = standing(tmp_path, clock=lambda: clock[0])
    for batch in batches:
        clock[0] += 1
        if [one.phase for one in detections(batch)] == ["end"]:
            break
    assert clock[0] >= 5
    assert all(not batch for batch in islice(batches, 3))


def test_who_asks_to_stop_gets_the_ends_first(tmp_path: Path) -> None:
    """And then it is over."""
    asked = Event()
    camera, batches = standing(tmp_path, asked=asked)
    asked.set()
    assert [one.phase for batch in batches for one in detections(batch)][-1] == "end"
    assert camera.over.is_set()


def test_a_killed_agent_ends_who_was_followed_when_it_starts_again(tmp_path: Path) -> None:
    """As of when they were last reported, under their old names; and only once."""
    _, batches = standing(tmp_path)
    batches.close()  # as a kill: nothing more is said
    again = source(tmp_path, Torn(), boot="20260101-ffffffff")
    left = next(iter(again.batches()))
    assert [(one.subject, one.urgent) for one in left] == [("object:cam-1.a1b2c3d4-1", True)]
    assert [one.phase for one in detections(left)] == ["end"]
    again.kept()
    assert Journal(tmp_path / "followed.json").left_open() == []


def test_a_damaged_journal_stops_nobody(tmp_path: Path) -> None:
    """It is logged; those who were open stay open."""
    (tmp_path / "followed.json").write_bytes(b'[{"at":')
    assert Journal(tmp_path / "followed.json").left_open() == []


class Painted:
    """A reader that reads the same on every picture."""

    def read(self, pixels: Pixels) -> list[Text]:
        """Return one number and something else."""
        assert pixels.shape[2] == 3
        return [Text("CSQU 305438 3", 0.9, (0, 0, 0.5, 0.1)), Text("22G1", 0.8, (0, 0.2, 0.2, 0.3))]


def test_container_numbers_are_read_once_in_a_while(tmp_path: Path) -> None:
    """The same number again after a minute, not with every frame."""
    frames = [Frame(after(number), block(-50)) for number in range(65)]
    scribe = Scribe(Painted(), waits=True)
    said = carried(source(tmp_path, FilmOf(frames), scribe=scribe))
    read = [one for one in said if isinstance(one.content, ContainerRead)]
    assert [(one.subject, one.at) for one in read] == [
        ("container:CSQU3054383", after(0)),
        ("container:CSQU3054383", after(60)),
    ]
    assert isinstance(read[0].content, ContainerRead)
    assert read[0].content.frame == frames[0].digest
    scribe.close()


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    """A quarter of an hour at 2 frames a second with somebody passing all the time: nothing grows.

    Counted are the objects that Python knows, after the first sixth and at the end.
    """
    pictures = [block(x, 30) for x in range(-30, 160, 6)]
    way = [Frame(after(n / 2), pictures[n % len(pictures)]) for n in range(1800)]
    camera, alive = source(tmp_path, FilmOf(way), fps=2), list[int]()
    for number, _ in enumerate(camera.batches()):
        camera.kept()
        if number in {400, 1799}:
            gc.collect()
            alive.append(len(gc.get_objects()))
    assert alive[1] <= alive[0] * 1.02
