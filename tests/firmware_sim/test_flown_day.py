"""Drones of a scenario: their crews send them out, and again after a rest."""

import pytest
from msgspec.structs import replace

from edge.drone.mavlink import Message, message
from firmware_sim.cast import Area, Flyer
from firmware_sim.flown_day import Patrolling

AREA = Area(ring=((129.0, 35.0), (129.002, 35.0), (129.002, 35.002)), spacing_m=50)
PLACES = Flyer(name="d-1", home=(129.0, 35.0), patrol=((129.002, 35.0),), speed_m_s=12)
SECTOR = replace(PLACES, patrol=(), sweep=AREA)


def flown(flyer: Flyer, seconds: int) -> list[tuple[bool, float, float]]:
    """Return armed, metres from home and charge at each second, a ground station listening."""
    pilot = Patrolling(1, flyer, 7)
    found: list[tuple[bool, float, float]] = []
    for second in range(seconds):
        pilot.hear(_beat(), second)
        pilot.step(1.0, second)
        found.append((pilot.armed, pilot.body.home_m, pilot.body.charge))
    return found


def _beat() -> Message:
    return message(
        "HEARTBEAT",
        type=6,
        autopilot=8,
        base_mode=0,
        custom_mode=0,
        system_status=4,
        mavlink_version=3,
    )


@pytest.mark.parametrize("flyer", [PLACES, SECTOR])
def test_a_drone_takes_off_flies_its_patrol_and_comes_home(flyer: Flyer) -> None:
    """Not before its time."""
    day = flown(flyer, 400)
    assert [armed for armed, _, _ in day[:5]] == [False] * 5
    assert max(home_m for _, home_m, _ in day) > 150
    armed, home_m, charge = day[-1]
    assert (armed, home_m < 5, charge < 1) == (False, True, True)


def test_after_a_rest_it_goes_again_with_a_full_battery() -> None:
    """As often as the day has room for."""
    day = flown(replace(PLACES, rests_s=30), 600)
    starts = [n for n in range(1, 600) if day[n][0] and not day[n - 1][0]]
    assert len(starts) >= 2
    assert day[starts[1]][2] > 0.99


def test_without_a_radio_it_turns_home_by_itself() -> None:
    """PX4's failsafe for a lost data link."""
    pilot = Patrolling(1, replace(PLACES, patrol=((129.05, 35.0),)), 7)
    said = [each for second in range(60) for each in pilot.step(1.0, second)]
    texts = [each.text for each in said if each.get_type() == "STATUSTEXT"]
    assert "Data link lost, returning" in texts
