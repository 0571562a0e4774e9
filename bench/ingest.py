"""Durable ingest with all rules, against what the broker can give and what SQLite can take.

Runs alternate and the median ratio counts. The vessels are synthetic.

* One reading a message: ingest against ``mosquitto_sub -q 1``, which keeps nothing, both fed live
  by ``mosquitto_pub -q 1``, from its start until the last message is taken (and, for ingest,
  committed and acknowledged end to end).
* A hundred readings a message: ingest draining a backlog at the broker, against bare batched
  inserts of the same rows into the same table with the same indexes and the same durability (WAL,
  synchronous FULL).
"""

import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import psutil
import structlog

from analytics.catalogue import load as load_rules
from analytics.wording import Voice
from analytics.zones import ZoneSet
from haechi.alarms import AlarmPolicy
from haechi.commands.pauses import make_pauses_rare
from haechi.messages import Message, Reading, decode_ack, encode
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.pushes import PushPolicy
from haechi.settings import Settings
from haechi.settings import load as load_settings
from haechi.units import microseconds
from haechi.vessels import VesselPosition
from ingest.alarming import Alarming
from ingest.broker.process import start_broker
from ingest.judging import Judging
from ingest.service import Service
from ingest.stores.sqlite import SqliteStore
from ingest.stores.sqlite_file import connect

SITE, DEVICE, BOOT = "bench", "ais-bench", "boot-bench"
VESSELS = 500
ROUNDS = 5
SINGLE, HUNDRED = 20_000, 200_000
ROWS_AT_ONCE = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def readings(count: int) -> Iterator[Reading]:
    """Yield reports of vessels that take turns, ten seconds apart, each on a course of its own."""
    for number in range(count):
        vessel, step = number % VESSELS, number // VESSELS
        course = (vessel * 37) % 360
        way = 10 * step * 12 / 3600 / 60  # degrees at 12 kn
        yield Reading(
            seq=number + 1,
            at=START + timedelta(seconds=10 * step, milliseconds=vessel),
            subject=f"mmsi:{440000000 + vessel}",
            content=VesselPosition(
                lat=round(34.5 + vessel % 25 / 50 + way * math.cos(math.radians(course)), 6),
                lon=round(128.5 + vessel // 25 / 20 + way * math.sin(math.radians(course)), 6),
                speed_kn=12.0,
                course_deg=float(course),
                heading_deg=float(course),
                navigation_status=0,
                ais_type=1,
            ),
        )


def payloads(count: int, at_once: int) -> list[bytes]:
    """Return the messages of so many readings."""
    whole = list(readings(count))
    return [
        encode(Message(device=DEVICE, boot=BOOT, readings=tuple(whole[start : start + at_once])))
        for start in range(0, count, at_once)
    ]


def serve(folder: Path, port: int) -> None:
    """Be what ``haechi ingest`` is, with the default rules and no pushes, until SIGTERM."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = _settings(folder)
    zones = ZoneSet.parse(settings.zones_path.read_text())
    store = SqliteStore(folder / "store.sqlite", keeper=True)
    service = Service(
        settings=settings,
        endpoint=Endpoint(port=port),
        store=store,
        judging=Judging(
            load_rules(settings.rules_path.read_text(), zones),
            zones.locate,
            allowance=timedelta(seconds=settings.lateness_allowance_s),
            idle_limit=timedelta(seconds=settings.source_idle_limit_s),
        ),
        alarming=Alarming(
            AlarmPolicy(), PushPolicy(channels=(), rules=()), Voice(zone=UTC, zone_name="UTC")
        ),
        ticking=False,
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        service.stop()

    signal.signal(signal.SIGTERM, stop)
    make_pauses_rare()
    print(service.metrics_port, flush=True)
    service.run()
    store.close()


class Audience:
    """The agent's side: publishes the backlog, and notes when what was acknowledged."""

    def __init__(self, port: int) -> None:
        self._published, self._seen = 0, threading.Event()
        self.times: list[tuple[float, int]] = []
        self._acknowledged = 0
        self._session = Session(
            Endpoint(port=port),
            "bench-agent",
            Callbacks(
                connected=lambda _: self._seen.set(),
                published=self._on_published,
                delivered=self._on_delivered,
            ),
            live_subscriptions=(f"haechi/v1/{SITE}/{DEVICE}/down/ack",),
            max_inflight=1000,
        )
        self._session.start()
        self._seen.wait(20)

    def publish(self, bodies: list[bytes]) -> None:
        """Leave a backlog at the broker; return once it has all of it."""
        wanted = self._published + len(bodies)
        for body in bodies:
            self._session.publish(f"haechi/v1/{SITE}/{DEVICE}/up/telemetry", body)
        while self._published < wanted:
            time.sleep(0.01)
        self.times, self._acknowledged = [], 0

    def rate(self, wanted: int) -> float:
        """Wait until so many readings are acknowledged; return how many a second that was."""
        self.wait(wanted)
        (began, before), (ended, after) = self.times[0], self.times[-1]
        return (after - before) / (ended - began)

    def wait(self, wanted: int) -> None:
        """Return once so many readings are acknowledged."""
        deadline = time.monotonic() + 120
        while self._acknowledged < wanted:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._acknowledged} of {wanted} acknowledged")
            time.sleep(0.005)

    def stop(self) -> None:
        """Leave."""
        self._session.stop()

    def _on_published(self, _mid: int, _reason: int) -> None:
        self._published += 1

    def _on_delivered(self, delivery: Delivery) -> None:
        kept = decode_ack(delivery.payload).kept
        self._acknowledged += sum(last - first + 1 for first, last in kept)
        self.times.append((time.perf_counter(), self._acknowledged))
        self._session.acknowledge(delivery)


