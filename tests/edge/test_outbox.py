"""The outbox numbers once, keeps until told, and thins by policy."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from edge.measured import Measured
from edge.outbox import DAMAGED, NOT_LAWFUL, TOO_LARGE, Batch, BootAccount, Outbox, Place
from edge.outbox_file import OutboxBusyError
from haechi.messages import MAX_PAYLOAD_BYTES, Ack, Refusal, decode_message
from haechi.vessels import AisOther, VesselPosition

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def measured(count: int, *, subjects: int = 1, urgent: bool = False) -> list[Measured]:
    """Return readings of vessels, a second apart."""
    return [
        Measured(
            NOON + timedelta(seconds=i),
            f"mmsi:{219_000_000 + i % subjects}",
            VesselPosition(lat=55.0, lon=12.0 + i / 10_000, speed_kn=12.5),
            urgent,
        )
        for i in range(count)
    ]


def opened(directory: Path, boot: str = "boot-1", **limits: int) -> Outbox:
    """Open the outbox of the device of these tests."""
    return Outbox(directory, device="ais-1", boot=boot, **limits)


def batches(outbox: Outbox, *, urgent: bool = False, limit: int = 500) -> list[Batch]:
    """Return all that waits."""
    found: list[Batch] = []
    after = Place(0, 0)
    while batch := outbox.batch(urgent=urgent, after=after, limit_readings=limit):
        found.append(batch)
        after = batch.last
    return found


def numbers(outbox: Outbox, *, urgent: bool = False) -> list[int]:
    """Return the numbers of all that waits."""
    messages = [decode_message(batch.payload) for batch in batches(outbox, urgent=urgent)]
    return [reading.seq for message in messages for reading in message.readings]


def account(outbox: Outbox) -> BootAccount:
    """Return the account of the newest boot."""
    return outbox.accounts()[-1]


def missing(line: BootAccount, kept: int = 0) -> int:
    """Return how many readings are nowhere, by the agent's own account."""
    return line.numbered - (kept + line.in_flight + line.thinned + sum(line.quarantined.values()))


def test_a_payload_is_a_message(tmp_path: Path) -> None:
    """What was measured comes back from the wire form: numbered, in order, with its boot."""
    outbox = opened(tmp_path)
    given = measured(3)
    outbox.append(given)
    batch = outbox.batch(urgent=False)
    assert batch
    message = decode_message(batch.payload)
    assert (message.device, message.boot) == ("ais-1", "boot-1")
    assert [(r.seq, r.at, r.subject, r.content) for r in message.readings] == [
        (i, one.at, one.subject, one.content) for i, one in enumerate(given, 1)
    ]


def test_d1_what_was_appended_is_synced_and_what_is_settled_need_not_be(tmp_path: Path) -> None:
    """A power cut takes no reading; one that it brings back is sent and acknowledged once more."""
    outbox, said = opened(tmp_path), list[str]()
    outbox._shelf._db.set_trace_callback(said.append)  # pyright: ignore[reportPrivateUsage] - what SQLite is told
    outbox.append(measured(1))
    assert said[:2] == ["PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"]
    said.clear()
    outbox.settle([Ack(boot="boot-1", kept=((1, 1),))])
    assert said[:2] == ["PRAGMA synchronous = NORMAL", "BEGIN IMMEDIATE"]


def test_everything_waits_after_a_restart(tmp_path: Path) -> None:
    """Readings of earlier boots are still there and come first, each under its own boot."""
    first = opened(tmp_path)
    first.append(measured(3))
    first.close()
    second = opened(tmp_path, "boot-2")
    second.append(measured(2))
    boots = [decode_message(batch.payload).boot for batch in batches(second)]
    assert boots == ["boot-1", "boot-2"]
    assert [(line.boot, line.numbered, line.in_flight) for line in second.accounts()] == [
        ("boot-1", 3, 3),
        ("boot-2", 2, 2),
    ]


