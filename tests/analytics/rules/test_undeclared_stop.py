"""Undeclared stop: how long is allowed, and where."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.rules.terms import Terms
from analytics.rules.undeclared_stop import UndeclaredStop, UndeclaredStopSettings
from haechi.declared import DeclaredVoyage, PortCall
from haechi.findings import Finding, Status
from haechi.ground import VehiclePosition
from haechi.observations import Observation
from tests.analytics.sailing import NOON, findings, fix, seen, square, zone_set

STILL: dict[str, Any] = {"speed_kn": 0.4}


def voyage(seconds: float = 0, **stated: Any) -> Observation:
    """Return a declaration of a line through the place where all of this happens."""
    usual: dict[str, Any] = {
        "voyage": "V1",
        "version": 1,
        "begins": NOON,
        "route": ((0.0, 0.5), (1.0, 0.5)),
    }
    return seen(seconds, DeclaredVoyage(**{**usual, **stated}))


def found(*observations: Observation, until_s: float | None = None) -> list[Finding]:
    """Return what the rule finds."""
    rule = UndeclaredStop(UndeclaredStopSettings(), Terms("undeclared_stop"))
    zones = zone_set(square("roads", side_m=2000))
    return findings(rule, list(observations), zones, until_s=until_s)


def halted(*seconds: float, north_m: float = 0) -> list[Observation]:
    """Return reports without way at these times."""
    return [fix(second, north_m, **STILL) for second in seconds]


def test_a_ship_that_stops_for_two_hours_is_found_until_it_moves() -> None:
    """From the first report without way to the first with it."""
    (stop,) = found(voyage(), *halted(100, 3700, 7300), fix(7400, 500, speed_kn=8.0))
    assert (stop.kind, stop.status) == ("undeclared_stop", Status.ENDED)
    assert (stop.since, stop.until) == tuple(NOON + timedelta(seconds=s) for s in (100, 7400))


@pytest.mark.parametrize(
    ("ship", "why"),
    [
        (halted(100, 3700, 7299), "a second too short"),
        ([*halted(100, 3700), fix(4000, speed_kn=3.0), *halted(5000, 9000)], "it moved between"),
        ([fix(s, speed_kn=1.0) for s in (100, 3700, 7300)], "1 kn is not below 1 kn"),
        ([fix(s) for s in (100, 3700, 7300)], "no speed is stated"),
    ],
)
def test_what_is_no_stop(ship: list[Observation], why: str) -> None:
    """Near misses of the definition."""
    assert found(voyage(), *ship) == [], why


def test_without_a_voyage_anybody_may_stop() -> None:
    """The rule is about declared voyages only."""
    assert found(*halted(100, 3700, 7300)) == []


def test_a_stop_in_port_or_in_an_allowed_zone_is_expected() -> None:
    """Either is declared with the voyage."""
    port = PortCall(locode="KRPUS", lat=0.5, lon=0.5, radius_m=3000)
    assert found(voyage(calls=(port,)), *halted(100, 3700, 7300)) == []
    assert found(voyage(allowed_stops=("roads",)), *halted(100, 3700, 7300, north_m=100)) == []
    elsewhere = halted(100, 3700, 7300, north_m=9000)
    assert len(found(voyage(allowed_stops=("roads",)), *elsewhere)) == 1


def test_a_truck_may_stop_for_half_an_hour() -> None:
    """Thirty minutes are too long, a second less is not."""
    truck = VehiclePosition(lat=0.5, lon=0.5, speed_kn=0.0)
    assert found(voyage(), seen(100, truck), seen(1899, truck)) == []
    assert len(found(voyage(), seen(100, truck), seen(1900, truck))) == 1


def test_one_that_falls_silent_ends_with_its_last_report() -> None:
    """Six hours after it nobody can say whether it is still there."""
    (ended,) = found(voyage(), *halted(100, 7300), until_s=7300 + 21_600)
    assert (ended.status, ended.until) == (Status.ENDED, NOON + timedelta(seconds=7300))
