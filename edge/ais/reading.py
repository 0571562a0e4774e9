"""From lines to readings: each AIS message becomes one reading or one undecodable input."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from edge.ais.assembly import Assembly
from edge.ais.decoding import decode
from edge.ais.nmea import Passed, Sentence, Stamp, UndecodableError, parse
from edge.measured import Measured
from edge.sources import Keep, forget


@dataclass(slots=True)
class Counts:
    """What was read so far.

    ``lines = blank + comments + stamps + others + sentences + junk``, and
    ``messages = readings + undecodable messages``.
    """

    lines: int = 0
    blank: int = 0
    comments: int = 0
    stamps: int = 0
    """Lines that say when the next sentence was received."""
    others: int = 0
    """Sentences about something else than AIS."""
    sentences: int = 0
    """AIS sentences whose checksum is right."""
    junk: int = 0
    """Lines that no rule explains."""
    incomplete: int = 0
    """Messages of which a part never came."""
    messages: int = 0
    readings: int = 0
    undecodable: Counter[str] = field(default_factory=Counter[str])
    """By reason: junk, incomplete messages, and messages that say nothing sensible."""

    @property
    def undecodable_messages(self) -> int:
        """Whole messages among the undecodable."""
        return self.undecodable.total() - self.junk - self.incomplete


class LineReader(Protocol):
    """Makes readings of the lines of one source."""

    counts: Counts

    def feed(self, line: bytes, received: datetime | None = None) -> Measured | None:
        """Return the reading that this line completes, if it does.

        Args:
            line: One line, with or without its end.
            received: When it arrived, from a live source; none for a recording.
        """
        ...

    def close(self) -> None:
        """Give up what is unfinished: nothing more will come."""
        ...


class NmeaReader:
    """Reads the lines of one source, in the order in which they came.

    A sentence was received when its own line says so, else when the line before it says so, else
    at ``received``, else when the recording last mentioned a time, else at ``start``.
    """

    def __init__(
        self,
        *,
        keep: Keep = forget,
        start: datetime | None = None,
        counts: Counts | None = None,
    ) -> None:
        self.counts = counts or Counts()
        self._keep = keep
        self._last = start
        self._stamp: datetime | None = None
        self._assembly = Assembly(self._give_up)

    def feed(self, line: bytes, received: datetime | None = None) -> Measured | None:
        """Read one line (``LineReader``)."""
        self.counts.lines += 1
        try:
            parsed = parse(line)
        except UndecodableError as error:
            self.counts.junk += 1
            self._refuse((line,), str(error), received or self._last)
            return None
        if isinstance(parsed, Sentence):
            return self._sentence(parsed, received)
        self._pass(parsed)
        return None

    def close(self) -> None:
        """Give up what is unfinished: nothing more will come."""
        self._assembly.close()

    def _pass(self, parsed: Stamp | Passed) -> None:
        if isinstance(parsed, Stamp):
            self.counts.stamps += 1
            self._stamp = parsed.at or self._stamp
        elif parsed is Passed.BLANK:
            self.counts.blank += 1
        elif parsed is Passed.COMMENT:
            self.counts.comments += 1
        else:
            self.counts.others += 1
            self._stamp = None

    def _sentence(self, sentence: Sentence, received: datetime | None) -> Measured | None:
        self.counts.sentences += 1
        stated = sentence.at or self._stamp
        at = stated or received or self._last
        self._stamp = None
        if at is None:
            self.counts.messages += sentence.number == 1
            self._refuse((sentence.text.encode(),), "no time", None)
            return None
        self._last = at
        if sentence.total == 1:
            return self._message((sentence,), at)
        whole = self._assembly.add(sentence, received or at, stated)
        return self._message(*whole) if whole else None

    def _message(self, parts: tuple[Sentence, ...], at: datetime) -> Measured | None:
        self.counts.messages += 1
        texts = tuple([part.text for part in parts])
        payload = b"".join([part.payload for part in parts])
        try:
            subject, content = decode(payload, parts[-1].fill, texts)
        except UndecodableError as error:
            self._refuse(tuple(text.encode() for text in texts), str(error), at)
            return None
        self.counts.readings += 1
        return Measured(at, subject, content)

    def _give_up(self, parts: tuple[Sentence, ...], at: datetime) -> None:
        self.counts.incomplete += 1
        lines = tuple(part.text.encode() for part in parts)
        self._refuse(lines, "parts missing", at)

    def _refuse(self, lines: tuple[bytes, ...], reason: str, at: datetime | None) -> None:
        self.counts.undecodable[reason] += 1
        self._keep(lines, reason, at)
