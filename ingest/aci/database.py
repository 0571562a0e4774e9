"""The little that a register asks of a database, so that one set of statements serves several."""

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import Any, Final, Protocol

Row = tuple[Any, ...]

_MIGRATIONS: Final = files("ingest.aci") / "migrations"
_NUMBERED: Final = re.compile(r"\d{4}_[a-z_]+\.sql")


class Database(Protocol):
    """One connection, used by one thread at a time.

    Statements have ``?`` for values and no other question mark. Errors are those of
    ``ingest.ports``; a value that must be unique and is not raises ``ConflictError``.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """Begin to write; leaving it commits, an exception rolls back."""
        ...

    def rows(self, statement: str, *values: object) -> list[Row]:
        """Run a statement and return what it gives."""
        ...

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; return how many rows it changed."""
        ...

    def run_many(self, statement: str, values: Iterable[Sequence[object]]) -> int:
        """Run a statement for each tuple of values; return how many rows it changed in all."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


def migrations() -> list[str]:
    """Return the scripts in order; number 1 is the first."""
    scripts = (entry for entry in _MIGRATIONS.iterdir() if _NUMBERED.fullmatch(entry.name))
    return [
        entry.read_text(encoding="utf-8") for entry in sorted(scripts, key=lambda each: each.name)
    ]
