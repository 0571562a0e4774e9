"""Reads container numbers now and then, beside the detector: a reader takes seconds a picture."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from edge.cctv.container_numbers import ContainerNumber, Text, container_numbers
from edge.cctv.frames import Frame, Pixels

EVERY_S: Final = 2.0
AGAIN_S: Final = 60.0
"""The same number is reported again after this time; sooner only if it is read better."""


class Reader(Protocol):
    """Reads texts; ``edge.cctv.ocr.TextReader`` is one."""

    def read(self, pixels: Pixels) -> list[Text]:
        """Return every line of text in a picture."""
        ...


class Reading(NamedTuple):
    """One number in one frame."""

    at: datetime
    frame: str
    """Digest of the frame."""
    number: ContainerNumber


class Scribe:
    """Has one frame read at a time; frames that come meanwhile are not."""

    def __init__(self, reader: Reader, *, waits: bool) -> None:
        """Begin.

        Args:
            reader: What reads.
            waits: Whether the film can wait: then every reading is there at once, and the same
                frames are read in every run.
        """
        self._reader, self._waits = reader, waits
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="scribe")
        self._busy: Future[list[Reading]] | None = None
        self._offered_at: datetime | None = None
        self._said: dict[str, tuple[datetime, bool, float]] = {}

    def offer(self, frame: Frame) -> None:
        """Have a frame read, if it is time and nobody reads."""
        last = self._offered_at
        due = last is None or (frame.at - last).total_seconds() >= EVERY_S
        if self._busy is None and due:
            self._offered_at = frame.at
            self._busy = self._pool.submit(self._read, frame)

    def taken(self) -> list[Reading]:
        """Return what was read since the last time and is worth saying."""
        if self._busy is None or not (self._waits or self._busy.done()):
            return []
        readings, self._busy = self._busy.result(), None
        return [*self._news(readings)]

    def close(self) -> None:
        """Let nobody read any more."""
        self._pool.shutdown(cancel_futures=True)

    def _read(self, frame: Frame) -> list[Reading]:
        texts = self._reader.read(frame.pixels)
        return [Reading(frame.at, frame.digest, number) for number in container_numbers(texts)]

    def _news(self, readings: list[Reading]) -> Iterator[Reading]:
        for reading in readings:
            number = reading.number
            said = self._said.get(number.number)
            is_old = said is None or (reading.at - said[0]).total_seconds() >= AGAIN_S
            if is_old or (said is not None and (number.agrees, number.score) > said[1:]):
                self._said[number.number] = (reading.at, number.agrees, number.score)
                yield reading
        oldest = max((reading.at for reading in readings), default=None)
        if oldest is not None:
            self._said = {
                name: said
                for name, said in self._said.items()
                if (oldest - said[0]).total_seconds() < AGAIN_S
            }
