"""A drone's camera reports what is below it, under one number each, a little off."""

from math import hypot

from edge.measured import Measured
from firmware_sim import day
from firmware_sim.drone_eye import ERROR_M, DroneEye
from firmware_sim.drones import offset_m
from firmware_sim.lanes import LonLat
from firmware_sim.scenario import find
from haechi.cameras import Detection

DAY = find("dark-meeting")
(FLYER,) = DAY.drone
MEETING_S = range(1100, 1200)
ABOVE: LonLat = (129.160, 35.020)


def seen(drone: LonLat) -> list[Measured]:
    """Return what is reported in a hundred seconds in which both ships lie side by side."""
    eye = DroneEye(DAY, FLYER)
    return [each for second in MEETING_S for each in eye.sees(second, drone)]


def test_both_ships_are_reported_the_dark_one_too_and_nobody_twice() -> None:
    """Every ten seconds, each under its number, first as new."""
    reports = seen(ABOVE)
    assert {each.subject for each in reports} == {"object:night-1.1", "object:night-1.2"}
    assert len(reports) == 20
    phases = [each.content.phase for each in reports if isinstance(each.content, Detection)]
    assert phases == ["new"] * 2 + ["update"] * 18


def test_places_are_off_by_some_metres_and_the_same_each_time() -> None:
    """Within four standard deviations each way of where the ship really is."""
    reports = seen(ABOVE)
    assert reports == seen(ABOVE)
    ships = day.vessels(DAY)
    for each in reports:
        assert isinstance(each.content, Detection)
        lat, lon = each.content.lat, each.content.lon
        assert lat is not None
        assert lon is not None
        ship = ships[int(each.subject[-1]) - 1]
        second = (each.at - DAY.starts).total_seconds()
        true_lat, true_lon, _ = ship.lane.at(ship.distance_m(second))
        assert 0 < hypot(*offset_m((true_lon, true_lat), (lon, lat))) < 6 * ERROR_M


def test_what_is_out_of_reach_is_not_seen() -> None:
    """Half a degree away."""
    assert seen((129.66, 35.02)) == []
