"""What no decoder understood."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from edge.undecodable import INPUT_LIMIT, Undecodable, UndecodableStore
from tests.edge.disks import fill

AT = datetime(2024, 5, 6, 7, 8, 9, 123_456, tzinfo=UTC)


def test_an_input_is_kept_whole(tmp_path: Path) -> None:
    """With its reason and its time, byte for byte; the newest comes first."""
    store = UndecodableStore(tmp_path / "u.sqlite", "boot-1")
    store.keep((b"\x00\xff", b"second"), "not NMEA", AT)
    store.keep((b"later",), "no time", None)
    store.close()
    again = UndecodableStore(tmp_path / "u.sqlite", "boot-2")
    assert again.newest() == [
        Undecodable("boot-1", "no time", None, b"later"),
        Undecodable("boot-1", "not NMEA", AT, b"\x00\xff\nsecond"),
    ]
    again.close()


def test_the_table_is_bounded_and_the_count_is_not(tmp_path: Path) -> None:
    """The newest stay; nothing is ever forgotten in the count."""
    store = UndecodableStore(tmp_path / "u.sqlite", "boot-1", limit=10)
    for number in range(35):
        store.keep((b"%d" % number,), "noise", AT)
        if number % 12 == 0:
            store.commit()
    store.keep((b"x" * 100_000,), "long", AT)
    store.commit()
    kept = store.newest(100)
    assert [each.content for each in kept[1:3]] == [b"34", b"33"]
    assert len(kept) == 10
    assert len(kept[0].content) == INPUT_LIMIT
    assert store.counts() == {"noise": 35, "long": 1}
    assert store.total == 36
    store.close()


def test_reading_a_recording_again_counts_nothing_twice(tmp_path: Path) -> None:
    """The same inputs come in the same order; only those after the crash are new."""
    for seen in (3, 5, 5):
        store = UndecodableStore(tmp_path / "u.sqlite", "rec-1")
        for number in range(seen):
            store.keep((b"%d" % number,), "noise", AT)
        store.close()
    store = UndecodableStore(tmp_path / "u.sqlite", "rec-1")
    assert store.counts() == {"noise": 5}
    assert len(store.newest()) == 5
    store.close()


def test_a_file_that_is_locked_stops_nobody(tmp_path: Path) -> None:
    """What cannot be written is counted at once and written the next time."""
    path = tmp_path / "u.sqlite"
    store = UndecodableStore(path, "boot-1", patience_s=0)
    store.keep((b"one",), "noise", AT)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    store.commit()
    assert store.counts() == {"noise": 1}
    assert store.newest() == []
    other.execute("rollback")
    other.close()
    store.close()
    again = UndecodableStore(path, "boot-1")
    assert again.counts() == {"noise": 1}
    again.close()


def test_d10_a_damaged_file_does_not_stop_the_agent(tmp_path: Path) -> None:
    """It is moved aside, and what came since is kept."""
    path = tmp_path / "u.sqlite"
    path.write_bytes(b"not a database" * 1000)
    store = UndecodableStore(path, "boot-1")
    store.keep((b"one",), "noise", AT)
    store.close()
    again = UndecodableStore(path, "boot-1")
    assert [each.content for each in again.newest()] == [b"one"]
    again.close()
    assert [each.name for each in tmp_path.glob("*.corrupt-[0-9]")] == ["u.sqlite.corrupt-1"]


def test_d8_an_agent_can_be_begun_on_a_full_disk(small_disk: Path) -> None:
    """What it cannot keep waits, and is counted; it is written once there is room."""
    before = UndecodableStore(small_disk / "u.sqlite", "boot-1")
    before.close()
    fill(small_disk / "hog")
    store = UndecodableStore(small_disk / "u.sqlite", "boot-2")
    store.keep((b"one",), "noise", AT)
    store.commit()
    assert (store.total, store.newest()) == (1, [])
    (small_disk / "hog").unlink()
    store.close()
    again = UndecodableStore(small_disk / "u.sqlite", "boot-2")
    assert again.counts() == {"noise": 1}
    again.close()
