"""The pace of a recording, on a clock that only moves when somebody sleeps."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.measured import Measured
from edge.replay import LOOK_S, TICK_S, paced
from haechi.vessels import VesselPosition

START = datetime(2024, 1, 1, tzinfo=UTC)


def reading(second: float) -> Measured:
    """Return a reading of a second of the recording."""
    return Measured(START + timedelta(seconds=second), "mmsi:219000001", VesselPosition())


class Clock:
    """Moves when somebody sleeps, and remembers for how long."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sleeps: list[float] = []

    def read(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.sleeps.append(seconds)
        self.now += seconds


def replay(seconds: list[float], speed: float) -> tuple[Clock, dict[float, float]]:
    """Return the clock afterwards, and when each second of the recording came out."""
    clock, came = Clock(), dict[float, float]()
    readings = [reading(second) for second in seconds]
    for batch in paced([readings], speed, clock=clock.read, sleep=clock.sleep):
        for each in batch:
            came[(each.at - START).total_seconds()] = clock.now - 100
    return clock, came


@pytest.mark.parametrize("speed", [1, 10, 0.5])
def test_each_reading_comes_when_it_is_due(speed: float) -> None:
    """Never early, and late by less than a tick."""
    seconds = [0, 0.01, 0.3, 2, 2, 30, 31.5]
    _, came = replay(seconds, speed)
    for second in seconds:
        assert -1e-6 <= came[second] - second / speed <= TICK_S + 1e-6


def test_nobody_sleeps_for_long() -> None:
    """In a long pause of the recording the loop still comes round to look at other things."""
    clock, _ = replay([0, 60], 1)
    assert max(clock.sleeps) <= LOOK_S
    assert len(clock.sleeps) >= 60 / LOOK_S


def test_the_order_is_kept_and_late_ones_do_not_wait() -> None:
    """A reading dated before its predecessor is due at once."""
    _, came = replay([0, 5, 3, 6], 1)
    assert list(came) == [0, 5, 3, 6]
    assert came[3] == came[5]


def test_an_empty_recording_is_nothing() -> None:
    """No reading, no wait."""
    clock, came = replay([], 1)
    assert not clock.sleeps
    assert not came
