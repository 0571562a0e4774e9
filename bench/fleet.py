"""Five thousand devices in one process, a reading a second each, beside broker and ingest.

Nothing may be lost: every reading of every device is acknowledged end to end. The devices share a
few MQTT connections; each has its own topic, boot, numbers and receipts (``firmware_sim.load``).
"""

import json
import os
import subprocess
import sys
import time
from typing import Any, Final

import psutil

from bench.measure import Figure, folder, say
from haechi.commands.places import environment
from haechi.commands.supervisor import Supervisor
from haechi.settings import load
from ingest.broker.process import start_broker

DEVICES: Final = 5000
SECONDS: Final = 60.0
SITE: Final = "bench"


def measure(devices: int = DEVICES, seconds: float = SECONDS) -> list[Figure]:
    """Return what was lost, how near the rate came to what was wanted, and what it cost."""
    say(f"  {devices:,} devices at one reading a second for {seconds:.0f} s")
    with folder() as place, start_broker(place / "broker") as broker, Supervisor(say) as running:
        settings = load(
            data_dir=place, site=SITE, mqtt_host=broker.host, mqtt_port=broker.port, metrics_port=0
        )
        given = environment(settings)
        ingest = psutil.Process(running.start("ingest", "ingest", **given).pid)
        idle_s = _cpu_s(ingest)
        said, took_s = _loaded(devices, seconds, given)
        ingest_s = _cpu_s(ingest) - idle_s
    tally = said["tally"]
    wanted = devices * tally["seconds"]
    return [
        Figure(
            what="readings lost ÷ sent, thousands of devices in one process beside ingest",
            ratio=(said["lost"] + tally["refused"]) / tally["sent"],
            at_most=0,
            parts=f"{said['lost']} of {tally['sent']:,} from {devices:,} devices;"
            f" {tally['again']} messages sent again",
        ),
        Figure(
            what="readings sent ÷ one a second from each device",
            ratio=tally["sent"] / wanted,
            at_least=0.99,
            parts=f"{tally['sent'] / tally['seconds']:,.0f}/s;"
            f" the last was acknowledged {tally['settled_s']:.1f} s after it was sent",
        ),
        Figure(
            what="CPU of all devices ÷ CPU of ingest",
            ratio=tally["cpu_s"] / ingest_s,
            parts=f"{1e6 * tally['cpu_s'] / tally['sent']:.0f} µs a reading, that is"
            f" {100 * tally['cpu_s'] / took_s:.0f} % of a core ÷"
            f" {1e6 * ingest_s / tally['sent']:.0f} µs a reading, {took_s:.0f} s",
        ),
    ]


def _loaded(devices: int, seconds: float, given: dict[str, str]) -> tuple[dict[str, Any], float]:
    """Return what the devices said at the end, and how long it took."""
    began = time.monotonic()
    command = ["sim", "load", "--devices", str(devices), "--seconds", str(seconds)]
    said = subprocess.run(
        [sys.executable, "-m", "haechi", *command],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    if not said.stdout:
        raise RuntimeError(f"haechi sim load: {said.stderr[-300:]}")
    return json.loads(said.stdout), time.monotonic() - began


def _cpu_s(process: psutil.Process) -> float:
    """Return the CPU seconds of a process and what it started: it is tied by one of its own."""
    return sum(
        each.cpu_times().user + each.cpu_times().system
        for each in (process, *process.children(recursive=True))
    )