def test_events_and_telemetry_share_numbers_not_messages(tmp_path: Path) -> None:
    """Events are fetched apart from telemetry, so that they can overtake it."""
    outbox = opened(tmp_path)
    outbox.append([*measured(2), *measured(1, urgent=True), *measured(2)])
    assert numbers(outbox) == [1, 2, 4, 5]
    assert numbers(outbox, urgent=True) == [3]


def test_a_source_that_begins_again_numbers_nothing_twice(tmp_path: Path) -> None:
    """Given the first number, readings that have one already are passed over."""
    outbox = opened(tmp_path)
    outbox.append(measured(5), first=1)
    outbox.close()
    again = opened(tmp_path)
    assert again.numbered("boot-1") == 5
    again.append(measured(4), first=1)
    again.append(measured(4), first=5)
    assert numbers(again) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_gap_in_the_numbers_is_refused(tmp_path: Path) -> None:
    """A source cannot leave readings out."""
    with pytest.raises(ValueError, match="readings 1 to 2 were never given"):
        opened(tmp_path).append(measured(1), first=3)


def test_only_what_ingest_keeps_is_forgotten(tmp_path: Path) -> None:
    """Inclusive ranges of one boot go, events and telemetry alike; the same ack twice is one."""
    outbox = opened(tmp_path)
    outbox.append([*measured(4), *measured(2, urgent=True), *measured(4)])
    acks = [Ack(boot="boot-1", kept=((2, 5), (9, 9))), Ack(boot="unheard-of", kept=((1, 10),))]
    assert outbox.settle(acks)
    assert outbox.settle(acks)
    assert numbers(outbox) == [1, 7, 8, 10]
    assert numbers(outbox, urgent=True) == [6]
    assert missing(account(outbox), kept=5) == 0


def test_what_ingest_refuses_is_kept_whole(tmp_path: Path) -> None:
    """A refused reading leaves the queue for the quarantine and is ingest's to count."""
    outbox = opened(tmp_path)
    outbox.append(measured(2))
    refusal = Refusal(seq=2, reason="subject of another device")
    outbox.settle([Ack(boot="boot-1", kept=((1, 1),), refused=(refusal,))])
    [letter] = outbox.quarantined()
    assert (letter.seq, letter.reason) == (2, "refused by ingest: subject of another device")
    assert msgspec.json.decode(letter.body)["seq"] == 2
    assert (outbox.pending, account(outbox).quarantined) == (0, {})


@pytest.mark.parametrize(
    "spoilt",
    [
        Measured(NOON, "mmsi:1", VesselPosition(lat=91)),
        Measured(NOON.replace(tzinfo=None), "mmsi:1", VesselPosition()),
        Measured(NOON, "no subject", VesselPosition()),
        Measured(NOON, "mmsi:1", object()),  # type: ignore[arg-type]  # what a faulty agent does
        Measured(NOON, "mmsi:1", AisOther(ais_type=14, sentences=("\ud800",))),
    ],
    ids=["latitude", "no time zone", "subject", "no content", "lone surrogate"],
)
def test_an_unlawful_reading_harms_only_itself(tmp_path: Path, spoilt: Measured) -> None:
    """What ingest could not read is set aside at the door, with its reason and its number."""
    outbox = opened(tmp_path)
    outbox.append([*measured(1), spoilt, *measured(1)])
    assert numbers(outbox) == [1, 3]
    assert [letter.seq for letter in outbox.quarantined()] == [2]
    assert account(outbox).quarantined == {NOT_LAWFUL: 1}
    assert missing(account(outbox)) == 0


def test_a_payload_never_exceeds_the_limit(tmp_path: Path) -> None:
    """Long readings make shorter batches."""
    outbox = opened(tmp_path)
    long = AisOther(ais_type=8, sentences=("x" * 512,) * 9)
    outbox.append([Measured(NOON, "mmsi:1", long)] * 200)
    assert [len(batch.payload) <= MAX_PAYLOAD_BYTES for batch in batches(outbox)] == [True] * 4
    assert numbers(outbox) == [*range(1, 201)]


