"""Drone link: silence in the air, the agent's word, and what is no loss."""

from datetime import timedelta
from typing import Any

from analytics.rules.drone_link import DroneLink, DroneLinkSettings
from analytics.rules.terms import Terms
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from haechi.findings import Finding, Status
from haechi.observations import Observation
from tests.analytics.sailing import NOON, findings, seen


def heard(second: float, **stated: Any) -> Observation:
    """Return a position of a drone in the air unless stated."""
    values: dict[str, Any] = {"lat": 35.0, "lon": 129.0, "armed": True, "landed": False, **stated}
    return seen(second, DronePosition(**values), subject="drone:drone-1")


def said(second: float, kind: DroneEventKind) -> Observation:
    """Return an event of the same drone."""
    return seen(second, DroneEvent(kind=kind), subject="drone:drone-1")


def found(observations: list[Observation], *, until_s: float | None = None) -> list[Finding]:
    """Return what the rule finds."""
    rule = DroneLink(DroneLinkSettings(), Terms("drone_link"))
    return findings(rule, observations, until_s=until_s)


def test_silence_in_the_air_is_found_in_time_and_ends_with_the_next_position() -> None:
    """Fifteen seconds, not fourteen; the interval begins with the last position."""
    assert found([heard(0), heard(1)], until_s=15.9) == []
    (open_one,) = found([heard(0), heard(1)], until_s=16)
    assert (open_one.since, open_one.until) == (NOON + timedelta(seconds=1), None)
    (lost,) = found([heard(0), heard(1), heard(31)])
    assert lost.id == open_one.id
    assert (lost.until, lost.status) == (NOON + timedelta(seconds=31), Status.ENDED)
    assert lost.values["lost_s"] == 30


def test_the_agents_word_is_believed_at_once() -> None:
    """The agent hears the radio; nobody has to wait for silence."""
    (lost,) = found([heard(0), said(5, DroneEventKind.LINK_LOST)])
    assert (lost.since, lost.until) == (NOON, None)


def test_other_events_do_not_end_what_the_agent_said() -> None:
    """Only the radio's return does; the same loss is told once."""
    events = [heard(0), said(5, DroneEventKind.LINK_LOST), said(20, DroneEventKind.COMMAND_RESULT)]
    (lost,) = found(events, until_s=60)
    assert lost.until is None
    (over,) = found([*events, said(30, DroneEventKind.LINK_RESTORED)])
    assert over.until == NOON + timedelta(seconds=30)


def test_on_the_ground_it_may_be_switched_off() -> None:
    """Landed, or not armed where nobody says whether it has landed."""
    assert found([heard(0), heard(1, landed=True)], until_s=3600) == []
    assert found([heard(0, landed=None, armed=False)], until_s=3600) == []
    assert found([heard(0), said(1, DroneEventKind.DISARMED)], until_s=3600) == []


def test_what_arrives_late_takes_it_back() -> None:
    """An agent that was cut off sends what it kept: then there was no silence."""
    assert found([heard(second) for second in range(0, 60, 5)], until_s=60) == []
