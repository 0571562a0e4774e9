"""What the one reading that raises an alarm costs to judge, against an ordinary one.

Both alone in their transaction, one after the other, on a real store: a vessel that is seen for the
first time, inside a zone, and one that was seen before, outside. Judging is locating, every rule of
the first stage and of the second, and writing what was found; keeping the reading is left out.
"""

import gc
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from analytics.catalogue import AnyRule
from analytics.zones import ZoneSet
from bench.measure import Figure, folder, say
from haechi.observations import Observation
from haechi.vessels import VesselPosition
from ingest.judging import Judging
from ingest.stores.sqlite import SqliteStore

PAIRS: Final = 300
ALLOWANCE, IDLE_LIMIT = timedelta(seconds=30), timedelta(minutes=10)


def measure(
    zones: ZoneSet,
    rules: Sequence[AnyRule],
    seen: Sequence[Observation],
    inside: tuple[float, float],
) -> Figure:
    """Return the ratio; ``seen`` are vessels by then known, the latest outside all zones."""
    say(f"  {PAIRS} vessels first seen inside a zone, each after an ordinary report")
    judging = Judging(rules, zones.locate, allowance=ALLOWANCE, idle_limit=IDLE_LIMIT)
    with folder() as place:
        store = SqliteStore(place / "haechi.db", keeper=True)
        _took_s(judging, store, seen)
        gc.freeze()  # as ingest does: what stays is not looked through in between
        pairs = [
            (
                _took_s(judging, store, [_again(seen[-1], number)]),
                _took_s(judging, store, [_first(seen[-1], number, inside)]),
            )
            for number in range(1, PAIRS + 1)
        ]
        gc.unfreeze()
        store.close()
    ordinary_us, first_us = (statistics.median(took) * 1e6 for took in zip(*pairs, strict=True))
    return Figure(
        what="judging a vessel first seen inside a zone ÷ judging an ordinary report, each alone",
        ratio=statistics.median(first / ordinary for ordinary, first in pairs),
        parts=f"{first_us:.0f} µs ÷ {ordinary_us:.0f} µs",
    )


def _took_s(judging: Judging, store: SqliteStore, observations: Sequence[Observation]) -> float:
    with store.writing() as writing:
        new = writing.keep(observations)
        began = time.perf_counter()
        judging.judge(new, store, writing)
        return time.perf_counter() - began


def _again(seen: Observation, number: int) -> Observation:
    return replace(seen, seq=seen.seq + 2 * number, at=seen.at + timedelta(seconds=number))


def _first(seen: Observation, number: int, inside: tuple[float, float]) -> Observation:
    lat, lon = inside  # and up to 0.02 degrees from there
    return replace(
        seen,
        seq=seen.seq + 2 * number + 1,
        subject=f"mmsi:{500_000_000 + number}",
        at=seen.at + timedelta(seconds=number),
        content=VesselPosition(
            lat=lat + number % 20 / 1000,
            lon=lon + number // 20 / 1000,
            speed_kn=12.0,
            navigation_status=0,
            ais_type=1,
        ),
    )
