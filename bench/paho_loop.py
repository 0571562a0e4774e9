"""The least that could be called durable ingest: the MQTT driver, one table, and an honest answer.

``python -m bench.paho_loop PORT FILE COUNT`` decodes nothing, judges nothing and refuses nothing:
each message goes as it came into a table of bytes, and is acknowledged after the commit (WAL,
synchronous FULL). Whatever arrived meanwhile goes into one transaction, as in ingest.
"""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from bench.ingest import DEVICE, SITE
from bench.measure import folder
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from ingest.broker.process import start_broker

BATCH: Final = 2000
LIMIT_S: Final = 60.0


def main(port: int, file: str, wanted: int) -> None:
    """Keep so many messages; say ``ready`` once subscribed, and ``done``."""
    rows = _opened(file)
    arrived: SimpleQueue[Delivery] = SimpleQueue()
    session = Session(
        Endpoint(port=port),
        "bench-loop",
        Callbacks(delivered=arrived.put),
        live_subscriptions=(f"haechi/v1/{SITE}/+/up/#",),
        receive_maximum=BATCH,
    )
    session.start()
    while not session.is_connected:
        time.sleep(0.01)
    time.sleep(0.5)  # until the subscription holds
    print("ready", flush=True)
    kept = 0
    while kept < wanted:
        taken = _taken(arrived)
        _keep(rows, taken)
        for delivery in taken:
            session.acknowledge(delivery)
        kept += len(taken)
    print("done", flush=True)
    session.stop()
    rows.close()


def loop_rate(bodies: list[bytes]) -> float:
    """Return messages a second of the same stream that ingest and ``mosquitto_sub`` are given."""
    with folder() as place, start_broker(place / "broker") as broker:
        lines = place / "lines"
        lines.write_bytes(b"\n".join(bodies) + b"\n")
        arguments = (str(broker.port), str(place / "rows.db"), str(len(bodies)))
        with subprocess.Popen(
            [sys.executable, "-m", "bench.paho_loop", *arguments], stdout=subprocess.PIPE
        ) as loop:
            _await(loop, b"ready\n")
            began = time.perf_counter()
            with _publishing(broker.port, lines):
                _await(loop, b"done\n")
            return len(bodies) / (time.perf_counter() - began)


def _publishing(port: int, lines: Path) -> "subprocess.Popen[bytes]":
    topic = f"haechi/v1/{SITE}/{DEVICE}/up/telemetry"
    command = ["mosquitto_pub", "-V", "5", "-p", str(port), "-q", "1", "-l", "-t", topic]
    with lines.open("rb") as source:
        return subprocess.Popen(command, stdin=source)


def _await(loop: "subprocess.Popen[bytes]", line: bytes) -> None:
    if loop.stdout is None or loop.stdout.readline() != line:
        raise RuntimeError(f"the loop did not say {line!r}")


def _opened(file: str) -> sqlite3.Connection:
    rows = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        rows.execute(f"PRAGMA {pragma}")
    rows.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, topic TEXT, body BLOB)")
    return rows


def _taken(arrived: "SimpleQueue[Delivery]") -> list[Delivery]:
    """Return what is there, at least one."""
    taken = [arrived.get(timeout=LIMIT_S)]
    try:
        while len(taken) < BATCH:
            taken.append(arrived.get_nowait())
    except Empty:
        return taken
    return taken


def _keep(rows: sqlite3.Connection, taken: list[Delivery]) -> None:
    rows.execute("BEGIN IMMEDIATE")
    rows.executemany(
        "INSERT INTO rows (topic, body) VALUES (?, ?)",
        [(delivery.topic, delivery.payload) for delivery in taken],
    )
    rows.execute("COMMIT")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
