"""What memory the agents beside drones and seals take in some hours, fed as fast as it goes.

Each runs in a process of its own, with simulated hardware and an outbox whose readings are
acknowledged as they come; it looks at its own RSS all along. What counts is whether that still
grows in the last third.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import psutil

from bench.measure import Figure, folder, say
from edge.drone import phrases
from edge.drone.identity import Origin
from edge.drone.mavlink import Writer
from edge.drone.orders import Orders
from edge.drone.source import DroneSource
from edge.drone.transport import Received
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from edge.outbox import Outbox
from edge.seal.keys import Key, SharedSecret
from edge.seal.reading import SealReader
from edge.seal.repeats import KeptRepeats
from edge.sources import forget
from firmware_sim.drone_autopilot import Autopilot
from firmware_sim.drone_fleet import body
from firmware_sim.drone_telemetry import often, seldom
from firmware_sim.seals import on_air, secret_of, yard
from haechi.messages import Ack

MIB: Final = 2**20
SEED: Final = 1
HOUR_S: Final = 3600
DRONES: Final = 3
"""On one link: the agent's own, and others that it must tell apart."""
RATE_HZ: Final = 4
SEALS: Final = 200
HEARD_TWICE_S: Final = 1.0
"""After this a seal repeats each frame."""
START: Final = datetime(2026, 1, 1, tzinfo=UTC)

Batches = Iterator[list[Measured]]


def measure() -> list[Figure]:
    """Return what one more hour like the last third of one would add to each agent."""
    return [_growth(name) for name in AGENTS]


def _growth(name: str) -> Figure:
    hours, on_the_air = AGENTS[name].hours, AGENTS[name].on_the_air
    say(f"  {hours} h of {on_the_air}")
    done = subprocess.run(
        [sys.executable, "-m", "bench.agents", name], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    rss_mib: list[float] = told["rss_mib"]
    third = rss_mib[-len(rss_mib) // 3 :]
    slope = float(np.polyfit(np.linspace(0, hours / 3, len(third)), third, 1)[0])
    return Figure(
        what=f"memory of a {name}'s agent after one more hour as the last third of one ÷ now",
        ratio=(rss_mib[-1] + slope) / rss_mib[-1],
        at_most=1.01,
        parts=f"{rss_mib[-1]:.0f} MiB RSS with the hardware; slope of the last third of {hours} h "
        f"{slope:+.2f} MiB an hour; {told['readings']:,} readings; on the air: {on_the_air}",
    )


class _Link:
    """A radio on which several drones are heard; each look is a moment of their rate."""

    is_stream = False

    def __init__(self) -> None:
        self.second = 0.0
        self._pilots = [Autopilot(n, body(n, SEED)) for n in range(1, DRONES + 1)]
        self._writers = [Writer(pilot.system, 1) for pilot in self._pilots]

    def receive(self, wait_s: float) -> Received:
        """Return what all of them say."""
        del wait_s
        self.second += 1 / RATE_HZ
        pairs = zip(self._pilots, self._writers, strict=True)
        return [(self._said(*pair), ("192.0.2.1", 14_550)) for pair in pairs]

    def send(self, data: bytes, to: Origin) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """Nothing is held."""

    def date(self) -> datetime:
        """Return the date."""
        return START + timedelta(seconds=self.second)

    def _said(self, pilot: Autopilot, writer: Writer) -> bytes:
        said = pilot.step(1 / RATE_HZ, self.second) + often(pilot, self.second)
        if self.second % 1 == 0:
            said += seldom(pilot, self.second)
            said.append(phrases.words(6, f"at {self.second}"))
        return b"".join(map(writer.pack, said))


def _drone(place: Path, _: Outbox) -> Batches:
    link = _Link()
    orders = Orders("drone-1", place, link.date)
    source = DroneSource(
        lambda: link, Vehicle("drone-1"), orders, clock=lambda: link.second, now=link.date
    )
    batches = source.batches()
    while link.second < HOUR_S:
        yield [one for _ in range(10 * RATE_HZ) for one in next(batches)]


def _keys_of(number: str) -> tuple[Key, ...]:
    return (SharedSecret(secret_of(number, SEED)),)


def _seal(place: Path, outbox: Outbox) -> Batches:
    seals = yard(SEALS, SEED)
    clock = {"second": 0.0}
    repeats = KeptRepeats(
        place / "reported.sqlite", "boot-1", outbox.numbered, clock=lambda: clock["second"]
    )
    reader = SealReader(_keys_of, forget, repeats)
    batch: list[Measured] = []
    # They begin an hour before the start. A gateway remembers the last 20,000 frames, which these
    # send in an hour and a half.
    for sent in on_air(seals, START, until_s=(AGENTS["seal"].hours - 1) * HOUR_S):
        for second in (sent.second, sent.second + HEARD_TWICE_S):
            clock["second"] = second
            batch += reader.datagram(sent.raw, START + timedelta(seconds=second))
        if len(batch) >= 50:
            repeats.keep()
            yield batch
            batch = []


class Agent(NamedTuple):
    """What is run for how long."""

    batches: Callable[[Path, Outbox], Batches]
    on_the_air: str
    hours: int


AGENTS: Final = {
    "drone": Agent(_drone, f"{DRONES} drones on one link at {RATE_HZ} Hz", 1),
    "seal": Agent(_seal, f"{SEALS} seals that report about every minute and repeat themselves", 4),
}


def run(name: str) -> None:
    """Be an agent for its hours; print its RSS all along, and how many readings it made."""
    me, rss = psutil.Process(), list[float]()
    with folder() as place:
        outbox = Outbox(place, device=f"{name}-1", boot="boot-1")
        for batch in AGENTS[name].batches(place, outbox):
            outbox.append(batch)
            outbox.settle([Ack(boot="boot-1", kept=((1, outbox.numbered("boot-1")),))])
            rss.append(me.memory_info().rss / MIB)
        print(json.dumps({"rss_mib": rss, "readings": outbox.numbered("boot-1")}))
        outbox.close()


if __name__ == "__main__":
    run(sys.argv[1])
