"""Five thousand devices in one process, a reading a second each, beside broker and ingest.

Nothing may be lost: every reading of every device is acknowledged end to end. The devices share a
few MQTT connections; each has its own topic, boot, numbers and receipts (``firmware_sim.load``).
A tenth of the devices, each ten times as talkative, show what it costs that they are many.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final

import psutil

from bench.measure import Figure, folder, say
from haechi.commands.places import environment
from haechi.commands.supervisor import Supervisor
from haechi.settings import load
from ingest.broker.process import start_broker

DEVICES: Final = 5000
FEW: Final = 500
SECONDS: Final = 60.0
CORES: Final = 2
SITE: Final = "bench"


@dataclass(frozen=True, slots=True)
class Run:
    """What became of the readings of a fleet, and the CPU seconds of everybody concerned."""

    tally: dict[str, Any]
    lost: int
    ingest_s: float
    broker_s: float

    @property
    def sent(self) -> int:
        """Readings."""
        return int(self.tally["sent"])

    @property
    def fleet_s(self) -> float:
        """CPU seconds of all devices."""
        return float(self.tally["cpu_s"])

    @property
    def took_s(self) -> float:
        """From the first reading until all were acknowledged."""
        return float(self.tally["seconds"] + self.tally["settled_s"])

    def us(self, cpu_s: float) -> float:
        """Return the CPU microseconds of each reading."""
        return 1e6 * cpu_s / self.sent


def measure(devices: int = DEVICES, few: int = FEW, seconds: float = SECONDS) -> list[Figure]:
    """Return what was lost, how near the rate came to what was wanted, and what it cost."""
    many, less = _run(devices, 1, seconds), _run(few, devices / few, seconds / 3)
    all_s = many.fleet_s + many.ingest_s + many.broker_s
    return [
        Figure(
            what="readings lost ÷ sent, thousands of devices in one process beside ingest",
            ratio=(many.lost + many.tally["refused"]) / many.sent,
            at_most=0,
            parts=f"{many.lost} of {many.sent:,} from {devices:,} devices;"
            f" {many.tally['again']} messages sent again",
        ),
        Figure(
            what="readings sent ÷ one a second from each device",
            ratio=many.sent / (devices * many.tally["seconds"]),
            at_least=0.99,
            parts=f"{many.sent / many.tally['seconds']:,.0f}/s; all were acknowledged"
            f" {many.tally['settled_s']:.1f} s after the last was sent",
        ),
        Figure(
            what=f"CPU of the fleet, the broker and ingest in a second of it ÷ {CORES} cores",
            ratio=devices * all_s / many.sent / CORES,
            at_most=1,
            parts="CPU µs a device and second: fleet"
            f" {many.us(many.fleet_s):.0f}, broker {many.us(many.broker_s):.0f},"
            f" ingest {many.us(many.ingest_s):.0f}; it took {many.took_s:.0f} s",
        ),
        Figure(
            what="CPU of ingest a reading, many devices ÷ few that speak more often",
            ratio=many.us(many.ingest_s) / less.us(less.ingest_s),
            parts=f"{many.us(many.ingest_s):.0f} µs, {devices:,} devices ÷"
            f" {less.us(less.ingest_s):.0f} µs, {few:,} devices",
        ),
    ]


def _run(devices: int, rate_hz: float, seconds: float) -> Run:
    say(f"  {devices:,} devices at {rate_hz:g} readings a second for {seconds:.0f} s")
    with folder() as place, start_broker(place / "broker") as broker, Supervisor(say) as running:
        settings = load(
            data_dir=place, site=SITE, mqtt_host=broker.host, mqtt_port=broker.port, metrics_port=0
        )
        given = environment(settings)
        ingest = psutil.Process(running.start("ingest", "ingest", **given).pid)
        carrier = psutil.Process(broker.pid)
        idle_s, carried_s = _cpu_s(ingest), _cpu_s(carrier)
        said = _loaded(devices, rate_hz, seconds, given)
        return Run(
            said["tally"], said["lost"], _cpu_s(ingest) - idle_s, _cpu_s(carrier) - carried_s
        )


def _loaded(devices: int, rate_hz: float, seconds: float, given: dict[str, str]) -> dict[str, Any]:
    """Return what the devices said at the end."""
    options = {"--devices": devices, "--rate": rate_hz, "--seconds": seconds}
    words = [str(word) for option in options.items() for word in option]
    said = subprocess.run(
        [sys.executable, "-m", "haechi", "sim", "load", *words],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    if not said.stdout:
        raise RuntimeError(f"haechi sim load: {said.stderr[-300:]}")
    tally: dict[str, Any] = json.loads(said.stdout)
    return tally


def _cpu_s(process: psutil.Process) -> float:
    """Return the CPU seconds of a process and what it started: it is tied by one of its own."""
    return sum(
        each.cpu_times().user + each.cpu_times().system
        for each in (process, *process.children(recursive=True))
    )
