"""The rows and counters of an outbox: changed only together, in whole transactions."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeVar
from zlib import crc32

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from edge.outage import Outage
from edge.outbox_file import DamagedError, is_damage, is_no_space, moved_aside, opened

ROW_BYTES: Final = 48
"""What a reading costs on disk beside its body, about."""

_BOOTS_REMEMBERED: Final = 16

log: structlog.stdlib.BoundLogger = structlog.get_logger()

T = TypeVar("T")


class Counters(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done to the readings of one boot."""

    numbered: int = 0
    thinned: int = 0
    sent_to: int = 0
    """No telemetry beyond this number was ever published."""
    quarantined: dict[str, int] = {}
    """Readings the agent itself gave up, by reason."""


class Row(NamedTuple):
    """One numbered reading."""

    urgent: bool
    boot: int
    seq: int
    body: bytes

    @property
    def checksum(self) -> int:
        """What a flipped bit on the disk would change, the number included."""
        return crc32(self.body, (self.boot * 2_654_435_761 + self.seq) & 0xFFFF_FFFF)


class Stored(NamedTuple):
    """A row as the disk gives it back."""

    row: Row
    is_sound: bool


class Quarantined(Struct, frozen=True, kw_only=True):
    """A reading that was given up, whole."""

    boot: str
    seq: int
    reason: str
    body: bytes


@dataclass(slots=True)
class Change:
    """One transaction: its connection, and what it will have changed once committed."""

    db: sqlite3.Connection
    counters: dict[int, Counters]
    rows: Counter[int] = field(default_factory=Counter[int])
    size: int = 0

    def insert(self, rows: Iterable[Row]) -> None:
        """Add readings."""
        new = [(r.urgent, r.boot, r.seq, r.checksum, r.body) for r in rows]
        self.db.executemany("INSERT INTO reading VALUES (?, ?, ?, ?, ?)", new)
        for _, boot, _, _, body in new:
            self.rows[boot] += 1
            self.size += len(body) + ROW_BYTES

    def delete(self, boot: int, first: int, last: int, *urgencies: bool) -> list[Row]:
        """Take readings out, those marked as thinned too (these do not count as thinned then)."""
        low, high = min(urgencies), max(urgencies)
        gone = self.db.execute(
            "DELETE FROM reading WHERE urgent IN (?, ?) AND boot = ? AND seq BETWEEN ? AND ?"
            " RETURNING urgent, boot, seq, body",
            (low, high, boot, first, last),
        ).fetchall()
        live = [Row(*row) for row in gone if row[3] is not None]
        self._left(boot, live)
        self.count(boot, thinned=len(live) - len(gone))
        return live

    def blank(self, rows: list[Row]) -> None:
        """Drop what readings say but remember that they were: ingest may have them."""
        self.db.executemany(
            "UPDATE reading SET body = NULL WHERE urgent = ? AND boot = ? AND seq = ?",
            [(r.urgent, r.boot, r.seq) for r in rows],
        )
        self._left(rows[0].boot, rows)

    def forget_blanks(self, boot: int, until: int) -> None:
        """Remember the numbers of blanked readings no longer, up to one of them."""
        self.db.execute(
            "DELETE FROM reading WHERE urgent = 0 AND boot = ? AND seq <= ? AND body IS NULL",
            (boot, until),
        )

    def set_aside(self, one: Quarantined, limit_bytes: int) -> None:
        """Keep a reading for a person, and no more of those than ``limit_bytes``."""
        self.db.execute(
            "INSERT INTO quarantine (boot, seq, reason, body) VALUES (?, ?, ?, ?)",
            (one.boot, one.seq, one.reason, one.body),
        )
        self.db.execute(
            "DELETE FROM quarantine WHERE id IN (SELECT id FROM (SELECT id, sum(length(body) + ?)"
            " OVER (ORDER BY id DESC) AS newer FROM quarantine) WHERE newer > ?)",
            (ROW_BYTES, limit_bytes),
        )

    def count(self, boot: int, *, thinned: int = 0, given_up: int = 0, reason: str = "") -> None:
        """Add to the counters of a boot."""
        before = self.counters[boot]
        quarantined = before.quarantined
        if given_up:
            quarantined = quarantined | {reason: quarantined.get(reason, 0) + given_up}
        after = replace(before, thinned=before.thinned + thinned, quarantined=quarantined)
        self.counters[boot] = after

    def _left(self, boot: int, rows: list[Row]) -> None:
        self.rows[boot] -= len(rows)
        self.size -= sum(len(row.body) + ROW_BYTES for row in rows)


