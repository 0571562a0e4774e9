"""What comes of looking at a value: itself, and what is doubtful about it.

Real lists hold wrong check digits and odd numbers that are nevertheless what is painted on the
box. So a validator refuses only what cannot be such a value at all, and flags the rest.
"""

from collections.abc import Iterable
from typing import Final, Generic, NamedTuple, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Doubt(NamedTuple):
    """One thing that is implausible about a value."""

    code: str
    """For programs, such as ``CHECK_DIGIT``."""
    text: str
    """For people."""


class Checked(Struct, Generic[T], frozen=True):
    """A well-formed value and the doubts about it."""

    value: T
    doubts: tuple[Doubt, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the doubts, in their order."""
        return tuple(doubt.code for doubt in self.doubts)


_DIGITS: Final = {
    ord(zero) + value: str(value)
    for zero in ("\N{ARABIC-INDIC DIGIT ZERO}", "\N{EXTENDED ARABIC-INDIC DIGIT ZERO}")
    for value in range(10)
}


def normalised(text: str) -> str:
    """Return ``text`` without outer spaces, Arabic-Indic digits as ASCII ones.

    Spaces inside stay: a number that somebody has broken up may be two numbers.

    >>> normalised(" ٤٩٨٨47098 ")
    '498847098'
    """
    return text.strip().translate(_DIGITS)


def checked(value: T, doubts: Iterable[Doubt | None]) -> Checked[T]:
    """Return ``value`` with those doubts that there are."""
    return Checked(value, tuple(doubt for doubt in doubts if doubt is not None))
