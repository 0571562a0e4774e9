"""The invented day is lawful, reproducible, and one vessel in it is not."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from pyais import decode

from firmware_sim.ais_transmitter import lines
from firmware_sim.lanes import Lane
from firmware_sim.vessels import Vessel, fleet, intruder, reporting_interval_s, transmissions

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NORTH = Lane(np.array([[35.0, 129.0], [36.0, 129.0], [37.0, 129.0]]))


def vessel(**changes: object) -> Vessel:
    """Return a vessel that sails north at 10 knots unless told otherwise."""
    given: dict[str, object] = {
        "mmsi": 440_000_001,
        "name": "TEST",
        "callsign": "DS1",
        "imo": 0,
        "ship_type": 70,
        "length_m": 100,
        "destination": "KR PUS",
        "lane": NORTH,
        "speeds": ((-3600.0, 10.0),),
    }
    return Vessel(**(given | changes))  # type: ignore[arg-type]  # a table of changes


def test_the_same_seed_gives_the_same_day() -> None:
    """Two runs transmit the same bytes."""
    days = [
        [lines(r, NOON) for r in transmissions((*fleet(9, 5), intruder(60.0)), -60.0, 120.0)]
        for _ in range(2)
    ]
    assert days[0] == days[1]
    assert len(days[0]) > 100


def test_speed_is_the_slope_of_distance() -> None:
    """10 knots for an hour are 10 nautical miles, before and after second 0."""
    ship = vessel(offset_m=50_000.0)
    assert ship.distance_m(3600.0) - ship.distance_m(0.0) == pytest.approx(18_520.0)
    assert ship.distance_m(0.0) - ship.distance_m(-1800.0) == pytest.approx(9_260.0)


def test_a_change_of_speed_does_not_jump() -> None:
    """The distance is continuous where the speed is not."""
    ship = vessel(speeds=((-100.0, 20.0), (50.0, 1.0)), offset_m=1000.0)
    steps = [ship.distance_m(s / 10) for s in range(-900, 900)]
    assert max(b - a for a, b in pairwise(steps)) < 1.1


def test_reports_keep_the_interval_of_the_recommendation() -> None:
    """A ship at 10 knots reports every 10 seconds, not more, not less."""
    moments = [r.second for r in transmissions((vessel(),), 0.0, 300.0) if not r.is_static]
    assert {round(b - a, 3) for a, b in pairwise(moments)} == {reporting_interval_s(10.0)}


def test_a_switched_off_transponder_says_nothing_at_all() -> None:
    """Neither positions nor static data in the silent interval."""
    quiet = vessel(silent=((100.0, 900.0),))
    assert not [r for r in transmissions((quiet,), 0.0, 900.0) if r.second >= 100.0]


def test_what_is_sent_decodes_to_what_was_true() -> None:
    """The sentences carry the state within the resolution of AIS."""
    report = next(r for r in transmissions((vessel(),), 0.0, 60.0) if not r.is_static)
    sentence = lines(report, NOON)[0].split("\\")[2]
    read = decode(sentence).asdict()
    assert read["lat"] == pytest.approx(report.lat, abs=1e-5)
    assert (read["mmsi"], read["speed"]) == (440_000_001, 10.0)


def test_the_intruder_stops_and_falls_silent() -> None:
    """Fast at first, dead in the water later, then off the air."""
    ship = intruder(60.0)
    assert (ship.speed_kn(30.0), ship.speed_kn(300.0)) == (24.0, 0.2)
    assert ship.transmits(200.0)
    assert not ship.transmits(400.0)
