"""Every store keeps the same promises: one test, all implementations."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from msgspec.structs import replace

from haechi.alarms import Alarm, AlarmEvent, AlarmKey, AlarmState, Signal
from haechi.findings import Severity
from haechi.ledger import Account
from haechi.messages import DeviceState
from haechi.observations import Flag
from haechi.pushes import Alert, Push, PushStatus
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic
from ingest.ports import DeadLetter, Store
from ingest.stores.memory import MemoryStore
from ingest.stores.sqlite import SqliteStore
from tests.ingest.observed import NOON, SHIP, after, found, named, observed, position

Make = Callable[[Path], Store]
KEY = AlarmKey("busan", "overspeed", SHIP, None)


def _memory(_: Path) -> Store:
    return MemoryStore()


def _sqlite(folder: Path) -> Store:
    return SqliteStore(folder / "store.sqlite", keeper=True)


@pytest.fixture(params=[_memory, _sqlite], ids=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return an empty store of each kind."""
    make: Make = request.param
    opened = make(tmp_path)
    yield opened
    opened.close()


def keep(store: Store, *seqs: int) -> list[int]:
    """Keep readings in one transaction; return the seqs that were new."""
    with store.writing() as writing:
        return [o.seq for o in writing.keep([observed(seq) for seq in seqs])]


def letter(seq: int = 0, reason: str = "schema: no") -> DeadLetter:
    """Return a refused reading."""
    return DeadLetter(
        topic="haechi/v1/busan/ais-1/up/telemetry",
        payload=b"\x00{",
        reason=reason,
        received_at=NOON,
        device="ais-1",
        boot="boot-1",
        seq=seq,
    )


def state(
    numbered: int, seconds: float, *, online: bool = True, boot: str = "boot-1"
) -> DeviceState:
    """Return what a device says of itself."""
    return DeviceState(
        device="ais-1", boot=boot, online=online, at=after(seconds), numbered=numbered
    )


def alarm(finding: str = "a", *, acknowledged: bool = False, active: bool = True) -> Alarm:
    """Return an alarm in the state wanted."""
    return Alarm(
        id=finding,
        key=KEY,
        kind="overspeed",
        severity=Severity.MAJOR,
        text="31 kn",
        active=active,
        acknowledged=acknowledged,
        since=NOON,
        until=None,
        raised_at=NOON,
        updated_at=NOON,
    )


def event(alarm_id: str, number: int) -> AlarmEvent:
    """Return a line of an alarm's history."""
    return AlarmEvent(
        alarm=alarm_id,
        number=number,
        at=NOON,
        by="rules",
        signal=Signal.OPENED,
        before=None,
        after=AlarmState.ACTIVE_UNACK,
    )


def push(name: str, due: float = 0) -> Push:
    """Return a push due so many seconds after noon."""
    return Push(
        id=name,
        alarm="a",
        channel="console",
        title="t",
        body="b",
        severity=Severity.MAJOR,
        created_at=NOON,
        due_at=after(due),
        alert=Alert(
            id=name,
            alarm="a",
            number=1,
            signal=Signal.OPENED,
            state=AlarmState.ACTIVE_UNACK,
            severity=Severity.MAJOR,
            site=KEY.site,
            rule=KEY.rule,
            kind="overspeed",
            subject=SHIP,
            subject_name=None,
            zone=None,
            text="31 kn",
            since=NOON,
            until=None,
            at=NOON,
            lat=None,
            lon=None,
        ),
    )


def put(store: Store, *alarms: Alarm) -> None:
    """Write alarms, one transaction each."""
    for number, each in enumerate(alarms, start=1):
        with store.writing() as writing:
            writing.put_alarm(each, event(each.id, number))


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
        assert writing.keep(given[:3]) == given[:3]
        assert writing.keep(given[3:]) == given[3:]
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


def test_a_finding_is_kept_with_its_revisions(store: Store) -> None:
    """The newest is what counts; the older remain; saying the same again changes nothing."""
    first, second = found(), found(severity=Severity.CRITICAL, revision=1)
    with store.writing() as writing:
        assert writing.report([first]) == [first]
    with store.writing() as writing:
        assert writing.report([first, second]) == [second]
        assert writing.report([second]) == []
    assert store.findings() == [second]
    assert store.finding_revisions(first.id) == [first, second]


def test_findings_are_found_by_subject_and_time(store: Store) -> None:
    """In report order, at most as many as asked for."""
    with store.writing() as writing:
        writing.report([found(20), found(10), replace(found(30), id="f", subject="mmsi:2")])
    assert [f.since for f in store.findings()] == [after(10), after(20), after(30)]
    assert [f.since for f in store.findings(subject=SHIP, limit=1)] == [after(10)]
    assert [f.since for f in store.findings(since=after(20))] == [after(20), after(30)]
    assert [f.since for f in store.findings_about([SHIP], None)] == [after(10), after(20)]
    many = [SHIP, "mmsi:2", *(f"seal:{number}" for number in range(1000))]
    assert [f.since for f in store.findings_about(many, after(20))] == [after(20), after(30)]


