"""Alarm handling: what rules, operators and the clock may do to an alarm, as a table."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from haechi.alarms import (
    Alarm,
    AlarmEvent,
    AlarmPolicy,
    AlarmState,
    Signal,
)
from haechi.findings import Saying, Severity
from haechi.text import plain

RULES: Final = "rules"
CLOCK: Final = "clock"
"""Who acts where no operator does."""

MAX_NOTE: Final = 500
"""Characters in a note."""

Handled: TypeAlias = tuple[Alarm, AlarmEvent]
"""An alarm as it is now and the line of its history that says why."""

_A = AlarmState
_S = Signal

START: Final = {_S.OPENED: _A.ACTIVE_UNACK}
"""What makes a new alarm."""

TRANSITIONS: Final[dict[AlarmState, dict[Signal, AlarmState]]] = {
    _A.ACTIVE_UNACK: {
        _S.OPENED: _A.ACTIVE_UNACK,
        _S.CHANGED: _A.ACTIVE_UNACK,
        _S.WORSENED: _A.ACTIVE_UNACK,
        _S.EASED: _A.ACTIVE_UNACK,
        _S.ENDED: _A.ACTIVE_UNACK,
        _S.RETRACTED: _A.CLEARED_UNACK,
        _S.ACKNOWLEDGED: _A.ACTIVE_ACK,
        _S.CLEARED: _A.CLEARED_UNACK,
        _S.SHELVED: _A.ACTIVE_UNACK,
        _S.UNSHELVED: _A.ACTIVE_UNACK,
        _S.ASSIGNED: _A.ACTIVE_UNACK,
        _S.COMMENTED: _A.ACTIVE_UNACK,
        _S.QUIET: _A.CLEARED_UNACK,
        _S.SHELF_EXPIRED: _A.ACTIVE_UNACK,
    },
    _A.ACTIVE_ACK: {
        _S.OPENED: _A.ACTIVE_ACK,
        _S.CHANGED: _A.ACTIVE_ACK,
        _S.WORSENED: _A.ACTIVE_ACK,
        _S.EASED: _A.ACTIVE_ACK,
        _S.ENDED: _A.ACTIVE_ACK,
        _S.RETRACTED: _A.CLEARED_ACK,
        _S.CLEARED: _A.CLEARED_ACK,
        _S.SHELVED: _A.ACTIVE_ACK,
        _S.UNSHELVED: _A.ACTIVE_ACK,
        _S.ASSIGNED: _A.ACTIVE_ACK,
        _S.COMMENTED: _A.ACTIVE_ACK,
        _S.QUIET: _A.CLEARED_ACK,
        _S.SHELF_EXPIRED: _A.ACTIVE_ACK,
    },
    _A.CLEARED_UNACK: {
        _S.OPENED: _A.ACTIVE_UNACK,
        _S.CHANGED: _A.CLEARED_UNACK,
        _S.WORSENED: _A.ACTIVE_UNACK,
        _S.EASED: _A.CLEARED_UNACK,
        _S.ENDED: _A.CLEARED_UNACK,
        _S.RETRACTED: _A.CLEARED_UNACK,
        _S.ACKNOWLEDGED: _A.CLEARED_ACK,
        _S.SHELVED: _A.CLEARED_UNACK,
        _S.UNSHELVED: _A.CLEARED_UNACK,
        _S.ASSIGNED: _A.CLEARED_UNACK,
        _S.COMMENTED: _A.CLEARED_UNACK,
        _S.PERSISTED: _A.ACTIVE_UNACK,
        _S.SHELF_EXPIRED: _A.CLEARED_UNACK,
    },
    _A.CLEARED_ACK: {
        _S.OPENED: _A.ACTIVE_UNACK,
        _S.CHANGED: _A.CLEARED_ACK,
        _S.WORSENED: _A.ACTIVE_UNACK,
        _S.EASED: _A.CLEARED_ACK,
        _S.ENDED: _A.CLEARED_ACK,
        _S.RETRACTED: _A.CLEARED_ACK,
        _S.UNSHELVED: _A.CLEARED_ACK,
        _S.ASSIGNED: _A.CLEARED_ACK,
        _S.COMMENTED: _A.CLEARED_ACK,
        _S.PERSISTED: _A.ACTIVE_UNACK,
        _S.SHELF_EXPIRED: _A.CLEARED_ACK,
    },
}
"""The whole rule. The diagram in ``docs/alarms.md`` is drawn from this table.

