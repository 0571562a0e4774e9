"""Who was announced and not yet ended, on disk: an ``end`` follows even after a kill."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from edge.measured import Measured
from edge.outage import Outage
from haechi.cameras import Detection
from haechi.fields import Moment, SubjectName

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Open(Struct, frozen=True):
    """The last that was said of an object."""

    at: Moment
    subject: SubjectName
    detection: Detection


_open_list: Final[msgspec.json.Decoder[list[Open]]] = msgspec.json.Decoder(list[Open])


class Journal:
    """A small file, replaced as a whole whenever who is followed changes.

    It is written before an announcement is passed on, and after an end was: so a kill in between
    leads to an ``end`` too many, never to one too few.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open: dict[str, Open] = {}
        self._outage = Outage("journal of followed objects")

    def left_open(self) -> list[Measured]:
        """Return an ``end``, as of when it was last seen, for each that a kill left open."""
        try:
            left = _open_list.decode(self._file.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError) as error:
            log.warning("journal of followed objects unreadable", error=str(error))
            return []
        return [
            Measured(each.at, each.subject, replace(each.detection, phase="end"), urgent=True)
            for each in left
        ]

    def announce(self, said: Iterable[Measured]) -> None:
        """Remember those of whom something is about to be said."""
        news = {one.subject: _opened(one) for one in said if _phase(one) in {"new", "update"}}
        if news:
            self._open.update({subject: one for subject, one in news.items() if one})
            self._write()

    def settle(self, said: Iterable[Measured]) -> None:
        """Forget those whose end has been passed on."""
        ended = [one.subject for one in said if _phase(one) == "end"]
        for subject in ended:
            self._open.pop(subject, None)
        if ended:
            self._write()

    def _write(self) -> None:
        part = self._file.with_suffix(".part")
        try:
            part.write_bytes(msgspec.json.encode([*self._open.values()]))
            part.replace(self._file)
        except OSError as error:  # a full disk must not stop a camera; a kill then leaves some open
            self._outage.fails(error)
        else:
            self._outage.ends()


def _phase(one: Measured) -> str | None:
    return one.content.phase if isinstance(one.content, Detection) else None


def _opened(one: Measured) -> Open | None:
    return Open(one.at, one.subject, one.content) if isinstance(one.content, Detection) else None
