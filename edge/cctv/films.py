"""Where frames come from: recordings, which lose nothing, and live cameras, which do not wait."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from threading import Event
from typing import Final, Protocol

from edge.cctv import video
from edge.cctv.frames import Frame
from edge.cctv.video import DEVICE, Picture, VideoError
from edge.outage import Outage

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 30.0

LATE_LIMIT_S: Final = 2.0
"""By which a frame's stated time may lag behind its arrival before the clocks are matched anew."""


class FilmError(Exception):
    """The source cannot be had; the text says which, why, and what to do."""


class Film(Protocol):
    """A source of frames."""

    @property
    def waits(self) -> bool:
        """Whether it can be left waiting; else only its newest frame is of interest."""
        ...

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return frames until its end, or soon after ``stopped`` is set."""
        ...


class Anchor:
    """Matches a source's own clock with this machine's.

    A frame cannot have been taken after it arrived, and the one with the shortest way tells the
    offset best: so the offset is the least of what was seen. A clock that was set back, or that
    runs slower than ours, is noticed and matched anew.
    """

    def __init__(self) -> None:
        self._offset_s = inf
        self._last_s = -inf

    def at(self, pts_s: float | None, arrived: datetime) -> datetime:
        """Return when a frame was taken.

        Args:
            pts_s: On the source's clock; ``None`` if it has none: then it was taken on arrival.
            arrived: On ours.

        >>> noon, anchor = datetime(2026, 1, 1, 12, tzinfo=UTC), Anchor()
        >>> for pts, delay in ((100.0, 0.2), (101.0, 1.5), (102.0, 2.1)):
        ...     print(anchor.at(pts, noon + timedelta(seconds=delay)).time())
        12:00:00.200000
        12:00:01.200000
        12:00:02.100000
        """
        if pts_s is None:
            return arrived
        offset_s = arrived.timestamp() - pts_s
        if pts_s < self._last_s or offset_s - self._offset_s > LATE_LIMIT_S:
            self._offset_s = inf
        self._offset_s = min(self._offset_s, offset_s)
        self._last_s = pts_s
        return datetime.fromtimestamp(round(pts_s + self._offset_s, 6), UTC)


class Rate:
    """Chooses frames so that no more than so many a second remain."""

    def __init__(self, fps: float | None) -> None:
        self._step_s = 0.0 if fps is None else 1 / fps
        self._due_s = -inf

    def takes(self, pts_s: float) -> bool:
        """Return whether to look at the frame of this moment.

        >>> rate = Rate(5)
        >>> [rate.takes(n / 10) for n in range(6)]
        [True, False, True, False, True, False]
        """
        early_s = self._due_s - pts_s
        slack_s = self._step_s / 10  # half a frame's jitter must not halve the rate
        if slack_s < early_s <= 2 * self._step_s:  # earlier still: the clock was set back
            return False
        on_time = abs(early_s) < self._step_s
        self._due_s = (self._due_s if on_time else pts_s) + self._step_s
        return True


class Recorded:
    """A video file: every frame that the rate asks for, at the recording's own time."""

    waits = True

    def __init__(
        self, file: Path, *, start: datetime | None = None, fps: float | None = None
    ) -> None:
        """Find out when it was recorded.

        Raises:
            FilmError: there is no such file, or nobody says when it was recorded.
        """
        try:
            begun = start or video.made_at(file)
        except VideoError as error:
            raise FilmError(str(error)) from error
        if begun is None:
            raise FilmError(f"{file}: does not say when it was recorded; say so with --start")
        self._file, self._start, self._fps = file, begun, fps

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return its frames."""
        rate = Rate(self._fps)
        for picture in _opened(str(self._file)):
            if stopped.is_set():
                return
            pts_s = picture.pts_s or 0.0
            if rate.takes(pts_s):
                yield Frame(self._start + timedelta(seconds=pts_s), picture.pixels)


class Folder:
    """A folder of pictures, by name, at equal intervals from a start."""

    waits = True

    def __init__(
        self, path: Path, *, start: datetime | None = None, fps: float | None = None
    ) -> None:
        """List it.

        Args:
            path: Of the folder.
            start: When the first picture was taken.
            fps: Pictures a second; one, unless told otherwise.

        Raises:
            FilmError: there is none in it, or nobody says when they were taken.
        """
        self._files = video.folder(path)
        if not self._files:
            raise FilmError(f"{path}: there are no pictures in it")
        if start is None:
            raise FilmError(f"{path}: pictures do not say when they were taken; use --start")
        self._start, self._step = start, timedelta(seconds=1 / (fps or 1))

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return its pictures."""
        for number, file in enumerate(self._files):
            if stopped.is_set():
                return
            for picture in _opened(str(file)):
                yield Frame(self._start + number * self._step, picture.pixels)


class Live:
    """A camera on the network or on this machine; a torn stream is opened again."""

    waits = False

    def __init__(
        self,
        address: str,
        *,
        fps: float | None = None,
        opened: Callable[[str], Iterator[Picture]] = video.pictures,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._address, self._fps, self._opened = address, fps, opened
        self._now, self._jitter = now, jitter
        self._outage = Outage("stream", address=video.nameless(address))

    @property
    def tears(self) -> int:
        """How often the stream ended or could not be opened."""
        return self._outage.failures

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return frames without end, each dated by the source's clock."""
        failures = 0
        while not stopped.is_set():
            failures += 1
            try:
                for frame in self._stretch(stopped):
                    failures = 0
                    self._outage.ends()
                    yield frame
                error = VideoError("it ended")
            except VideoError as torn:
                error = torn
            if stopped.is_set():
                return
            self._outage.fails(error)
            longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures, 10))
            stopped.wait(self._jitter(0, longest))

    def _stretch(self, stopped: Event) -> Iterator[Frame]:
        anchor, rate = Anchor(), Rate(self._fps)
        for picture in self._opened(self._address):
            if stopped.is_set():
                return
            at = anchor.at(picture.pts_s, self._now())
            if rate.takes(at.timestamp()):
                yield Frame(at, picture.pixels)


class Paced:
    """A recording shown as if it happened now: as fast as it was, and it waits for nobody."""

    waits = False

    def __init__(self, film: Film, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._film, self._clock = film, clock

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return its frames when they are due."""
        begun: tuple[float, datetime] | None = None
        for frame in self._film.frames(stopped):
            begun = begun or (self._clock(), frame.at)
            due_s = begun[0] + (frame.at - begun[1]).total_seconds()
            stopped.wait(max(0.0, due_s - self._clock()))
            yield frame


def open_film(address: str, *, start: datetime | None = None, fps: float | None = None) -> Film:
    """Return the source that an address names.

    Args:
        address: ``rtsp://…`` or another stream, ``/dev/video0``, a video file, or a folder.
        start: When a recording begins, UTC; else what the file itself says.
        fps: Frames a second to look at; all if ``None``.

    Raises:
        FilmError: there is no such file or folder, or nobody says when it was recorded.
    """
    if "://" in address or address.startswith(DEVICE):
        return Live(address, fps=fps)
    path = Path(address)
    if not path.exists():
        raise FilmError(f"{address}: no such file; give rtsp://…, /dev/video0, a file or a folder")
    return (Folder if path.is_dir() else Recorded)(path, start=start, fps=fps)


def _opened(address: str) -> Iterator[Picture]:
    try:
        yield from video.pictures(address)
    except VideoError as error:
        raise FilmError(str(error)) from error
