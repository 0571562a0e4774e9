"""Every default rule through the engine: the order of arrival changes nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.catalogue import load
from analytics.changes import Bounds
from analytics.engine import Engine
from analytics.fold import fold
from haechi.declared import DeclaredVoyage
from haechi.findings import Finding, Status
from haechi.observations import Observation
from haechi.vessels import VesselPosition
from tests.analytics.sailing import NOON, fix, seen, square, static, zone_set

ROOT = Path(__file__).resolve().parents[3]
ZONES = zone_set(
    square(enter_dwell_s=60, speed_limit_kn=10), square("strip", side_m=120, north_m=-3000)
)
RULES = load((ROOT / "haechi" / "defaults" / "rules.toml").read_text(), ZONES)
ACROSS: dict[str, Any] = {"course_deg": 0.0, "heading_deg": 90.0, "speed_kn": 2.0}


def a_bad_voyage() -> list[Observation]:
    """Return a ship that crosses, enters, speeds, drifts, leaves, jumps, stops and falls silent."""
    route = ((0.5, 0.4), (0.5, 0.6))
    voyage = DeclaredVoyage(voyage="V1", version=1, begins=NOON, route=route, corridor_m=1000)
    way = [
        seen(1, voyage),
        static(0),
        fix(10, -3500, 60, speed_kn=12.0),
        fix(70, -2500, 60, speed_kn=12.0),
    ]
    way += [fix(70.0 + 20 * n, -2500 + 120 * n, 60, speed_kn=12.0) for n in range(1, 30)]
    way += [fix(700.0 + 60 * n, 1000 + 60 * n, 60, **ACROSS) for n in range(20)]
    way += [fix(2000, -5000, 60, speed_kn=12.0), fix(2010, 90_000, 60, speed_kn=12.0)]
    way += [fix(2030, 90_000, 60, speed_kn=0.2), fix(2090, 90_000, 60, speed_kn=0.1)]
    way += [fix(50_000, 90_000, 60, speed_kn=5.0)]
    way += [fix(51_000 + 60.0 * n, 0, 5000, speed_kn=3.0) for n in range(4)]
    return way + [fix(52_000 + 2000.0 * n, 0, 60, speed_kn=0.1) for n in range(5)]


def through_the_engine(arrivals: list[list[Observation]], end_s: float) -> set[Any]:
    """Return what stands in the end after these batches arrived."""
    days = timedelta(days=2)
    bounds = Bounds(age=days, idle=days)
    engine = Engine(RULES, allowance=days, idle_limit=days, bounds=bounds)
    said: dict[str, Finding] = {}
    changes = [engine.feed(ZONES.locate(batch)) for batch in arrivals]
    for change in (*changes, engine.tick(NOON + timedelta(seconds=end_s))):
        assert not change.needs
        said.update((finding.id, finding) for finding in change.findings)
    return {_key(finding) for finding in said.values() if finding.status is not Status.RETRACTED}


def by_definition(end_s: float) -> set[Any]:
    """Return what the reference fold finds in the voyage."""
    events, end = ZONES.locate(a_bad_voyage()), NOON + timedelta(seconds=end_s)
    return {_key(finding) for rule in RULES for finding in fold(rule, events, end).values()}


def _key(finding: Finding) -> Any:
    said = finding.said
    return (said.id, said.kind, said.status, said.since, said.until, said.text)


def test_the_bad_voyage_has_something_for_every_rule() -> None:
    """So that the tests below prove something about each."""
    events = ZONES.locate(a_bad_voyage())
    found = {rule.name for rule in RULES if fold(rule, events, NOON + timedelta(days=1))}
    assert found == {rule.name for rule in RULES if VesselPosition in rule.accepts}


def test_geo_7_newest_first_one_by_one_is_the_same() -> None:
    """A backlog delivered backwards: correct enters and exits, with event times."""
    backwards = [[seen] for seen in reversed(a_bad_voyage())]
    assert through_the_engine(backwards, 86_400) == by_definition(86_400)


@settings(deadline=None, max_examples=20)  # each folds the voyage many times
@given(st.permutations(a_bad_voyage()), st.integers(1, 20))
def test_any_order_and_any_batches_give_the_same_findings(
    arrivals: list[Observation], size: int
) -> None:
    """Any permutation, cut anywhere, with the first batch delivered twice."""
    batches = [arrivals[n : n + size] for n in range(0, len(arrivals), size)]
    assert through_the_engine([*batches, batches[0]], 86_400) == by_definition(86_400)
