"""What rules are spared changes nothing of what is found."""

from datetime import timedelta
from itertools import accumulate
from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from analytics.attention import Attention
from analytics.catalogue import load
from analytics.changes import Bounds
from analytics.pairs.stage import judges_pairs
from analytics.panel import Panel
from analytics.rule import Event
from tests.analytics.sailing import NOON, fix, square, static, zone_set
from tests.analytics.shell import Shell

ROOT = Path(__file__).resolve().parents[2]
ZONES = zone_set(square(north_m=14_000))
DEFAULTS = (ROOT / "haechi" / "defaults" / "rules.toml").read_text()
RULES = [rule for rule in load(DEFAULTS, ZONES) if not judges_pairs(rule)]
NORTH_M = st.sampled_from([0, 60, 300, 600, 900, 1300, 2100, 6000, -500])
SPEEDS_KN = st.sampled_from([None, 0.2, 3.0, 6.0, 12.0, 20.0, 40.0, 70.0])
LEGS = st.lists(st.tuples(NORTH_M, SPEEDS_KN, st.integers(1, 8)), min_size=1, max_size=8)


@settings(deadline=None)
@given(LEGS, st.sampled_from([10, 30, 120]), st.sampled_from([1, 3, 16]), st.data())
def test_of_real_rules_the_engine_equals_the_fold(
    legs: list[tuple[int, float | None, int]], apart_s: int, spacing: int, data: DataObject
) -> None:
    """A vessel that goes on, turns, jumps and enters a zone, heard in any order, saved at times."""
    steps = [(north_m, kn) for north_m, kn, times in legs for _ in range(times)]
    places = list(accumulate(north_m for north_m, _ in steps))
    heard = [static(0.5)] + [
        fix((number + 1) * apart_s, north, speed_kn=kn, course_deg=0.0, heading_deg=80.0)
        for number, (north, (_, kn)) in enumerate(zip(places, steps, strict=True))
    ]
    shell = Shell(RULES, bounds=Bounds(spacing=spacing))
    waiting = ZONES.locate(heard)
    while waiting:
        count = data.draw(st.integers(1, 9))
        batch, waiting = waiting[:count], waiting[count:]
        if data.draw(st.booleans()) and waiting:
            waiting.append(batch.pop(0))
        shell.feed(*batch)
        shell.save()
    shell.tick(NOON + timedelta(days=1))
    event(f"findings: {min(3, len(shell.said()))}")
    assert shell.said() == shell.folded()
    shell.crash()
    assert shell.said() == shell.folded()


def test_of_a_steady_way_few_rules_hear_every_fix() -> None:
    """A tug at ten knots: silence is judged at each report, jumps every kilometre."""
    tug = static(0, ship_type=52)
    way = [Event(fix(10 * (step + 1), 50 * step, speed_kn=10.0)) for step in range(40)]
    panel = Panel(RULES)
    attention, states = Attention(panel), panel.start()
    told = dict.fromkeys((rule.name for rule in RULES), 0)
    for each in [Event(tug), *way]:
        for rule, on_event in attention.seats(each, states):
            told[RULES[rule].name] += 1
            states[rule] = on_event(states[rule], each).state
    assert told["silence"] == len(way) + 1
    assert told["teleport"] <= 3
    assert told["geofence"] <= 2
