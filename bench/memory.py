"""What memory the platform takes: idle, under load, and over a whole day.

``haechi up`` as it is started by a person, each of its processes looked at from outside: PSS, which
shares common pages among those that hold them, summed, and RSS of the largest. The day is a replay
of simulated vessels as fast as it goes, through agent, broker, ingest, store and rules. What counts
is whether memory still grows in its last third, when the store's page cache (64 MiB) is full.
"""

import csv
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import numpy as np
import psutil

from bench.measure import Figure, folder, say
from bench.traffic import DESCRIPTION, traffic
from firmware_sim.vessels import fleet, transmissions

MIB: Final = 2**20
IDLE_S: Final = 15.0
LOAD_S: Final = 60.0
LOOK_S: Final = 0.5
START_LIMIT_S: Final = 60.0
DAY_VESSELS: Final = 60
DAY_S: Final = 86_400.0
SITE: Final = "bench"
PARTS: Final = ("mosquitto", "ingest", "console", "agent")


class Sample(NamedTuple):
    """The memory of one process at one moment."""

    part: str
    at: float
    rss_mib: float
    pss_mib: float


class Watcher:
    """Looks at a process and all that it started, again and again, from a thread."""

    def __init__(self, pid: int) -> None:
        self.samples: list[Sample] = []
        self._root = psutil.Process(pid)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def of(self, part: str) -> list[Sample]:
        """Return what was seen of one process, oldest first."""
        return [sample for sample in self.samples if sample.part == part]

    def peak(self) -> dict[str, Sample]:
        """Return of each process the moment at which it took most."""
        parts = dict.fromkeys(sample.part for sample in self.samples)
        return {part: max(self.of(part), key=lambda sample: sample.pss_mib) for part in parts}

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            with suppress(psutil.NoSuchProcess):
                for process in (self._root, *self._root.children(recursive=True)):
                    self._look(process)

    def _look(self, process: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            taken = process.memory_full_info()
            part = "haechi" if process == self._root else _part(process.cmdline())
            sample = Sample(part, time.monotonic(), taken.rss / MIB, taken.pss / MIB)
            self.samples.append(sample)


def measure(vessels: int = DAY_VESSELS, load_s: float = LOAD_S) -> list[Figure]:
    """Return what load adds to an idle platform, and what the second half of a day adds."""
    return [_loaded(load_s), *_day(vessels)]


def _loaded(load_s: float) -> Figure:
    say(f"  haechi up, idle for {IDLE_S:.0f} s, then {load_s:.0f} s of {DESCRIPTION}")
    with folder() as place, _platform(place) as (pid, port):
        idle = _watched(pid, IDLE_S)
        with traffic(port, SITE):
            loaded = _watched(pid, load_s)
    before, after = (sum(each.pss_mib for each in peak.values()) for peak in (idle, loaded))
    return Figure(
        what="memory of haechi up under load ÷ idle",
        ratio=after / before,
        parts=f"{_spelt(loaded)} ÷ {_spelt(idle)}",
    )


def _day(vessels: int) -> list[Figure]:
    with folder() as place:
        say(f"  simulating a day of {vessels} vessels")
        recording = place / "day.csv"
        readings = _write_day(recording, vessels)
        say(f"  replaying its {readings} reports as fast as it goes")
        began = time.monotonic()
        watcher = _replayed(recording, place / "data")
        took_s = time.monotonic() - began
    return [
        _growth(watcher.of(part), f"{readings:,} reports in {took_s:.0f} s", part)
        for part in ("ingest", "haechi")
    ]


def _growth(samples: Sequence[Sample], about: str, part: str) -> Figure:
    """Return what another day would make of a process, if it went on as in its last third."""
    end = median(sample.rss_mib for sample in samples[-len(samples) // 20 :])
    half, third = (_slope(samples[-len(samples) // parts :], samples) for parts in (2, 3))
    name = "ingest" if part == "ingest" else "the agent and its outbox"
    return Figure(
        what=f"memory of {name} after one more day as the last third of a replayed one ÷ now",
        ratio=(end + third) / end,
        at_most=1.1,
        parts=f"{end:.0f} MiB RSS now; slope of the second half {half:+.1f}, of the last third "
        f"{third:+.1f} MiB a day; {about}",
    )


def _slope(some: Sequence[Sample], whole: Sequence[Sample]) -> float:
    """Return by how much memory grew among some samples, in MiB a replayed day."""
    fitted = np.polyfit([each.at for each in some], [each.rss_mib for each in some], 1)
    return float(fitted[0]) * (whole[-1].at - whole[0].at)


def _replayed(recording: Path, data: Path) -> Watcher:
    said = recording.with_name("said")
    with (
        said.open("w") as file,
        subprocess.Popen(
            [sys.executable, "-m", "haechi", "replay", str(recording), "--speed", "max", "--json"],
            env={**os.environ, "HAECHI_DATA_DIR": str(data)},
            stdout=subprocess.DEVNULL,
            stderr=file,
        ) as process,
    ):
        watcher = Watcher(process.pid)
        try:
            status = process.wait()
        finally:
            watcher.stop()
    if status:
        raise RuntimeError(f"the replay ended with status {status}: {said.read_text()[-300:]}")
    return watcher


def _write_day(path: Path, vessels: int) -> int:
    """Write what so many simulated vessels report in a day, a row a position."""
    start, rows = datetime(2026, 1, 1, tzinfo=UTC), 0
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("mmsi", "time", "lat", "lon", "speed", "course"))
        for report in transmissions(fleet(vessels, seed=7), 0.0, DAY_S):
            if not report.is_static:
                at = start + timedelta(seconds=report.second)
                place = (f"{report.lat:.6f}", f"{report.lon:.6f}")
                way = (f"{report.speed_kn:.1f}", f"{report.course_deg:.1f}")
                table.writerow((report.vessel.mmsi, at.isoformat(), *place, *way))
                rows += 1
    return rows


@contextmanager
def _platform(data: Path) -> Generator[tuple[int, int]]:
    """Run ``haechi up``; give its process id and its broker's port."""
    broker, console, metrics = _free_ports(3)
    environment = {
        "HAECHI_DATA_DIR": str(data),
        "HAECHI_SITE": SITE,
        "HAECHI_MQTT_PORT": str(broker),
        "HAECHI_CONSOLE_PORT": str(console),
        "HAECHI_METRICS_PORT": str(metrics),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "haechi", "up"],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _await_console(console)
            yield process.pid, broker
        finally:
            process.send_signal(signal.SIGTERM)


def _watched(pid: int, seconds: float) -> dict[str, Sample]:
    watcher = Watcher(pid)
    time.sleep(seconds)
    watcher.stop()
    return watcher.peak()


def _await_console(port: int) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"haechi up did not serve within {START_LIMIT_S:.0f} s")


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def _part(command: Sequence[str]) -> str:
    words = [os.path.basename(word) for word in command]  # noqa: PTH119 - arguments, not paths
    return next((part for part in PARTS if part in words), "other")


def _spelt(peaks: dict[str, Sample]) -> str:
    total = sum(peak.pss_mib for peak in peaks.values())
    each = ", ".join(f"{part} {peak.rss_mib:.0f}" for part, peak in sorted(peaks.items()))
    return f"{total:.0f} MiB PSS (RSS: {each})"
