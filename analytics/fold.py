"""The definition of every finding: a fold that the engine must equal, whatever the arrival."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from analytics.rule import Event, Rule, Step, wants
from haechi.findings import Finding
from haechi.observations import Flag


def fold(rule: Rule[Any], events: Iterable[Event], horizon: datetime | None) -> dict[str, Finding]:
    """Return what a rule says of one subject, by finding id.

    Args:
        rule: The rule.
        events: The subject's events in any order, with any repetition.
        horizon: The watermark: how far time itself is known to have passed; ``None`` for not yet.
    """
    said: dict[str, Finding] = {}
    step = Step(rule.start())
    for event in told(rule, events):
        while step.wake_at is not None and step.wake_at < event.at:
            step = _heard(rule.on_wake(step.state, step.wake_at), said)
        step = _heard(rule.on_event(step.state, event), said)
    while step.wake_at is not None and horizon is not None and step.wake_at <= horizon:
        step = _heard(rule.on_wake(step.state, step.wake_at), said)
    return said


def told(rule: Rule[Any], events: Iterable[Event]) -> list[Event]:
    """Return the events a rule is given: in order, and the same thing said twice only once."""
    first: dict[object, Event] = {}
    for event in sorted(events, key=lambda event: event.observation.order):
        believed = Flag.CLOCK_AHEAD not in event.observation.flags
        first.setdefault((event.observation.sameness, believed), event)
    return [event for event in first.values() if wants(rule, event)]


def _heard(step: Step[Any], said: dict[str, Finding]) -> Step[Any]:
    said.update((finding.id, finding) for finding in step.findings)
    return step
