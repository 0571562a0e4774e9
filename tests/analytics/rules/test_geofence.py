"""Zones and vessels: enter, exit, inside and crossed, under the names of the issues they answer."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert
from msgspec.structs import replace

from analytics.rules.geofence import Geofence, GeofenceSettings
from analytics.rules.terms import Terms
from analytics.zones import ZoneSet
from haechi.cameras import Detection
from haechi.drones import DronePosition
from haechi.findings import Finding, Severity, Status
from haechi.observations import Flag, Observation
from tests.analytics.sailing import (
    METRE,
    NOON,
    findings,
    fix,
    kinds,
    seen,
    square,
    static,
    zone_set,
)


def geofence(zones: ZoneSet, **settings: float) -> Geofence:
    """Return the rule over these zones."""
    return Geofence(GeofenceSettings(**settings), Terms("geofence"), zones)


def found(
    zones: ZoneSet, observations: list[Observation], *, until_s: float | None = None
) -> list[Finding]:
    """Return what the rule finds."""
    return findings(geofence(zones), observations, zones, until_s=until_s)


def test_a_visit_is_one_interval_and_its_end_a_moment() -> None:
    """Entering opens a finding that leaving ends; leaving is said once more as a moment."""
    zones = zone_set(square(severity="MAJOR"))
    way = [fix(0, -500, 1000), fix(60, 500, 1000), fix(120, 900, 1000)]
    (enter,) = found(zones, way)
    assert (enter.kind, enter.status, enter.until) == ("enter", Status.OPEN, None)
    assert (enter.zone, enter.severity) == ("box", Severity.MAJOR)
    assert enter.since == NOON + timedelta(seconds=60)
    ended, left = found(zones, [*way, fix(180, -400, 1000)])
    assert (ended.id, ended.status) == (enter.id, Status.ENDED)
    assert ended.until == left.since == left.until == NOON + timedelta(seconds=180)
    assert ended.values["stay_s"] == left.values["stay_s"] == 120
    assert kinds([ended, left]) == ["enter", "exit"]


def test_geo_1_flapping_at_the_border_for_ten_minutes_is_one_enter() -> None:
    """Noise of 15 m at the boundary is within the hysteresis (traccar#2189, #3609, #6019)."""
    noise = Random(20261122)  # noqa: S311 - a recorded disturbance, not a secret
    zones = zone_set(square())
    way = [fix(0, -200, 1000)]
    way += [fix(second, noise.uniform(-15, 15), 1000) for second in range(10, 610, 5)]
    assert kinds(found(zones, way)) == ["enter"]


@settings(deadline=None)  # correctness, not speed
@given(st.lists(st.floats(-15, 15), min_size=2, max_size=40))
def test_geo_1_no_noise_within_the_hysteresis_gives_two_findings(offsets: list[float]) -> None:
    """Whatever the noise, at most one enter and no exit."""
    way = [fix(0, -200, 1000), *(fix(5 * n, m, 1000) for n, m in enumerate(offsets, start=1))]
    assert kinds(found(zone_set(square()), way)) in ([], ["enter"])


def test_geo_2_a_drive_by_of_twenty_seconds_is_nothing_with_a_dwell_of_a_minute() -> None:
    """Three fixes inside over 20 s, then far outside: nothing, then or later."""
    zones = zone_set(square(enter_dwell_s=60))
    inside = [fix(10, 100, 1000), fix(20, 150, 1000), fix(30, 100, 1000)]
    way = [fix(0, -200, 1000), *inside, fix(40, -200, 1000)]
    assert found(zones, way, until_s=3600) == []


def test_geo_2_a_vessel_that_falls_silent_inside_is_found_all_the_same() -> None:
    """The dwell passes without a further fix."""
    zones = zone_set(square(enter_dwell_s=60))
    way = [fix(0, -200, 1000), fix(10, 100, 1000)]
    assert found(zones, way, until_s=69.9) == []
    (enter,) = found(zones, way, until_s=70)
    assert (enter.kind, enter.since) == ("enter", NOON + timedelta(seconds=10))


def test_geo_3_two_fixes_either_side_of_a_box_of_120_m_are_a_crossing() -> None:
    """No fix is inside, the way is (traccar#3779, #4316)."""
    zones = zone_set(square(side_m=120))
    (crossed,) = found(zones, [fix(0, -40, 60), fix(30, 160, 60)])
    assert (crossed.kind, crossed.status) == ("crossed", Status.ENDED)
    assert (crossed.since, crossed.until) == (NOON, NOON + timedelta(seconds=30))
    assert crossed.values["inside_share"] == pytest.approx(0.6, abs=0.01)
    assert len(crossed.evidence) == 2


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (fix(30, 160, 900), "passes beside the box"),
        (fix(1900, 160, 60), "the fixes are half an hour apart"),
        (fix(30, 30_000, 60), "the fixes are too far apart for a straight line"),
    ],
)
def test_geo_3_no_crossing_is_claimed_without_reason(end: Observation, why: str) -> None:
    """A way that misses the box, or of which nothing is known, is not a crossing."""
    assert found(zone_set(square(side_m=120)), [fix(0, -40, 60), end]) == [], why


