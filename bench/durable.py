"""Durable ingest with all default rules, against what is possible: the ratios of the README."""

from collections.abc import Iterable

from bench import ingest
from bench.measure import ROUNDS, Figure, in_turn, median_ratio, say
from bench.paho_loop import loop_rate

Rate = tuple[float, float]
"""Readings a second, and CPU milliseconds a reading where they are known."""


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Return both ratios, and the reference beside the first."""
    return [*_singles(rounds), _hundreds(rounds)]


def _singles(rounds: int) -> list[Figure]:
    say(f"  {ingest.SINGLE} messages of one reading: mosquitto_sub, a bare loop, ingest")
    bodies = ingest.payloads(ingest.SINGLE, 1)
    ingest.live_rate(bodies[:2000])  # nobody's first run counts
    runs = in_turn(
        rounds,
        lambda: (ingest.subscriber_rate(bodies), 0.0),
        lambda: (loop_rate(bodies), 0.0),
        lambda: ingest.live_rate(bodies),
    )
    sub, loop, ours = (_middle(run[which] for run in runs) for which in range(3))
    return [
        Figure(
            what="durable ingest, one reading a message ÷ mosquitto_sub -q 1",
            ratio=median_ratio((run[2][0], run[0][0]) for run in runs),
            at_least=0.6,
            parts=f"{ours[0]:,.0f}/s ÷ {sub[0]:,.0f}/s; {1000 * ours[1]:.0f} µs CPU a reading",
        ),
        Figure(
            what="for reference: a bare paho + SQLite loop ÷ mosquitto_sub -q 1",
            ratio=median_ratio((run[1][0], run[0][0]) for run in runs),
            parts=f"{loop[0]:,.0f}/s ÷ {sub[0]:,.0f}/s; it decodes and judges nothing",
        ),
    ]


def _hundreds(rounds: int) -> Figure:
    say(f"  {ingest.HUNDRED} readings, a hundred a message: bare inserts, ingest")
    bodies = ingest.payloads(ingest.HUNDRED, 100)
    runs = in_turn(
        rounds,
        lambda: (ingest.bare_rate(ingest.HUNDRED), 0.0),
        lambda: ingest.drain_rate(bodies, ingest.HUNDRED),
    )
    bare, ours = (_middle(run[which] for run in runs) for which in range(2))
    return Figure(
        what="durable ingest, a hundred readings a message ÷ bare batched SQLite inserts",
        ratio=median_ratio((run[1][0], run[0][0]) for run in runs),
        at_least=0.5,
        parts=f"{ours[0]:,.0f}/s ÷ {bare[0]:,.0f}/s; {1000 * ours[1]:.0f} µs CPU a reading",
    )


def _middle(rates: Iterable[Rate]) -> Rate:
    ranked = sorted(rates)
    return ranked[len(ranked) // 2]
