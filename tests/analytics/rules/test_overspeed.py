"""Overspeed: bursts, limits of classes and zones, and vessels that fall silent."""

from datetime import timedelta

from msgspec.structs import replace

from analytics.rules.overspeed import Overspeed, OverspeedSettings
from analytics.rules.terms import Terms
from analytics.zones import ZoneSet
from haechi.findings import Finding, Status
from haechi.observations import Observation
from tests.analytics.sailing import NOON, findings, fix, kinds, square, static, zone_set

OPEN_SEA = ZoneSet((), "none")
HARBOUR = zone_set(square(speed_limit_kn=10))


def found(
    observations: list[Observation], zones: ZoneSet = OPEN_SEA, *, until_s: float | None = None
) -> list[Finding]:
    """Return what the rule finds."""
    rule = Overspeed(OverspeedSettings(), Terms("overspeed"), zones)
    return findings(rule, observations, zones, until_s=until_s)


def run(*speeds: float, every_s: float = 30, start_s: float = 0) -> list[Observation]:
    """Return fixes inside the harbour at these speeds."""
    return [fix(start_s + every_s * n, 500, 500, speed_kn=kn) for n, kn in enumerate(speeds)]


def test_above_the_limit_for_the_minimal_duration_is_found() -> None:
    """The episode begins with the first report above, not with the report that confirms it."""
    (speeding,) = found(run(9, 12, 13, 12), HARBOUR)
    assert (speeding.kind, speeding.zone, speeding.status) == ("overspeed", "box", Status.OPEN)
    assert speeding.since == NOON + timedelta(seconds=30)
    assert speeding.values == {"fastest_kn": 13}
    assert speeding.thresholds["limit_kn"] == 10


def test_a_shorter_burst_is_nothing() -> None:
    """One faulty report between two slow ones, and two within half a minute."""
    assert found(run(9, 90, 9, 12, 12, 9), HARBOUR) == []


def test_it_ends_below_the_hysteresis() -> None:
    """9.5 kn is still the episode, 8.9 kn is its end."""
    (speeding,) = found(run(12, 12, 12, 9.5, 12, 8.9), HARBOUR)
    assert speeding.until == NOON + timedelta(seconds=150)
    assert speeding.status is Status.ENDED


def test_it_ends_on_leaving_the_zone() -> None:
    """Outside only the limit of the class holds."""
    (speeding,) = found([*run(12, 12, 12), fix(90, -500, 500, speed_kn=12)], HARBOUR)
    assert speeding.until == NOON + timedelta(seconds=90)


def test_it_ends_with_the_last_report_of_a_vessel_that_falls_silent() -> None:
    """Nothing is said about the time after."""
    assert found(run(12, 12, 12), HARBOUR, until_s=659)[0].until is None
    (speeding,) = found(run(12, 12, 12), HARBOUR, until_s=660)
    assert speeding.until == NOON + timedelta(seconds=60)


def test_two_fast_reports_far_apart_are_not_a_stretch() -> None:
    """Eleven minutes between them: the vessel may have stopped."""
    assert found(run(12, 12, every_s=660), HARBOUR) == []


def test_the_class_decides_the_limit_outside_zones() -> None:
    """A cargo ship at 45 kn is not what it says it is; an unknown vessel may be."""
    assert found(run(45, 45, 45)) == []
    (speeding,) = found([static(0, ship_type=70), *run(45, 45, 45, start_s=1)])
    assert (speeding.zone, speeding.thresholds["limit_kn"]) == (None, 30)


def test_a_rescue_aircraft_is_no_speeding_ship() -> None:
    """Type 9 reports fly."""
    flight = [fix(30.0 * n, 500, 500, speed_kn=150, ais_type=9) for n in range(5)]
    assert found(flight, HARBOUR) == []


def test_the_limits_of_zone_and_class_are_judged_apart() -> None:
    """A tug at 25 kn in the harbour breaks both."""
    both = found([static(0, ship_type=52), *run(25, 25, 25, start_s=1)], HARBOUR)
    assert kinds(both) == ["overspeed", "overspeed"]
    assert {speeding.zone for speeding in both} == {None, "box"}


def test_a_limit_out_of_force_is_none() -> None:
    """The zone's schedule holds for its speed limit too."""
    night = {"time_zone": "UTC", "windows": [{"opens": "22:00", "closes": "05:00"}]}
    assert found(run(12, 12, 12), zone_set(square(speed_limit_kn=10, schedule=night))) == []


def test_two_sites_that_see_the_same_name_it_apart() -> None:
    """Each has its own engine, and one store keeps what both say."""
    fast = [fix(second, speed_kn=70.0) for second in (0, 30, 60)]
    here, there = (found([replace(each, site=s) for each in fast]) for s in ("busan", "incheon"))
    assert [each.text for each in here] == [each.text for each in there] != []
    assert {each.id for each in here}.isdisjoint(each.id for each in there)