def test_geo_3_a_long_way_between_fixes_is_still_a_crossing() -> None:
    """Fixes beyond the locating margin on both sides are found by the grid."""
    zones = zone_set(square(side_m=120))
    assert kinds(found(zones, [fix(0, -5000, 60), fix(600, 5000, 60)])) == ["crossed"]


def test_geo_3_a_crossing_shorter_than_the_dwell_is_a_drive_by() -> None:
    """The time spent inside is estimated from the share of the way."""
    zones = zone_set(square(side_m=120, enter_dwell_s=60))
    assert found(zones, [fix(0, -40, 60), fix(30, 160, 60)]) == []
    assert kinds(found(zones, [fix(0, -40, 60), fix(101, 160, 60)])) == ["crossed"]


def test_geo_4_the_first_fix_inside_is_inside_and_not_enter() -> None:
    """Nobody saw it enter (traccar#3897)."""
    assert kinds(found(zone_set(square()), [fix(0, 100, 100)])) == ["inside"]


def test_geo_4_a_zone_that_comes_into_force_around_a_vessel_finds_it_inside() -> None:
    """The schedule opens at 13:00 UTC without any fix (TB#16118), and closes at 14:00."""
    hours = {"time_zone": "UTC", "windows": [{"opens": "13:00", "closes": "14:00"}]}
    zones = zone_set(square(schedule=hours))
    way = [fix(0, -500, 100), fix(60, 500, 100)]
    assert found(zones, way, until_s=3599) == []
    (inside,) = found(zones, way, until_s=3600)
    assert (inside.kind, inside.since) == ("inside", NOON + timedelta(hours=1))
    (closed,) = found(zones, way, until_s=7200)
    assert (closed.id, closed.until) == (inside.id, NOON + timedelta(hours=2))


def test_geo_4_entering_while_in_force_is_enter() -> None:
    """A schedule changes nothing for a vessel that enters during its hours."""
    hours = {"time_zone": "UTC", "windows": [{"opens": "11:00", "closes": "14:00"}]}
    way = [fix(0, -500, 100), fix(60, 500, 100)]
    assert kinds(found(zone_set(square(schedule=hours)), way)) == ["enter"]


def test_geo_5_leaving_one_zone_and_entering_another_in_one_fix_says_exit_first() -> None:
    """The order within one step is exit, then enter (traccar PR 4223)."""
    zones = zone_set(square("a", side_m=1000), square("b", side_m=1000, north_m=1000))
    rule = geofence(zones)
    first, second = zones.locate([fix(0, 500, 500), fix(60, 1500, 500)])
    step = rule.on_event(rule.on_event(rule.start(), first).state, second)
    assert [(said.kind, said.zone) for said in step.findings] == [
        ("inside", "a"),
        ("exit", "a"),
        ("enter", "b"),
    ]


@pytest.mark.parametrize("name", "bcdefgh")
def test_geo_5_exit_comes_first_in_what_is_reported_too(name: str) -> None:
    """Whatever their ids are, by which what is alike in all else is sorted."""
    zones = zone_set(square("a", side_m=1000), square(name, side_m=1000, north_m=1000))
    found = findings(geofence(zones), [fix(0, 500, 500), fix(60, 1500, 500)], zones)
    assert kinds(found) == ["inside", "exit", "enter"]


def test_geo_7_a_backlog_delivered_newest_first_gives_the_same_findings() -> None:
    """Six hours of fixes in any order: the same enters and exits with event times (#4417)."""
    zones = zone_set(square(side_m=1000))
    north = [-500, 500, 600, -500, -600, 700, -500]
    way = [fix(3600 * n, metres, 500) for n, metres in enumerate(north)]
    rule = geofence(zones, lost_after_s=7200)
    in_order = findings(rule, way, zones)
    assert kinds(in_order) == ["enter", "exit", "enter", "exit"]
    assert findings(rule, way[::-1], zones) == in_order
    assert all(
        findings(rule, [*head, *way[3:]], zones) == in_order for head in permutations(way[:3])
    )


def test_a_vessel_unheard_for_long_is_not_assumed_to_be_still_inside() -> None:
    """The visit ends with the last fix; no exit is claimed (RTEC: ends at gap_start)."""
    zones = zone_set(square())
    way = [fix(0, -500, 100), fix(60, 500, 100)]
    (lost,) = found(zones, way, until_s=60 + 21_600)
    assert (lost.kind, lost.until) == ("enter", NOON + timedelta(seconds=60))
    again = [*way, fix(60 + 22_000, 500, 100)]
    assert kinds(found(zones, again)) == ["enter", "inside"]


