"""Missions: what an autopilot is given."""

import pytest

from edge.drone.mavlink import ARDUPILOT, PX4
from edge.drone.mission import (
    LOOK_AHEAD,
    LOOK_AT,
    RETURN,
    SPEED,
    STAY,
    TAKE_OFF,
    WAYPOINT,
    Item,
    MissionError,
    mission,
)
from haechi.commanding import Follow, GoTo, Orbit, Patrol, Sweep

HERE = (129.08, 35.07)
RING = ((129.0, 35.0), (129.01, 35.0), (129.01, 35.01), (129.0, 35.01))


def items(patrol: Patrol, autopilot: int = PX4, *, in_the_air: bool = True) -> tuple[Item, ...]:
    """Return the mission of a drone at the quay."""
    return mission(patrol, here=HERE, autopilot=autopilot, in_the_air=in_the_air)


def test_go_to_stays_over_the_place() -> None:
    """Nobody brings it home but a command or a failsafe."""
    (only,) = items(GoTo(lat=35.1, lon=129.1, height_m=60))
    assert (only.command, only.lat, only.lon, only.height_m) == (STAY, 35.1, 129.1, 60)


def test_a_drone_on_the_ground_takes_off_first() -> None:
    """To the height of the patrol, and at the speed asked for."""
    patrol = GoTo(lat=35.1, lon=129.1, height_m=60, speed_m_s=8)
    first, second, _ = items(patrol, in_the_air=False)
    assert (first.command, first.height_m) == (TAKE_OFF, 60)
    assert (second.command, second.params[1]) == (SPEED, 8)


def test_ardupilot_passes_over_the_first_item() -> None:
    """It takes it for home."""
    patrol = GoTo(lat=35.1, lon=129.1, height_m=60)
    assert [item.command for item in items(patrol, ARDUPILOT)] == [WAYPOINT, STAY]


@pytest.mark.statement("K19")
def test_a_sweep_and_an_orbit_come_home() -> None:
    """An orbit looks at its centre all the way."""
    swept = items(Sweep(ring=RING, spacing_m=200, height_m=80))
    assert {item.command for item in swept[:-1]} == {WAYPOINT}
    assert swept[-1].command == RETURN
    look, *way, ahead, home = items(Orbit(lat=35.1, lon=129.1, radius_m=100, height_m=50))
    assert (look.command, look.lat, look.lon) == (LOOK_AT, 35.1, 129.1)
    assert {item.command for item in way} == {WAYPOINT}
    assert (ahead.command, home.command) == (LOOK_AHEAD, RETURN)


@pytest.mark.statement("K19")
def test_a_track_is_followed_in_its_order() -> None:
    """And the drone stays over its end."""
    track = ((129.0, 35.0), (129.01, 35.02), (129.03, 35.03))
    found = items(Follow(track=track, height_m=50))
    assert [(item.lon, item.lat) for item in found] == list(track)
    assert [item.command for item in found] == [WAYPOINT, WAYPOINT, STAY]


def test_what_no_autopilot_can_keep_is_refused() -> None:
    """With a way out."""
    with pytest.raises(MissionError, match="larger spacing"):
        items(Sweep(ring=((128.0, 35.0), (129.0, 35.0), (129.0, 36.0)), spacing_m=20, height_m=80))
