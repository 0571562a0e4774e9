"""Repeats: one reading of what is said again and again, whatever the clock says or is killed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from edge.outbox import Outbox
from edge.seal.reading import SealReader
from edge.seal.repeats import REMEMBERED_FRAMES, KeptRepeats, Repeats
from edge.sources import forget
from tests.edge.disks import fill
from tests.edge.seal.made import NOON, keys_of, raw


class Gateway:
    """One life of a gateway, with a date and a clock that a test moves."""

    def __init__(self, folder: Path, boot: str, second: float = 0) -> None:
        self.second, self.date = second, NOON + timedelta(seconds=second)
        self.outbox = Outbox(folder, device="gate-1", boot=boot)
        self.repeats = KeptRepeats(
            folder / "reported.sqlite",
            boot,
            self.outbox.numbered,
            clock=lambda: self.second,
            now=lambda: self.date,
        )
        self._reader = SealReader(keys_of, forget, self.repeats)

    def hear(self, *frames: bytes, is_kept: bool = True) -> int:
        """Read frames as one batch, and keep it if nothing happens before; return its length."""
        batch = [one for each in frames for one in self._reader.datagram(each, self.date)]
        self.repeats.keep()
        if is_kept:
            self.outbox.append(batch)
        return len(batch)

    def end(self) -> None:
        """Release the files; nothing more is written."""
        self.repeats.close()
        self.outbox.close()


def test_a_repeat_over_a_restart_is_no_second_reading(tmp_path: Path) -> None:
    """For two minutes after it was first heard; a new frame is one."""
    first = Gateway(tmp_path, "boot-1")
    assert first.hear(raw(1), raw(2)) == 2
    first.end()
    second = Gateway(tmp_path, "boot-2", 60)
    assert second.hear(raw(1), raw(2), raw(3)) == 1
    second.end()
    third = Gateway(tmp_path, "boot-3", 130)
    assert third.hear(raw(1), raw(2), raw(3)) == 2, "two minutes after the first two"
    third.end()


def test_d1_what_was_noted_and_never_numbered_is_heard_again(tmp_path: Path) -> None:
    """Killed between the note and the outbox: nothing is lost by remembering."""
    first = Gateway(tmp_path, "boot-1")
    first.hear(raw(1))
    first.hear(raw(2), raw(3), is_kept=False)
    first.end()
    second = Gateway(tmp_path, "boot-2", 1)
    assert second.hear(raw(1), raw(2), raw(3)) == 2
    second.end()


def test_t1_a_clock_that_is_put_right_makes_no_replay(tmp_path: Path) -> None:
    """An hour forward, ten years back: what the radio repeats is a repeat, and news is news."""
    gateway = Gateway(tmp_path, "boot-1")
    gateway.hear(raw(1))
    gateway.date += timedelta(hours=1)
    assert gateway.hear(raw(1), raw(2)) == 1
    gateway.date -= timedelta(days=3653)
    assert gateway.hear(raw(1), raw(2), raw(3)) == 1
    gateway.second += 121
    assert gateway.hear(raw(3)) == 1
    gateway.end()


def test_d8_a_full_disk_costs_no_frame(small_disk: Path) -> None:
    """It cannot be noted, so it may be reported twice over a restart; never not at all."""
    gateway = Gateway(small_disk, "boot-1")
    gateway.hear(raw(1))
    fill(small_disk / "hog")
    assert gateway.hear(raw(1), raw(2)) == 1
    (small_disk / "hog").unlink()
    assert gateway.hear(raw(2), raw(3)) == 1
    gateway.end()
    again = Gateway(small_disk, "boot-2", 1)
    assert again.hear(raw(1), raw(3)) == 0
    again.end()


def test_what_is_remembered_is_bounded(tmp_path: Path) -> None:
    """In memory and on disk."""
    some = Repeats()
    for number in range(REMEMBERED_FRAMES + 1000):
        assert not some.is_repeat(number.to_bytes(4, "big"), NOON)
    held: Any = some._reported  # pyright: ignore[reportPrivateUsage] - what takes the memory
    assert len(held) == REMEMBERED_FRAMES
    assert not some.is_repeat(b"two minutes later", NOON + timedelta(seconds=121))
    assert [*held] == [b"two minutes later"]
    kept = KeptRepeats(tmp_path / "r.sqlite", "boot-1", lambda _: 2**31)
    for number in range(REMEMBERED_FRAMES + 1000):
        kept.is_repeat(number.to_bytes(4, "big"), NOON)
        if number % 1000 == 999:
            kept.keep()
    rows: Any = kept._notebook.read("select count(*) from frame")  # pyright: ignore[reportPrivateUsage] - what takes the disk
    kept.close()
    assert rows == [(REMEMBERED_FRAMES,)]
