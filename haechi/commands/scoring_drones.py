"""Drones of a scenario as their agents hear them, in the scenario's own time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from edge.drone.identity import Origin
from edge.drone.mavlink import AUTOPILOT_COMPONENT, Reader, Writer
from edge.drone.orders import Orders
from edge.drone.source import DroneSource
from edge.drone.transport import Received
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from firmware_sim.cast import Flyer
from firmware_sim.drone_eye import DroneEye
from firmware_sim.drone_telemetry import often, seldom
from firmware_sim.flown_day import Patrolling, pilots
from firmware_sim.scenario import Scenario
from haechi.messages import place

STEP_S: Final = 1.0
"""Drones are asked for their place once a second; live it is four times."""

Timed = tuple[float, str, Measured]
"""Second, device and reading."""


class Air:
    """What is between an autopilot and its agent; at each look a step of time has passed."""

    is_stream = False

    def __init__(self, pilot: Patrolling, flyer: Flyer) -> None:
        self.second = 0.0
        self._pilot, self._unheard = pilot, flyer.unheard_s
        self._writer, self._reader = Writer(pilot.system, AUTOPILOT_COMPONENT), Reader()
        self._origin = ("scenario", pilot.system)

    def receive(self, wait_s: float) -> Received:  # noqa: ARG002 - nobody waits
        """Return what the autopilot says in this step."""
        self.second += STEP_S
        said = self._pilot.step(STEP_S, self.second)
        said += often(self._pilot, self.second) + seldom(self._pilot, self.second)
        data = [self._writer.pack(each) for each in said]
        return [] if self._is_deaf() else [(each, self._origin) for each in data]

    def send(self, data: bytes, to: Origin) -> None:  # noqa: ARG002 - there is one only
        """Let the autopilot hear it; its answers come too late to matter."""
        if not self._is_deaf():
            for heard in self._reader.datagram(data):
                self._pilot.hear(heard, self.second)

    def close(self) -> None:
        """Nothing is held."""

    def _is_deaf(self) -> bool:
        return any(begin <= self.second < end for begin, end in self._unheard)


def readings(scenario: Scenario) -> Iterator[Timed]:
    """Yield what the agents of all drones send, in order of time."""
    flights = zip(scenario.drone, pilots(scenario), strict=True)
    return merge(*(_flown(scenario, *flight) for flight in flights), key=lambda each: each[0])


def _flown(scenario: Scenario, flyer: Flyer, pilot: Patrolling) -> Iterator[Timed]:
    air = Air(pilot, flyer)

    def now() -> datetime:
        return scenario.starts + timedelta(seconds=air.second)

    with TemporaryDirectory() as folder:
        source = DroneSource(
            lambda: air,
            Vehicle(flyer.name, every_s=STEP_S),
            Orders(flyer.name, Path(folder), now),
            system=pilot.system,
            clock=lambda: air.second,
            now=now,
        )
        eye = DroneEye(scenario, flyer)
        for batch in source.batches():
            if air.second >= scenario.lasts_s:
                break
            for reading in batch:
                yield air.second, flyer.name, reading
                if (where := place(reading.content)) and flyer.sees_m:
                    lat, lon = where
                    for seen in eye.sees(air.second, (lon, lat)):
                        yield air.second, flyer.name, seen
        source.close()