def drain_rate(bodies: list[bytes], count: int) -> tuple[float, float]:
    """Return readings a second, and CPU milliseconds per reading, of draining a backlog."""
    with _rig() as (folder, port, audience):
        with _serving(folder, port):
            pass  # its durable session exists from now on
        audience.publish(bodies)
        with _serving(folder, port) as process:
            began = _cpu_ms(process)  # its start, and the first readings
            rate = audience.rate(count)
            return rate, (_cpu_ms(process) - began) / count


def live_rate(bodies: list[bytes]) -> tuple[float, float]:
    """Return readings a second, and CPU milliseconds per reading, of a live stream."""
    with _rig() as (folder, port, audience), _serving(folder, port) as process:
        idle = _cpu_ms(process)
        began = time.perf_counter()
        with _publishing(folder, port, bodies):
            audience.wait(len(bodies))
        took = time.perf_counter() - began
        return len(bodies) / took, (_cpu_ms(process) - idle) / len(bodies)


def subscriber_rate(bodies: list[bytes]) -> float:
    """Return messages a second that ``mosquitto_sub -q 1`` takes from the same stream."""
    with _rig() as (folder, port, _):
        command = [
            *("mosquitto_sub", "-V", "5", "-p", str(port), "-q", "1", "-c", "-i", "bench-sub"),
            *("-x", "3600", "-t", f"haechi/v1/{SITE}/+/up/#"),
        ]
        subprocess.run([*command, "-E"], check=True)
        began = time.perf_counter()
        with _publishing(folder, port, bodies):
            wanted = ("-C", str(len(bodies)))
            subprocess.run([*command, *wanted], check=True, stdout=subprocess.DEVNULL)
        return len(bodies) / (time.perf_counter() - began)


def _cpu_ms(process: psutil.Process) -> float:
    times = process.cpu_times()
    return (times.user + times.system) * 1000


@contextmanager
def _publishing(folder: Path, port: int, bodies: list[bytes]) -> Generator[None]:
    lines = folder / "lines"
    lines.write_bytes(b"\n".join(bodies) + b"\n")
    topic = f"haechi/v1/{SITE}/{DEVICE}/up/telemetry"
    command = ["mosquitto_pub", "-V", "5", "-p", str(port), "-q", "1", "-l", "-t", topic]
    with lines.open("rb") as source, subprocess.Popen(command, stdin=source):
        yield


def bare_rate(count: int) -> float:
    """Return rows a second of nothing but inserts."""
    rows = [
        (
            None,
            1,
            reading.seq,
            1,
            int(reading.subject[5:]) - 440000000 + 1,
            microseconds(reading.at),
            1,
            microseconds(START),
            None,
            "",
            encode_content(reading),
        )
        for reading in readings(count)
    ]
    with _folder() as folder:
        connection = connect(folder / "bare.sqlite")
        began = time.perf_counter()
        for start in range(0, count, ROWS_AT_ONCE):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows[start : start + ROWS_AT_ONCE],
            )
            connection.execute("COMMIT")
        took = time.perf_counter() - began
        connection.close()
        return count / took


def encode_content(reading: Reading) -> bytes:
    """Return a row's content as ingest keeps it."""
    return msgspec.json.encode(reading.content)


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the medians and their ratios."""
    one, hundred = payloads(SINGLE, 1), payloads(HUNDRED, 100)
    live_rate(one[:2000])  # nobody's first run counts
    singles = [(subscriber_rate(one), *live_rate(one)) for _ in range(rounds)]
    hundreds = [(bare_rate(HUNDRED), *drain_rate(hundred, HUNDRED)) for _ in range(rounds)]
    return {
        "one_reading_a_message": _summary(singles, "mosquitto_sub_per_s"),
        "hundred_readings_a_message": _summary(hundreds, "bare_inserts_per_s"),
    }


def main() -> None:
    """Print one JSON object."""
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]))
        return
    print(json.dumps(measure(), indent=2))


def _summary(rounds: list[tuple[float, float, float]], other: str) -> dict[str, float]:
    return {
        "ratio": round(statistics.median(ours / theirs for theirs, ours, _ in rounds), 3),
        "ingest_per_s": round(statistics.median(ours for _, ours, _ in rounds)),
        other: round(statistics.median(theirs for theirs, _, _ in rounds)),
        "ingest_cpu_ms_per_reading": round(statistics.median(cpu for _, _, cpu in rounds), 4),
        "rounds": len(rounds),
    }


def _settings(folder: Path) -> Settings:
    return load_settings(data_dir=folder, site=SITE, metrics_port=0)


@contextmanager
def _folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="haechi-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _rig() -> Generator[tuple[Path, int, Audience]]:
    with _folder() as folder, start_broker(folder / "broker") as broker:
        audience = Audience(broker.port)
        try:
            yield folder, broker.port, audience
        finally:
            audience.stop()


@contextmanager
def _serving(folder: Path, port: int) -> Generator[psutil.Process]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.ingest", "--serve", str(folder), str(port)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            if process.stdout is None:
                raise BrokenPipeError
            _wait_for_broker(int(process.stdout.readline()))
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def _wait_for_broker(metrics_port: int) -> None:
    page = f"http://127.0.0.1:{metrics_port}/metrics"
    while b"haechi_ingest_connected 1.0" not in urllib.request.urlopen(page).read():
        time.sleep(0.02)


if __name__ == "__main__":
    main()
