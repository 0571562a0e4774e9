"""Route deviation: the corridor, its hysteresis, and declarations that come, change and go."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.rules.route_deviation import RouteDeviation, RouteDeviationSettings
from analytics.rules.terms import Terms
from haechi.declared import DeclaredVoyage, PortCall
from haechi.findings import Finding, Status
from haechi.ground import VehiclePosition
from haechi.observations import Observation
from tests.analytics.sailing import METRE, NOON, findings, fix, seen

WEST, EAST = (0.0, 0.5), (1.0, 0.5)
"""The declared line runs along 0.5 N, where all voyages of these tests take place."""


def voyage(seconds: float = 0, **stated: Any) -> Observation:
    """Return a declaration of a corridor of 5 km to each side of the line."""
    usual: dict[str, Any] = {
        "voyage": "V1",
        "version": 1,
        "begins": NOON,
        "route": (WEST, EAST),
        "corridor_m": 5000,
    }
    return seen(seconds, DeclaredVoyage(**{**usual, **stated}))


def found(*observations: Observation, until_s: float | None = None) -> list[Finding]:
    """Return what the rule finds."""
    rule = RouteDeviation(RouteDeviationSettings(), Terms("route_deviation"))
    return findings(rule, list(observations), until_s=until_s)


def offs(*metres: float, start_s: float = 60, step_s: float = 60) -> list[Observation]:
    """Return fixes so many metres north of the line, a minute apart."""
    return [fix(start_s + step_s * number, off) for number, off in enumerate(metres)]


def test_a_ship_that_leaves_the_corridor_is_found_and_its_return_too() -> None:
    """From the first fix outside to the first inside by the hysteresis."""
    (astray,) = found(voyage(), *offs(0, 4900, 5100, 7000, 9000, 4800, 4400, 0))
    assert (astray.kind, astray.status) == ("route_deviation", Status.ENDED)
    assert (astray.since, astray.until) == tuple(NOON + timedelta(seconds=s) for s in (180, 420))
    assert astray.values["farthest_m"] == pytest.approx(9000, abs=5)
    assert astray.values["voyage"] == "V1"


@pytest.mark.parametrize(
    ("metres", "why"),
    [
        ([0, 4990, 4990, 4990, 4990], "inside the corridor"),
        ([0, 9000, 0, 9000, 0, 9000, 0], "each fix outside is alone"),
        ([0, 9000, 9000, 0], "two fixes only"),
    ],
)
def test_what_is_no_deviation(metres: list[float], why: str) -> None:
    """Near misses of the definition."""
    assert found(voyage(), *offs(*metres)) == [], why


def test_three_fixes_within_a_minute_are_not_long_enough() -> None:
    """The third is 59 s after the first: nothing; a fourth makes it 60 s and more."""
    fast = [fix(second, 9000) for second in (60, 90, 119)]
    assert found(voyage(), *fast) == []
    assert len(found(voyage(), *fast, fix(120, 9000))) == 1


def test_one_that_flaps_at_the_edge_is_one_deviation() -> None:
    """Within the hysteresis it has not come back."""
    assert len(found(voyage(), *offs(0, *[5100, 4900] * 10, 0))) == 0
    assert len(found(voyage(), *offs(0, 5100, 5100, 5100, *[4900, 5100] * 10, 0))) == 1


def test_a_subject_without_a_voyage_is_not_judged() -> None:
    """Nor before the voyage begins, nor after it ends, nor before anybody declared it."""
    assert found(*offs(9000, 9000, 9000, 9000)) == []
    later = NOON + timedelta(hours=1)
    assert found(voyage(begins=later), *offs(9000, 9000, 9000, 9000)) == []
    assert found(voyage(ends=NOON + timedelta(seconds=1)), *offs(9000, 9000, 9000, 9000)) == []
    assert found(*offs(9000, 9000, 9000, 9000), voyage(400)) == []


def test_a_withdrawn_voyage_ends_what_it_began() -> None:
    """The deviation lasted until the last fix outside."""
    (astray,) = found(
        voyage(), *offs(9000, 9000, 9000), voyage(200, version=2, withdrawn=True), fix(240, 9000)
    )
    assert (astray.status, astray.until) == (Status.ENDED, NOON + timedelta(seconds=180))


def test_a_new_version_of_the_route_is_what_counts() -> None:
    """Moved 9 km north, the ship is on it; the old version said again changes nothing."""
    north = tuple((lon, lat + 9000 * METRE) for lon, lat in (WEST, EAST))
    ship = offs(9000, 9000, 9000, 9000)
    assert found(voyage(), voyage(10, version=2, route=north), *ship) == []
    assert found(voyage(10, version=2, route=north), voyage(20), *ship) == []


def test_at_a_port_of_the_voyage_nothing_is_outside() -> None:
    """Approaches wind."""
    port = PortCall(locode="KRPUS", lat=0.5 + 9000 * METRE, lon=0.5, radius_m=3000)
    assert found(voyage(calls=(port,)), *offs(9000, 9000, 9000, 9000)) == []


def test_without_a_line_it_runs_straight_from_port_to_port() -> None:
    """A declaration often has no more than ports."""
    ports = tuple(
        PortCall(locode="KRPUS", lat=lat, lon=lon, radius_m=1000) for lon, lat in (WEST, EAST)
    )
    bare = voyage(route=(), calls=ports)
    assert found(bare, *offs(0, 100, 200)) == []
    assert len(found(bare, *offs(9000, 9000, 9000))) == 1


def test_on_either_of_two_voyages_is_on_its_route() -> None:
    """While one ends and the next begins, both are declared."""
    other = voyage(
        5, voyage="V2", route=tuple((lon, lat + 9000 * METRE) for lon, lat in (WEST, EAST))
    )
    assert found(voyage(), other, *offs(9000, 9000, 0, 0)) == []


def test_one_that_falls_silent_outside_ends_with_its_last_fix() -> None:
    """Six hours after it nobody can say where it is."""
    ship = offs(9000, 9000, 9000)
    (still,) = found(voyage(), *ship, until_s=180 + 21_599)
    (ended,) = found(voyage(), *ship, until_s=180 + 21_600)
    assert (still.status, ended.until) == (Status.OPEN, NOON + timedelta(seconds=180))


def test_a_truck_has_a_route_too() -> None:
    """The same rule, another kind of report."""
    truck = [seen(60.0 * n, VehiclePosition(lat=0.5 + 9000 * METRE, lon=0.5)) for n in range(1, 4)]
    assert len(found(voyage(), *truck)) == 1
