"""The file: durable settings, damage, a full disk, migrations, and bounds."""

import os
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from ingest.ports import BatchRejectedError, DeadLetter, StoreUnavailableError
from ingest.stores import sqlite_file, sqlite_writing
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.ingest.observed import NOON, SHIP, observed


def fill(path: Path, count: int = 3000) -> None:
    """Leave a store with observations behind."""
    store = SqliteStore(path, keeper=True)
    with store.writing() as writing:
        writing.keep([observed(seq) for seq in range(1, count + 1)])
    store.close()


def test_commits_survive_a_power_cut(tmp_path: Path) -> None:
    """D1: write-ahead log, synced at each commit."""
    connection = sqlite_file.connect(tmp_path / "s")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _scribble(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"not a database" * 100)


def _flip(path: Path) -> None:
    body, chance = bytearray(path.read_bytes()), random.Random(1)  # noqa: S311 - repeatable damage
    for _ in range(2000):
        body[chance.randrange(4096, len(body))] ^= 1 << chance.randrange(8)
    path.write_bytes(body)


@pytest.mark.parametrize("damage", [_truncate, _scribble, _flip])
def test_a_damaged_file_is_moved_aside(damage: object, tmp_path: Path) -> None:
    """D10: the keeper goes on with a new file, keeps the old, and complains until it is gone."""
    path = tmp_path / "store.sqlite"
    fill(path)
    assert callable(damage)
    damage(path)
    store = SqliteStore(path, keeper=True)
    for attempt in range(3):
        try:
            store.history(SHIP, None)
            with store.writing() as writing:
                writing.keep([observed(9000 + attempt, subject="mmsi:9")])
        except StoreUnavailableError:
            continue
    [complaint] = store.complaints()
    assert "store.sqlite.corrupt-1" in complaint
    assert store.history("mmsi:9", None)
    (tmp_path / "store.sqlite.corrupt-1").unlink()
    assert store.complaints() == []
    store.close()


def test_only_the_keeper_moves_files(tmp_path: Path) -> None:
    """A console that meets a damaged file says so and touches nothing."""
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnavailableError):
        SqliteStore(path)
    assert [each.name for each in tmp_path.iterdir()] == ["store.sqlite"]


def test_whoever_reads_follows_the_keeper_to_its_new_file(tmp_path: Path) -> None:
    """Else the console would show, and its pushes be sent from, a file that is history."""
    path = tmp_path / "store.sqlite"
    fill(path, 1)
    reader = SqliteStore(path)
    assert reader.position() == 1
    sqlite_file.set_aside(path)
    assert reader.position() == 1  # there is nothing else yet
    fill(path, 2)
    assert len(reader.history(SHIP, None)) == 2
    with reader.writing() as writing:
        writing.keep([observed(3)])
    keeper = SqliteStore(path, keeper=True)
    assert len(keeper.history(SHIP, None)) == 3
    keeper.close()
    reader.close()


def test_processes_that_begin_a_file_together_all_can_use_it(tmp_path: Path) -> None:
    """One of them makes the tables, the others find them made."""
    for attempt in range(20):
        path, together = tmp_path / f"store-{attempt}.sqlite", Barrier(4)

        def begin(path: Path = path, together: Barrier = together) -> int:
            together.wait()
            store = SqliteStore(path)
            try:
                return store.position()
            finally:
                store.close()

        with ThreadPoolExecutor(4) as threads:
            begun = [threads.submit(begin) for _ in range(4)]
            assert [each.result() for each in begun] == [0, 0, 0, 0]


def test_states_of_an_older_version_are_new_to_the_whole_log(tmp_path: Path) -> None:
    """They had one position together; whatever comes after it is judged."""
    path = tmp_path / "s"
    raw = sqlite3.connect(path)
    raw.executescript(f"{sqlite_file.migrations()[0]};PRAGMA user_version = 1")
    raw.execute("INSERT INTO engine_states VALUES ('busan/a', x'01')")
    raw.execute("UPDATE counters SET value = 7 WHERE name = 'snapshot_position'")
    raw.commit()
    raw.close()
    store = SqliteStore(path, keeper=True)
    assert store.snapshot() == (7, {"busan/a": (0, b"\x01")})
    store.close()


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """An old program must not write into tables that it does not know."""
    path = tmp_path / "s"
    fill(path, 1)
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(BatchRejectedError, match="version 99"):
        SqliteStore(path, keeper=True)


