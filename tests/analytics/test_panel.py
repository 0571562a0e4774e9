"""Who is given what."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analytics.catalogue import AnyRule, load
from analytics.engine import Engine
from analytics.panel import Panel
from analytics.rule import STEADY_DEG, Event, Step, awaiting, is_bare_fix, steadying
from haechi.cargo import CargoVerdict
from haechi.declared import DeclaredVoyage
from haechi.messages import Content
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic
from tests.analytics.sailing import NOON, seen, zone_set

ROOT = Path(__file__).resolve().parents[2]
RULES = load((ROOT / "haechi" / "defaults" / "rules.toml").read_text(), zone_set())
FERRY = VesselParticulars(ship_type=60, length_m=120.0)
TUG = VesselParticulars(ship_type=52, length_m=30.0)
ROUTE = ((0.5, 0.4), (0.5, 0.6))
LINES: tuple[Content, ...] = (
    VesselStatic(particulars=FERRY, ais_type=5),
    VesselStatic(particulars=TUG, ais_type=5),
    VesselPosition(lat=0.5, lon=0.5, speed_kn=12.0, particulars=FERRY),
    VesselPosition(lat=0.5, lon=0.5, speed_kn=12.0),
    VesselPosition(lat=0.5, lon=0.5, speed_kn=0.1),
    VesselPosition(lat=0.5, lon=0.6, speed_kn=2.0, course_deg=0.0, heading_deg=90.0),
    DeclaredVoyage(voyage="V1", version=1, begins=NOON, route=ROUTE, corridor_m=1000),
    DeclaredVoyage(voyage="V1", version=2, begins=NOON, withdrawn=True),
)
FIXES = [
    VesselPosition(),
    VesselPosition(lat=0.5, lon=0.5, speed_kn=0.0, ais_type=18),
    VesselPosition(lat=0.7, lon=0.5, speed_kn=30.0, course_deg=9.0, heading_deg=99.0, ais_type=1),
]


@pytest.mark.parametrize(
    "standing",
    [
        DeclaredVoyage(voyage="V1", version=1, begins=NOON, route=ROUTE),
        CargoVerdict(shipment="S-1", revision=1),
    ],
)
def test_what_was_declared_does_not_hold_time_back(standing: Content) -> None:
    """A registry spoke once, ten minutes ago; the receiver goes on."""
    said = seen(0, standing)
    heard = seen(599, VesselPosition(lat=0.5, lon=0.5))
    engine = Engine(RULES, allowance=timedelta(seconds=30), idle_limit=timedelta(minutes=10))
    engine.feed([Event(replace(said, device="registry")), Event(heard)])
    assert engine.watermark == heard.at - timedelta(seconds=30)


@given(st.lists(st.sampled_from(LINES), max_size=12), st.integers(1, 900))
def test_a_rule_that_awaits_a_statement_has_nothing_to_say_to_a_bare_fix(
    lines: list[Content], apart_s: int
) -> None:
    """Whatever was heard before: its state stays, it finds nothing and wishes no wake."""
    events = [Event(seen(number * apart_s, said)) for number, said in enumerate(lines)]
    then = [Event(seen(len(lines) * apart_s, said)) for said in FIXES]
    for rule in RULES:
        awaits = awaiting(rule)
        state: Any = rule.start()
        for event in events:
            step = rule.on_event(state, event) if type(event.content) in rule.accepts else None
            state = step.state if step else state
            if awaits is not None and awaits(state):
                assert step is None or step.wake_at is None
                assert [rule.on_event(state, fix) for fix in then] == [Step(state)] * len(then)


SPEEDS_KN = st.sampled_from([0.0, 0.5, 0.9, 1.0, 3.0, 5.0, 6.9, 7.0, 7.1, 12.0, 29.0, 31.0, 61.0])
OFF_DEG = st.sampled_from([0.0, STEADY_DEG / 2, -STEADY_DEG * 0.999, STEADY_DEG * 0.999])


@given(
    st.lists(st.sampled_from([*LINES, *FIXES]), max_size=9),
    st.lists(st.tuples(SPEEDS_KN, OFF_DEG), min_size=2, max_size=6),
    st.sampled_from([0, 1, 9, 18]),
    st.sampled_from([1, 8, 40, 900]),
)
def test_of_a_steady_way_a_rule_needs_the_last_fix_only(
    lines: list[Content], way: list[tuple[float, float]], ais_type: int, apart_s: int
) -> None:
    """Whatever was heard before: nothing is found, no wake wished, and the end is the same."""
    told = [*lines, VesselPosition(lat=0.7, lon=0.7, speed_kn=12.0)]
    fixes = list(_sailed(way, ais_type))
    before, events = (
        [Event(seen((number + late) * apart_s, said)) for number, said in enumerate(contents)]
        for contents, late in ((told, 0), (fixes, len(told)))
    )
    for rule in RULES:
        steady_at = steadying(rule)
        if steady_at is None:
            continue
        first = step = _answer(rule, before)
        low, high = band = steady_at(first.state, fixes[0], way[0][0]) or (inf, inf)
        for event, fix, (speed_kn, _) in zip(events, fixes, way, strict=True):
            if not low < speed_kn <= high:
                break
            assert steady_at(step.state, fix, speed_kn) == band
            assert step.wake_at is None
            step = rule.on_event(step.state, event)
            assert step == Step(rule.on_event(first.state, event).state)


def _sailed(way: list[tuple[float, float]], ais_type: int) -> Iterator[VesselPosition]:
    """Yield fixes at these speeds, each so far north of where the way began."""
    for speed_kn, off_deg in way:
        yield VesselPosition(
            lat=0.7 + off_deg,
            lon=0.7,
            speed_kn=speed_kn,
            course_deg=9,
            heading_deg=99,
            ais_type=ais_type,
        )


def _answer(rule: AnyRule, events: Iterable[Event]) -> Step[Any]:
    """Return what a rule answered last."""
    step = Step[Any](rule.start())
    for event in events:
        if type(event.content) in rule.accepts:
            step = rule.on_event(step.state, event)
    return step


def test_bare_fixes_are_for_the_rules_that_await_no_statement() -> None:
    """A tug on no declared voyage: nobody judges how it stops, drifts or strays."""
    panel = Panel(RULES)
    spared = {rule.name for rule in RULES if awaiting(rule)}
    believed = {RULES[seat].name for seat, _ in panel.seats(Event(seen(0, FIXES[0])))}
    heeding = {RULES[seat].name for seat, _ in panel.heeding(panel.start())}
    assert spared == {"sudden_stop", "drift", "route_deviation", "undeclared_stop"}
    assert heeding == believed - spared


def test_a_position_that_says_what_the_vessel_is_is_no_bare_fix() -> None:
    """The particulars may be what a rule waits for."""
    assert is_bare_fix(seen(0, VesselPosition(lat=0.5, lon=0.5)))
    assert not is_bare_fix(seen(0, VesselPosition(lat=0.5, lon=0.5, particulars=TUG)))
