"""Impossible motion: what is too far, what is only late, and two ships with one identity."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analytics.rules.teleport import Teleport, TeleportSettings
from analytics.rules.terms import Terms
from haechi.findings import Finding, Status
from haechi.observations import Flag, Observation
from haechi.units import KNOT_IN_METRES_PER_SECOND
from tests.analytics.sailing import NOON, findings, fix, static


def found(observations: list[Observation], *, until_s: float | None = None) -> list[Finding]:
    """Return what the rule finds."""
    return findings(Teleport(TeleportSettings(), Terms("teleport")), observations, until_s=until_s)


def test_i9_a_jump_names_both_fixes() -> None:
    """Fifty kilometres in ten seconds; kept as evidence, not dropped."""
    (jump,) = found([fix(0), fix(10, 50_000)])
    assert (jump.kind, jump.status, jump.since) == (
        "teleport",
        Status.OPEN,
        NOON.replace(second=10),
    )
    assert jump.values == {
        "distance_m": 50_000,
        "implied_kn": pytest.approx(9719, 1e-3),
        "jumps": 1,
    }
    assert [identity.seq for identity in jump.evidence] == [1, 10_001]
    assert "0.5000, 0.5000" in jump.text
    assert "0.9497, 0.5000" in jump.text


def test_i9_a_jump_ends_when_none_follows() -> None:
    """Half an hour later it is over, as a moment."""
    (jump,) = found([fix(0), fix(10, 50_000), fix(20, 50_000)], until_s=10 + 1800)
    assert (jump.status, jump.until) == (Status.ENDED, jump.since)


@pytest.mark.parametrize(
    ("seconds", "metres", "ship_type", "jumps"),
    [
        (600, 14_000, 70, 0),
        (600, 16_000, 70, 1),
        (600, 16_000, 40, 0),
        (600, 30_000, 0, 1),
        (600, 28_000, 0, 0),
        (0, 1_900, 70, 0),
        (0, 2_100, 70, 1),
    ],
)
def test_i9_each_class_has_its_own_limit(
    seconds: float, metres: float, ship_type: int, jumps: int
) -> None:
    """Class limit times 1.5, over the time and the latency, and never below 2 km."""
    way = [static(0, ship_type=ship_type), fix(1), fix(1.001 + seconds, metres)]
    assert len(found(way)) == jumps


def test_a_rescue_aircraft_may_fly() -> None:
    """Type 9 at 200 kn is no teleport, where a ship that is heard as seldom makes one."""
    way = [(100.0 * n, 10_300.0 * n) for n in range(5)]
    assert found([fix(*each, ais_type=9, speed_kn=200) for each in way]) == []
    assert len(found([fix(*each, ais_type=1) for each in way])) == 1


@settings(deadline=None)  # correctness, not speed
@given(
    st.lists(st.floats(0, 30), min_size=3, max_size=30),
    st.floats(5, 28),
)
def test_reports_delayed_by_up_to_the_latency_are_no_jumps(
    delays: list[float], speed_kn: float
) -> None:
    """A cargo ship whose reports are dated up to 30 s late by relays never teleports."""
    speed = speed_kn * KNOT_IN_METRES_PER_SECOND
    seconds = [(10.0 * n + delay, 10.0 * n * speed) for n, delay in enumerate(delays)]
    assert found([static(0), *(fix(1 + at, metres) for at, metres in seconds)]) == []


def test_two_ships_with_one_identity_are_one_episode() -> None:
    """A hundred reports in turns from two places: one finding, which says so."""
    way = [fix(10.0 * n, 80_000.0 * (n % 2)) for n in range(100)]
    (shared,) = found(way, until_s=990 + 1800)
    assert shared.values["jumps"] == 99
    assert shared.until == NOON + timedelta(seconds=990)
    assert "two transmitters may share its identity" in shared.text


def test_a_single_outlier_is_one_episode_of_two_jumps() -> None:
    """There and back."""
    (jump,) = found([fix(0), fix(10, 50_000), fix(20)], until_s=5000)
    assert jump.values["jumps"] == 2
    assert "share" not in jump.text


def test_the_antimeridian_is_no_jump() -> None:
    """From 179.999 to -179.999 is 220 m; the pole is as near."""
    across = [fix(0, lat=0.0, lon=179.999), fix(10, lat=0.0, lon=-179.999)]
    over = [fix(0, lat=89.999, lon=0.0), fix(10, lat=89.999, lon=180.0)]
    assert found(across) == found(over) == []


def test_a_receiver_without_a_fix_did_not_sail_to_null_island() -> None:
    """A flagged 0, 0 and a report without position are passed over."""
    null = replace(fix(10, lat=0.0, lon=0.0), flags=(Flag.NULL_ISLAND,))
    assert found([fix(0, 30_000), null, fix(15, lat=None, lon=None), fix(20, 30_000)]) == []
