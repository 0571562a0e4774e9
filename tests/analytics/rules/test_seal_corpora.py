"""Attacks as they reach the platform: simulated seals, the real gateway, the default rules.

Each corpus gives its security finding, and says nothing else than the seal itself had said.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.catalogue import load
from analytics.changes import Bounds
from analytics.engine import Engine
from analytics.fold import fold
from analytics.zones import ZoneSet
from edge.measured import Measured
from edge.seal.keys import SharedSecret
from edge.seal.reading import SealReader
from firmware_sim.seal_attacks import cloned, flipped, reordered, replayed, rolled_back
from firmware_sim.seals import Act, Seal, Sent, Spans, on_air, secret_of, standing, transmissions
from haechi.findings import Finding, Status
from haechi.observations import Observation
from haechi.seals import SealEventKind, SealOrder, SealOrderKind
from tests.analytics.sailing import NOON

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = ZoneSet((), "none")
RULES = [
    rule
    for rule in load((ROOT / "haechi" / "defaults" / "rules.toml").read_text(), NOWHERE)
    if rule.name.startswith("seal_")
]
HOUR = 3600.0
END = 12 * HOUR
NUMBER, BOX = "SIM-000001", "CSQU3054383"
_E = SealEventKind
ABOUT_THE_SEAL = ("seal_opened", "seal_tamper", "seal_binding")
"""Rules whose alarms no adversary may raise or clear."""

BEGUN = (Act(0, _E.ARMED), Act(5, _E.LOCK))
BROKEN = (*BEGUN, Act(2 * HOUR, _E.UNLOCK), Act(2 * HOUR + 30, _E.LOCK))


def key(number: str) -> SharedSecret:
    """Return the key of a seal."""
    return SharedSecret(secret_of(number, 7))


def seal(acts: tuple[Act, ...] = BEGUN, *, unheard: Spans = ()) -> Seal:
    """Return a seal on a container at Busan that reports every five minutes."""
    return Seal(
        number=NUMBER,
        key=key(NUMBER),
        way=standing(35.1, 129.04),
        acts=acts,
        container=BOX,
        begins_s=60.0,
        unheard=unheard,
    )


def heard(frames: Sequence[Sent], device: str = "gate-1") -> list[Observation]:
    """Return what ingest keeps of frames that one gateway hears."""
    reader = SealReader(lambda number: (key(number),), _forget)
    readings = [
        reading
        for frame in frames
        for reading in reader.datagram(frame.raw, NOON + timedelta(seconds=frame.second))
    ]
    return [kept(reading, device, seq) for seq, reading in enumerate(readings, start=1)]


def _forget(lines: tuple[bytes, ...], reason: str, at: datetime | None) -> None:
    del lines, reason, at


def kept(reading: Measured, device: str, seq: int) -> Observation:
    """Return one observation."""
    return Observation(
        device=device,
        boot="boot-1",
        seq=seq,
        site="busan",
        subject=reading.subject,
        at=reading.at,
        received_at=reading.at,
        content=reading.content,
    )


def ordered(kind: SealOrderKind, second: float, **told: Any) -> Observation:
    """Return an order of the registry."""
    content = SealOrder(order=f"O-{second:g}", kind=kind, **told)
    reading = Measured(NOON + timedelta(seconds=second), f"seal:{NUMBER}", content)
    return kept(reading, "registry", int(second) + 1)


BOUND = ordered(SealOrderKind.BIND, 0, container=BOX)


def judged(observations: Sequence[Observation]) -> list[Finding]:
    """Return what the default rules say of the seal, by their definition."""
    of_seal = [each for each in observations if each.subject == f"seal:{NUMBER}"]
    events = NOWHERE.locate(of_seal)
    horizon = NOON + timedelta(seconds=END)
    return [found for rule in RULES for found in fold(rule, events, horizon).values()]


def kinds(findings: Sequence[Finding]) -> set[str]:
    """Return the kinds of findings."""
    return {finding.kind for finding in findings}


def about_the_seal(findings: Sequence[Finding]) -> set[Any]:
    """Return what is said of the seal itself."""
    return {said(each) for each in findings if each.rule in ABOUT_THE_SEAL}


def said(finding: Finding) -> Any:
    """Return what permutations must agree on."""
    return (finding.id, finding.kind, finding.since, finding.until, finding.text)


def day(acts: tuple[Act, ...]) -> list[Sent]:
    """Return the frames of the seal alone."""
    return list(transmissions(seal(acts), NOON, 6 * HOUR))


def attacked(how: str, acts: tuple[Act, ...]) -> list[Observation]:
    """Return what two gateways hear of a day and an attack on it."""
    frames = day(acts)
    thief = cloned(seal(acts), begins_s=4 * HOUR + 7, counter=10)
    opening = cloned(
        seal(acts), begins_s=4 * HOUR + 7, counter=10, acts=(Act(4 * HOUR + 90, _E.UNLOCK),)
    )
    corpora: dict[str, list[Sent]] = {
        "replay": replayed(frames, range(len(frames)), 5 * HOUR),
        "replay of the seal while it was closed": replayed(frames, range(10), 3 * HOUR),
        "clone": sorted([*frames, *transmissions(thief, NOON, 6 * HOUR)]),
        "clone that says opened": sorted([*frames, *transmissions(opening, NOON, 6 * HOUR)]),
        "roll-back": rolled_back(seal(acts), NOON, at_s=6 * HOUR, to_frame=9, until_s=7 * HOUR),
        "bit-flip": sorted([*frames, *_later(flipped(frames, 3), 1.5)]),
        "reorder": reordered(frames, 5),
    }
    return [BOUND, *heard(corpora[how])]


def _later(frames: Sequence[Sent], by_s: float) -> list[Sent]:
    return [Sent(frame.second + by_s, frame.raw) for frame in frames]


@pytest.mark.parametrize("acts", [BEGUN, BROKEN], ids=["closed", "broken"])
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("replay", {"seal_replay"}),
        ("replay of the seal while it was closed", {"seal_replay"}),
        ("clone", {"seal_clone", "seal_rollback"}),
        ("clone that says opened", {"seal_clone", "seal_rollback"}),
        ("roll-back", {"seal_rollback"}),
        ("bit-flip", {"seal_forged"}),
        ("reorder", set[str]()),
    ],
)
def test_s5_each_attack_is_its_finding_and_raises_or_clears_nothing(
    how: str, expected: set[str], acts: tuple[Act, ...]
) -> None:
    """S5: what is said of the seal is, to the letter, what its own frames say."""
    alone = judged([BOUND, *heard(day(acts))])
    assert kinds(alone) - {"seal_silent"} == ({"seal_opened"} if acts is BROKEN else set())
    with_attack = judged(attacked(how, acts))
    assert about_the_seal(with_attack) == about_the_seal(alone)
    assert kinds(with_attack) - {"seal_silent", "seal_opened"} == expected


def test_a_clone_elsewhere_is_found_at_once() -> None:
    """With its first frame, though no number is used twice."""
    far = cloned(seal(), begins_s=6 * HOUR, counter=1000, way=standing(31.2, 32.3))
    frames = [*day(BEGUN), *transmissions(far, NOON, 6 * HOUR + 400)]
    found = [each for each in judged([BOUND, *heard(frames)]) if each.kind == "seal_clone"]
    assert [each.since for each in found] == [NOON + timedelta(hours=6)]


def test_s5_a_replay_to_another_gateway_is_found_too() -> None:
    """The gateway that hears the copy never heard the original."""
    frames = day(BROKEN)
    copies = heard(_later(frames[:30], 5 * HOUR), "gate-2")
    found = judged([BOUND, *heard(frames), *copies])
    assert about_the_seal(found) == about_the_seal(judged([BOUND, *heard(frames)]))
    assert "seal_replay" in kinds(found)


def a_bad_day() -> list[Observation]:
    """Return a day on which everything happens: six hours unheard, opened, attacked, ordered."""
    acts = (*BROKEN, Act(2.5 * HOUR, _E.REMOVING), Act(3.9 * HOUR, _E.DISARMED))
    one = replace(seal(acts, unheard=((0.4 * HOUR, 3.4 * HOUR),)), period_s=900.0)
    frames = [*on_air([one], NOON, 4.2 * HOUR)]
    del frames[6]
    played = replayed(frames, [0, 3], 3 * HOUR)
    thief = cloned(replace(one, unheard=()), begins_s=3 * HOUR + 9, counter=2)
    noise = flipped(frames[:4], 3)
    told = heard(sorted([*played, *noise, *list(transmissions(thief, NOON, 3.6 * HOUR))]))
    orders = [
        BOUND,
        ordered(SealOrderKind.INSPECT, 1.5 * HOUR, valid_to=NOON + timedelta(hours=1.8)),
        ordered(SealOrderKind.DISARM, 3.95 * HOUR),
    ]
    return [*orders, *(each for each in told if each.subject == f"seal:{NUMBER}")]


def through_the_engine(arrivals: Sequence[Sequence[Observation]]) -> set[Any]:
    """Return what stands in the end after these batches arrived."""
    days = timedelta(days=2)
    engine = Engine(RULES, allowance=days, idle_limit=days, bounds=Bounds(age=days, idle=days))
    stands: dict[str, Finding] = {}
    changes = [engine.feed(NOWHERE.locate(batch)) for batch in arrivals]
    for change in (*changes, engine.tick(NOON + timedelta(seconds=END))):
        stands.update((finding.id, finding) for finding in change.findings)
    return {said(each) for each in stands.values() if each.status is not Status.RETRACTED}


@settings(deadline=None, max_examples=15)  # each folds the day many times
@given(st.permutations(a_bad_day()), st.integers(1, 20))
def test_any_order_of_arrival_gives_the_same_findings(
    arrivals: list[Observation], size: int
) -> None:
    """Frames, copies, forgeries and orders, permuted, cut anywhere, the first batch twice."""
    batches = [arrivals[n : n + size] for n in range(0, len(arrivals), size)]
    assert through_the_engine([*batches, batches[0]]) == set(map(said, judged(a_bad_day())))


def test_the_bad_day_has_something_for_most_rules() -> None:
    """So that the permutations prove something."""
    assert kinds(judged(a_bad_day())) >= {
        "seal_opened",
        "seal_removed",
        "seal_disarmed",
        "seal_rollback",
        "seal_clone",
        "seal_forged",
        "seal_replay",
        "seal_log_gap",
        "seal_silent",
    }


@pytest.mark.parametrize("late", [False, True])
def test_an_order_that_was_made_in_time_and_comes_late_takes_the_finding_back(late: bool) -> None:  # noqa: FBT001 - a column
    """The same order made after the opening does not."""
    made = 1.9 * HOUR if not late else 2.1 * HOUR
    order = ordered(SealOrderKind.INSPECT, made)
    told = [BOUND, *heard(day(BROKEN))]
    first = {each[1] for each in through_the_engine([told])}
    then = {each[1] for each in through_the_engine([told, [order]])}
    assert "seal_opened" in first
    assert ("seal_opened" in then) is late


def test_gateway_offline_six_hours() -> None:
    """What the outbox held arrives at once and backwards: all findings with their own times."""
    told = [BOUND, *heard(day(BROKEN))]
    backwards = [told[:3], list(reversed(told[3:]))]
    (opened,) = [each for each in through_the_engine(backwards) if each[1] == "seal_opened"]
    assert opened[2] == NOON + timedelta(hours=2)
    assert isinstance(opened[2], datetime)
