"""What is over a channel's limit, told in one message instead of many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from analytics.alarms import urgency
from analytics.pushes import HELD_BACK, push_id, push_of
from analytics.wording import Voice, told_together
from analytics.words import Language
from haechi.alarms import AlarmState, Signal
from haechi.findings import Severity
from haechi.pushes import Alert, Channel, Digest, Push, PushPolicy
from haechi.units import EPOCH

NAMED: Final = 5
"""How many a digest names."""


class Budget(NamedTuple):
    """Whose messages are counted together: a storm of lesser alarms takes nothing from CRITICAL."""

    channel: str
    site: str
    is_critical: bool


class Spent(NamedTuple):
    """How much of a budget is gone."""

    window: datetime
    """When the window began; windows follow each other by the clock."""
    messages: int


def spent_after(
    pushes: Iterable[Push], policy: PushPolicy, spent: Mapping[Budget, Spent]
) -> dict[Budget, Spent]:
    """Return what is gone of the budgets after some messages, oldest first.

    Ingest asks once at its start about those of the current window, then adds what it makes.
    Digests cost nothing, nor does what took over for another channel: both are few.
    """
    after = dict(spent)
    for push in pushes:
        channel = _limiting(push, policy)
        if channel is None or push.alert.digest is not UNSET or push.created_at != push.alert.at:
            continue
        budget, window = _budget(push), _window(push, channel)
        after[budget] = Spent(window, _messages(after, budget, window) + 1)
    return after


def is_over(push: Push, policy: PushPolicy, spent: Mapping[Budget, Spent]) -> bool:
    """Return whether a new message is one too many for its channel."""
    channel = _limiting(push, policy)
    if channel is None:
        return False
    return _messages(spent, _budget(push), _window(push, channel)) >= channel.limit


def series_of(push: Push, policy: PushPolicy) -> str:
    """Return what the digests that a message may be in are kept under, as under an alarm.

    There is one for each budget and window; more only if the first went out before its time came
    to the last of its window.
    """
    budget, window = _budget(push), _window(push, _channels(policy)[push.channel])
    urgent = "critical" if budget.is_critical else "other"
    text = f"digest|{budget.channel}|{budget.site}|{urgent}|{window.isoformat()}"
    return blake2b(text.encode(), digest_size=8).hexdigest()


def digest_with(push: Push, kept: Sequence[Push], policy: PushPolicy, voice: Voice) -> Push:
    """Return the digest that tells of a message: the open one with it, or one that it begins.

    Args:
        push: One for which ``is_over`` is true.
        kept: What is kept under ``series_of`` it, read in the transaction that keeps the digest.
        policy: Whose window says when it is due.
        voice: As in ``pushes_for``.
    """
    is_open = [each for each in kept if each.is_open]
    if is_open:
        digest, number = is_open[0].alert.digest, is_open[0].alert.number
        alert = _joined(is_open[0].alert, push.alert, _with(digest, push.alert))
    else:
        number = 1 + max((each.alert.number for each in kept), default=0)
        alert = _begun(series_of(push, policy), number, push, _with(UNSET, push.alert))
    channel = _channels(policy)[push.channel]
    due_at = _window(push, channel) + timedelta(seconds=channel.limit_window_s)
    return replace(push_of(alert, push.channel, voice), due_at=due_at, is_open=True)


def _with(digest: Digest | UnsetType, alert: Alert) -> Digest:
    before = Digest(messages=0, kinds={}, zones={}, first=()) if digest is UNSET else digest
    name, zone = alert.subject_name or alert.subject, alert.zone or ""
    return Digest(
        messages=before.messages + 1,
        kinds=before.kinds | {alert.kind: before.kinds.get(alert.kind, 0) + 1},
        zones=before.zones | {zone: before.zones.get(zone, 0) + 1},
        first=tuple(dict.fromkeys((*before.first, name)))[:NAMED],
    )


def _begun(series: str, number: int, push: Push, digest: Digest) -> Alert:
    first = push.alert
    return Alert(
        id=push_id(series, number, push.channel),
        alarm=series,
        number=number,
        signal=Signal.OPENED,
        state=AlarmState.ACTIVE_UNACK,
        severity=first.severity,
        site=first.site,
        rule="digest",
        kind="digest",
        subject=f"site:{first.site}",
        subject_name=None,
        zone=None,
        text=told_together(digest, Language.ENGLISH),
        since=first.since,
        until=None,
        at=first.at,
        lat=None,
        lon=None,
        digest=digest,
    )


def _joined(alert: Alert, by: Alert, digest: Digest) -> Alert:
    return replace(
        alert,
        severity=max(alert.severity, by.severity, key=urgency),
        since=min(alert.since, by.since),
        text=told_together(digest, Language.ENGLISH),
        digest=digest,
    )


def _limiting(push: Push, policy: PushPolicy) -> Channel | None:
    """Return the channel of a message if it has a limit for it."""
    if push.alert.signal not in HELD_BACK:
        return None
    channel = _channels(policy).get(push.channel)
    return channel if channel is not None and channel.limit else None


def _channels(policy: PushPolicy) -> dict[str, Channel]:
    return {channel.name: channel for channel in policy.channels}


def _budget(push: Push) -> Budget:
    return Budget(push.channel, push.alert.site, push.severity is Severity.CRITICAL)


def _window(push: Push, channel: Channel) -> datetime:
    length = timedelta(seconds=channel.limit_window_s)
    return push.alert.at - (push.alert.at - EPOCH) % length


def _messages(spent: Mapping[Budget, Spent], budget: Budget, window: datetime) -> int:
    """Return what is gone in this window; what went in another does not count."""
    known = spent.get(budget)
    return 0 if known is None or known.window != window else known.messages
