"""The thread that decodes ahead, so that the detector never waits for a camera, nor it for him."""

from collections import deque
from collections.abc import Callable
from threading import Condition, Event, Thread
from typing import Any, Final, NamedTuple, Self

import structlog

from edge.cctv.films import Film
from edge.cctv.frames import Frame

AHEAD: Final = 3
"""Frames of a recording that wait; a live camera has one, the newest."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Ready(NamedTuple):
    """A frame, and what the detector needs of it."""

    frame: Frame
    prepared: Any
    dropped: int
    """Frames since the start that were replaced by newer ones before anybody looked."""


class Reader:
    """Reads a film in a thread of its own. Use as a context."""

    def __init__(self, film: Film, prepare: Callable[[Any], Any]) -> None:
        self._film, self._prepare = film, prepare
        self._waiting: deque[Ready] = deque()
        self._changed = Condition()
        self._stopped = Event()
        self._ended = False
        self._error: Exception | None = None
        self._dropped = 0
        self._thread = Thread(target=self._run, name="decoder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()
        self._thread.join()

    @property
    def is_over(self) -> bool:
        """Whether no frame will come any more."""
        with self._changed:
            return self._ended and not self._waiting

    def next(self, within_s: float) -> Ready | None:
        """Return the next frame, of a live camera the newest; ``None`` if none comes in time.

        Raises:
            Exception: what ended the film, after its last frame.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended, within_s)
            if self._waiting:
                ready = self._waiting.popleft()
                self._changed.notify_all()
                return ready
            if self._error is not None:
                raise self._error
            return None

    def _run(self) -> None:
        try:
            for frame in self._film.frames(self._stopped):
                self._put(Ready(frame, self._prepare(frame.pixels), self._dropped))
        except Exception as error:  # noqa: BLE001 - the outermost loop of a thread: ``next`` raises it
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _put(self, ready: Ready) -> None:
        with self._changed:
            if self._film.waits:
                self._changed.wait_for(lambda: len(self._waiting) < AHEAD or self._stopped.is_set())
            else:
                self._dropped += len(self._waiting)
                self._waiting.clear()
                ready = ready._replace(dropped=self._dropped)
            if self._stopped.is_set():
                return
            self._waiting.append(ready)
            self._changed.notify_all()
