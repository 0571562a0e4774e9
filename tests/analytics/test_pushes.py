"""Who is told what, how often, and what happens when a channel does not take it."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.pushes import after_failure, after_success, last_told, pushes_for
from analytics.wording import Voice
from haechi.alarms import AlarmPolicy, Signal
from haechi.findings import Severity, Status
from haechi.pushes import Channel, Push, PushPolicy, PushRule, PushStatus
from tests.analytics.desk import MINUTE, START, Desk, ended, finding, retracted

VOICE = Voice(zone=UTC, zone_name="UTC")
ALARMING = (Signal.OPENED, Signal.WORSENED, Signal.PERSISTED, Signal.SHELF_EXPIRED)


def policy(*rules: PushRule, on: tuple[Signal, ...] = ALARMING) -> PushPolicy:
    """Return three channels of which mail falls back to sms, and rules: all by mail if none."""
    return PushPolicy(
        channels=(
            Channel(name="console", type="console"),
            Channel(name="mail", type="apprise", url_env="X", fallback="sms"),
            Channel(name="sms", type="apprise", url_env="Y"),
        ),
        rules=rules or (PushRule(name="all", channels=("mail",), on=on),),
    )


class Exchange(Desk):
    """A desk whose alarms are told as ingest does it."""

    def __init__(self, told: PushPolicy) -> None:
        super().__init__()
        self.told, self.pushes = told, list[Push]()

    def tell(self) -> list[Signal]:
        """Return what is pushed about everything that happened since."""
        new: list[Push] = []
        for alarm, event in self.happened:
            last = last_told([*self.pushes, *new])
            new += pushes_for(alarm, event, self.told, last=last, voice=VOICE)
        self.happened.clear()
        self.pushes += new
        return [push.alert.signal for push in new]


def test_alm_4_a_constant_breach_at_two_seconds_is_one_push() -> None:
    """ThingsBoard 15103: not even where the text changes each time, or it flaps."""
    desk = Exchange(policy())
    for second in range(0, 1200, 2):
        desk.say(finding(text=f"{second} s over the limit"))
        desk.wait(timedelta(seconds=1))
        desk.say(ended())
        desk.wait(timedelta(seconds=1))
    assert desk.tell() == [Signal.OPENED]


def test_alm_5_a_shelved_alarm_pushes_nothing_until_the_shelf_ends() -> None:
    """Not even when it gets worse; then it says that it is still there."""
    desk = Exchange(policy())
    desk.say(finding())
    desk.act(Signal.SHELVED, until=START + 60 * MINUTE)
    desk.tell()
    desk.wait(30 * MINUTE)
    desk.say(finding(severity=Severity.CRITICAL))
    desk.act(Signal.CLEARED)
    desk.wait(10 * MINUTE)
    assert desk.tell() == []
    desk.wait(20 * MINUTE)
    assert desk.tell() == [Signal.SHELF_EXPIRED]


def test_a_shelf_that_ends_over_a_cleared_alarm_is_no_news() -> None:
    """There is nothing to do."""
    desk = Exchange(policy())
    desk.say(ended())
    desk.act(Signal.SHELVED, until=START + 60 * MINUTE)
    desk.wait(60 * MINUTE)
    assert [event.signal for _, event in desk.happened][-1] is Signal.SHELF_EXPIRED
    assert desk.tell() == [Signal.OPENED]


def test_alm_6_worse_is_told_within_the_cooldown_and_less_is_not() -> None:
    """Up notifies, down does not."""
    desk = Exchange(policy())
    desk.say(finding(severity=Severity.MINOR))
    desk.say(finding(severity=Severity.MAJOR))
    desk.say(finding(severity=Severity.WARNING))
    desk.say(finding(severity=Severity.MAJOR))
    desk.say(finding(severity=Severity.CRITICAL))
    assert desk.tell() == [Signal.OPENED, Signal.WORSENED, Signal.WORSENED]
    assert [push.severity for push in desk.pushes] == ["MINOR", "MAJOR", "CRITICAL"]


def test_alm_1_the_condition_that_persists_is_told_again() -> None:
    """The cooldown does not hold back what an operator may have cleared by mistake."""
    desk = Exchange(policy())
    desk.say(finding())
    desk.act(Signal.CLEARED)
    desk.wait(timedelta(seconds=AlarmPolicy().refire_s))
    assert desk.tell() == [Signal.OPENED, Signal.PERSISTED]


def test_a2_one_push_a_subject_however_many_zones_it_breaches() -> None:
    """The cooldown is for each rule, subject and channel."""
    desk = Exchange(policy())
    for number in range(1000):
        desk.say(finding(f"f{number}", zone=f"zone-{number}"))
    assert len(desk.alarms) == 1000
    assert desk.tell() == [Signal.OPENED]
    desk.say(finding("other", subject="mmsi:219000002"))
    assert desk.tell() == [Signal.OPENED]


def test_after_the_cooldown_a_new_alarm_is_told() -> None:
    """It is a pause, not a mute."""
    desk = Exchange(policy())
    desk.say(finding("f1"))
    desk.wait(10 * MINUTE)
    desk.say(finding("f2", zone="other"))
    assert desk.tell() == [Signal.OPENED, Signal.OPENED]


@pytest.mark.parametrize(
    ("rule", "channels"),
    [
        (PushRule(name="r", channels=("mail", "sms"), on=ALARMING), ["mail", "sms"]),
        (PushRule(name="r", channels=("mail",), on=(Signal.CLEARED,)), []),
        (PushRule(name="r", channels=("mail",), on=ALARMING, severity=Severity.MAJOR), ["mail"]),
        (PushRule(name="r", channels=("mail",), on=ALARMING, severity=Severity.CRITICAL), []),
        (PushRule(name="r", channels=("mail",), on=ALARMING, zones=("harbour",)), ["mail"]),
        (PushRule(name="r", channels=("mail",), on=ALARMING, zones=("strait",)), []),
        (PushRule(name="r", channels=("mail",), on=ALARMING, kinds=("drift",)), []),
        (PushRule(name="r", channels=("mail",), on=ALARMING, rules=("overspeed",)), ["mail"]),
    ],
)
def test_a_rule_decides_by_severity_area_and_kind(rule: PushRule, channels: list[str]) -> None:
    """A major overspeed in the harbour has begun; who is told?"""
    desk = Exchange(policy(rule))
    desk.say(finding())
    desk.tell()
    assert [push.channel for push in desk.pushes] == channels


def test_two_rules_tell_a_channel_once() -> None:
    """Rules overlap; people must not notice."""
    twice = [PushRule(name=name, channels=("mail",), on=ALARMING) for name in "ab"]
    desk = Exchange(policy(*twice))
    desk.say(finding())
    assert desk.tell() == [Signal.OPENED]


def test_saying_it_again_is_saying_it_once() -> None:
    """The key follows from alarm, event and channel: ingest may do it again after a crash."""
    desk = Exchange(policy())
    desk.say(finding())
    (alarm, event), *_ = desk.happened
    first = pushes_for(alarm, event, policy(), last={}, voice=VOICE)
    again = pushes_for(alarm, event, policy(), last={}, voice=VOICE)
    assert first == again
    assert first[0].id == first[0].alert.id


def test_a_retraction_is_told_to_those_who_want_it() -> None:
    """Who was sent out is called back."""
    desk = Exchange(policy(on=(*ALARMING, Signal.RETRACTED)))
    desk.say(finding())
    desk.say(retracted())
    assert desk.tell() == [Signal.OPENED, Signal.RETRACTED]


def one_push(channel: str = "mail") -> Push:
    """Return a push that is due."""
    desk = Exchange(policy(PushRule(name="r", channels=(channel,), on=ALARMING)))
    desk.say(finding())
    desk.tell()
    return desk.pushes[0]


def fail(push: Push, now: datetime, chance: float = 0.0) -> tuple[Push, Push | None]:
    """Return what becomes of a push that a channel refused."""
    return after_failure(push, "refused", policy(), now, chance=chance, voice=VOICE)


def test_delays_grow_and_are_jittered() -> None:
    """5, 30, 120 and 600 s, up to a quarter longer."""
    push, now, delays = one_push(), START, list[float]()
    for _ in range(4):
        push, instead = fail(push, now)
        assert instead is None
        delays.append((push.due_at - now).total_seconds())
        now = push.due_at
    assert delays == [5, 30, 120, 600]
    longer, _ = fail(one_push(), START, chance=1.0)
    assert longer.due_at - START == timedelta(seconds=6.25)


def test_a5_a_dead_channel_hands_over_and_says_so() -> None:
    """The fifth failure gives up; the fallback says which channel is broken."""
    push, instead = one_push(), None
    for _ in range(5):
        assert instead is None
        push, instead = fail(push, push.due_at)
    assert (push.status, push.attempts, push.last_error) == (PushStatus.FAILED, 5, "refused")
    assert instead is not None
    assert (instead.channel, instead.status, instead.attempts) == ("sms", PushStatus.PENDING, 0)
    assert "Channel mail did not take this after 5 attempts" in instead.body
    assert instead.id == instead.alert.id != push.id
    assert instead.due_at == instead.created_at > push.created_at


def test_a_channel_without_fallback_is_tried_for_a_day() -> None:
    """At the last delay; then nobody waits for the message any more."""
    push, now = one_push("sms"), START
    while push.status is PushStatus.PENDING:
        push, instead = fail(push, now)
        assert instead is None
        now = max(now, push.due_at)
    assert timedelta(days=1) <= now - START < timedelta(days=1, minutes=10)


def test_a_push_that_arrived_is_marked_with_when() -> None:
    """And its old error is gone."""
    failed, _ = fail(one_push(), START)
    sent = after_success(failed, START + MINUTE)
    assert (sent.status, sent.sent_at, sent.attempts) == (PushStatus.SENT, START + MINUTE, 2)
    assert not sent.last_error


def test_an_ended_finding_is_told_like_any_other() -> None:
    """SEAL-1: a report that comes hours late is still an alarm, and still a push."""
    desk = Exchange(policy())
    desk.say(ended(status=Status.ENDED, since=START - timedelta(hours=6)))
    assert desk.tell() == [Signal.OPENED]
    assert "360 min later" in desk.pushes[0].body
