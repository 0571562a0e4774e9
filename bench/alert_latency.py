"""How long an alert takes: from the publish call at the edge to its frame on an operator's stream.

A real broker, ``haechi ingest`` and ``haechi console`` as processes, background traffic from
another. Each alert is a vessel first heard inside a forbidden zone. The measuring process publishes
it and reads the console's stream from a raw socket, so one clock says both times. The limit is
measured in the same run under the same load: what the broker alone takes to echo a message, plus
what the disk alone takes to commit one row durably.
"""

import random
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from bench.measure import Figure, folder, median_ratio, percentile, say
from bench.traffic import DESCRIPTION, traffic
from haechi.commands.places import environment
from haechi.commands.supervisor import Supervisor
from haechi.messages import Message, Reading, encode
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.settings import load
from haechi.vessels import VesselPosition
from ingest.broker.process import start_broker

ALERTS: Final = 200
RUNS: Final = 3
SETTLE_S: Final = 5.0
BETWEEN_S: Final = 0.12
"""On average, evenly random from nothing to twice that: no alert keeps step with a timer."""

LAST_S: Final = 10.0
SITE, DEVICE = "bench", "ais-alerts"
INSIDE: Final = (35.051, 129.098)
"""In ``busan-customs-line`` of the default zones, which reports at once whoever is inside."""


class Echo:
    """A message to the broker and back: what there is without a platform."""

    def __init__(self, port: int) -> None:
        self.took_s: list[float] = []
        self._arrived = threading.Event()
        self._session = Session(
            Endpoint(port=port),
            "bench-echo",
            Callbacks(delivered=self._on_delivered),
            live_subscriptions=("bench/echo",),
        )
        self._session.start()
        _until(lambda: self._session.is_connected)

    def probe(self) -> None:
        """Send one and wait until it is here again."""
        self._arrived.clear()
        began = time.perf_counter()
        self._session.publish("bench/echo", b"x" * 200)
        if self._arrived.wait(LAST_S):
            self.took_s.append(time.perf_counter() - began)

    def stop(self) -> None:
        """Leave."""
        self._session.stop()

    def _on_delivered(self, delivery: Delivery) -> None:
        self._arrived.set()
        self._session.acknowledge(delivery)


class Commit:
    """One row, durably, on the same disk: what the disk takes without a platform."""

    def __init__(self, path: Path) -> None:
        self.took_s: list[float] = []
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE rows (at INTEGER, body BLOB)")

    def probe(self) -> None:
        """Commit one row."""
        began = time.perf_counter()
        self._connection.execute("INSERT INTO rows VALUES (?, ?)", (time.time_ns(), b"x" * 200))
        self.took_s.append(time.perf_counter() - began)

    def stop(self) -> None:
        """Close."""
        self._connection.close()