def test_a_store_that_is_locked_is_unavailable(tmp_path: Path) -> None:
    """Another process holds the write lock for longer than we wait: try again."""
    path = tmp_path / "s"
    store = SqliteStore(path, keeper=True)
    store._connection.execute("PRAGMA busy_timeout = 10")  # pyright: ignore[reportPrivateUsage] - not to wait
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="locked"), store.writing():
        pass
    other.execute("ROLLBACK")
    with store.writing() as writing:
        assert writing.keep([observed(1)])
    other.close()
    store.close()


def test_two_processes_see_each_other(tmp_path: Path) -> None:
    """The console reads what ingest commits, and what it writes itself counts in the log."""
    ingest, console = SqliteStore(tmp_path / "s", keeper=True), SqliteStore(tmp_path / "s")
    with ingest.writing() as writing:
        writing.keep([observed(1)])
    assert [o.seq for o in console.history(SHIP, None)] == [1]
    with console.writing() as writing:
        assert writing.position == 2
    with ingest.writing() as writing:
        assert writing.position == 3
    ingest.close()
    console.close()


def test_dead_letters_are_bounded_but_their_count_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I11: the oldest make room; the number of all that ever came stays."""
    monkeypatch.setattr(sqlite_writing, "MAX_DEAD_LETTERS", 5)
    store = SqliteStore(tmp_path / "s", keeper=True)
    for number in range(20):
        with store.writing() as writing:
            letter = DeadLetter(
                topic="t", payload=b"x", reason=f"schema: {number}", received_at=NOON
            )
            writing.set_aside([letter])
    assert [each.reason for each in store.dead_letters(99)] == [
        f"schema: {number}" for number in range(19, 14, -1)
    ]
    assert store.dead_letter_count() == 20
    store.close()


def test_dead_letters_are_bounded_in_bytes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I11: a letter that fits alone drives out all the others, one that does not goes itself."""
    monkeypatch.setattr(sqlite_writing, "MAX_DEAD_LETTER_BYTES", 2000)
    store = SqliteStore(tmp_path / "s", keeper=True)
    left: list[int] = []
    for size in (10, 10, 1000, 5000, 10):
        with store.writing() as writing:
            letter = DeadLetter(
                topic="t", payload=b"x" * size, reason="schema: no", received_at=NOON
            )
            writing.set_aside([letter])
        left.append(len(store.dead_letters(99)))
    assert left == [1, 2, 3, 0, 1]
    assert store.dead_letter_count() == 5
    store.close()


def test_a_full_disk_refuses_and_recovers(small_disk: Path, eventually: Eventually) -> None:
    """D9: nothing half written; with room again the same store goes on, and complains no more."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_200_000))
    store = SqliteStore(small_disk / "s", keeper=True)
    kept = 0
    with pytest.raises(StoreUnavailableError, match="full"):  # noqa: PT012 - it fails late
        for start in range(1, 100_000, 500):
            with store.writing() as writing:
                writing.keep([observed(seq) for seq in range(start, start + 500)])
            kept = start + 499
    assert [o.seq for o in store.history(SHIP, None)] == list(range(1, kept + 1))
    ballast.unlink()
    with store.writing() as writing:
        again = writing.keep([observed(seq) for seq in range(kept + 1, kept + 501)])
    assert len(again) == 500
    eventually(lambda: store.complaints() == [], what="the log is worked off again")
    store.close()


def test_a_row_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    """D10: damage within a row costs that row, and is complained of."""
    store = SqliteStore(tmp_path / "s", keeper=True)
    with store.writing() as writing:
        writing.keep([observed(seq) for seq in (1, 2, 3)])
    raw = sqlite3.connect(tmp_path / "s")
    raw.execute("UPDATE observations SET content = x'7b' WHERE seq = 2")
    raw.commit()
    raw.close()
    assert [o.seq for o in store.history(SHIP, None)] == [1, 3]
    assert [each.lat for each in store.latest()] == [35.003]
    assert "ais-1 boot-1 2" in store.complaints()[0]
    store.close()
