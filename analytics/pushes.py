"""Which messages an alarm causes, and what becomes of one that was sent or was not."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from analytics.alarms import urgency
from analytics.wording import Voice, body, title
from analytics.words import LABELS, Label, say
from haechi.alarms import Alarm, AlarmEvent, AlarmState, Signal
from haechi.findings import Severity
from haechi.pushes import Alert, Push, PushPolicy, PushRule, PushStatus

HELD_BACK: Final = frozenset({Signal.OPENED, Signal.WORSENED})
"""What is held back. The rest follows from what an operator did, who waits for it."""

JITTER: Final = 0.25
"""Delays grow by up to this share at random, so that what failed together does not return so."""


class Told(NamedTuple):
    """What a cooldown is about."""

    rule: str
    subject: str
    channel: str


class Last(NamedTuple):
    """The last push about it."""

    at: datetime
    severity: Severity


def last_told(pushes: Iterable[Push]) -> dict[Told, Last]:
    """Return what the cooldowns rest on; ingest asks once at its start, then adds what it makes.

    A digest starts no cooldown: who was only counted in it may still be told of.
    """
    return {
        Told(push.alert.rule, push.alert.subject, push.channel): Last(
            push.created_at, push.severity
        )
        for push in sorted(pushes, key=lambda push: push.created_at)
        if push.alert.signal in HELD_BACK and push.alert.digest is UNSET
    }


def pushes_for(
    alarm: Alarm,
    event: AlarmEvent,
    policy: PushPolicy,
    *,
    last: Mapping[Told, Last],
    voice: Voice,
) -> list[Push]:
    """Return the messages that what just happened to an alarm causes, one a channel at most.

    Args:
        alarm: After the event.
        event: What happened.
        policy: Who is told what.
        last: From ``last_told``.
        voice: Language, local time and names of zones.
    """
    if alarm.shelved_until is not None or not _is_news(alarm, event):
        return []
    rules = [rule for rule in policy.rules if _concerns(rule, alarm, event)]
    channels = dict.fromkeys(channel for rule in rules for channel in rule.channels)
    return [
        push_of(alert_of(alarm, event, channel), channel, voice)
        for channel in channels
        if not _is_cooling(alarm, event, channel, policy, last)
    ]


def push_id(alarm: str, number: int, channel: str) -> str:
    """Return the idempotency key of telling one event of an alarm on one channel.

    >>> push_id("3a12c65ae972f290", 1, "mail")
    '7615bd3eeb815344'
    """
    return blake2b(f"{alarm}|{number}|{channel}".encode(), digest_size=8).hexdigest()


def alert_of(alarm: Alarm, event: AlarmEvent, channel: str) -> Alert:
    """Return what a push tells programs."""
    return Alert(
        id=push_id(alarm.id, event.number, channel),
        alarm=alarm.id,
        number=event.number,
        signal=event.signal,
        state=event.after,
        severity=alarm.severity,
        site=alarm.key.site,
        rule=alarm.key.rule,
        kind=alarm.kind,
        subject=alarm.key.subject,
        subject_name=alarm.subject_name,
        zone=alarm.key.zone,
        text=alarm.text,
        since=alarm.since,
        until=alarm.until,
        at=event.at,
        lat=alarm.lat,
        lon=alarm.lon,
        saying=alarm.saying,
    )


def push_of(alert: Alert, channel: str, voice: Voice) -> Push:
    """Return what tells people on a channel of it, due at once."""
    return Push(
        id=alert.id,
        alarm=alert.alarm,
        channel=channel,
        title=title(alert, voice),
        body=body(alert, voice),
        severity=alert.severity,
        created_at=alert.at,
        due_at=alert.at,
        alert=alert,
    )


def after_success(push: Push, now: datetime) -> Push:
    """Return the push as one that has arrived."""
    return replace(
        push, status=PushStatus.SENT, sent_at=now, attempts=push.attempts + 1, last_error=""
    )


def after_failure(
    push: Push, error: str, policy: PushPolicy, now: datetime, *, chance: float, voice: Voice
) -> tuple[Push, Push | None]:
    """Return the push as one to try again or to give up, and the one that takes over, if any.

    Args:
        push: As it was sent.
        error: Why it did not arrive.
        policy: Delays and fallbacks.
        now: Processing time.
        chance: From 0 to 1 at random, for the delay.
        voice: As in ``pushes_for``.

    A channel with a fallback is tried once more than there are delays; one without is tried at
    the last delay until ``give_up_s`` have passed: nobody else would tell.
    """
    tried = replace(push, attempts=push.attempts + 1, last_error=error)
    fallback = _fallback(push.channel, policy)
    patience = now - push.created_at < timedelta(seconds=policy.give_up_s)
    if tried.attempts <= len(policy.retry_s) or (patience and not fallback):
        delay = policy.retry_s[min(tried.attempts, len(policy.retry_s)) - 1]
        due = now + timedelta(seconds=delay * (1 + JITTER * chance))
        return replace(tried, due_at=due), None
    given_up = replace(tried, status=PushStatus.FAILED)
    return given_up, _instead(given_up, fallback, now, voice) if fallback else None


def _instead(failed: Push, fallback: str, now: datetime, voice: Voice) -> Push:
    """Return the same message for another channel, saying which one did not take it."""
    alert = replace(failed.alert, id=push_id(failed.alarm, failed.alert.number, fallback))
    push = push_of(alert, fallback, voice)
    words = say(LABELS[Label.UNSENT], voice.language)
    note = words.format(channel=failed.channel, attempts=failed.attempts)
    return replace(push, body=f"{push.body}\n{note}", created_at=now, due_at=now)


def _fallback(channel: str, policy: PushPolicy) -> str:
    known = {each.name: each for each in policy.channels}
    return known[channel].fallback if channel in known else ""


def _is_news(alarm: Alarm, event: AlarmEvent) -> bool:
    """Return whether the event is more than a recurrence of what is shown as active."""
    match event.signal:
        case Signal.OPENED:
            return event.before not in {AlarmState.ACTIVE_UNACK, AlarmState.ACTIVE_ACK}
        case Signal.SHELF_EXPIRED:
            return alarm.active
        case _:
            return True


def _concerns(rule: PushRule, alarm: Alarm, event: AlarmEvent) -> bool:
    return (
        event.signal in rule.on
        and urgency(alarm.severity) >= urgency(rule.severity)
        and (not rule.zones or alarm.key.zone in rule.zones)
        and (not rule.rules or alarm.key.rule in rule.rules)
        and (not rule.kinds or alarm.kind in rule.kinds)
    )


def _is_cooling(
    alarm: Alarm, event: AlarmEvent, channel: str, policy: PushPolicy, last: Mapping[Told, Last]
) -> bool:
    told = last.get(Told(alarm.key.rule, alarm.key.subject, channel))
    if told is None or event.signal not in HELD_BACK:
        return False
    recent = event.at - told.at < timedelta(seconds=policy.cooldown_s)
    return recent and urgency(alarm.severity) <= urgency(told.severity)
