"""Where frames come from: real files, real streams, and what happens when they tear."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice, pairwise
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.cctv import video
from edge.cctv.films import (
    Anchor,
    FilmError,
    Folder,
    Live,
    Paced,
    Recorded,
    open_film,
)
from edge.cctv.picture import png
from edge.cctv.video import Picture
from tests.edge.cctv import clips
from tests.edge.cctv.scenes import NOON, FilmOf, after, block, filmed, passing


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a real video: 20 frames at 10 a second."""
    return clips.write(tmp_path_factory.mktemp("clip") / "passing.mp4", passing(20), 10)


def test_a_file_gives_every_frame_at_its_own_time(clip: Path) -> None:
    """The same each time, so that a replay has the same identities."""
    film = Recorded(clip, start=NOON)
    first, again = ([*film.frames(Event())] for _ in range(2))
    assert [frame.at for frame in first] == [after(number / 10) for number in range(20)]
    assert [frame.digest for frame in first] == [frame.digest for frame in again]
    assert np.abs(first[5].pixels.astype(int) - passing(20)[5]).mean() < 8
    assert film.waits


def test_fewer_frames_a_second_can_be_asked_for(clip: Path) -> None:
    """Every other one."""
    frames = [*Recorded(clip, start=NOON, fps=5).frames(Event())]
    assert [frame.at for frame in frames] == [after(number / 5) for number in range(10)]


def test_a_file_without_a_date_needs_to_be_told_one(clip: Path) -> None:
    """Nothing is dated with a guess."""
    with pytest.raises(FilmError, match="--start"):
        Recorded(clip)


def test_a_folder_gives_its_pictures_by_name(tmp_path: Path) -> None:
    """One a second, unless told otherwise; other files are passed over."""
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(png(block(number * 50)))
    (tmp_path / "notes.txt").write_text("no picture")
    frames = [*Folder(tmp_path, start=NOON).frames(Event())]
    assert [frame.at for frame in frames] == [NOON, after(1), after(2)]
    assert bool((frames[2].pixels == block(100)).all())


@pytest.mark.parametrize(
    ("address", "said"),
    [("absent.mp4", "no such file"), ("empty", "no pictures"), ("notes.txt", "notes.txt")],
)
def test_what_is_no_film_is_refused(tmp_path: Path, address: str, said: str) -> None:
    """With what it is and what to give."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no film")
    with pytest.raises(FilmError, match=said):
        next(open_film(str(tmp_path / address), start=NOON).frames(Event()))


def test_addresses_name_their_sources(tmp_path: Path) -> None:
    """Streams and devices are live; nothing is opened yet."""
    for address in ("rtsp://192.0.2.7/main", "/dev/video0", "udp://0.0.0.0:5000"):
        assert isinstance(open_film(address), Live)
    (tmp_path / "0.png").write_bytes(png(block(0)))
    assert isinstance(open_film(str(tmp_path), start=NOON), Folder)


class Camera:
    """A camera that serves a stream over TCP and hangs up after each time."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.sendall(self._body)


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Camera]:
    """Return a camera that shows twenty frames and tears in the middle of the last ones."""
    body = clips.write(tmp_path / "stream.ts", passing(20), 10).read_bytes()
    camera = Camera(body[: len(body) * 9 // 10])
    yield camera
    camera.close()


def test_a_torn_stream_is_opened_again(camera: Camera) -> None:
    """Again and again, after a pause by chance; frames are dated by the source's clock."""
    film, stopped = Live(camera.address, jitter=lambda _low, _high: 0.0), Event()
    frames = [*islice(film.frames(stopped), 40)]
    stopped.set()
    assert film.tears >= 2
    assert len(frames) == 40
    steps = [frame.at - before.at for before, frame in pairwise(frames)]
    assert min(steps) >= timedelta(0)


def test_a_camera_that_is_not_there_is_tried_ever_more_slowly_and_told_of_once() -> None:
    """Up to half a minute; who stops it does not wait for that. Tries are counted."""
    pauses: list[float] = []
    stopped = Event()

    def jitter(_: float, longest: float) -> float:
        pauses.append(longest)
        if len(pauses) == 8:
            stopped.set()
        return 0.0

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    film = Live(f"tcp://127.0.0.1:{port}", jitter=jitter)
    with capture_logs() as logged:
        assert [*film.frames(stopped)] == []
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert film.tears == 8
    (told,) = logged
    assert told["event"] == "out of order; tried again and again"
    assert told["address"] == f"tcp://127.0.0.1:{port}"


def test_a_clock_that_begins_anew_is_matched_anew() -> None:
    """A camera that restarts counts from 0 again; its frames are not of the past."""
    anchor = Anchor()
    assert anchor.at(1000, NOON) == NOON
    assert anchor.at(0, after(5)) == after(5)
    assert anchor.at(1, after(6.4)) == after(6)
    assert anchor.at(None, after(9)) == after(9)


def test_no_frame_is_dated_after_it_came_nor_before_its_predecessor() -> None:
    """For any delays."""
    random = np.random.default_rng(7)
    anchor, last, came = Anchor(), NOON, NOON
    for number in range(500):
        came = max(came, after(number / 10 + float(random.exponential(0.3))))
        at = anchor.at(number / 10, came)
        assert last <= at <= came
        last = at


def test_a_recording_can_be_shown_as_if_it_happened_now() -> None:
    """It waits until each frame is due, and for nobody else."""
    clock = [0.0]

    class Waiting(Event):
        def wait(self, timeout: float | None = None) -> bool:
            clock[0] += timeout or 0
            return False

    film = Paced(FilmOf(filmed(passing(5))), clock=lambda: clock[0])
    seen = [(frame.at, clock[0]) for frame in film.frames(Waiting())]
    assert [at for at, _ in seen] == [after(number / 10) for number in range(5)]
    assert [when for _, when in seen] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert not film.waits


def test_a_live_camera_is_looked_at_as_often_as_asked(clip: Path) -> None:
    """Twenty frames a second come, five are taken."""
    picture = next(iter(video.pictures(str(clip))))

    def opened(_: str) -> Iterator[Picture]:
        for number in range(40):
            yield picture._replace(pts_s=number / 20)

    clock = (after(number / 20) for number in count())
    film = Live("rtsp://x", fps=5, opened=opened, now=lambda: next(clock))
    frames = [*islice(film.frames(Event()), 10)]
    steps = {frame.at - before.at for before, frame in pairwise(frames)}
    assert steps == {timedelta(seconds=0.2)}
