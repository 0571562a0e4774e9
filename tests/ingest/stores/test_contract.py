"""Every store keeps readings, their log and states alike: one test, all implementations."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from msgspec.structs import replace

from haechi.ledger import Account
from haechi.observations import Flag
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic
from ingest.ports import Store
from tests.ingest.observed import NOON, SHIP, after, found, named, observed, position
from tests.ingest.stores.given import KEY, alarm, event, keep, letter


def test_a_reading_is_kept_exactly_once(store: Store) -> None:
    """D2, ING-3: copies in one batch, in another, and out of order add no row and are counted."""
    assert keep(store, 1, 2, 2) == [1, 2]
    assert keep(store, 5, 1, 3) == [5, 3]
    assert keep(store, 3, 4, 5) == [4]
    assert [o.seq for o in store.history(SHIP, None)] == [1, 2, 3, 4, 5]
    assert store.accounts() == [Account(device="ais-1", boot="boot-1", kept=5, duplicate=4)]


def test_many_are_kept_as_a_few_are(store: Store) -> None:
    """Doubts, stated times, every year, every kind of sign: what comes back is what was given."""
    moments = [datetime.min.replace(tzinfo=UTC), NOON, datetime.max.replace(tzinfo=UTC)]
    doubts: list[tuple[Flag, ...]] = [(), (Flag.NULL_ISLAND,), tuple(Flag)]
    given = [
        observed(
            2**53 - seq,
            at=moments[seq % 3],
            boot=f"boot-{seq % 2}",
            site=f"site-{seq % 5}",
            content=named(f"\n\u2028 한 '\" {seq}") if seq % 7 else position(),
            flags=doubts[seq % 4 % 3],
            stated_at=moments[seq % 5 % 3] if seq % 4 == 2 else None,
        )
        for seq in range(500)
    ]
    with store.writing() as writing:
        assert writing.keep(given[:30]) == given[:30]
        assert writing.keep(given[30:]) == given[30:]
        assert store.history(SHIP, None) == sorted(given, key=lambda each: each.order)
    (entry,) = store.log_since(0)
    assert entry.observations == tuple(given)


def test_the_same_seq_of_another_boot_is_another_reading(store: Store) -> None:
    """Only device, boot and seq together name a reading."""
    others = [observed(1), observed(1, boot="boot-2"), observed(1, device="ais-2")]
    with store.writing() as writing:
        assert writing.keep(others) == others
    assert len(store.history(SHIP, None)) == 3


def test_what_was_kept_comes_back_whole(store: Store) -> None:
    """Every field survives, flags and the stated time included, to the microsecond."""
    odd = observed(
        7,
        at=after(0.000001),
        flags=(Flag.CLOCK_AHEAD, Flag.WEEK_ROLLOVER),
        stated_at=after(-1),
        content=named("MÆRSK “الإسكندرية”"),
    )
    with store.writing() as writing:
        writing.keep([odd])
    assert store.history(SHIP, None) == [odd]
    assert [entry.observations for entry in store.log_since(0)] == [(odd,)]


def test_a_failed_transaction_leaves_no_trace(store: Store) -> None:
    """Rows, numbering and the ledger are as before, and the same work can be done again."""
    keep(store, 1)
    with pytest.raises(RuntimeError), store.writing() as writing:  # noqa: PT012 - it fails late
        writing.keep([observed(2, subject="mmsi:1", device="ais-9", site="other")])
        writing.set_aside([letter(3)])
        writing.report([found()])
        writing.tick("busan", NOON)
        raise RuntimeError
    assert (store.position(), store.dead_letter_count(), store.findings()) == (1, 0, [])
    assert [account.device for account in store.accounts()] == ["ais-1"]
    with store.writing() as writing:
        again = observed(2, subject="mmsi:1", device="ais-9", site="other")
        assert (writing.position, writing.keep([again])) == (2, [again])
    assert store.history("mmsi:1", None) == [again]


def test_the_log_is_read_in_the_order_of_arrival(store: Store) -> None:
    """Each transaction is one entry; ticks come after the observations of theirs."""
    keep(store, 3, 1)
    with store.writing() as writing:
        writing.tick("busan", after(9))
        writing.keep([observed(2)])
        writing.keep([observed(4)])
    with store.writing() as writing:
        writing.tick("busan", after(10))
    with store.writing() as writing:
        writing.report([found()])
    entries = [
        (entry.position, [o.seq for o in entry.observations], list(entry.ticks))
        for entry in store.log_since(0)
    ]
    assert entries == [
        (1, [3, 1], []),
        (2, [2, 4], [("busan", after(9))]),
        (3, [], [("busan", after(10))]),
    ]
    assert [entry.position for entry in store.log_since(2)] == [3]
    assert store.position() == 4


def test_what_was_said_of_a_kind_is_told_in_parts(store: Store) -> None:
    """In the order of arrival, between two positions of the log."""
    static = VesselStatic(particulars=VesselParticulars(name="A"), ais_type=5)
    for seq in (1, 3, 5):
        with store.writing() as writing:
            writing.keep([observed(seq, content=static), observed(seq + 1)])
    with store.writing() as writing:
        writing.tick("busan", NOON)
    assert [o.seq for o in store.said({"vessel_static"}, 0, 4)] == [1, 3, 5]
    assert [o.content for o in store.said({"vessel_static", "seal_report"}, 1, 2)] == [static]
    assert [o.seq for o in store.said({"vessel_static", "vessel_position"}, 2, 9)] == [5, 6]


def test_a_transaction_sees_its_own_rows(store: Store) -> None:
    """Rules that ask for history inside the transaction get the batch that is being kept."""
    with store.writing() as writing:
        writing.keep([observed(1)])
        assert [o.seq for o in store.history(SHIP, None)] == [1]
        writing.put_alarm(alarm(), event("a", 1))
        assert store.open_alarm(KEY) == alarm()


def test_history_begins_at_the_moment_asked_for(store: Store) -> None:
    """The bound itself is included, and equal times are in the order of their identity."""
    twins = [observed(1, at=NOON, device="b-2"), observed(9, at=NOON, device="a-1")]
    with store.writing() as writing:
        writing.keep([observed(5), *twins])
    assert [o.device for o in store.history(SHIP, NOON)] == ["a-1", "b-2", "ais-1"]
    assert [o.seq for o in store.history(SHIP, after(5))] == [5]
    assert store.history(SHIP, after(6)) == []


def test_a_late_report_does_not_move_the_live_marker(store: Store) -> None:
    """D14: any order of arrival gives the same live position, name and track."""
    readings = [
        observed(1),
        observed(2, content=named("OLD NAME")),
        observed(3),
        observed(4, content=named("NEW\u202e NAME")),
    ]
    seen = set[tuple[object, ...]]()
    for number, order in enumerate(permutations(readings)):
        subject = f"mmsi:{number}"
        for reading in order:
            with store.writing() as writing:
                writing.keep([replace(reading, subject=subject, boot=f"boot-{number}")])
        [latest] = [each for each in store.latest() if each.subject == subject]
        track = store.track(subject, NOON, after(99), 100)
        seen.add((latest.at, latest.lat, latest.name, tuple(o.seq for o in track)))
    assert seen == {(after(3), 35.003, "NEW NAME", (1, 3))}


@pytest.mark.parametrize("flag", [Flag.CLOCK_AHEAD, Flag.NULL_ISLAND])
def test_a_doubtful_position_is_kept_but_not_shown(store: Store, flag: Flag) -> None:
    """A reading from the future or from 0, 0 would hide every true one."""
    with store.writing() as writing:
        writing.keep([observed(1), observed(99, flags=(flag,))])
    assert [latest.at for latest in store.latest()] == [after(1)]
    assert [o.seq for o in store.track(SHIP, NOON, after(1000), 10)] == [1]
    assert len(store.history(SHIP, None)) == 2


def test_only_subjects_that_changed_are_told_again(store: Store) -> None:
    """A reader that has seen a position asks for what came after it."""
    keep(store, 1)
    with store.writing() as writing:
        writing.keep([observed(2, subject="mmsi:2", content=VesselPosition())])
    with store.writing() as writing:
        writing.keep([observed(3, subject="mmsi:3"), observed(4, content=named("A"))])
    assert [(each.subject, each.position, each.name) for each in store.latest(1)] == [
        (SHIP, 3, "A"),
        ("mmsi:3", 3, None),
    ]
    assert store.latest(3) == []
    assert store.latest_of(SHIP) == store.latest(1)[0]
    assert store.latest_of("mmsi:2") is None
    assert store.latest_of("mmsi:9") is None


def test_a_track_is_thinned_evenly(store: Store) -> None:
    """Both ends stay; of two reports of one instant one stays."""
    keep(store, *range(1, 12))
    with store.writing() as writing:
        writing.keep([observed(3, device="zz-2"), observed(50, content=position(), at=after(2000))])
    track = store.track(SHIP, after(1), after(11), 6)
    assert [(o.device, o.seq) for o in track] == [("ais-1", seq) for seq in range(1, 12, 2)]
    assert len(store.track(SHIP, after(1), after(11), 100)) == 11


def test_a_snapshot_is_written_in_parts(store: Store) -> None:
    """Each state has its own position; which log they lack together is said at the end."""
    assert store.snapshot() == (0, {})
    with store.writing() as writing:
        writing.save_states({"a": b"1", "b": b"2"})
    assert store.snapshot() == (0, {"a": (1, b"1"), "b": (1, b"2")})
    with store.writing() as writing:
        writing.save_states({"a": b"3", "c": b"\x00"})
        writing.complete_snapshot(1)
    assert store.snapshot() == (1, {"a": (2, b"3"), "b": (1, b"2"), "c": (2, b"\x00")})


def test_what_is_forgotten_is_old_and_not_needed_for_a_restart(store: Store) -> None:
    """Observations go, findings stay, and what came after the snapshot stays."""
    with store.writing() as writing:
        writing.keep([observed(1), observed(50)])
        writing.report([found()])
        writing.complete_snapshot(writing.position)
    keep(store, 2)
    assert (store.forget(after(10)), store.forget(after(10))) == (1, 0)
    assert [o.seq for o in store.history(SHIP, None)] == [2, 50]
    assert [o.seq for entry in store.log_since(0) for o in entry.observations] == [50, 2]
    assert [line.kept for line in store.accounts()] == [3]
    assert keep(store, 51) == [51]
    assert len(store.findings()) == 1


def test_the_log_is_as_long_as_its_observations(store: Store) -> None:
    """What lies before the oldest of them, or holds ticks alone, goes; after the snapshot nothing.

    A page that comes back from before is told everything, instead of what has changed.
    """
    for seq in (1, 2, 50):
        keep(store, seq)
    with store.writing() as writing:
        writing.tick("busan", after(60))
        writing.complete_snapshot(writing.position)
    keep(store, 3)
    while store.forget(after(10)):
        pass
    assert [entry.position for entry in store.log_since(0)] == [3, 4, 5]
    while store.forget(after(100)):
        pass
    assert [(entry.position, entry.ticks) for entry in store.log_since(0)] == [(5, ())]
    assert [each.subject for each in store.latest(1)] == [SHIP]


def test_time_before_the_epoch_and_far_ahead_is_kept(store: Store) -> None:
    """A wrong clock is evidence, not an error."""
    early, late = NOON - timedelta(days=365 * 120), NOON + timedelta(days=365 * 4000)
    with store.writing() as writing:
        writing.keep([observed(1, at=late), observed(2, at=early)])
    assert [o.at for o in store.history(SHIP, None)] == [early, late]
