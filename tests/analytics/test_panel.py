"""Who is given what."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analytics.catalogue import load
from analytics.engine import Engine
from analytics.panel import Panel
from analytics.rule import Event, Step, awaiting, is_bare_fix
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
