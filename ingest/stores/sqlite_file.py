"""The database file: opening, migrating, moving a broken one aside, and what its errors mean."""

import fcntl
import os
import re
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final

from ingest.ports import BatchRejectedError, StoreUnavailableError
from ingest.stores.sqlite_aside import Connection

BUSY_TIMEOUT_MS: Final = 5_000

_MIGRATIONS: Final = files("ingest.stores") / "migrations"
_NUMBERED = re.compile(r"(?P<number>\d{4})_[a-z_]+\.sql")
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOOK_AGAIN_S: Final = 0.0002
_WAIT: Final = f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"
_PRAGMAS: Final = (
    "journal_mode = WAL",
    "synchronous = FULL",  # a commit that was reported survives a power cut
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "wal_autocheckpoint = 4000",  # pages: fewer, larger checkpoints
    "cache_size = -65536",  # KiB: the tails of some ten thousand tracks
    "temp_store = MEMORY",
)


class BrokenFileError(StoreUnavailableError):
    """The file is not a sound database: it must be moved aside."""


class SchemaTooNewError(BatchRejectedError):
    """A newer version of the software wrote the file."""


def connect(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """Open a file, make it if it is not there, and bring its tables up to date.

    Args:
        path: The file.
        durable: Whether a commit waits for the disk. One that does not is durable with the next
            that does, over whichever connection, or with the next checkpoint.

    Raises:
        BrokenFileError: it is damaged or something else.
        SchemaTooNewError: it has tables that this version does not know.
        StoreUnavailableError: it cannot be opened now.
    """
    with errors_translated(path), _alone_in(path.parent):
        connection = sqlite3.connect(
            path, isolation_level=None, cached_statements=256, check_same_thread=False
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            if not durable:
                connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def begin(connection: Connection) -> None:
    """Begin a transaction that writes, as soon as another process has ended its own.

    SQLite itself looks again after 1, 2, 5, 10, 15 ms and so on, so whoever just misses a
    transaction of 2 ms loses 8. An alarm may be waiting.

    Raises:
        sqlite3.OperationalError: the other has not ended within ``BUSY_TIMEOUT_MS``.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while not _has_begun(connection, deadline):
            time.sleep(_LOOK_AGAIN_S)
    finally:
        connection.execute(_WAIT)


def _has_begun(connection: Connection, deadline: float) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
            raise
        return False
    return True


def migrate(connection: sqlite3.Connection) -> None:
    """Run the migrations that the file has not seen, each in a transaction of its own."""
    steps = migrations()
    (seen,) = connection.execute("PRAGMA user_version").fetchone()
    if seen > len(steps):
        raise SchemaTooNewError(f"the store is of version {seen}, this software knows {len(steps)}")
    for number, script in enumerate(steps[seen:], start=seen + 1):
        connection.executescript(f"BEGIN EXCLUSIVE;\n{script}\nPRAGMA user_version={number};COMMIT")


def migrations() -> list[str]:
    """Return the scripts in order; number 1 is the first."""
    named = {
        match["number"]: entry for entry in _MIGRATIONS.iterdir() if (match := _named(entry.name))
    }
    return [named[number].read_text() for number in sorted(named)]


def set_aside(path: Path) -> Path:
    """Rename a broken file and its journal to a free ``*.corrupt-N``; return the new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


@contextmanager
def errors_translated(path: Path) -> Generator[None]:
    """Turn the driver's errors into what a caller can do about them."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _primary(error) in _BROKEN:
            raise BrokenFileError(f"{path.name}: {error}") from error
        if isinstance(error, sqlite3.DataError | sqlite3.ProgrammingError):
            raise BatchRejectedError(f"{path.name}: {error}") from error
        raise StoreUnavailableError(f"{path.name}: {error}") from error


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """Let one process at a time begin a file: SQLite does not wait for the switch to WAL."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreUnavailableError(f"{folder}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _primary(error: sqlite3.Error) -> int:
    # The low byte of an extended code is its kind. https://sqlite.org/rescode.html
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _named(name: str) -> re.Match[str] | None:
    return _NUMBERED.fullmatch(name)
