"""The life of an alarm: the table, and the complaints about other systems that it answers."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.alarms import FOR_OPERATORS, TRANSITIONS, UnlawfulSignalError
from analytics.raising import after_findings
from haechi.alarms import AlarmPolicy, AlarmState, Signal
from haechi.findings import Severity, Status
from tests.analytics.desk import MINUTE, START, Desk, ended, finding, retracted


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return Desk()


@pytest.mark.parametrize("first", [[], [Signal.ACKNOWLEDGED]])
def test_alm_1_an_alarm_cleared_while_the_condition_persists_fires_again(
    desk: Desk, first: list[Signal]
) -> None:
    """ThingsBoard 13050: clearing does not make the condition go away, and nobody may forget it."""
    desk.say(finding())
    for signal in (*first, Signal.CLEARED):
        desk.act(signal)
    assert desk.status() == ("CLEARED_ACK" if first else "CLEARED_UNACK")
    assert desk.wait(9 * MINUTE) == []
    assert desk.wait(MINUTE) == [Signal.PERSISTED]
    assert (desk.status(), desk.alarms["f1"].fired) == ("ACTIVE_UNACK", 2)
    assert desk.alarms["f1"].acknowledged_by is None


def test_alm_1_a_cleared_alarm_whose_condition_ends_stays_cleared(desk: Desk) -> None:
    """The operator was right to clear it."""
    desk.say(finding())
    desk.act(Signal.CLEARED)
    desk.say(ended())
    assert desk.wait(timedelta(days=1)) == []
    assert desk.status() == "CLEARED_UNACK"


def test_alm_1_worse_while_cleared_fires_at_once(desk: Desk) -> None:
    """An operator who cleared a major alarm has not cleared a critical one."""
    desk.say(finding())
    desk.act(Signal.CLEARED)
    assert desk.say(finding(severity=Severity.CRITICAL)) == [Signal.WORSENED]
    assert desk.status() == "ACTIVE_UNACK"


def test_alm_2_no_recurrence_for_ten_minutes_clears_by_itself(desk: Desk) -> None:
    """ThingsBoard 10979: the quiet time starts anew with each recurrence."""
    desk.say(finding())
    desk.say(ended())
    desk.wait(9 * MINUTE)
    desk.say(finding("f2"))
    desk.say(ended("f2"))
    assert desk.wait(9 * MINUTE) == []
    assert desk.wait(MINUTE) == [Signal.QUIET]
    assert (desk.status(), desk.alarms["f1"].cleared_by) == ("CLEARED_UNACK", "clock")
    assert desk.alarms["f1"].fired == 2


def test_alm_2_the_quiet_time_can_differ_by_rule_and_severity() -> None:
    """What is said of the rule wins over what is said of the severity."""
    policy = AlarmPolicy(
        quiet_by_severity_s={Severity.MAJOR: 60}, quiet_by_rule_s={"overspeed": 30}
    )
    (alarm, _), *_ = after_findings(
        [ended()], site="busan", alarms=Desk(), now=START, policy=policy
    )
    assert alarm.quiet_at == START + timedelta(seconds=30)


def test_alm_3_online_and_offline_in_any_order_never_stick(desk: Desk) -> None:
    """ThingsBoard 7909: an end heard twice, before its beginning or after a retraction is fine."""
    desk.say(ended(), finding(), retracted("f9"), ended(), ended())
    desk.say(finding("f2"), retracted("f2"), retracted("f2"))
    desk.wait(10 * MINUTE)
    desk.act(Signal.ACKNOWLEDGED)
    assert not desk.alarms["f1"].is_open
    assert desk.say(finding("f3")) == [Signal.OPENED]
    assert desk.status("f3") == "ACTIVE_UNACK"


def test_alm_4_a_constant_breach_is_one_alarm(desk: Desk) -> None:
    """ThingsBoard 15103: reports every 2 s for an hour add nothing while they say the same."""
    desk.say(finding())
    for _ in range(1800):
        desk.wait(timedelta(seconds=2))
        assert desk.say(finding()) == []
    assert len(desk.alarms) == 1
    assert len(desk.history) == 1


def test_alm_5_a_shelved_alarm_stays_shelved_through_re_entry(desk: Desk) -> None:
    """OpenCPN 4872: for 60 minutes, even if it clears and all of it begins again."""
    desk.say(finding())
    desk.act(Signal.ACKNOWLEDGED)
    desk.act(Signal.SHELVED, until=START + 60 * MINUTE)
    desk.say(ended())
    assert desk.wait(20 * MINUTE) == [Signal.QUIET]
    desk.say(finding("f2"))
    assert [*desk.alarms] == ["f1"]
    assert desk.alarms["f1"].shelved_until == START + 60 * MINUTE
    assert desk.wait(40 * MINUTE) == [Signal.SHELF_EXPIRED]
    assert desk.status() == "ACTIVE_UNACK"
    assert "f1" not in {alarm.id for alarm in desk.alarms.values() if alarm.shelved_until}


def test_alm_6_severity_goes_up_and_down_with_the_finding(desk: Desk) -> None:
    """ThingsBoard 11803: and the acknowledgement stays."""
    desk.say(finding())
    desk.act(Signal.ACKNOWLEDGED)
    assert desk.say(finding(severity=Severity.CRITICAL)) == [Signal.WORSENED]
    assert desk.say(finding(severity=Severity.WARNING)) == [Signal.EASED]
    assert (desk.status(), desk.severity()) == ("ACTIVE_ACK", "WARNING")


def test_alm_6_the_most_urgent_of_what_goes_on_counts(desk: Desk) -> None:
    """A lesser second finding does not hide the first."""
    desk.say(finding(severity=Severity.CRITICAL))
    desk.say(finding("f2", severity=Severity.WARNING))
    assert desk.severity() == "CRITICAL"
    desk.say(ended(severity=Severity.CRITICAL))
    assert desk.severity() == "WARNING"


def test_an_alarm_does_not_speak_of_what_is_over_while_something_goes_on(desk: Desk) -> None:
    """One of two findings ends: the alarm has no end, and what goes on can say so."""
    desk.say(finding(), finding("f2", text="19 kn"), ended("f2", text="19 kn until 06:01"))
    (alarm,) = desk.alarms.values()
    assert (alarm.text, alarm.until, alarm.open_findings) == ("19 kn", None, ("f1",))
    desk.say(finding(text="14 kn still"))
    assert desk.alarms["f1"].text == "14 kn still"


def test_a2_ten_thousand_breaches_are_one_open_alarm_a_subject(desk: Desk) -> None:
    """The storm of one batch: grouped, and every beginning counted."""
    storm = [
        finding(f"f{n}", subject=f"mmsi:21900000{n % 4}", until=START, status=Status.ENDED)
        for n in range(10_000)
    ]
    desk.say(*storm)
    assert len([alarm for alarm in desk.alarms.values() if alarm.is_open]) == 4
    assert sum(alarm.fired for alarm in desk.alarms.values()) == 10_000
    assert max(len(alarm.basis) for alarm in desk.alarms.values()) <= 64


def test_a3_who_and_when_is_kept(desk: Desk) -> None:
    """Each act of an operator is a line of history and a stamp."""
    desk.say(finding())
    desk.act(Signal.ASSIGNED, assignee="lee")
    desk.act(Signal.COMMENTED, note="called on channel 16")
    desk.act(Signal.ACKNOWLEDGED)
    alarm = desk.alarms["f1"]
    assert (alarm.acknowledged_by, alarm.acknowledged_at, alarm.assignee) == ("kim", START, "lee")
    assert [(event.number, event.by, event.note) for event in desk.history[1:3]] == [
        (2, "kim", ""),
        (3, "kim", "called on channel 16"),
    ]


def test_a3_acknowledging_twice_is_refused_with_the_name_of_the_first(desk: Desk) -> None:
    """The second operator learns who has it."""
    desk.say(finding())
    desk.act(Signal.ACKNOWLEDGED)
    with pytest.raises(UnlawfulSignalError, match="already, by kim at 2026-05-01 06:00:00Z"):
        desk.act(Signal.ACKNOWLEDGED)


@pytest.mark.parametrize(
    ("signal", "details", "reason"),
    [
        (Signal.OPENED, {}, "for rules and the clock"),
        (Signal.QUIET, {}, "for rules and the clock"),
        (Signal.COMMENTED, {"note": " \n"}, "needs words"),
        (Signal.UNSHELVED, {}, "not on the shelf"),
        (Signal.SHELVED, {}, "needs an end"),
        (Signal.SHELVED, {"until": START}, "after now"),
        (Signal.SHELVED, {"until": START + timedelta(days=2)}, "at most 2026-05-02 06:00Z"),
    ],
)
def test_what_cannot_be_done_is_said(
    desk: Desk, signal: Signal, details: dict[str, Any], reason: str
) -> None:
    """A refusal names what is missing, and changes nothing."""
    desk.say(finding())
    before = desk.alarms["f1"]
    with pytest.raises(UnlawfulSignalError, match=reason):
        desk.act(signal, **details)
    assert desk.alarms["f1"] is before


def test_a_second_clear_is_refused_and_told_what_is_lawful(desk: Desk) -> None:
    """The operator sees the state and the ways out of it."""
    desk.say(finding())
    desk.act(Signal.CLEARED)
    with pytest.raises(UnlawfulSignalError, match="CLEARED_UNACK: not cleared, but any of ackn"):
        desk.act(Signal.CLEARED)


def test_a_retraction_clears_with_the_reason_and_keeps_the_acknowledgement(desk: Desk) -> None:
    """Late data may show that it never was; the operator's work stays on record."""
    desk.say(finding())
    desk.act(Signal.ACKNOWLEDGED)
    assert desk.say(retracted()) == [Signal.RETRACTED]
    alarm = desk.alarms["f1"]
    assert (alarm.status, alarm.acknowledged_by, alarm.retracted) == ("CLEARED_ACK", "kim", True)
    assert desk.history[-1].note.startswith("no longer follows from the data: 14 kn")


