"""What no decoder understood, kept whole for a person to look at, and counted for ever."""

import sqlite3
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from edge.outbox_file import is_damage, moved_aside
from haechi.units import microseconds, moment

KEPT_LIMIT: Final = 10_000
"""Inputs kept; the oldest make room. Their counts stay."""

INPUT_LIMIT: Final = 8_192
"""Bytes kept of one input."""

_SCHEMA: Final = """
create table if not exists input (
    id integer primary key autoincrement,
    boot text not null,
    reason text not null,
    at_us integer,
    content blob not null
);
create table if not exists tally (
    boot text not null,
    reason text not null,
    inputs integer not null,
    primary key (boot, reason)
) without rowid;
"""


log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Undecodable(NamedTuple):
    """One input that could not be decoded."""

    boot: str
    reason: str
    at: datetime | None
    """When it came, if known."""
    content: bytes
    """The lines as they came, joined by line ends."""


class UndecodableStore:
    """A bounded table of the newest undecodable inputs of one agent, with counts by reason.

    Reading a recording anew gives the same inputs in the same order under the same boot, so the
    ones that were counted before a crash are recognised by their place and not counted again.
    One thread at a time may use it.
    """

    def __init__(
        self, path: Path, boot: str, *, limit: int = KEPT_LIMIT, patience_s: float = 1
    ) -> None:
        self._path, self._patience_s = path, patience_s
        self._boot = boot
        self._limit = limit
        try:
            self._database = self._opened()
            self._known = self._counts(boot).total()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._begin_anew(error)
            self._known = 0
        self._met = 0
        self._waiting: deque[tuple[str, str, int | None, bytes]] = deque(maxlen=limit)
        self._tally: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Inputs of this boot so far; may be asked from another thread."""
        return max(self._known, self._met)

    def keep(self, lines: Iterable[bytes], reason: str, at: datetime | None) -> None:
        """Remember one input; ``commit`` writes it."""
        self._met += 1
        if self._met <= self._known:
            return
        content = b"\n".join(lines)[:INPUT_LIMIT]
        self._waiting.append((self._boot, reason, microseconds(at) if at else None, content))
        self._tally[reason] += 1

    def commit(self) -> None:
        """Write what was kept since the last time, and drop the oldest beyond the limit.

        A full or failing disk must not stop the agent: what cannot be written waits for the next
        time, in a new file if this one proves damaged.
        """
        if not self._waiting:
            return
        try:
            self._write()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self._begin_anew(error)
            log.warning("undecodable inputs wait", waiting=len(self._waiting), error=str(error))
            return
        self._waiting.clear()
        self._tally.clear()

    def counts(self) -> Counter[str]:
        """Return how many inputs of this boot were undecodable, by reason."""
        return self._counts(self._boot) + self._tally

    def newest(self, limit: int = 100) -> list[Undecodable]:
        """Return the inputs kept last, of any boot, the newest first."""
        query = "select boot, reason, at_us, content from input order by id desc limit ?"
        with closing(self._database.execute(query, (limit,))) as rows:
            return [
                Undecodable(boot, reason, None if at_us is None else moment(at_us), content)
                for boot, reason, at_us, content in rows
            ]

    def close(self) -> None:
        """Write the rest and let go of the file."""
        self.commit()
        self._database.close()

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, self._patience_s, check_same_thread=False)
        try:
            database.execute("pragma journal_mode = wal")
            database.executescript(_SCHEMA)
        except BaseException:
            database.close()
            raise
        return database

    def _begin_anew(self, error: sqlite3.Error) -> None:
        with suppress(AttributeError, sqlite3.Error):  # there is none if opening failed
            self._database.close()
        aside = moved_aside(self._path)
        log.error("undecodable inputs: file damaged, moved aside", to=str(aside), error=str(error))
        self._database = self._opened()

    def _write(self) -> None:
        with self._database as database:
            database.executemany(
                "insert into input (boot, reason, at_us, content) values (?, ?, ?, ?)",
                self._waiting,
            )
            database.execute(
                "delete from input where id <= (select max(id) from input) - ?", (self._limit,)
            )
            database.executemany(
                "insert into tally values (?, ?, ?)"
                " on conflict do update set inputs = inputs + excluded.inputs",
                [(self._boot, reason, count) for reason, count in self._tally.items()],
            )

    def _counts(self, boot: str) -> Counter[str]:
        query = "select reason, inputs from tally where boot = ?"
        with closing(self._database.execute(query, (boot,))) as rows:
            return Counter(dict(rows))
