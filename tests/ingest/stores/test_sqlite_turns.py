"""What the writer waits for: another's transaction, and never the work on the log."""

import sqlite3
from pathlib import Path
from threading import Event, Thread

import pytest

from ingest.stores import sqlite_file
from ingest.stores.sqlite import SqliteStore
from ingest.stores.sqlite_aside import Connection
from ingest.stores.sqlite_checkpoint import Checkpoints, work_off
from tests.conftest import Eventually
from tests.ingest.observed import observed


def test_a_writer_begins_when_the_other_has_ended(tmp_path: Path) -> None:
    """Two processes take turns; the second waits as long as the first works, and then has it."""
    first, second = (Connection(sqlite_file.connect(tmp_path / "s")) for _ in range(2))
    sqlite_file.begin(first)
    began = Event()

    def follow() -> None:
        sqlite_file.begin(second)
        began.set()

    following = Thread(target=follow)
    following.start()
    assert not began.wait(0.05)
    first.execute("COMMIT")
    assert began.wait(5)
    following.join()
    for each in (first, second):
        each.close()


def test_a_writer_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is stopped in its transaction is an error of the store, after a while."""
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_MS", 20)
    first, second = (Connection(sqlite_file.connect(tmp_path / "s")) for _ in range(2))
    sqlite_file.begin(first)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite_file.begin(second)
    first.rollback()
    sqlite_file.begin(second)  # and nothing is left of the attempt
    for each in (first, second):
        each.close()


def test_the_log_begins_anew_beside_its_writer(tmp_path: Path) -> None:
    """The log is copied into the file and begun anew, though its writer never stops for it."""
    path = tmp_path / "s"
    store = SqliteStore(path, keeper=True)
    held: list[int] = []
    for batch in range(20):
        with store.writing() as writing:
            writing.keep([observed(200 * batch + seq) for seq in range(1, 201)])
        held.append(work_off(path, restart_at=1))
    assert max(held) < sum(held) / 4  # a log that only grew would hold all of them at the end
    assert store.position() == 20
    store.close()


def test_the_keeper_has_its_log_worked_off(tmp_path: Path, eventually: Eventually) -> None:
    """Nobody else is needed: the file holds what was committed without the log."""
    path = tmp_path / "s"
    store = SqliteStore(path, keeper=True)
    with store.writing() as writing:
        writing.keep([observed(seq) for seq in range(1, 501)])

    def is_in_the_file() -> bool:
        """Read the file alone, as if there were no log."""
        alone = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
        try:
            (kept,) = alone.execute("SELECT count(*) FROM observations").fetchone()
            return int(kept) == 500
        except sqlite3.DatabaseError:  # not even the tables, or in the middle of it
            return False
        finally:
            alone.close()

    eventually(is_in_the_file)
    assert store.complaints() == []
    store.close()


def test_a_log_that_grows_is_complained_about(tmp_path: Path, eventually: Eventually) -> None:
    """Why it cannot be worked off is said, until it can."""
    missing = tmp_path / "s"
    checkpoints = Checkpoints(missing, every_s=0.01)
    eventually(lambda: checkpoints.error)
    assert "unable to open" in (checkpoints.error or "")
    sqlite_file.connect(missing).close()
    eventually(lambda: checkpoints.error is None)
    checkpoints.close()


def test_what_may_be_done_again_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    """Else whoever writes next would wait for it too; only a power cut can undo such a commit."""
    connection = sqlite_file.connect(tmp_path / "s", durable=False)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    connection.close()