def test_a_reading_larger_than_a_message_does_not_block(tmp_path: Path) -> None:
    """Alone too large for the broker: quarantined, and the next rows flow."""
    outbox = opened(tmp_path)
    long = Measured(NOON, "mmsi:1", AisOther(ais_type=8, sentences=("x" * 512,) * 9))
    outbox.append([*measured(1), long, *measured(1)])
    fit = [outbox.batch(urgent=False, after=Place(1, seq), limit_bytes=2000) for seq in (0, 1)]
    assert [batch and batch.first.seq for batch in fit] == [1, 3]
    assert account(outbox).quarantined == {TOO_LARGE: 1}


def test_a_flipped_bit_is_never_sent(tmp_path: Path) -> None:
    """A body that SQLite itself finds sound but that was changed goes to quarantine."""
    outbox = opened(tmp_path)
    outbox.append(measured(3))
    outbox.close()
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as db, db:
        db.execute(
            "UPDATE reading SET body = CAST(replace(body, '55', '56') AS BLOB) WHERE seq = 2"
        )
    outbox = opened(tmp_path)
    assert numbers(outbox) == [1, 3]
    assert account(outbox).quarantined == {DAMAGED: 1}


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """A second agent on the same outbox is told so and harms nothing."""
    outbox = opened(tmp_path)
    outbox.append(measured(1))
    with pytest.raises(OutboxBusyError):
        opened(tmp_path, "boot-2")
    assert numbers(outbox) == [1]


def test_thinning_keeps_the_ends_of_every_track(tmp_path: Path) -> None:
    """When full, old telemetry is halved subject by subject; the newest stays whole."""
    outbox = opened(tmp_path, limit_bytes=1_000_000)
    for start in range(0, 8000, 500):
        outbox.append(measured(8000, subjects=10)[start : start + 500])
    left = numbers(outbox)
    assert outbox.size_bytes <= 1_000_000
    assert left[-500:] == [*range(7501, 8001)]
    assert left[:5] == [*range(1, 6)]
    assert 0 < account(outbox).thinned == 8000 - len(left)


def test_no_event_goes_while_any_telemetry_is_there(tmp_path: Path) -> None:
    """Events push telemetry out, even what was sent, until nothing but events is left."""
    outbox = opened(tmp_path, limit_bytes=300_000)
    outbox.append(measured(1000))
    for batch in batches(outbox):
        outbox.mark_sent(batch)
    events = 0
    while numbers(outbox):
        outbox.append(measured(50, urgent=True))
        events += 50
        assert len(numbers(outbox, urgent=True)) == events
    assert missing(account(outbox)) == 0


def test_a_late_ack_corrects_what_was_thinned(tmp_path: Path) -> None:
    """Telemetry that was sent, thinned and then found to be kept is kept, not thinned."""
    outbox = opened(tmp_path, limit_bytes=300_000)
    outbox.append(measured(1000))
    for batch in batches(outbox):
        outbox.mark_sent(batch)
    outbox.append(measured(1500, urgent=True))
    assert account(outbox).thinned
    outbox.settle([Ack(boot="boot-1", kept=((1, 1000),))])
    assert missing(account(outbox), kept=1000) == 0
    assert account(outbox).numbered - account(outbox).in_flight - 1000 == account(outbox).thinned


def test_quarantine_is_bounded(tmp_path: Path) -> None:
    """The oldest of what was given up makes way; the count stays."""
    outbox = opened(tmp_path, limit_bytes=160_000)
    for _ in range(20):
        outbox.append([Measured(NOON, "no subject", VesselPosition())] * 10)
    kept = [letter.seq for letter in outbox.quarantined()]
    assert kept == [*range(kept[0], 201)]
    assert 10 < len(kept) < 100
    assert account(outbox).quarantined == {NOT_LAWFUL: 200}
