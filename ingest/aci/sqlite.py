"""Advance cargo in a SQLite file: the default, for one machine."""

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from analytics.crosscheck.register import ConflictError
from ingest.aci.database import Row, migrations
from ingest.ports import BatchRejectedError, StoreUnavailableError

_PRAGMAS: Final = (
    "busy_timeout = 5000",  # milliseconds; first, since the switch to WAL may have to wait
    "journal_mode = WAL",
    "synchronous = FULL",  # a commit that was reported survives a power cut
)


class SqliteDatabase:
    """One connection to a file."""

    def __init__(self, path: Path) -> None:
        """Open the file, make it if it is not there, and bring its tables up to date.

        Raises:
            StoreUnavailableError: it cannot be opened now.
            BatchRejectedError: a newer version of the software wrote it.
        """
        self._path = path
        with self._translated():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
        try:
            self._migrate()
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Begin to write; leaving it commits, an exception rolls back."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def rows(self, statement: str, *values: object) -> list[Row]:
        """Run a statement and return what it gives."""
        with self._translated():
            return self._connection.execute(statement, values).fetchall()

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; return how many rows it changed."""
        with self._translated():
            return self._connection.execute(statement, values).rowcount

    def run_many(self, statement: str, values: Iterable[Sequence[object]]) -> int:
        """Run a statement for each tuple of values; return how many rows it changed in all."""
        with self._translated():
            return max(self._connection.executemany(statement, values).rowcount, 0)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _migrate(self) -> None:
        steps = migrations()
        with self.transaction():
            ((seen,),) = self.rows("PRAGMA user_version")
            if seen > len(steps):
                said = f"{self._path.name} is of version {seen}, this software knows {len(steps)}"
                raise BatchRejectedError(said)
            for script in steps[seen:]:
                for statement in script.split(";\n"):
                    self.run(statement)
            self.run(f"PRAGMA user_version = {len(steps)}")

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise ConflictError(str(error)) from error
        except (sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError) as error:
            raise BatchRejectedError(f"{self._path.name}: {error}") from error
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"{self._path.name}: {error}") from error
