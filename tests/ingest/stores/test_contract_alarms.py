"""What every store promises of findings, alarms and pushes."""

from datetime import timedelta

from msgspec.structs import replace

from haechi.findings import Severity
from haechi.pushes import PushStatus
from ingest.ports import Store
from tests.ingest.observed import NOON, SHIP, after, found
from tests.ingest.stores.given import KEY, alarm, push, put


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
    """In report order."""
    with store.writing() as writing:
        writing.report([found(20), found(10), replace(found(30), id="f", subject="mmsi:2")])
    assert [f.since for f in store.findings()] == [after(10), after(20), after(30)]
    assert [f.since for f in store.findings(subject=SHIP)] == [after(10), after(20)]
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
