"""Drift, by the Danish definition and its boundaries."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.rules.drift import Drift, DriftSettings
from analytics.rules.terms import Terms
from haechi.findings import Finding, Status
from haechi.observations import Observation
from haechi.units import KNOT_IN_METRES_PER_SECOND
from tests.analytics.sailing import NOON, findings, fix, static

SIDEWAYS: dict[str, Any] = {"speed_kn": 2.0, "course_deg": 0.0, "heading_deg": 90.0}


def found(observations: list[Observation], *, until_s: float | None = None) -> list[Finding]:
    """Return what the rule finds."""
    return findings(Drift(DriftSettings(), Terms("drift")), observations, until_s=until_s)


def drifting(
    until_s: float, *, ship: Observation | None = None, **stated: Any
) -> list[Observation]:
    """Return a ship that goes north once a minute, with its heading across."""
    report = {**SIDEWAYS, **stated}
    metres = report["speed_kn"] * KNOT_IN_METRES_PER_SECOND
    times = range(60, int(until_s) + 1, 60)
    return [ship or static(0), *(fix(at, at * metres, **report) for at in times)]


def test_a_drifting_ship_is_found_after_ten_minutes() -> None:
    """2 kn for 10 min is 617 m: since the first report, not a minute sooner."""
    assert found(drifting(600)) == []
    (drift,) = found(drifting(660))
    assert (drift.kind, drift.status) == ("drift", Status.OPEN)
    assert drift.since == NOON + timedelta(seconds=60)
    assert drift.values["distance_m"] == pytest.approx(617, abs=1)


def test_it_ends_with_the_first_report_under_control() -> None:
    """The engine runs again: heading and course agree."""
    calm = fix(1260, speed_kn=8.0, course_deg=0.0, heading_deg=3.0)
    (drift,) = found([*drifting(1200), calm])
    assert (drift.status, drift.until) == (Status.ENDED, calm.at)


def test_it_ends_with_the_last_report_of_a_ship_that_falls_silent() -> None:
    """Nothing is known of it after."""
    (drift,) = found(drifting(1200), until_s=1800)
    assert drift.until == NOON + timedelta(seconds=1200)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"heading_deg": 45.0}, 0),
        ({"heading_deg": 46.0}, 1),
        ({"heading_deg": 134.0}, 1),
        ({"heading_deg": 135.0}, 0),
        ({"heading_deg": 314.0}, 1),
        ({"heading_deg": 190.0}, 0),
        ({"speed_kn": 0.9}, 0),
        ({"speed_kn": 1.0}, 1),
        ({"speed_kn": 5.0}, 1),
        ({"speed_kn": 5.1}, 0),
        ({"heading_deg": None}, 0),
        ({"course_deg": None}, 0),
        ({"ais_type": 18}, 0),
    ],
)
def test_the_boundaries_of_the_definition(stated: dict[str, Any], expected: int) -> None:
    """1 to 5 kn, more than 45 degrees off the course and off its opposite; going astern is none."""
    assert len(found(drifting(2400, **stated))) == expected


def test_one_report_under_control_begins_the_ten_minutes_anew() -> None:
    """All reports of the window must show drift."""
    way = drifting(1080)
    way[9] = fix(540, 540, speed_kn=2.0, course_deg=0.0, heading_deg=10.0)
    assert found(way) == []


def test_a_report_without_heading_does_not_interrupt() -> None:
    """It says nothing either way."""
    way = drifting(660)
    way[5] = fix(300, 300, speed_kn=2.0, course_deg=0.0)
    assert len(found(way)) == 1


def test_a_ship_that_only_swings_at_anchor_does_not_drift() -> None:
    """It is carried to and fro within 200 m: less than 500 m from where that began."""
    way = [fix(at, 100 * (at // 60 % 3), **SIDEWAYS) for at in range(60, 3600, 60)]
    assert found([static(0), *way]) == []


@pytest.mark.parametrize("ship", [static(0, ship_type=52), static(0, length_m=49.0)])
def test_vessels_that_drift_for_a_living_are_not_judged(ship: Observation) -> None:
    """Only cargo, tanker and passenger ships of 50 m and more."""
    assert found(drifting(1200, ship=ship)) == []