def test_an_alarm_is_found_while_somebody_must_care(store: Store) -> None:
    """It is open until it is both cleared and acknowledged, and off the shelf."""
    for each in (alarm(), alarm(acknowledged=True), alarm(active=False)):
        put(store, each)
        assert store.open_alarm(KEY) == each
        assert store.alarms(open_only=True) == [each]
    put(store, alarm(acknowledged=True, active=False))
    assert store.open_alarm(KEY) is None
    assert store.alarms(open_only=True) == []
    assert store.alarm("a") == alarm(acknowledged=True, active=False)
    assert store.alarm("b") is None


def test_an_alarm_of_another_zone_is_another_alarm(store: Store) -> None:
    """No zone is a zone of its own."""
    zoned = replace(alarm("z"), key=KEY._replace(zone="anchorage"))
    put(store, alarm(), zoned)
    assert store.open_alarm(KEY) == alarm()
    assert store.open_alarm(zoned.key) == zoned


def test_an_alarms_history_is_in_order(store: Store) -> None:
    """Each line once, oldest first."""
    put(store, alarm(), alarm(acknowledged=True))
    assert [line.number for line in store.alarm_events("a")] == [1, 2]


def test_changed_alarms_are_told_newest_first(store: Store) -> None:
    """A reader asks for what changed after the position it has seen."""
    put(store, alarm("a"), replace(alarm("b"), raised_at=after(1)), alarm("a", acknowledged=True))
    assert [each.id for each in store.alarms()] == ["b", "a"]
    assert [each.id for each in store.alarms(since_position=2)] == ["a"]


def test_alarms_wake_when_their_time_has_come(store: Store) -> None:
    """The earlier of quiet time and end of shelf counts, and none after it was withdrawn."""
    put(store, replace(alarm(), quiet_at=after(20), shelved_until=after(10)))
    assert store.alarms_to_wake(after(9)) == []
    assert [each.id for each in store.alarms_to_wake(after(10))] == ["a"]
    put(store, alarm())
    assert store.alarms_to_wake(after(99)) == []


def test_a_push_is_sent_once(store: Store) -> None:
    """Adding it again is refused; replacing it takes it off the pending ones."""
    with store.writing() as writing:
        assert writing.add_push(push("p"))
        assert not writing.add_push(push("p", due=-5))
        writing.add_push(push("later", due=60))
        writing.add_push(push("first", due=-1))
    assert [each.id for each in store.due_pushes(NOON, 10)] == ["first", "p"]
    assert [each.id for each in store.due_pushes(NOON, 1)] == ["first"]
    with store.writing() as writing:
        writing.put_push(replace(push("p"), status=PushStatus.SENT))
    assert [each.id for each in store.due_pushes(after(99), 10)] == ["first", "later"]
    assert [each.id for each in store.pushes("a")] == ["first", "later", "p"]
    assert store.pushes("b") == []
    made = store.pushes()[-1].created_at
    assert {each.created_at for each in store.pushes(since=made)} == {made}
    assert store.pushes(since=made + timedelta(seconds=1)) == []


def test_a_refused_reading_counts_once(store: Store) -> None:
    """Redelivery of a refused reading adds neither a letter nor a count."""
    for _ in range(2):
        with store.writing() as writing:
            writing.set_aside([letter(1), letter(2, "time: year 1600"), letter(1)])
    [line] = store.accounts()
    assert line.rejected == {"schema": 1, "time": 1}
    assert [each.seq for each in store.dead_letters(9)] == [2, 1]
    assert store.dead_letter_count() == 2


def test_an_unreadable_payload_is_kept_whole_each_time(store: Store) -> None:
    """Without a number nobody can tell copies apart."""
    with store.writing() as writing:
        writing.set_aside([letter(), letter()])
    assert [each.payload for each in store.dead_letters(9)] == [b"\x00{"] * 2
    assert store.dead_letters(1) == [letter()]
    assert store.accounts() == []


def test_a_reading_is_in_one_place_only(store: Store) -> None:
    """Refused and kept later, or kept and refused later: the ledger counts it as kept."""
    with store.writing() as writing:
        writing.set_aside([letter(1)])
    keep(store, 1, 2)
    with store.writing() as writing:
        writing.set_aside([letter(2)])
    assert store.accounts() == [Account(device="ais-1", boot="boot-1", kept=2)]


def test_the_ledger_holds_the_agents_word_against_ours(store: Store) -> None:
    """What it numbered must be kept, refused, thinned, given up or on its way."""
    keep(store, 1, 2)
    word = replace(state(9, 5), thinned=1, in_flight=3, quarantined={"too large": 1})
    with store.writing() as writing:
        writing.set_aside([letter(3)])
        writing.device_state("busan", word)
    [line] = store.accounts()
    assert (line.missing, line.numbered) == (1, 9)
    assert line.rejected == {"schema": 1, "too large": 1}


def test_a_last_will_brings_only_the_news_that_the_device_is_gone(store: Store) -> None:
    """It was written when the session began; its counters are older than what was said since."""
    with store.writing() as writing:
        writing.device_state("busan", state(90, 60))
        writing.device_state("busan", state(0, 0, online=False))
    assert store.device_states() == [("busan", replace(state(90, 60), online=False))]


def test_a_device_is_as_its_newest_boot_says(store: Store) -> None:
    """A device that restarted is one device; its older boots stay in the ledger."""
    for each in (state(5, 0), state(2, 1, boot="boot-2")):
        with store.writing() as writing:
            writing.device_state("busan", each)
    assert store.device_states() == [("busan", state(2, 1, boot="boot-2"))]
    assert [line.numbered for line in store.accounts()] == [5, 2]


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
