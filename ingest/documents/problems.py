"""Collects what is wrong with a document while it is read, and ends the reading where it must."""

from typing import Final

from haechi.aci.manifest import Problem, ProblemKind
from haechi.text import plain
from ingest.documents.limits import MAX_PROBLEMS

_MAX_QUOTE: Final = 60


class DocumentRefusedError(ValueError):
    """Nothing of the document is taken; the message says where, why and what to do."""

    def __init__(self, reason: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(reason)
        self.problems = problems
        """Why a strict reading ended; empty if the document could not be read at all."""


class Problems:
    """Problems in the order found: the first :data:`MAX_PROBLEMS` listed, the rest counted."""

    def __init__(self) -> None:
        self.listed: list[Problem] = []
        self.total = 0

    def note(self, kind: ProblemKind, at: int, part: str, reason: str, *, kept: str) -> None:
        """Remember one; texts from the document must already be quoted."""
        self.total += 1
        if len(self.listed) < MAX_PROBLEMS:
            self.listed.append(Problem(kind=kind, at=at, part=part, reason=reason, kept=kept))


def quoted(text: str) -> str:
    """Return text of a document as a message may show it: short, on one line, in quotes.

    >>> quoted("MSKU" + chr(10) + "1")
    "'MSKU1'"
    """
    return f"'{plain(text, _MAX_QUOTE)}'"
