"""How everything here is measured: in turn, several times, and beside what else the machine did."""

import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeVar

import psutil

T = TypeVar("T")

ROUNDS: Final = 5
LIBRARIES: Final = ("paho-mqtt", "msgspec", "shapely", "numpy", "uvicorn")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One ratio of two things measured in the same run."""

    what: str
    ratio: float
    at_least: float | None = None
    at_most: float | None = None
    parts: str = ""
    """What was divided by what."""

    @property
    def bar(self) -> str:
        """What was wanted of it, in words; nothing where no bar was set."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    @property
    def verdict(self) -> str:
        """Whether it is met."""
        if not self.bar:
            return ""
        low = -1.0 if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return "met" if low <= self.ratio <= high else "missed"


class Watch:
    """What a measurement took from the machine, and what others took meanwhile."""

    def __init__(self) -> None:
        self._began, self._own_s, self._machine_s = time.monotonic(), own_cpu_s(), _busy_s()
        self._stolen_s = _stolen_s()

    def __str__(self) -> str:
        """Return the CPU seconds of our processes, all others and other machines, and the load."""
        own_s, machine_s = own_cpu_s() - self._own_s, _busy_s() - self._machine_s
        others_s = max(0.0, machine_s - own_s)
        return (
            f"{time.monotonic() - self._began:.0f} s; CPU seconds: ours {own_s:.0f}, "
            f"others {others_s:.0f}, other machines on the same host "
            f"{_stolen_s() - self._stolen_s:.0f}; load average {os.getloadavg()[0]:.1f}"
        )


def own_cpu_s() -> float:
    """Return the CPU seconds of this process and all that it started, ended ones included."""
    me = psutil.Process()
    return sum(map(_cpu_s, (me, *me.children(recursive=True))))


def say(text: str) -> None:
    """Tell a person how far it is."""
    print(text, file=sys.stderr, flush=True)


def in_turn(rounds: int, *works: Callable[[], T]) -> list[tuple[T, ...]]:
    """Return what each work gave in each round; the order turns round from one to the next."""
    results: list[tuple[T, ...]] = []
    for number in range(rounds):
        order = range(len(works)) if number % 2 == 0 else reversed(range(len(works)))
        given = {index: works[index]() for index in order}
        results.append(tuple(given[index] for index in range(len(works))))
        say(f"    round {number + 1} of {rounds}")
    return results


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process that work took."""
    before = time.process_time()
    work()
    return time.process_time() - before


def median_ratio(pairs: Iterable[tuple[float, float]]) -> float:
    """Return the median of the first over the second of each pair.

    >>> median_ratio([(1, 2), (3, 4), (9, 1)])
    0.75
    """
    return statistics.median(one / other for one, other in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so many of all do not exceed (nearest rank).

    >>> percentile([4, 1, 3, 2], 0.5), percentile(range(200), 0.99)
    (2, 197)
    """
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


@contextmanager
def folder() -> Generator[Path]:
    """Give a directory on the disk that is measured, and delete it."""
    with tempfile.TemporaryDirectory(prefix="haechi-bench-") as name:
        yield Path(name)


def machine() -> str:
    """Return what the figures depend on, in one line."""
    memory = psutil.virtual_memory().total / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{psutil.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, "
        f"Linux {platform.release()}, Python {platform.python_version()}, "
        f"{_mosquitto()}, SQLite {sqlite3.sqlite_version}, {libraries}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def _cpu_s(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return times.user + times.system + times.children_user + times.children_system
    return 0.0


def _stolen_s() -> float:
    """Return the seconds that this machine wanted to compute and its host did not let it."""
    return float(getattr(psutil.cpu_times(), "steal", 0.0))


def _busy_s() -> float:
    times = psutil.cpu_times()
    return times.user + times.nice + times.system + times.irq + times.softirq


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.machine()


def _mosquitto() -> str:
    with suppress(OSError):
        said = subprocess.run(
            ["mosquitto", "-h"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"},
        )
        return said.stdout.partition("\n")[0].replace(" version", "")
    return "no mosquitto"
