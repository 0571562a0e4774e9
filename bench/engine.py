"""What order costs: the engine against the bare fold, over the same observations and rules.

Synthetic vessels, each reporting in turn. Runs alternate, the median of the ratios counts; CPU
seconds of this process, so that other load on the machine matters little.
"""

import json
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from analytics.engine import ENGINE_KEY, Engine
from analytics.rule import Event, Rule
from analytics.samples import Fast, Silent
from haechi.findings import Finding, Status
from haechi.observations import Observation
from haechi.vessels import VesselPosition

START = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWANCE, IDLE_LIMIT = timedelta(seconds=30), timedelta(minutes=10)
END = START + timedelta(days=30)
RULES: tuple[Rule[Any], ...] = (
    *(Fast(limit, name=f"fast-{limit}") for limit in (8, 10, 12, 14, 16, 18)),
    Silent(timedelta(minutes=10), name="silent-10"),
    Silent(timedelta(hours=1), name="silent-60"),
)
"""Eight trivial rules, two of which move a wake with every observation."""


def vessels(observations: int, subjects: int) -> list[Event]:
    """Return reports of vessels that take turns, one report each ten seconds, now and then fast."""
    chance = random.Random(20261122)  # noqa: S311 # a repeatable fleet, no secret
    return [
        Event(
            Observation(
                device="ais-1",
                boot="boot-1",
                seq=number + 1,
                site="bench",
                subject=f"mmsi:{219000000 + number % subjects}",
                at=START + timedelta(seconds=10 * number / subjects),
                received_at=END,
                content=VesselPosition(speed_kn=19.0 if chance.random() < 0.01 else 5.0),
            )
        )
        for number in range(observations)
    ]


def bare_fold(events: Sequence[Event]) -> dict[str, Finding]:
    """Fold in-order events with nothing but what the definition needs."""
    said: dict[str, Finding] = {}
    subjects: dict[str, tuple[list[Any], list[datetime | None]]] = {}
    for event in events:
        observation = event.observation
        states, wakes = subjects.get(observation.subject) or subjects.setdefault(
            observation.subject, ([rule.start() for rule in RULES], [None] * len(RULES))
        )
        for number, rule in enumerate(RULES):
            while (wake := wakes[number]) is not None and wake < observation.at:
                step = rule.on_wake(states[number], wake)
                states[number], wakes[number] = step.state, step.wake_at
                said.update((finding.id, finding) for finding in step.findings)
            step = rule.on_event(states[number], event)
            states[number], wakes[number] = step.state, step.wake_at
            for finding in step.findings:
                said[finding.id] = finding
    for states, wakes in subjects.values():
        for number, rule in enumerate(RULES):
            while (wake := wakes[number]) is not None and wake <= END:
                step = rule.on_wake(states[number], wake)
                states[number], wakes[number] = step.state, step.wake_at
                said.update((finding.id, finding) for finding in step.findings)
    return said


def engine(events: Sequence[Event], batch: int) -> tuple[Engine, dict[str, Finding]]:
    """Judge events in batches as the shell does, then let time pass."""
    judge = Engine(RULES, allowance=ALLOWANCE, idle_limit=IDLE_LIMIT)
    reported: dict[str, Finding] = {}
    for first in range(0, len(events), batch):
        changes = judge.feed(events[first : first + batch])
        reported.update((finding.id, finding) for finding in changes.findings)
    reported.update((finding.id, finding) for finding in judge.tick(END).findings)
    standing = {i: f.said for i, f in reported.items() if f.status is not Status.RETRACTED}
    return judge, standing


def shuffled(events: Sequence[Event], reach: int) -> list[Event]:
    """Return events each moved by up to ``reach`` places."""
    chance = random.Random(1)  # noqa: S311 # repeatable
    places = [(number + chance.uniform(0, reach), event) for number, event in enumerate(events)]
    return [event for _, event in sorted(places, key=lambda place: place[0])]


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU seconds that work took."""
    before = process_time()
    work()
    return process_time() - before


def compare(events: Sequence[Event], arriving: Sequence[Event], batch: int) -> dict[str, float]:
    """Return rate and ratio of the engine, having checked that both say the same."""
    truth = bare_fold(events)
    judge, standing = engine(arriving, batch)
    if standing != truth:
        raise SystemExit(f"the engine differs from the fold: {len(standing)} {len(truth)}")
    runs = [
        (cpu_s(lambda: bare_fold(events)), cpu_s(lambda: engine(arriving, batch))) for _ in range(5)
    ]
    engine_s = statistics.median(run[1] for run in runs)
    return {
        "ratio_to_bare_fold": round(statistics.median(run[1] / run[0] for run in runs), 2),
        "observations_per_cpu_s": round(len(events) / engine_s),
        "bare_fold_per_cpu_s": round(len(events) / statistics.median(run[0] for run in runs)),
        "rewinds": judge.metrics().rewinds,
        "deepest_rewind": judge.metrics().deepest_rewind,
        "findings": len(standing),
    }


def snapshot(events: Sequence[Event]) -> dict[str, float]:
    """Return what it costs to write and read back the state of every subject."""
    judge = Engine(RULES, allowance=ALLOWANCE, idle_limit=IDLE_LIMIT)
    judge.feed(events)
    packed = {ENGINE_KEY: judge.heard}
    write_s = cpu_s(lambda: packed.update(judge.save(judge.unsaved)))
    read_s = cpu_s(
        lambda: Engine.restored(RULES, packed, allowance=ALLOWANCE, idle_limit=IDLE_LIMIT)
    )
    return {
        "subjects": len(packed) - 1,
        "bytes_per_subject": round(sum(map(len, packed.values())) / len(packed)),
        "write_us_per_subject": round(write_s / len(packed) * 1e6),
        "read_us_per_subject": round(read_s / len(packed) * 1e6),
    }


def main(observations: int = 100_000) -> None:
    """Print one JSON object per line."""
    events = vessels(observations, 1000)
    few = vessels(observations, 20)
    rows: list[tuple[str, dict[str, float]]] = [
        ("in order, 1000 subjects, batches of 2000", compare(events, events, 2000)),
        ("in order, 1000 subjects, batches of 100", compare(events, events, 100)),
        ("in order, 20 subjects, batches of 2000", compare(few, few, 2000)),
        (
            "shuffled over 10,000 places, batches of 2000",
            compare(events, shuffled(events, 10_000), 2000),
        ),
        (
            "shuffled over 10,000 places, batches of 100",
            compare(events, shuffled(events, 10_000), 100),
        ),
        ("snapshot", snapshot(events)),
    ]
    for name, row in rows:
        print(json.dumps({"engine": name, **row}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
