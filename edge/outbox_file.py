"""The outbox's file: how it is laid out, opened, found damaged and moved aside."""

import os
import sqlite3
from pathlib import Path
from typing import Final

PAGE_BYTES: Final = 4096
VERSION: Final = 1

_SCHEMA: Final = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE boot (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    counters BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE reading (
    urgent INTEGER NOT NULL,
    boot INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB,              -- NULL: thinned when it may already have been sent
    PRIMARY KEY (urgent, boot, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    boot TEXT NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
"""

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_SPACE: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
_OCCUPIED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class OutboxBusyError(Exception):
    """Another process has this outbox open."""


class DamagedError(sqlite3.DatabaseError):
    """The file is an outbox no more, though SQLite may still be able to read it."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether the file itself is broken, so that a new one must be begun."""
    return _primary(error) in _DAMAGE or _code(error) == sqlite3.SQLITE_IOERR_SHORT_READ


def is_no_space(error: sqlite3.Error) -> bool:
    """Tell whether nothing can be written for now: disk full, file limit, failing device."""
    return _primary(error) in _NO_SPACE and not is_damage(error)


def opened(path: Path, checkpoint_bytes: int) -> sqlite3.Connection:
    """Open or create the file, checked, and hold it exclusively.

    Raises:
        OutboxBusyError: another process holds it.
        sqlite3.DatabaseError: damaged (see ``is_damage``), or it cannot be created.
    """
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
    try:
        _prepare(db, checkpoint_bytes)
    except sqlite3.Error as error:
        db.close()
        if _primary(error) in _OCCUPIED:
            raise OutboxBusyError(f"{path} is in use by another process") from error
        raise
    return db


def moved_aside(path: Path) -> Path:
    """Rename a damaged file, with its log, to the first free ``<name>.corrupt-N``; return that."""
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-journal"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


class Ballast:
    """Disk space held in reserve: deleting needs room too, so a full disk must be able to give."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self.size: Final = size

    @property
    def is_held(self) -> bool:
        """Whether the space is reserved."""
        return self._path.exists()

    def take(self) -> None:
        """Reserve the space if there is plenty, or else leave it for later."""
        if self.is_held or self._free_bytes() < 2 * self.size:
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self.size)
        except OSError:
            self.release()

    def release(self) -> None:
        """Give the space back."""
        self._path.unlink(missing_ok=True)

    def _free_bytes(self) -> int:
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize


def _prepare(db: sqlite3.Connection, checkpoint_bytes: int) -> None:
    # Exclusive before WAL: then there is no shared-memory file, and no second agent.
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA wal_autocheckpoint = {max(1, checkpoint_bytes // PAGE_BYTES)}")
    db.execute(f"PRAGMA journal_size_limit = {checkpoint_bytes}")
    [(version,)] = db.execute("PRAGMA user_version")
    if version == 0 and not db.execute("SELECT 1 FROM sqlite_schema").fetchall():
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        version = VERSION
    [(verdict,), *_] = db.execute("PRAGMA quick_check(1)")
    if verdict != "ok" or version != VERSION:
        raise DamagedError(f"outbox version {version}, check says: {verdict}")


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0)


def _primary(error: sqlite3.Error) -> int:
    return _code(error) & 0xFF
