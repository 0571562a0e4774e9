"""Advance cargo in PostgreSQL: for several machines, and for those who run one anyway."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg

from analytics.crosscheck.register import ConflictError
from ingest.aci.database import Row, migrations
from ingest.ports import BatchRejectedError, StoreUnavailableError

_LOCK: Final = 0x4145434841
"""Advisory lock under which tables are made: two processes may begin at once."""

_RETRYABLE: Final = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)


class PostgresDatabase:
    """One connection to a server; lost, it is opened again at the next use."""

    def __init__(self, url: str) -> None:
        """Connect, and bring the tables up to date.

        Args:
            url: Such as ``postgresql://haechi@localhost/haechi``, or ``key=value`` pairs.

        Raises:
            StoreUnavailableError: the server cannot be reached or refuses us.
            BatchRejectedError: a newer version of the software made the tables.
        """
        self._url = url
        self._connection: psycopg.Connection[Row] | None = None
        self._is_writing = False
        self._migrate()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Begin to write; leaving it commits, an exception rolls back."""
        with self._translated(), self._open().transaction():
            self._is_writing = True
            try:
                yield
            finally:
                self._is_writing = False

    def rows(self, statement: str, *values: object) -> list[Row]:
        """Run a statement and return what it gives."""
        with self._translated():
            return self._open().execute(_marked(statement), values or None).fetchall()

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; return how many rows it changed."""
        with self._translated():
            return self._open().execute(_marked(statement), values or None).rowcount

    def run_many(self, statement: str, values: Iterable[Sequence[object]]) -> int:
        """Run a statement for each tuple of values; return how many rows it changed in all."""
        with self._translated(), self._open().cursor() as cursor:
            cursor.executemany(_marked(statement), values)
            return max(cursor.rowcount, 0)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()

    def _open(self) -> psycopg.Connection[Row]:
        if self._connection is None or (self._connection.closed and not self._is_writing):
            self._connection = psycopg.connect(self._url, autocommit=True)
        return self._connection

    def _migrate(self) -> None:
        steps = migrations()
        with self.transaction():
            self.run("SELECT pg_advisory_xact_lock(?)", _LOCK)
            self.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
            ((seen,),) = self.rows("SELECT coalesce(max(version), 0) FROM schema_version")
            if seen > len(steps):
                said = f"the tables are of version {seen}, this software knows {len(steps)}"
                raise BatchRejectedError(said)
            for script in steps[seen:]:
                self.run(script)
            self.run("DELETE FROM schema_version")
            self.run("INSERT INTO schema_version VALUES (?)", len(steps))

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except psycopg.IntegrityError as error:
            raise ConflictError(str(error)) from error
        except _RETRYABLE as error:
            raise StoreUnavailableError(f"PostgreSQL: {error}") from error
        except psycopg.Error as error:
            raise BatchRejectedError(f"PostgreSQL: {error}") from error


def _marked(statement: str) -> bytes:
    """Return a statement with the driver's marks; all are ours, and none has a per cent sign."""
    return statement.replace("?", "%s").encode()
