"""Which commands were received and what became of them, on disk: so each is carried out once."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from edge.drone.exchange import Outcome

REMEMBERED: Final = 10_000
"""Commands whose ids are remembered, the latest; one older has long expired."""


class Entry(NamedTuple):
    """One command that was received."""

    id: str
    outcome: Outcome | None
    """``None`` while it is being carried out, or if that was cut off."""


class Journal:
    """A small file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create.

        Raises:
            sqlite3.Error: it cannot be.
        """
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = full")
        self._database.execute(
            "create table if not exists command (number integer primary key, id text unique,"
            " accepted integer, text text, told integer not null default 0)"
        )

    def begin(self, command: str) -> Entry | None:
        """Note a command as received; return its entry if it had been already."""
        with self._lock:
            if known := self._select("where id = ?", command):
                return known[0]
            self._database.execute("insert into command (id) values (?)", (command,))
            self._database.execute(
                "delete from command where number <= (select max(number) from command) - ?",
                (REMEMBERED,),
            )
            return None

    def end(self, command: str, outcome: Outcome) -> None:
        """Note how it ended."""
        with self._lock:
            self._database.execute(
                "update command set accepted = ?, text = ? where id = ?",
                (outcome.accepted, outcome.text, command),
            )

    def told(self, commands: list[str]) -> None:
        """Note that the results of these are in the outbox."""
        with self._lock:
            self._database.executemany(
                "update command set told = 1 where id = ?", [(each,) for each in commands]
            )

    def untold(self) -> list[Entry]:
        """Return what has no result in the outbox yet, oldest first."""
        with self._lock:
            return self._select("where told = 0 order by number")

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def _select(self, condition: str, *values: str) -> list[Entry]:
        query = f"select id, accepted, text from command {condition}"  # noqa: S608 - our own words
        with closing(self._database.execute(query, values)) as rows:
            return [
                Entry(id, None if accepted is None else Outcome(bool(accepted), text))
                for id, accepted, text in rows  # noqa: A001 - the column's name
            ]