An acknowledgement is never taken back; an alarm that fires anew has not been acknowledged yet.
"""

FOR_OPERATORS: Final = frozenset(
    {_S.ACKNOWLEDGED, _S.CLEARED, _S.SHELVED, _S.UNSHELVED, _S.ASSIGNED, _S.COMMENTED}
)
"""What people may do; the rest is for rules and the clock."""

_URGENCY: Final = {severity: -place for place, severity in enumerate(Severity)}

_ACTIVE: Final = frozenset({_A.ACTIVE_UNACK, _A.ACTIVE_ACK})
_ACKNOWLEDGED: Final = frozenset({_A.ACTIVE_ACK, _A.CLEARED_ACK})
_OFF_THE_SHELF: Final = {"shelved_until": None, "shelved_by": None}


class Act(NamedTuple):
    """Something done to an alarm: what, when, by whom and why."""

    signal: Signal
    at: datetime
    by: str
    note: str = ""
    saying: Saying | UnsetType = UNSET


class UnlawfulSignalError(ValueError):
    """The alarm is not in a state in which that can be done; the text says what can."""


def urgency(severity: Severity) -> int:
    """Return a number that is larger for the more urgent.

    >>> urgency(Severity.CRITICAL) > urgency(Severity.WARNING)
    True
    """
    return _URGENCY[severity]


def apply(
    alarm: Alarm,
    signal: Signal,
    *,
    at: datetime,
    by: str,
    note: str = "",
    until: datetime | None = None,
    assignee: str | None = None,
    policy: AlarmPolicy | None = None,
) -> Handled:
    """Do what an operator asks for.

    Args:
        alarm: As it is now.
        signal: One of ``FOR_OPERATORS``.
        at: Now.
        by: The operator.
        note: Why, or the comment itself.
        until: End of the shelf, for ``SHELVED``.
        assignee: Who takes it, for ``ASSIGNED``; ``None`` takes it from whoever has it.
        policy: The times; the defaults if not given.

    Raises:
        UnlawfulSignalError: that cannot be done now, or something it needs is missing.
    """
    policy, act = policy or AlarmPolicy(), Act(signal, at, by, note)
    _check_request(alarm, act, until, policy)
    match signal:
        case Signal.SHELVED:
            return advance(alarm, act, policy, shelved_until=until, shelved_by=by)
        case Signal.UNSHELVED:
            return advance(alarm, act, policy, **_OFF_THE_SHELF)
        case Signal.ASSIGNED:
            return advance(alarm, act, policy, assignee=assignee)
        case _:
            return advance(alarm, act, policy)


def on_time(alarm: Alarm, now: datetime, policy: AlarmPolicy) -> list[Handled]:
    """Do what is due by the clock: end the shelf, clear after quiet, fire again if it persists."""
    done: list[Handled] = []
    while alarm.wake_at is not None and alarm.wake_at <= now:
        if alarm.shelved_until == alarm.wake_at:
            act = Act(_S.SHELF_EXPIRED, now, CLOCK)
            step = advance(alarm, act, policy, **_OFF_THE_SHELF)
        else:
            due = _S.QUIET if alarm.active else _S.PERSISTED
            step = advance(alarm, Act(due, now, CLOCK), policy)
        alarm = step[0]
        done.append(step)
    return done


def advance(alarm: Alarm, act: Act, policy: AlarmPolicy, **changes: object) -> Handled:
    """Follow the table; stamp who cleared or acknowledged and when, and set the clock.

    Raises:
        UnlawfulSignalError: the table has no such row.
    """
    after = TRANSITIONS[alarm.status].get(act.signal)
    if after is None:
        raise UnlawfulSignalError(_why_not(alarm, act.signal))
    active, acknowledged = after in _ACTIVE, after in _ACKNOWLEDGED
    cleared = (alarm.cleared_at, alarm.cleared_by) if not alarm.active else (act.at, act.by)
    seen = (alarm.acknowledged_at, alarm.acknowledged_by)
    seen = seen if alarm.acknowledged else (act.at, act.by)
    moved = replace(
        alarm,
        active=active,
        acknowledged=acknowledged,
        updated_at=act.at,
        events=alarm.events + 1,
        fired=alarm.fired + (act.signal in {_S.OPENED, _S.PERSISTED}),
        retracted=act.signal is _S.RETRACTED or (alarm.retracted and not active),
        cleared_at=None if active else cleared[0],
        cleared_by=None if active else cleared[1],
        acknowledged_at=seen[0] if acknowledged else None,
        acknowledged_by=seen[1] if acknowledged else None,
        **changes,
    )
    moved = replace(moved, quiet_at=_next_change(alarm, moved, act, policy))
    return moved, history(moved, alarm.status, act)


def history(alarm: Alarm, before: AlarmState | None, act: Act) -> AlarmEvent:
    """Return the line of history about what was just done to an alarm."""
    return AlarmEvent(
        alarm=alarm.id,
        number=alarm.events,
        at=act.at,
        by=act.by,
        signal=act.signal,
        before=before,
        after=alarm.status,
        note=plain(act.note, MAX_NOTE),
        saying=act.saying,
    )


def quiet_time(policy: AlarmPolicy, rule: str, severity: Severity) -> timedelta:
    """Return how long an alarm stays active after its condition ended.

    >>> quiet_time(AlarmPolicy(quiet_by_rule_s={"drift": 60}), "drift", Severity.MAJOR)
    datetime.timedelta(seconds=60)
    """
    by_severity = policy.quiet_by_severity_s.get(severity, policy.quiet_s)
    return timedelta(seconds=policy.quiet_by_rule_s.get(rule, by_severity))


def _next_change(before: Alarm, after: Alarm, act: Act, policy: AlarmPolicy) -> datetime | None:
    """Return when the clock must act: where the alarm says other than the condition does."""
    holds = bool(after.open_findings)
    if after.active == holds:
        return None
    waits = before.quiet_at is not None and before.active == after.active
    if waits and act.signal is not _S.OPENED:
        return before.quiet_at
    if after.active:
        return act.at + quiet_time(policy, after.key.rule, after.severity)
    return act.at + timedelta(seconds=policy.refire_s)


def _check_request(alarm: Alarm, act: Act, until: datetime | None, policy: AlarmPolicy) -> None:
    if act.signal not in FOR_OPERATORS:
        raise UnlawfulSignalError(f"{act.signal} is for rules and the clock to say, not for people")
    if act.signal is _S.COMMENTED and not plain(act.note).strip():
        raise UnlawfulSignalError("a comment needs words")
    if act.signal is _S.UNSHELVED and alarm.shelved_until is None:
        raise UnlawfulSignalError(f"alarm {alarm.id} is not on the shelf")
    limit = act.at + timedelta(seconds=policy.shelf_limit_s)
    if act.signal is _S.SHELVED and (until is None or not act.at < until <= limit):
        raise UnlawfulSignalError(
            f"the shelf needs an end, after now and at most {limit:%F %H:%MZ}"
        )


def _why_not(alarm: Alarm, signal: Signal) -> str:
    if signal is _S.ACKNOWLEDGED:
        when, who = alarm.acknowledged_at, alarm.acknowledged_by
        return f"alarm {alarm.id} was acknowledged already, by {who} at {when:%F %H:%M:%SZ}"
    lawful = sorted(FOR_OPERATORS & TRANSITIONS[alarm.status].keys())
    return f"alarm {alarm.id} is {alarm.status}: not {signal}, but any of {', '.join(lawful)}"
