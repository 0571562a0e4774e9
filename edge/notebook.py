"""A small SQLite file beside an outbox: what an agent had better remember, but can run without."""

import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from edge.outage import Outage
from edge.outbox_file import is_damage, moved_aside

Change = tuple[str, Iterable[tuple[Any, ...]]]
"""A statement, and the values of each row that it is for."""

PATIENCE_S: Final = 1.0

T = TypeVar("T")

_TRIES: Final = 2
"""The second with a new file, where the first found the old one damaged."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Notebook:
    """Never stops an agent: a damaged file is moved aside, and a full disk is waited out.

    Safe to use from several threads.
    """

    def __init__(self, path: Path, schema: str, *, patience_s: float = PATIENCE_S) -> None:
        """Name the file; it is opened when it is first needed.

        Args:
            path: In the agent's own folder.
            schema: Statements that create what is not there yet.
            patience_s: How long somebody else who looks into the file is waited for.
        """
        self._path, self._schema, self._patience_s = path, schema, patience_s
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None
        self._outage = Outage("notebook", file=path.name)

    def read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return rows; none if the file cannot be read."""
        return self._done(lambda database: database.execute(query, values).fetchall()) or []

    def write(self, *changes: Change) -> bool:
        """Make changes in one transaction; return whether they are on disk."""

        def work(database: sqlite3.Connection) -> bool:
            with database:
                for statement, rows in changes:
                    database.executemany(statement, rows)
            return True

        return self._done(work) or False

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = None

    def _done(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._lock:
            for _ in range(_TRIES):
                try:
                    found = work(self._opened())
                except sqlite3.DatabaseError as error:
                    if not is_damage(error):
                        self._outage.fails(error)
                        return None
                    self._begin_anew(error)
                else:
                    self._outage.ends()
                    return found
        return None

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            database = sqlite3.connect(self._path, self._patience_s, check_same_thread=False)
            try:
                database.execute("pragma journal_mode = wal")
                database.execute("pragma synchronous = full")
                database.executescript(self._schema)
            except BaseException:
                database.close()
                raise
            self._database = database
        return self._database

    def _begin_anew(self, error: sqlite3.Error) -> None:
        with suppress(sqlite3.Error):
            self.close()
        self._database = None
        aside = moved_aside(self._path)
        log.error("notebook is damaged and was moved aside", to=str(aside), error=str(error))
