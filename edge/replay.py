"""The pace of a recording: as it happened, faster, or as fast as it goes."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from edge.measured import Measured

TICK_S: Final = 0.1
"""Readings that fall due within this time travel together."""

LOOK_S: Final = 0.5
"""The longest sleep: between two, whoever drives the replay can do something else."""


class _Start(NamedTuple):
    """When the replay began, on its clock and in the recording."""

    clock_s: float
    event: datetime


def paced(
    batches: Iterable[list[Measured]],
    speed: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[list[Measured]]:
    """Hold readings back until they are due; an empty batch means "nothing yet".

    The first reading is due at once, and each other by its event time after it, divided by
    ``speed``. One that is dated before its predecessor is due at once.

    Args:
        batches: In the order of the recording, which is kept.
        speed: 1 is as it happened, 10 ten times faster.
        clock: Seconds, increasing.
        sleep: Waits for seconds.
    """
    start: _Start | None = None
    for batch in batches:
        ready: list[Measured] = []
        for reading in batch:
            start = start or _Start(clock(), reading.at)
            due = start.clock_s + (reading.at - start.event).total_seconds() / speed
            while (wait := due - clock()) > 0:
                yield ready
                ready = []
                sleep(min(max(wait, TICK_S), LOOK_S))
            ready.append(reading)
        yield ready
