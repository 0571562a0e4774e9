"""Notices that two senders use one identity: a key that was copied, or a disk that was cloned.

The broker lets only one of them be connected at a time, so they take turns, and each says who it
is when its turn comes. All that can be seen is what they say: which start of which software. Not
where they are: Mosquitto tells addresses to its log alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from analytics.saying import english, saying
from haechi.findings import Finding, Saying, Severity, Status, finding_id
from haechi.messages import DeviceState
from ingest.decoding import Input
from ingest.judging import Found

RULE: Final = "identity_conflict"
TURNS: Final = 2
"""An earlier start that speaks again may be an agent that replays a file; twice is no accident."""

WITHIN: Final = timedelta(minutes=10)
REMEMBERED: Final = 8
"""Starts of one device."""


@dataclass(frozen=True, slots=True)
class Sender:
    """One device, as it has presented itself until now."""

    states: tuple[DeviceState, ...] = ()
    """The newest of each of its latest starts; who spoke last stands last."""
    turns: tuple[datetime, ...] = ()
    """When somebody who had been replaced spoke again, lately."""


class Identities:
    """Watches what devices say when they are online."""

    def __init__(self) -> None:
        self._senders: dict[str, Sender] = {}
        self._said: dict[str, Finding] = {}

    def notice(self, inputs: Iterable[Input], now: datetime) -> list[Found]:
        """Return conflicts that go on, by site: for each pair of starts and hour the same finding.

        Args:
            inputs: In the order of arrival; only states of those who are online count.
            now: When they arrived.
        """
        return [
            (each.site, [found])
            for each in inputs
            if each.state is not None and each.state.online
            if (found := self._after(each.state, now)) is not None
        ]

    def _after(self, state: DeviceState, now: datetime) -> Finding | None:
        sender = heard(self._senders.get(state.device, Sender()), state, now)
        self._senders[state.device] = sender
        if len(sender.turns) < TURNS or sender.turns[-1] != now:
            return None
        found = _finding(sender, now)
        return self._said.setdefault(found.id, found)


def heard(sender: Sender, state: DeviceState, now: datetime) -> Sender:
    """Return a sender after it has said, online, how it is.

    It is a turn if a start speaks again after another one did, or if one start counts backwards,
    which is two of one cloned disk. What is dated no later than what it said before is an echo.
    """
    same = next((each for each in sender.states if each.boot == state.boot), None)
    if same is not None and state.at <= same.at:
        return sender
    was_replaced = same is not None and same is not sender.states[-1]
    counts_back = same is not None and state.numbered < same.numbered
    lately = tuple(turn for turn in sender.turns if now - turn < WITHIN)
    others = tuple(each for each in sender.states if each.boot != state.boot)
    return Sender(
        (*others[1 - REMEMBERED :], state),
        (*lately, now) if was_replaced or counts_back else lately,
    )


def _finding(sender: Sender, now: datetime) -> Finding:
    device = sender.states[-1].device
    one, other = sorted((sender.states[-1], sender.states[-2:][0]), key=lambda each: each.boot)
    said = saying("identity_conflict", device=device, one=_named(one), other=_named(other))
    return Finding(
        id=finding_id(RULE, f"device:{device}", f"{one.boot}|{other.boot}|{now:%Y-%m-%dT%H}"),
        rule=RULE,
        kind=RULE,
        rule_version="1",
        subject=f"device:{device}",
        severity=Severity.CRITICAL,
        since=now,
        until=now,
        text=english(said),
        saying=said,
        values={"boot": one.boot, "other_boot": other.boot},
        thresholds={"turns": TURNS, "within_s": WITHIN.total_seconds()},
        status=Status.ENDED,
    )


def _named(state: DeviceState) -> Saying:
    return saying("sender", boot=state.boot, agent=state.agent or saying("unnamed_software"))
