"""A statement aside is to its owner as one that had run at once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.ports import StoreUnavailableError
from ingest.stores.sqlite import SqliteStore
from ingest.stores.sqlite_aside import Connection
from tests.ingest.observed import SHIP, observed

COUNTED = """
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
    INSERT INTO numbers SELECT n FROM counted
"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Return a connection in a transaction, with a table of unique numbers."""
    inner = sqlite3.connect(tmp_path / "s", isolation_level=None, check_same_thread=False)
    inner.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    inner.execute("BEGIN")
    opened = Connection(inner)
    yield opened
    opened.close()


def test_whoever_asks_next_sees_what_it_did(connection: Connection) -> None:
    """It is waited for, also by the next statement aside."""
    connection.execute_aside(COUNTED, (100_000,))
    assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (100_000,)
    connection.execute_aside("DELETE FROM numbers WHERE n > ?", (50_000,))
    connection.execute_aside("DELETE FROM numbers WHERE n > ?", (10,))
    connection.execute("COMMIT")
    assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (10,)


def test_its_error_is_raised_once_and_later(connection: Connection) -> None:
    """Whoever asks next is told, and no one after that."""
    connection.execute("INSERT INTO numbers VALUES (10)")
    connection.execute_aside(COUNTED, (20,))
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("COMMIT")
    assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (1,)


def test_a_rollback_forgets_it(connection: Connection) -> None:
    """Whether it failed or not."""
    connection.execute_aside(COUNTED, (20,))
    connection.rollback()
    connection.execute("BEGIN")
    connection.execute("INSERT INTO numbers VALUES (10)")
    connection.execute_aside(COUNTED, (20,))
    connection.rollback()
    connection.rollback()
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (0,)


def test_a_transaction_with_a_failure_aside_is_none(tmp_path: Path) -> None:
    """The caller of ``writing`` is told as of any other failure, and may try again."""
    store = SqliteStore(tmp_path / "s", keeper=True)
    with store.writing() as writing:
        writing.keep([observed(1)])
    raw = sqlite3.connect(tmp_path / "s")
    raw.execute("UPDATE observations SET id = 300")
    raw.execute("UPDATE boots SET kept = 7")
    raw.commit()
    many = [observed(seq) for seq in range(2, 900)]
    with pytest.raises(StoreUnavailableError, match="UNIQUE"), store.writing() as writing:
        writing.keep(many)
    assert [account.kept for account in store.accounts()] == [7]
    raw.execute("UPDATE observations SET id = 1")
    raw.commit()
    raw.close()
    with store.writing() as writing:
        assert len(writing.keep(many)) == len(many)
    assert [each.seq for each in store.history(SHIP, None)] == list(range(1, 900))
    store.close()
