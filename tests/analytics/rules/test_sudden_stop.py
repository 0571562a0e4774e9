"""Sudden stop, by the Danish definition and its boundaries."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.rules.sudden_stop import SuddenStop, SuddenStopSettings
from analytics.rules.terms import Terms
from haechi.findings import Finding, Status
from haechi.observations import Observation
from tests.analytics.sailing import NOON, findings, fix, static

SHIP = static(0)


def found(*observations: Observation) -> list[Finding]:
    """Return what the rule finds."""
    return findings(SuddenStop(SuddenStopSettings(), Terms("sudden_stop")), list(observations))


def speeds(*reports: tuple[float, float], **stated: Any) -> list[Observation]:
    """Return fixes at one place, as (seconds, knots)."""
    return [fix(at, speed_kn=speed, **stated) for at, speed in reports]


def test_a_grounding_is_found_when_it_has_lasted_a_minute() -> None:
    """12 kn, 20 s later 0.3 kn, and so for 60 s: the finding is the fall itself."""
    (stop,) = found(SHIP, *speeds((10, 12), (30, 0.3), (60, 0.1), (90, 0.0)))
    assert (stop.kind, stop.status) == ("sudden_stop", Status.ENDED)
    assert (stop.since, stop.until) == tuple(NOON + timedelta(seconds=s) for s in (10, 30))
    assert stop.values == {"before_kn": 12, "after_kn": 0.3, "fall_s": 20}
    assert [identity.seq for identity in stop.evidence] == [10_001, 30_001, 90_001]


@pytest.mark.parametrize(
    ("reports", "why"),
    [
        ([(10, 12), (30, 0.3), (60, 0.1), (89, 0.0)], "not yet a minute"),
        ([(10, 12), (40, 0.3), (110, 0.0)], "30 s is not less than 30 s"),
        ([(10, 7.0), (30, 0.3), (110, 0.0)], "7 kn is not more than 7 kn"),
        ([(10, 12), (30, 1.0), (110, 0.0)], "1 kn is not less than 1 kn"),
        ([(10, 12), (30, 0.3), (60, 2.0), (90, 0.0)], "it moved on"),
        ([(10, 12), (30, 0.3), (900, 0.0)], "nothing is known of the time between"),
        ([(10, 12), (25, 4.0), (45, 0.3), (120, 0.0)], "an ordinary manoeuvre"),
    ],
)
def test_the_boundaries_of_the_definition(reports: list[tuple[float, float]], why: str) -> None:
    """More than, less than, at least: each as defined."""
    assert found(SHIP, *speeds(*reports)) == [], why


def test_a_slow_report_on_the_way_does_not_hide_the_fall() -> None:
    """12 kn, 4 kn and 0.3 kn within 30 s is a sudden stop."""
    assert len(found(SHIP, *speeds((10, 12), (20, 4), (35, 0.3), (95, 0.2)))) == 1


@pytest.mark.parametrize(
    "ship",
    [
        static(0, ship_type=30),
        static(0, ship_type=52),
        static(0, ship_type=None),
        static(0, length_m=49.0),
        static(0, length_m=None),
    ],
    ids=["fishing", "tug", "unknown type", "short", "unknown length"],
)
def test_vessels_that_stop_every_day_are_not_judged(ship: Observation) -> None:
    """Only cargo, tanker and passenger ships of 50 m and more."""
    assert found(ship, *speeds((10, 12), (30, 0.3), (90, 0.0))) == []


def test_class_b_is_not_judged() -> None:
    """Whatever it says it is."""
    assert found(SHIP, *speeds((10, 12), (30, 0.3), (90, 0.0), ais_type=18)) == []


def test_positions_that_move_on_contradict_a_faulty_speed() -> None:
    """The log says 0 kn, the positions say 12 kn."""
    way = [fix(float(at), at * 6.2, speed_kn=0.0) for at in range(30, 120, 10)]
    assert found(SHIP, fix(20, 124, speed_kn=12.0), *way) == []


def test_a_report_without_speed_says_nothing() -> None:
    """It neither confirms nor denies."""
    way = speeds((10, 12), (30, 0.3))
    assert len(found(SHIP, *way, fix(60, speed_kn=None), *speeds((90, 0.0)))) == 1
