"""The second stage equals its definition for any arrival: the promise, tried on generated logs.

A seed decides all of a log: drawing every part of it one by one took five times as long.
"""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.changes import Bounds
from analytics.rule import Event
from tests.analytics.pairs.pairing import (
    END,
    MINUTE,
    NOON,
    PairShell,
    order,
    seal,
    ship,
    thing,
    voyage,
)

SEEDS = st.integers(0, 2**32)
THOROUGH = settings(max_examples=60, derandomize=True, deadline=None)
SMALL = Bounds(observations=2, age=20 * MINUTE, spacing=1, checkpoints=2, findings=1, idle=MINUTE)

EVERY_MIN = {"1": 4, "2": 7, "3": 11, "cape.1": 3, "cape.2": 5, "quay.7": 6}
ODD = [(5000.0, None, False)] * 2 + [(0.0, 12.0, False), (0.0, None, True), (700.0, 1.0, False)]
"""Far, fast, sheltered, or a little off."""
INTERLUDES = ["", "", "", "batch", "save", *["save one"] * 3, "crash", "tick"]


def fixes(chance: Random) -> list[Event]:
    """Return fixes of a few subjects that lie together, but for a few fixes and some silence."""
    log: list[Event] = []
    for place, who in enumerate(chance.sample(sorted(EVERY_MIN), chance.randint(3, 4))):
        begin, count = chance.choice([0, 0, 5, 20]), chance.randint(4, 12)
        pause = chance.choice([0, 0, 0, 25, 58, 70])
        for number in range(count):
            minute = begin + number * EVERY_MIN[who] + pause * (2 * number > count)
            is_odd, seq = chance.random() < 0.1, len(log) + 1
            north, speed, sheltered = chance.choice(ODD) if is_odd else (60.0 * place, 1.0, False)
            log.append(
                ship(minute, int(who), north, speed_kn=speed, sheltered=sheltered, seq=seq)
                if who.isdigit()
                else thing(minute, who, north, seq=seq)
            )
    return log


def carried(chance: Random) -> list[Event]:
    """Return a seal that hangs on a container of one of two vessels, and does not always stay."""
    log: list[Event] = []
    leaves, count = chance.randint(20, 60), chance.randint(10, 16)
    for number in range(count):
        minute, seq = 6 * number, 3 * number + 1
        far = 2000.0 if chance.random() < 0.1 else 0.0
        log += [
            seal(
                minute + 1, 3000.0 if minute > leaves else 0.0, seq=seq, armed=number != count - 1
            ),
            ship(minute + 2, 1, far, seq=seq + 1),
            ship(minute + 3, 2, 2500.0, seq=seq + 2),
        ]
    late, other = chance.randint(0, 40), chance.choice([END, NOON + 70 * MINUTE])
    log += [order(chance.randint(0, 10), seq=900), voyage(chance.choice([-60, 5]), 1, ends=other)]
    log += chance.sample(
        [
            voyage(late, 1, version=2, withdrawn=True, containers=(), seq=901),
            voyage(late + 20, 2, seq=902),
            order(late + 30, container="MSKU9070323", seq=903),
            order(late + 40, withdraws=True, seq=904),
        ],
        chance.randint(0, 2),
    )
    return log


def live(shell: PairShell, chance: Random) -> None:
    """Let fixes arrive in any order and repeated, in batches, between saves, ticks and crashes.

    After each of the latter two what stands must follow from all that has arrived.
    """
    log = fixes(chance) if chance.random() < 0.6 else carried(chance)
    arriving = [*log, *chance.sample(log, 3)]
    chance.shuffle(arriving)
    batch: list[Event] = []
    for item in arriving:
        happens = chance.choice(INTERLUDES)
        if happens:
            is_tick = happens == "tick"
            shell.feed(*batch, until=NOON + chance.randint(0, 120) * MINUTE if is_tick else None)
            batch = []
            happen(shell, happens)
            if happens in {"tick", "crash"}:
                assert shell.said() == shell.folded()
        batch.append(item)
    shell.feed(*batch, until=END)
    assert shell.said() == shell.folded()


def happen(shell: PairShell, what: str) -> None:
    """Do what is not a matter of arrival."""
    if what == "save":
        shell.save()
    elif what == "save one":
        shell.save_one()
    elif what == "crash":
        shell.crash()


@pytest.mark.parametrize("bounds", [None, SMALL], ids=["memory", "history"])
@THOROUGH
@given(SEEDS)
def test_pairs_equal_their_definition(bounds: Bounds | None, seed: int) -> None:
    """Through saves and crashes; also where the engine holds next to nothing of a pair."""
    live(PairShell(bounds=bounds), Random(seed))  # noqa: S311 # repeatable, no secret


def test_the_generated_logs_are_worth_trying() -> None:
    """Most end with findings, and many change their mind on the way."""
    shells = [PairShell() for _ in range(12)]
    for seed, shell in enumerate(shells):
        live(shell, Random(seed))  # noqa: S311 # the same
    assert sum(bool(shell.said()) for shell in shells) > 5
    assert sum(len(shell.revisions) > len(shell.findings) for shell in shells) > 2
