"""Question marks for lists of values: databases take only so many in one statement."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

CHUNK: Final = 1000
"""Values in one statement at most."""


def marks(values: Collection[object]) -> str:
    """Return a question mark for each value.

    >>> marks("abc")
    '?, ?, ?'
    """
    return ", ".join("?" * len(values))


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values by the thousand."""
    rest = iter(values)
    while chunk := [*islice(rest, CHUNK)]:
        yield chunk
