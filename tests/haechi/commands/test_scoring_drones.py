"""Drones of a scenario are heard through their whole agent, in the scenario's own time."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from firmware_sim.scenario import find
from haechi.commands.scoring_drones import STEP_S, Timed, readings
from haechi.drones import DronePosition

UNHEARD_S = (40.0, 70.0)
"""Of the first drone."""


@pytest.fixture(scope="module")
def heard() -> list[Timed]:
    """Return what the agents of two drones send in a minute and a half."""
    day = find("drone-link-lost")
    first, *others = day.drone
    drones = (replace(first, unheard_s=(UNHEARD_S,)), *others)
    return list(readings(replace(day, lasts_s=90, drone=drones)))


def test_all_are_heard_in_order_at_their_own_time(heard: list[Timed]) -> None:
    """What both send is one stream, dated as the scenario goes."""
    day = find("drone-link-lost")
    seconds = [second for second, _, _ in heard]
    assert seconds == sorted(seconds)
    assert {device for _, device, _ in heard} == {drone.name for drone in day.drone}
    assert {reading.subject for _, _, reading in heard} == {f"drone:{d.name}" for d in day.drone}
    assert all(
        abs((each.at - day.at(second)).total_seconds()) <= STEP_S for second, _, each in heard
    )


def test_places_come_step_by_step_while_it_is_heard(heard: list[Timed]) -> None:
    """Nothing of a drone that is out of reach, and it is there again afterwards."""
    first, second = _places_of(heard, "strait-1"), _places_of(heard, "strait-2")
    begin, end = UNHEARD_S
    assert not [at for at in first if begin < at < end]
    assert [at for at in first if at < begin]
    assert [at for at in first if at > end]
    assert {b - a for a, b in pairwise(second)} == {STEP_S}


def _places_of(heard: list[Timed], name: str) -> list[float]:
    """Return when a drone said where it is."""
    said = [(second, each.content) for second, device, each in heard if device == name]
    return [second for second, content in said if isinstance(content, DronePosition)]