def test_a_finding_that_takes_another_s_place_carries_the_alarm_on(desk: Desk) -> None:
    """The beginning moved: same alarm, same acknowledgement, new beginning."""
    desk.say(finding())
    desk.act(Signal.ACKNOWLEDGED)
    earlier = finding("f0", supersedes="f1", since=START - MINUTE)
    for order in ((retracted(), earlier), (earlier, retracted())):
        assert Desk.say(desk, *order) in ([Signal.CHANGED], [])
    alarm = desk.alarms["f1"]
    assert (alarm.status, alarm.since, alarm.open_findings) == (
        "ACTIVE_ACK",
        START - MINUTE,
        ("f0",),
    )
    assert [*desk.alarms] == ["f1"]


def test_a_moment_is_active_until_it_has_been_quiet(desk: Desk) -> None:
    """Something that began and ended at once must still be seen."""
    desk.say(ended(until=START))
    assert desk.status() == "ACTIVE_UNACK"
    assert desk.wait(10 * MINUTE) == [Signal.QUIET]


def test_the_same_finding_again_after_all_was_over_fires_its_own_alarm(desk: Desk) -> None:
    """Late data re-opens an old episode: no second alarm, no collision of ids."""
    desk.say(ended())
    desk.wait(10 * MINUTE)
    desk.act(Signal.ACKNOWLEDGED)
    assert not desk.alarms["f1"].is_open
    assert desk.say(finding()) == [Signal.OPENED]
    assert (desk.status(), desk.alarms["f1"].cleared_at) == ("ACTIVE_UNACK", None)


def test_every_state_has_its_row_and_every_row_its_way_out() -> None:
    """From every state operators alone can finish, and a new finding alone can fire."""
    assert set(TRANSITIONS) == set(AlarmState)
    for state, row in TRANSITIONS.items():
        assert row[Signal.OPENED].startswith("ACTIVE")
        for signal in (Signal.CLEARED, Signal.ACKNOWLEDGED):
            state = TRANSITIONS[state].get(signal, state)  # noqa: PLW2901 - follows the way
        assert state is AlarmState.CLEARED_ACK
        assert {Signal.COMMENTED, Signal.ASSIGNED, Signal.UNSHELVED} <= row.keys() & FOR_OPERATORS