def test_coming_back_within_the_exit_dwell_is_the_same_visit() -> None:
    """Out for a minute, back, then out for good: one visit, one exit at the first fix outside."""
    zones = zone_set(square(exit_dwell_s=120))
    way = [fix(0, -500, 100), fix(60, 500, 100), fix(120, -500, 100), fix(180, 500, 100)]
    assert kinds(found(zones, way)) == ["enter"]
    _, left = found(zones, [*way, fix(240, -500, 100)], until_s=360)
    assert (left.kind, left.since) == ("exit", NOON + timedelta(seconds=240))


def test_only_what_a_zone_asks_for_is_reported() -> None:
    """A zone that wants exits alone hears of nothing else."""
    zones = zone_set(square(report=["exit"]))
    assert kinds(found(zones, [fix(0, -500, 9), fix(60, 500, 9), fix(120, -500, 9)])) == ["exit"]


def test_the_boundary_belongs_to_the_zone() -> None:
    """A fix exactly on the edge is inside."""
    assert kinds(found(zone_set(square()), [fix(0, -500, 0), fix(60, 0, 0)])) == ["enter"]


def test_a_receiver_without_a_fix_is_nowhere() -> None:
    """A flagged 0, 0 does not end a visit, nor does a report without a position."""
    zones = zone_set(square())
    null = replace(fix(120, lat=0.0, lon=0.0), flags=(Flag.NULL_ISLAND,))
    way = [fix(0, -500, 100), fix(60, 500, 100), null, fix(180, lat=None, lon=None), static(190)]
    assert kinds(found(zones, way)) == ["enter"]


def test_t3_a_window_over_the_leap_day_and_the_year_end_opens_in_local_time() -> None:
    """22:00 in Seoul on 29 February 2028 is 13:00 UTC; 1 January is no special day."""
    hours = {"time_zone": "Asia/Seoul", "windows": [{"opens": "22:00", "closes": "05:00"}]}
    zones = zone_set(square(schedule=hours))
    for day in (datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2027, 12, 31, 12, tzinfo=UTC)):
        way = [fix(0, -500, 9, start=day), fix(60, 500, 9, start=day)]
        (inside,) = findings(geofence(zones), [*way, fix(4000, 500, 9, start=day)], zones)
        assert (inside.kind, inside.since) == ("inside", day + timedelta(hours=1))


def test_a_quiet_sea_costs_one_small_state() -> None:
    """Far from every zone nothing is kept but the last fix, and nothing is waited for."""
    zones = zone_set(square())
    rule = geofence(zones)
    (event,) = zones.locate([fix(0, 0, 90_000)])
    step = rule.on_event(rule.start(), event)
    assert (step.state.last, step.state.visits, step.wake_at) == (event.observation, (), None)


def test_zones_for_drones_are_for_drones_alone() -> None:
    """A patrol over closed water is no breach of it, and a ship may lie below a no-fly zone."""
    zones = zone_set(square(report=["enter"]), square("quiet", kind="no_fly", report=["enter"]))
    inward = [(0.0, -500.0), (60.0, 500.0)]
    ship = [fix(at, north, 500) for at, north in inward]
    drone = [
        seen(at, DronePosition(lat=0.5 + north * METRE, lon=0.5 + 500 * METRE), subject="drone:d-1")
        for at, north in inward
    ]
    assert [finding.zone for finding in found(zones, ship)] == ["box"]
    assert [finding.zone for finding in found(zones, drone)] == ["quiet"]


def sighted(seconds: float, north_m: float, phase: str = "update") -> Observation:
    """Return what a camera says of somebody."""
    stated = {
        "phase": phase,
        "camera": "cctv-1",
        "label": "person",
        "score": 0.9,
        "box": [0, 0, 0.1, 0.1],
        "frame": "0" * 64,
        "lat": 0.5 + north_m * METRE,
        "lon": 0.5 + 500 * METRE,
    }
    return seen(seconds, convert(stated, Detection), subject="object:cctv-1.a1b2c3d4-7")


def test_whoever_stays_in_a_watched_zone_is_reported_until_the_camera_loses_him() -> None:
    """After the dwell time; passing through faster is not loitering, and ships are not meant."""
    zones = zone_set(
        square(report=["enter"]),
        square("gate", kind="watched", enter_dwell_s=60, report=["enter", "inside"]),
    )
    way = [sighted(0, -500, "new"), *(sighted(30 + at, 500) for at in range(0, 90, 10))]
    (enter,) = found(zones, way)
    assert (enter.zone, enter.kind, enter.status) == ("gate", "enter", Status.OPEN)
    assert enter.since == NOON + timedelta(seconds=30)
    (ended,) = found(zones, [*way, sighted(115, 500, "end")])
    assert (ended.id, ended.until) == (enter.id, NOON + timedelta(seconds=115))
    assert found(zones, [*way[:5], sighted(80, -500)]) == []
    assert found(zones, [*way[:5], sighted(80, 500, "end")]) == []
