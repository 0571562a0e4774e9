"""D1 beside a camera: an agent that is killed at any moment has kept what it made, each once.

Real processes and a real outbox; nobody takes its readings, so all of them must be in it. Each kill
comes after a number of batches drawn by chance, wherever the agent then is.
"""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from edge import agent
from edge.camera.calibration_file import camera_from_toml
from edge.cctv.agent import CctvSource
from edge.cctv.evidence import crop_of, evidence_in, frame_of
from edge.cctv.films import Film
from edge.cctv.frames import Frame
from edge.cctv.journal import Journal
from edge.cctv.scene import Scene
from edge.outbox import START, Outbox
from haechi.cameras import Detection
from haechi.messages import Reading, decode_message
from tests.edge.cctv.scenes import CAMERA_TOML, NOON, FilmOf, filmed, passing, red_detector

DEVICE = "cam-1"
PASSES = 4
FRAMES = filmed([pixels for _ in range(PASSES) for pixels in [*passing(30), *passing(1) * 15]])
KILLS = 6

processes = get_context("forkserver")
processes.set_forkserver_preload([__name__])


class Shown:
    """Those frames as a live camera shows them: it waits for nobody, and is later in each life."""

    waits = False

    def __init__(self, life: int) -> None:
        self._later = timedelta(hours=life)

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return them, a few hundred a second."""
        for frame in FRAMES:
            if stopped.wait(0.002):
                return
            yield Frame(frame.at + self._later, frame.pixels)


class Nobody:
    """An uplink without a link."""

    def start(self) -> None:
        """Connect to nobody."""

    wake = stop = start

    def now(self) -> Any:
        """Return a moment long after all frames, so that nothing is promised."""
        return NOON + timedelta(days=400)


def live(folder: Path, boot: str, film: Film, made: Connection) -> None:
    """Be the agent for one life; tell after each batch how many readings there are."""
    outbox = Outbox(folder, device=DEVICE, boot=boot)
    source = CctvSource(
        film,
        red_detector(),
        camera_from_toml(CAMERA_TOML),
        evidence_in(folder),
        Journal(folder / "followed.json"),
        device=DEVICE,
        boot=boot,
        scene=Scene(update_s=0.3, lost_s=1),
        fps=10,
    )

    def kept() -> None:
        source.kept()
        made.send(outbox.numbered(boot))

    nobody: Any = Nobody()
    agent.run(source, outbox, nobody, Event(), kept=kept, until_acknowledged=False)


def lived(folder: Path, boot: str, film: Film, batches: int | None) -> int:
    """Return how many readings an agent said that it had made, when it was killed or done."""
    folder.mkdir(exist_ok=True)
    ours, its = processes.Pipe(duplex=False)
    process = processes.Process(target=live, args=(folder, boot, film, its))
    process.start()
    its.close()
    made = told = 0
    try:
        while batches is None or told < batches:
            made, told = ours.recv(), told + 1
        process.kill()
        while True:
            made = ours.recv()  # what it still said while the signal was on its way
    except EOFError:
        process.join()
    assert process.exitcode in ({0} if batches is None else {0, -9})
    return made


def kept_in(folder: Path) -> list[tuple[str, Reading]]:
    """Return what the outbox holds, by boot and number."""
    outbox = Outbox(folder, device=DEVICE, boot="reader")
    found: list[tuple[str, Reading]] = []
    for urgent in (False, True):
        after = START
        while batch := outbox.batch(urgent=urgent, after=after):
            found += [(batch.boot, one) for one in decode_message(batch.payload).readings]
            after = batch.last
    outbox.close()
    return sorted(found, key=lambda one: (one[0], one[1].seq))


def assert_proven(folder: Path, kept: list[tuple[str, Reading]]) -> None:
    """Check that every picture that is cited is there, and is what was seen."""
    for _, reading in kept:
        if isinstance(reading.content, Detection):
            digest, crop = reading.content.frame or "", reading.content.crop or ""
            frame, file = frame_of(folder, digest), crop_of(folder, crop)
            assert frame is not None
            frame.pixels()
            assert file is not None
            assert sha256(file.read_bytes()).hexdigest() == crop


def test_d1_a_killed_replay_goes_on_to_what_an_undisturbed_one_says(tmp_path: Path) -> None:
    """Readings kept are readings made: the same, in the same order, none lost and none twice."""
    film, chance = FilmOf(FRAMES), Random(1)  # noqa: S311 - the same kills each time
    whole = lived(tmp_path / "whole", "rec-1", film, None)
    for _ in range(KILLS):
        lived(tmp_path / "killed", "rec-1", film, chance.randint(1, len(FRAMES)))
    assert lived(tmp_path / "killed", "rec-1", film, None) == whole > PASSES * 3
    kept = kept_in(tmp_path / "killed")
    assert kept == kept_in(tmp_path / "whole")
    assert [reading.seq for _, reading in kept] == [*range(1, whole + 1)]
    assert_proven(tmp_path / "killed", kept)


def test_d1_a_killed_live_camera_keeps_what_it_numbered_and_ends_whom_it_announced(
    tmp_path: Path,
) -> None:
    """In each life numbers without a gap; an ``end`` may come twice, if the kill met it."""
    chance, made = Random(3), dict[str, int]()  # noqa: S311 - likewise
    for life in range(KILLS):
        boot = f"20260101-{life:08}"
        made[boot] = lived(tmp_path, boot, Shown(life), chance.randint(1, len(FRAMES) // 2))
    lived(tmp_path, "20260101-99999999", Shown(KILLS), None)
    kept = kept_in(tmp_path)
    assert_proven(tmp_path, kept)
    for boot, numbered in made.items():
        seqs = [reading.seq for its, reading in kept if its == boot]
        assert seqs == [*range(1, len(seqs) + 1)]
        assert len(seqs) >= numbered
    phases: dict[str, list[str]] = {}
    for _, reading in kept:
        if isinstance(reading.content, Detection):
            phases.setdefault(reading.subject, []).append(reading.content.phase)
    assert len(phases) > PASSES
    for said in phases.values():
        assert said.count("new") == 1
        assert said.count("end") in {1, 2}