class Watcher:
    """An operator's page as far as its socket: when which vessel's alarm arrived."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self.seen_at: dict[str, float] = {}
        self._socket = socket.create_connection((place.hostname or "", place.port or 0))
        # HTTP/1.0: the answer then is the frames and nothing between them.
        ask = f"GET /api/stream HTTP/1.0\r\nHost: {place.netloc}\r\n\r\n"
        self._socket.sendall(ask.encode())
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _read(self) -> None:
        for frame in self._frames():
            now = time.perf_counter()
            if b"event: alarms\n" in frame:
                for alarm in msgspec.json.decode(frame.partition(b"data: ")[2]):
                    self.seen_at.setdefault(alarm["subject"], now)

    def _frames(self) -> Iterator[bytes]:
        waiting = b""
        while chunk := self._socket.recv(1 << 20):
            *frames, waiting = (waiting + chunk).split(b"\n\n")
            yield from frames


class Alarmed:
    """An agent whose vessels are where they must not be."""

    def __init__(self, port: int) -> None:
        self.sent_at: dict[str, float] = {}
        self._session = Session(Endpoint(port=port), DEVICE, Callbacks())
        self._session.start()
        _until(lambda: self._session.is_connected)

    def publish(self) -> None:
        """Let one more vessel be heard."""
        number = len(self.sent_at) + 1
        subject = f"mmsi:{442000000 + number}"
        lat, lon = INSIDE
        position = VesselPosition(lat=lat, lon=lon, speed_kn=1.0, ais_type=1)
        reading = Reading(seq=number, at=datetime.now(UTC), subject=subject, content=position)
        payload = encode(Message(device=DEVICE, boot="boot-alerts", readings=(reading,)))
        self.sent_at[subject] = time.perf_counter()
        self._session.publish(f"haechi/v1/{SITE}/{DEVICE}/up/telemetry", payload)

    def stop(self) -> None:
        """Leave."""
        self._session.stop()


def measure(alerts: int = ALERTS, runs: int = RUNS) -> list[Figure]:
    """Return how many times the limit the slowest of a hundred alerts takes, and the typical one.

    Raises:
        RuntimeError: an alert did not arrive.
    """
    say(f"  {alerts} alerts under {DESCRIPTION}, {runs} times")
    found = [_run(alerts) for _ in range(runs)]
    return [_figure(found, share) for share in (0.99, 0.5)]


def _run(alerts: int) -> dict[str, list[float]]:
    """Return the seconds of alerts, echoes and commits."""
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        broker = stack.enter_context(start_broker(place / "broker"))
        settings = load(
            data_dir=place,
            site=SITE,
            mqtt_host=broker.host,
            mqtt_port=broker.port,
            metrics_port=0,
            console_port=0,
        )
        supervisor = stack.enter_context(Supervisor(say))
        ingest = supervisor.start("ingest", "ingest", **environment(settings))
        seeing = settings.model_copy(update={"metrics_port": ingest.facts["metrics_port"]})
        console = supervisor.start("console", "console", **environment(seeing))
        stack.enter_context(traffic(broker.port, SITE))
        watcher = Watcher(console.facts["address"])
        echo, commit, agent = Echo(broker.port), Commit(place / "rows.db"), Alarmed(broker.port)
        for part in (watcher, echo, commit, agent):
            stack.callback(part.stop)
        time.sleep(SETTLE_S)
        _probe(alerts, agent, echo, commit)
        _until(lambda: len(watcher.seen_at) >= alerts)
    took = {
        "alert": [watcher.seen_at[subject] - sent for subject, sent in agent.sent_at.items()],
        "echo": echo.took_s,
        "commit": commit.took_s,
    }
    say("    " + ", ".join(f"{name} {_spelt(values)}" for name, values in took.items()))
    return took


def _probe(alerts: int, agent: Alarmed, echo: Echo, commit: Commit) -> None:
    """Send alerts at random moments; between them, echo and commit as often each."""
    chance = random.Random(7)  # noqa: S311 - moments, no secret
    for _ in range(alerts):
        for probe in (agent.publish, echo.probe, commit.probe):
            probe()
            time.sleep(chance.uniform(0, 2 * BETWEEN_S / 3))


def _figure(runs: list[dict[str, list[float]]], share: float) -> Figure:
    def at(values: list[float]) -> float:
        return percentile(values, share)

    pairs = [(at(run["alert"]), at(run["echo"]) + at(run["commit"])) for run in runs]
    middle = sorted(runs, key=lambda run: at(run["alert"]))[len(runs) // 2]
    alert, echo, commit = (1000 * at(middle[name]) for name in ("alert", "echo", "commit"))
    return Figure(
        what=f"alert, publish to frame, p{100 * share:.0f} ÷ broker echo + one durable commit",
        ratio=median_ratio(pairs),
        at_most=3.0 if share == 0.99 else None,
        parts=f"{alert:.1f} ms ÷ ({echo:.1f} + {commit:.1f}) ms; {len(middle['alert'])} alerts",
    )


def _spelt(values: list[float]) -> str:
    return f"p50 {1000 * percentile(values, 0.5):.1f} ms, p99 {1000 * percentile(values, 0.99):.1f}"


def _until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + LAST_S
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("a part did not answer in time")
        time.sleep(0.01)
