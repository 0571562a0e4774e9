"""A connection on which one statement at a time may run aside, while its owner computes."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any


class Connection:
    """What the store needs of a connection, for one thread.

    Whatever is asked of it waits until what runs aside has ended, and raises its error if it
    failed: so to the owner it is as if that had run at once, only that it fails later.
    """

    def __init__(self, inner: sqlite3.Connection) -> None:
        """Take over a connection made with ``check_same_thread=False``."""
        self._inner = inner
        self._threads = ThreadPoolExecutor(1, "sqlite-aside")
        self._aside: Future[object] | None = None

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._inner.in_transaction

    def execute(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._joined().execute(query, values)

    def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        """Run one statement for each row."""
        return self._joined().executemany(query, rows)

    def execute_aside(self, query: str, values: Sequence[Any] | Mapping[str, Any]) -> None:
        """Begin one statement that returns no rows; come back while SQLite runs it."""
        connection, begins = self._joined(), Event()

        def run() -> None:
            begins.set()
            connection.execute(query, values)

        self._aside = self._threads.submit(run)
        # Whoever waits here lets that thread have the interpreter until SQLite has the statement.
        begins.wait()

    def rollback(self) -> None:
        """Give up the transaction, if one is still open."""
        with suppress(sqlite3.Error):
            self._joined()
        if self._inner.in_transaction:
            self._inner.execute("ROLLBACK")

    def close(self) -> None:
        """Release the file."""
        self._threads.shutdown()
        self._inner.close()

    def _joined(self) -> sqlite3.Connection:
        aside, self._aside = self._aside, None
        if aside is not None:
            aside.result()
        return self._inner
