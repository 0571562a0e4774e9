"""Latches: a seal that a gateway saw broken stays so, whenever the gateway begins again."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.seal.latch import Latch, rearmed
from edge.seal.latches import KeptLatches
from edge.seal.reading import SealReader
from edge.seal.states import SealState
from edge.sources import forget
from haechi.commanding import Rearm
from haechi.seals import SealEventKind
from tests.edge.disks import fill
from tests.edge.seal.made import NOON, NUMBER, SECRET, keys_of, raw

_E = SealEventKind


class Life:
    """One life of a gateway, over the file of the lives before."""

    def __init__(self, folder: Path) -> None:
        self.latches = KeptLatches(folder / "latches.sqlite")
        self.reader = SealReader(
            lambda number: keys_of(number) or (SECRET,), forget, None, self.latches
        )

    def hear(self, *frames: bytes) -> SealState | None:
        """Take frames as one batch; return where the seal stands."""
        for each in frames:
            self.reader.datagram(each, NOON)
        self.reader.keep()
        return self.reader.state_of(NUMBER)


def test_s7_no_later_frame_mends_a_seal_over_a_restart(tmp_path: Path) -> None:
    """S7: it says that it is closed, and begins another journey; and it was opened all the same."""
    Life(tmp_path).hear(raw(1, event=_E.LOCK), raw(2, event=_E.UNLOCK, openings=1))
    again = Life(tmp_path)
    assert again.reader.state_of(NUMBER) is SealState.OPENED
    assert again.hear(raw(3, openings=1), raw(4, event=_E.ARMED, openings=1)) is SealState.OPENED
    assert Life(tmp_path).hear(raw(5, event=_E.REMOVING, openings=1)) is SealState.REMOVED
    assert Life(tmp_path).hear(raw(6, openings=1)) is SealState.REMOVED


def test_seal_3_openings_while_the_gateway_was_down_are_seen(tmp_path: Path) -> None:
    """SEAL-3: opened and closed again unheard; the latch in its next frame counts one more."""
    assert Life(tmp_path).hear(raw(1), raw(2)) is SealState.SEALED
    again = Life(tmp_path)
    (found,) = again.reader.datagram(raw(9, openings=1), NOON)
    assert (found.urgent, again.reader.state_of(NUMBER)) == (True, SealState.OPENED)


def test_s5_a_frame_from_before_a_restart_changes_nothing(tmp_path: Path) -> None:
    """S5: replayed to a gateway that forgot, an old frame would say that all is well."""
    frames = raw(1, event=_E.LOCK), raw(2), raw(3, event=_E.DISARMED, armed=False), raw(4)
    assert Life(tmp_path).hear(*frames) is SealState.RELEASED
    assert Life(tmp_path).hear(*frames) is SealState.RELEASED


def test_only_what_changes_is_written(tmp_path: Path) -> None:
    """A seal that says every minute that all is well costs the disk nothing."""
    life = Life(tmp_path)
    life.hear(raw(1), raw(2))
    life.hear(raw(3))
    assert KeptLatches(tmp_path / "latches.sqlite").find(NUMBER) == Latch(SealState.SEALED, 1, 0)


def test_a_seal_that_memory_has_no_room_for_is_found_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many others were heard since."""
    monkeypatch.setattr("edge.seal.latches.REMEMBERED_SEALS", 2)
    life = Life(tmp_path)
    life.hear(raw(1, event=_E.UNLOCK))
    others = [raw(1, number=f"HAE-10000{n}") for n in range(5)]
    assert life.hear(*others, raw(2)) is SealState.OPENED


def test_d8_a_full_disk_holds_nothing_up_and_is_written_to_later(small_disk: Path) -> None:
    """What could not be noted is known all the same, and noted once there is room."""
    life = Life(small_disk)
    life.hear(raw(1))
    fill(small_disk / "hog")
    assert life.hear(raw(2, event=_E.UNLOCK)) is SealState.OPENED
    (small_disk / "hog").unlink()
    life.hear(raw(3))
    assert Life(small_disk).reader.state_of(NUMBER) is SealState.OPENED


def test_a_damaged_file_is_no_reason_to_stop(tmp_path: Path) -> None:
    """It is moved aside, and the seals are known by their next frames."""
    (tmp_path / "latches.sqlite").write_bytes(b"no database" * 100)
    assert Life(tmp_path).hear(raw(1)) is SealState.SEALED
    assert [*tmp_path.glob("*.corrupt-1")]


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    """It knows what was broken, not when: an order of any time mends that."""
    with closing(sqlite3.connect(tmp_path / "latches.sqlite")) as old, old:
        old.execute("create table seal (number text primary key, state, counter, openings)")
        old.execute("insert into seal values (?, 'opened', 7, 1)", (NUMBER,))
    life = Life(tmp_path)
    broken = life.latches.find(NUMBER)
    assert broken == Latch(SealState.OPENED, 7, 1)
    assert broken is not None
    mended = rearmed(broken, Rearm(seal=NUMBER, order="O-2", bound_at=NOON), NOON)
    life.latches.note(NUMBER, mended)
    assert life.latches.keep()
    assert KeptLatches(tmp_path / "latches.sqlite").find(NUMBER) == mended
