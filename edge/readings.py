"""Readings that somebody else made, a JSON object on each line: for whatever has no agent here.

``{"at": "2026-01-01T12:00:00Z", "subject": "truck:80a1234", "content": {"type": ...}}``, where
``content`` is any of ``haechi.messages.Content``; ``"urgent": true`` makes it an event.
"""

from datetime import datetime

import msgspec

from edge.ais.reading import Counts
from edge.measured import Measured
from edge.sources import Keep
from haechi.fields import Moment, SubjectName
from haechi.messages import Content


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: Moment
    subject: SubjectName
    content: Content
    urgent: bool = False


_decoder: msgspec.json.Decoder[_Line] = msgspec.json.Decoder(_Line)


class JsonReader:
    """Makes readings of lines (``edge.ais.reading.LineReader``)."""

    def __init__(self, keep: Keep, counts: Counts) -> None:
        self.counts = counts
        self._keep = keep

    def feed(self, line: bytes, received: datetime | None = None) -> Measured | None:
        """Return the reading of a line; a line that is none is counted and kept."""
        self.counts.lines += 1
        if not line.strip():
            self.counts.blank += 1
            return None
        try:
            said = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.counts.junk += 1
            self.counts.undecodable["no reading"] += 1
            self._keep((line,), f"no reading: {error}", received)
            return None
        self.counts.readings += 1
        return Measured(said.at, said.subject, said.content, said.urgent)

    def close(self) -> None:
        """Nothing is left over."""
