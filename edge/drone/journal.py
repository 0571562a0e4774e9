"""Which commands were received and what became of them, on disk: so each is carried out once."""

import threading
from pathlib import Path
from typing import Final, NamedTuple

from edge.drone.exchange import Outcome
from edge.notebook import Notebook

REMEMBERED: Final = 10_000
"""Commands whose ids are remembered, the latest; one older has long expired."""

_SCHEMA: Final = """
create table if not exists command (
    number integer primary key,
    id text unique,
    accepted integer,
    text text,
    told integer not null default 0
);
"""
_WRITE: Final = (
    "insert into command (id, accepted, text) values (?, ?, ?)"
    " on conflict (id) do update set accepted = excluded.accepted, text = excluded.text"
)
_FORGET: Final = "delete from command where number <= (select max(number) from command) - ?"


class Entry(NamedTuple):
    """One command that was received."""

    id: str
    outcome: Outcome | None
    """``None`` while it is being carried out, or if that was cut off."""


class Journal:
    """A small file; safe to use from several threads.

    What the disk does not take is remembered until it does, or until the agent ends.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._notebook = Notebook(path, _SCHEMA)
        self._unwritten: dict[str, Entry] = {}

    def known(self, command: str) -> Entry | None:
        """Return the entry of a command that was received before."""
        with self._lock:
            return self._unwritten.get(command) or next(
                iter(self._select("where id = ?", command)), None
            )

    def begin(self, command: str) -> bool:
        """Note a command as received; return whether that is on disk."""
        return self._write(Entry(command, None))

    def end(self, command: str, outcome: Outcome) -> None:
        """Note how it ended."""
        self._write(Entry(command, outcome))

    def told(self, commands: list[str]) -> None:
        """Note that the results of these are in the outbox."""
        self._notebook.write(
            ("update command set told = 1 where id = ?", [(each,) for each in commands])
        )

    def untold(self) -> list[Entry]:
        """Return what has no result in the outbox yet, oldest first."""
        return self._select("where told = 0 order by number")

    def close(self) -> None:
        """Release the file."""
        self._notebook.close()

    def _write(self, entry: Entry) -> bool:
        with self._lock:
            self._unwritten[entry.id] = entry
            rows = [(id, *(outcome or (None, None))) for id, outcome in self._unwritten.values()]  # noqa: A001 - the column's name
            if is_written := self._notebook.write((_WRITE, rows), (_FORGET, [(REMEMBERED,)])):
                self._unwritten.clear()
            return is_written

    def _select(self, condition: str, *values: str) -> list[Entry]:
        rows = self._notebook.read(f"select id, accepted, text from command {condition}", *values)  # noqa: S608 - our own words
        return [
            Entry(id, None if accepted is None else Outcome(bool(accepted), text))
            for id, accepted, text in rows  # noqa: A001 - the column's name
        ]
