"""Drone reserve: the way home against what is left."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.rules.drone_reserve import DroneReserve, DroneReserveSettings
from analytics.rules.terms import Terms
from haechi.drones import DronePosition
from haechi.findings import Finding
from haechi.observations import Observation
from tests.analytics.sailing import METRE, NOON, findings, seen

HOME = {"home_lat": 0.5, "home_lon": 0.5}


def flying(second: float, home_m: float, percent: float | None, **stated: Any) -> Observation:
    """Return a report so far north of home, at no height unless stated."""
    values: dict[str, Any] = {"armed": True, "landed": False, "height_m": 0.0, **HOME, **stated}
    content = DronePosition(lat=0.5 + home_m * METRE, lon=0.5, battery_percent=percent, **values)
    return seen(second, content, subject="drone:drone-1")


def found(observations: list[Observation], *, until_s: float | None = None) -> list[Finding]:
    """Return what the rule finds."""
    rule = DroneReserve(DroneReserveSettings(), Terms("drone_reserve"))
    return findings(rule, observations, until_s=until_s)


@pytest.mark.parametrize(
    ("home_m", "height_m", "needed"),
    [(0, 0, 15), (1500, 0, 35), (3000, 0, 55), (0, 150, 15 + 100 / 15), (1500, 150, 35 + 100 / 15)],
)
def test_what_is_needed_is_the_reserve_and_the_way(
    home_m: float, height_m: float, needed: float
) -> None:
    """1500 m at 10 less 5 m/s are 300 s of 1500 s, that is 20 %; 150 m down are 100 s."""
    enough = [flying(s, home_m, needed + 0.1, height_m=height_m) for s in range(0, 30, 5)]
    short = [flying(s, home_m, needed - 0.1, height_m=height_m) for s in range(0, 30, 5)]
    assert found(enough) == []
    (finding,) = found(short)
    assert finding.values["needed_percent"] == pytest.approx(needed, abs=0.06)
    assert finding.since == NOON


def test_one_low_report_is_nothing() -> None:
    """Voltage sags when the motors pull."""
    assert found([flying(0, 1500, 50), flying(2, 1500, 30), flying(4, 1500, 50)]) == []


def test_it_ends_when_the_drone_has_come_near_enough() -> None:
    """Above what is needed by the hysteresis; less is still the episode."""
    low = [flying(s, 1500, 34) for s in (0, 6)]
    (still,) = found([*low, flying(10, 1350, 34)])
    assert still.until is None
    (over,) = found([*low, flying(20, 1190, 34)])
    assert over.until == NOON + timedelta(seconds=20)


def test_it_ends_on_the_ground_and_with_a_drone_that_is_gone() -> None:
    """The second ends with the last report."""
    low = [flying(s, 1500, 20) for s in (0, 6)]
    (landed,) = found([*low, flying(9, 1500, 20, landed=True)])
    assert landed.until == NOON + timedelta(seconds=9)
    (gone,) = found(low, until_s=700)
    assert gone.until == NOON + timedelta(seconds=6)


def test_a_drone_that_drains_faster_than_usual_needs_more() -> None:
    """Twice the usual drain, watched for long enough: twice the way's cost."""
    reports = [flying(s, 750, 100 - s * 2 / 15) for s in range(0, 600, 10)]
    (finding,) = found(reports)
    assert finding.values["needed_percent"] == pytest.approx(35, abs=0.1)


def test_without_home_or_battery_nothing_is_said() -> None:
    """Home is then where it was first seen in the air."""
    assert found([flying(s, 1500, None) for s in (0, 6, 12)]) == []
    unknown = {"home_lat": None, "home_lon": None}
    assert found([flying(s, 1500, 20, **unknown) for s in (0, 6, 12)]) == []
    away = [flying(s, s * 10, 30, **unknown) for s in range(0, 200, 10)]
    assert [finding.kind for finding in found(away)] == ["drone_reserve"]
