"""The threads that decode and look ahead: neither camera nor model waits for anybody else."""

from collections import deque
from collections.abc import Callable
from threading import Condition, Event, Thread
from typing import Any, Final, Generic, NamedTuple, Self, TypeVar

from edge.cctv.detector import Detector, Found
from edge.cctv.films import Film
from edge.cctv.frames import Frame

AHEAD: Final = 3
"""Frames that wait between two threads; of a live camera one does, the newest."""

T = TypeVar("T")


class Ready(NamedTuple):
    """A frame, and what the detector needs of it."""

    frame: Frame
    prepared: Any


class Looked(NamedTuple):
    """A frame, and what the model gave for it."""

    frame: Frame
    given: Any
    dropped: int


class Seen(NamedTuple):
    """A frame, and what is in it."""

    frame: Frame
    found: list[Found]
    dropped: int
    """Frames since the start that were replaced by newer ones before anybody looked."""


class Belt(Generic[T]):
    """A short queue between two threads."""

    def __init__(self, *, waits: bool) -> None:
        """Begin empty.

        Args:
            waits: Whether whoever puts something waits for room; else the newest alone remains.
        """
        self.dropped = 0
        self._waits = waits
        self._items: deque[T] = deque()
        self._changed = Condition()
        self._closed = self._ended = False
        self._error: Exception | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing will come any more."""
        with self._changed:
            return self._ended and not self._items

    def put(self, item: T) -> None:
        """Lay something on it; once it is closed, nothing happens."""
        with self._changed:
            if self._waits:
                self._changed.wait_for(lambda: len(self._items) < AHEAD or self._closed)
            else:
                self.dropped += len(self._items)
                self._items.clear()
            if not self._closed:
                self._items.append(item)
                self._changed.notify_all()

    def take(self, within_s: float | None = None) -> T | None:
        """Return the next; ``None`` if none comes in time, or ever.

        Raises:
            Exception: what ended it, after its last item.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._ended, within_s)
            if self._items:
                self._changed.notify_all()
                return self._items.popleft()
            if self._error is not None:
                raise self._error
            return None

    def fill(self, work: Callable[[], None]) -> None:
        """Do what puts things on it; afterwards nothing will come any more."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - outermost loop of a thread: ``take`` raises it
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Throw away what is on it and whatever comes."""
        with self._changed:
            self._closed = self._ended = True
            self._items.clear()
            self._changed.notify_all()


class Reader:
    """Reads a film in one thread and looks at it in another. Use as a context."""

    def __init__(self, film: Film, detector: Detector) -> None:
        self._film, self._detector = film, detector
        self._ready: Belt[Ready] = Belt(waits=film.waits)
        self._looked: Belt[Looked] = Belt(waits=True)
        self._stopped = Event()
        self._threads = [
            Thread(target=self._ready.fill, args=(self._read,), name="decoder", daemon=True),
            Thread(target=self._looked.fill, args=(self._look,), name="detector", daemon=True),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._ready.close()
        self._looked.close()
        for thread in self._threads:
            thread.join()

    @property
    def is_over(self) -> bool:
        """Whether no frame will come any more."""
        return self._looked.is_over

    def next(self, within_s: float) -> Seen | None:
        """Return the next frame, of a live camera the newest; ``None`` if none comes in time.

        Raises:
            Exception: what ended the film or the detector, after the last frame.
        """
        looked = self._looked.take(within_s)
        if looked is None:
            return None
        return Seen(looked.frame, self._detector.found(looked.given), looked.dropped)

    def _read(self) -> None:
        for frame in self._film.frames(self._stopped):
            self._ready.put(Ready(frame, self._detector.prepare(frame.pixels)))

    def _look(self) -> None:
        while (ready := self._ready.take()) is not None:
            given = self._detector.run(ready.prepared)
            self._looked.put(Looked(ready.frame, given, self._ready.dropped))