class Shelf:
    """An open outbox file. Not for several threads at once: the outbox holds a lock."""

    def __init__(self, path: Path, boot: str, checkpoint_bytes: int) -> None:
        """Open ``path`` for a boot; a damaged file is moved aside and a new one begun.

        Raises:
            OutboxBusyError: another process has it open.
            OSError: it cannot be created.
        """
        self._path, self._checkpoint_bytes = path, checkpoint_bytes
        self.damaged_files = 0
        self.boots: dict[int, str] = {}
        self.counters: dict[int, Counters] = {}
        self.rows: Counter[int] = Counter()
        self.size = 0
        self._outage = Outage("outbox on disk")
        self._saved: dict[int, Counters] = {}
        try:
            self._begin()
        except sqlite3.OperationalError as error:
            wanted = "make room on its disk" if is_no_space(error) else "make its folder writable"
            raise OSError(f"{path} cannot be opened: {error}; {wanted}") from error
        self.boot = self.id_of(boot) or max(self.boots, default=0) + 1
        self.boots[self.boot] = boot
        self.counters.setdefault(self.boot, Counters())

    def id_of(self, boot: str) -> int:
        """Return the number under which a boot is kept here, 0 if it is not known."""
        return next((number for number, name in self.boots.items() if name == boot), 0)

    def surviving(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns; if the file proves damaged, begin a new one and redo."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._begin_anew(error)
            return work()

    def try_change(self, work: Callable[[Change], object], *, durable: bool = True) -> bool:
        """Do ``work`` in one transaction; return whether the disk had room for it.

        Args:
            work: What to do.
            durable: Whether it must survive a power cut. Any commit survives the process.
        """
        try:
            self.surviving(lambda: self._change(work, durable=durable))
        except sqlite3.DatabaseError as error:
            if not is_no_space(error):
                raise
            self._outage.fails(error)
            return False
        self._outage.ends()
        return True

    def select(
        self, *, urgent: bool, boot: int, after: int, until: int, limit: int
    ) -> list[Stored]:
        """Return live readings of a boot with ``after < seq <= until`` in order."""
        found = self.surviving(
            lambda: self._db.execute(
                "SELECT urgent, boot, seq, body, checksum FROM reading WHERE urgent = ?"
                " AND boot = ? AND seq > ? AND seq <= ? AND body IS NOT NULL ORDER BY seq LIMIT ?",
                (urgent, boot, after, until, limit),
            ).fetchall()
        )
        rows = [(Row(*row[:4]), row[4]) for row in found]
        return [Stored(row, row.checksum == checksum) for row, checksum in rows]

    def quarantined(self) -> list[Quarantined]:
        """Return what was given up, oldest first, as far as it is still kept."""
        rows = self._db.execute("SELECT boot, seq, reason, body FROM quarantine ORDER BY id")
        return [Quarantined(boot=b, seq=s, reason=r, body=body) for b, s, r, body in rows]

    def checkpoint(self) -> None:
        """Empty the write-ahead log into the file, if the disk lets us."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Release the file; everything stays in it."""
        self.try_change(lambda _: None)
        with suppress(sqlite3.Error):
            self._db.close()

    def _change(self, work: Callable[[Change], object], *, durable: bool) -> None:
        self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        change = Change(self._db, dict(self.counters))
        with self._transaction():
            work(change)
            self._save(change.counters)
        self.counters = self._saved = change.counters
        self.rows += change.rows
        self.size += change.size

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # some failures have rolled back already
                self._db.execute("ROLLBACK")
            raise

    def _save(self, counters: dict[int, Counters]) -> None:
        for number, line in counters.items():
            if line != self._saved.get(number):
                encoded = msgspec.json.encode(line)
                self._db.execute(
                    "INSERT OR REPLACE INTO boot VALUES (?, ?, ?, ?)",
                    (number, self.boots[number], encoded, crc32(encoded)),
                )

    def _begin(self) -> None:
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._begin_anew(error)

    def _open(self) -> None:
        self._db = opened(self._path, self._checkpoint_bytes)
        try:
            self._load()
        except (sqlite3.Error, msgspec.DecodeError) as error:
            self._db.close()
            raise DamagedError(f"{error}") from error

    def _load(self) -> None:
        lines = self._db.execute("SELECT id, name, counters, checksum FROM boot").fetchall()
        if any(crc32(encoded) != checksum for _, _, encoded, checksum in lines):
            raise DamagedError("a counter does not match its checksum")
        held = self._db.execute(
            "SELECT boot, count(*), sum(length(body)) FROM reading WHERE body IS NOT NULL"
            " GROUP BY boot"
        ).fetchall()
        self.rows = Counter[int]({boot: count for boot, count, _ in held})
        self.size = sum(count * ROW_BYTES + size for _, count, size in held)
        known = {line[0] for line in sorted(lines)[-_BOOTS_REMEMBERED:]} | self.rows.keys()
        self.boots = {line[0]: line[1] for line in lines if line[0] in known}
        self.counters = self._saved = {
            line[0]: msgspec.json.decode(line[2], type=Counters) for line in lines
        }
        if not self.rows.keys() <= self.boots.keys():
            raise DamagedError("readings of an unknown boot")

    def _begin_anew(self, error: sqlite3.Error) -> None:
        """Put the damaged file where a person can look at it; numbers go on where they were."""
        with suppress(AttributeError, sqlite3.Error):  # there is no connection if opening failed
            self._db.close()
        aside = moved_aside(self._path)
        self.damaged_files += 1
        log.error("outbox is damaged and was moved aside", to=str(aside), error=str(error))
        current = getattr(self, "boot", 0)
        self.boots = {number: name for number, name in self.boots.items() if number == current}
        self.counters = {n: c for n, c in self.counters.items() if n == current}
        self.rows, self.size, self._saved = Counter[int](), 0, {}
        self._db = opened(self._path, self._checkpoint_bytes)
