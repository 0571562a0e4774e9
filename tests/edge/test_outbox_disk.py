"""D8 and D10: a full, failing or lying disk costs what it must, is counted, and stops nothing."""

import os
import random
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from edge.outbox import Batch, Outbox, Place
from edge.shelf import Change, Row
from haechi.messages import Ack, Reading, decode_message
from tests.edge.disks import fill
from tests.edge.rig import measured, missing, outbox_in

GIVEN = measured(3000)
Damage = Callable[[bytes], bytes]


def flipped(bits: int, seed: int) -> Damage:
    """Return what flips some bits anywhere."""

    def damage(whole: bytes) -> bytes:
        chance, changed = random.Random(seed), bytearray(whole)  # noqa: S311 - any place will do
        for _ in range(bits):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)

    return damage


def cut(share: float) -> Damage:
    """Return what keeps only the beginning."""
    return lambda whole: whole[: int(len(whole) * share)]


DAMAGES: dict[str, Damage] = {
    **{f"flip-{bits}-{seed}": flipped(bits, seed) for bits in (1, 50) for seed in range(6)},
    **{f"cut-{share}": cut(share) for share in (0, 0.001, 0.3, 0.7, 0.999)},
    "zeros": lambda whole: bytes(len(whole)),
    "text": lambda whole: b"not a database" * (len(whole) // 14),
}


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as a killed agent leaves it: the log is not yet in the file."""
    before, after = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after")
    outbox = outbox_in(before)
    for start in range(0, len(GIVEN), 100):
        outbox.append(GIVEN[start : start + 100])
    shutil.copytree(before, after, dirs_exist_ok=True)
    outbox.close()
    return after


@pytest.mark.parametrize("part", ["outbox.sqlite", "outbox.sqlite-wal"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_d10_a_damaged_file_is_survived(
    torn: Path, tmp_path: Path, part: str, damage: Damage
) -> None:
    """It opens, or is moved aside whole; what is still sent is true; new readings are kept."""
    shutil.copytree(torn, tmp_path, dirs_exist_ok=True)
    whole = (tmp_path / part).read_bytes()
    (tmp_path / part).write_bytes(damage(whole))

    outbox = outbox_in(tmp_path, "boot-2")
    outbox.append(measured(5))
    read = readings(outbox)

    assert [seq for boot, seq in read if boot == "boot-2"] == [1, 2, 3, 4, 5]
    assert all(is_true(reading) for (boot, _), reading in read.items() if boot == "boot-1")
    aside = [*tmp_path.glob("outbox.sqlite.corrupt-*")]
    assert bool(aside) == bool(outbox.damaged_files)
    outbox.close()
    again = outbox_in(tmp_path, "boot-3")
    assert not again.damaged_files
    again.close()


def test_d10_damage_during_a_run_keeps_the_numbers(tmp_path: Path) -> None:
    """A file that breaks under a running agent is replaced; numbers go on and show the gap."""
    outbox = outbox_in(tmp_path)
    for start in range(0, 3000, 500):
        outbox.append(GIVEN[start : start + 500])
    outbox._shelf.checkpoint()  # pyright: ignore[reportPrivateUsage] - so that there is no log to read from
    with (tmp_path / "outbox.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(200_000))
    outbox._shelf._db.execute("PRAGMA cache_size = 0")  # pyright: ignore[reportPrivateUsage] - as above
    readings(outbox)
    outbox.append(measured(5, start=3000))
    assert {("boot-1", seq) for seq in range(3001, 3006)} <= readings(outbox).keys()
    assert outbox.numbered("boot-1") == 3005
    assert outbox.damaged_files == 1
    outbox.close()


def test_d10_a_damaged_reading_does_not_stop_thinning(tmp_path: Path) -> None:
    """A full outbox with a flipped bit in what waits makes room all the same, and counts it."""
    outbox = outbox_in(tmp_path)
    outbox.append(measured(200))
    outbox.close()
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as db, db:
        db.execute("UPDATE reading SET body = x'00ff' WHERE seq IN (1, 7)")
    outbox = outbox_in(tmp_path, limit_bytes=50_000)
    for turn in range(1, 6):
        outbox.append(measured(200, start=turn * 200))
    assert outbox.accounts()[-1].thinned > 0
    assert missing(outbox, set()) == 0
    outbox.close()


def test_d8_a_small_disk_thins_telemetry_and_keeps_events(small_disk: Path) -> None:
    """Ten times what fits: every event is there, the newest telemetry too, the rest is counted."""
    outbox = outbox_in(small_disk, ballast_bytes=262_144)
    events: set[int] = set()
    for turn in range(150):
        outbox.append(measured(200, start=turn * 201))
        outbox.append(measured(1, start=turn * 201 + 200, urgent=True))
        events.add(outbox.numbered("boot-1"))
    kept = {seq for _, seq in readings(outbox)}
    assert events <= kept
    assert outbox.accounts()[-1].thinned > 15_000
    assert len(kept) > 1000
    assert max(kept - events) > 150 * 201 - 2000
    assert missing(outbox, set()) == 0
    outbox.close()


def test_d8_a_disk_that_others_fill_is_survived(small_disk: Path) -> None:
    """With no byte left the ballast pays for an event; telemetry is refused, counted, resumed."""
    outbox = outbox_in(small_disk, ballast_bytes=262_144)
    outbox.append(measured(500))
    fill(small_disk / "hog")
    for turn in range(40):
        outbox.append(measured(100, start=1000 + turn * 100))
    outbox.append(measured(3, start=9000, urgent=True))
    assert len([seq for _, seq in readings(outbox, urgent=True)]) == 3
    (small_disk / "hog").unlink()
    before = outbox.numbered("boot-1")
    outbox.append(measured(50, start=9500))
    assert {seq for _, seq in readings(outbox)} >= {*range(before + 1, before + 51)}
    assert missing(outbox, set()) == 0
    outbox.close()
    again = outbox_in(small_disk, ballast_bytes=262_144)
    assert missing(again, set()) == 0
    again.close()


def test_d8_the_ballast_keeps_events_where_nothing_waits_that_could_go(small_disk: Path) -> None:
    """An outbox is nearly empty while all is well: then there is no telemetry to make room with."""
    outbox = outbox_in(small_disk, ballast_bytes=262_144)
    outbox.append(measured(3))
    fill(small_disk / "hog")
    for turn in range(50):
        outbox.append(measured(2, start=3 + 2 * turn, urgent=True))
    assert len(readings(outbox, urgent=True)) == 100
    for turn in range(50):
        outbox.append(measured(100, start=103 + 100 * turn, urgent=True))
    held = len(readings(outbox, urgent=True))
    assert 100 <= held < 1000
    answered = [Ack(boot="boot-1", kept=((1, outbox.numbered("boot-1")),))]
    assert outbox.settle(answered)
    assert outbox.pending == 0
    assert missing(outbox, set()) == held
    outbox.close()


def test_d8_what_little_room_there_is_goes_to_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk takes a few readings and not all of a batch, the events are those few."""
    insert = Change.insert

    def on_a_full_disk(change: Change, rows: Iterable[Row]) -> None:
        given = [*rows]
        if len(given) > 5:
            full = sqlite3.OperationalError("database or disk is full")
            full.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise full
        insert(change, given)

    monkeypatch.setattr(Change, "insert", on_a_full_disk)
    outbox = outbox_in(tmp_path)
    outbox.append([*measured(20), *measured(3, start=20, urgent=True)])
    assert {seq for _, seq in readings(outbox)} == {21, 22, 23}
    assert outbox.accounts()[-1].thinned == 20
    assert missing(outbox, set()) == 0
    outbox.close()


def test_d8_a_first_start_without_room_says_so(small_disk: Path) -> None:
    """Nothing can wait where nothing can be written: the file and what to do, and no more."""
    fill(small_disk / "hog")
    with pytest.raises(OSError, match=r"outbox.sqlite cannot be opened: .*; make room"):
        outbox_in(small_disk)
    (small_disk / "hog").unlink()
    outbox_in(small_disk).close()


def test_d8_a_file_size_limit_is_survived(tmp_path: Path) -> None:
    """Writes that fail with another error than "disk full" are handled alike (no root needed)."""
    outbox = outbox_in(tmp_path, ballast_bytes=65_536)
    outbox.append(measured(500))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        for turn in range(20):
            outbox.append(measured(200, start=500 + turn * 200))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert outbox.accounts()[-1].thinned
    assert ("boot-1", 1) in readings(outbox)
    outbox.append(measured(50, start=9000))
    assert ("boot-1", outbox.numbered("boot-1")) in readings(outbox)
    assert missing(outbox, set()) == 0
    outbox.close()


def readings(outbox: Outbox, *, urgent: bool | None = None) -> dict[tuple[str, int], Reading]:
    """Return what would be sent."""
    urgencies = (False, True) if urgent is None else (urgent,)
    batches = [batch for one in urgencies for batch in batches_of(outbox, urgent=one)]
    messages = [decode_message(batch.payload) for batch in batches]
    return {(m.boot, reading.seq): reading for m in messages for reading in m.readings}


def batches_of(outbox: Outbox, *, urgent: bool) -> list[Batch]:
    """Return all batches of an urgency."""
    found: list[Batch] = []
    while batch := outbox.batch(urgent=urgent, after=found[-1].last if found else Place(0, 0)):
        found.append(batch)
    return found


def is_true(reading: Reading) -> bool:
    """Tell whether this is what was measured."""
    one = GIVEN[reading.seq - 1]
    return (reading.at, reading.subject, reading.content) == (one.at, one.subject, one.content)
