"""Many simulated drones in one process: each has a UDP port and answers whoever speaks to it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.drone.mavlink import AUTOPILOT_COMPONENT, Message, Reader, Writer
from firmware_sim.drone_autopilot import Autopilot
from firmware_sim.drone_telemetry import often, seldom
from firmware_sim.drones import Body, Wind, placed
from firmware_sim.lanes import LonLat

QUAY: Final[LonLat] = (129.085, 35.075)
"""Where the first takes off: by the sea at Busan. The others stand beside it."""
FORGOTTEN_S: Final = 15.0
"""A ground station that is silent for so long is told no more."""

Address = tuple[str, int]


@dataclass
class Radio(asyncio.DatagramProtocol):
    """The port of one drone, and who listens."""

    pilot: Autopilot
    clock: Callable[[], float]
    deaf: Sequence[tuple[float, float]] = ()
    """Intervals, in seconds of the clock, in which nothing comes through either way."""
    listeners: dict[Address, float] = field(default_factory=dict[Address, float])
    bytes_sent: int = 0

    def __post_init__(self) -> None:
        self._reader = Reader()
        self._writer = Writer(self.pilot.system, AUTOPILOT_COMPONENT)
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._transport is not None  # noqa: S101 - it is asked once it is open
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = transport  # type: ignore[assignment] # pyright: ignore[reportAttributeAccessIssue] - asyncio gives a datagram transport here

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Answer whoever speaks."""
        if self._is_deaf():
            return
        now = self.clock()
        for heard in self._reader.datagram(data):
            self.listeners[addr] = now
            self.send(self.pilot.hear(heard, now), [addr])

    def send(self, messages: list[Message], to: Sequence[Address] | None = None) -> None:
        """Send to some, or to all who listen."""
        listeners = list(self.listeners) if to is None else to
        if not messages or not listeners or self._transport is None or self._is_deaf():
            return
        data = b"".join(self._writer.pack(each) for each in messages)
        self.bytes_sent += len(data) * len(listeners)
        for listener in listeners:
            self._transport.sendto(data, listener)

    def forget(self) -> None:
        """Drop listeners that have gone."""
        now = self.clock()
        self.listeners = {a: at for a, at in self.listeners.items() if now - at < FORGOTTEN_S}

    def close(self) -> None:
        """Give up the port."""
        if self._transport is not None:
            self._transport.close()

    def _is_deaf(self) -> bool:
        now = self.clock()
        return any(begin <= now < end for begin, end in self.deaf)


class Fleet:
    """Drones in a row, of system ids 1 and up."""

    def __init__(
        self,
        count: int,
        *,
        seed: int,
        rate_hz: float = 4,
        speed: float = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Invent drones; the same seed gives the same winds.

        Args:
            count: How many, at most 250.
            seed: Of wind and gusts.
            rate_hz: Positions a second.
            speed: How much faster than the clock they fly.
            clock: Seconds that never go back.
        """
        began = clock()
        self._rate_hz, self._speed = rate_hz, speed
        self.radios = [
            Radio(Autopilot(number, body(number, seed)), lambda: clock() - began)
            for number in range(1, count + 1)
        ]

    async def serve(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        ready: Callable[[list[int]], object] = print,
    ) -> None:
        """Open a port each, from ``port`` on, and fly until cancelled."""
        loop = asyncio.get_running_loop()
        for number, radio in enumerate(self.radios):
            where = (host, port + number if port else 0)
            await loop.create_datagram_endpoint(lambda one=radio: one, where)  # type: ignore[misc] # mypy does not infer the default
        ready([radio.port for radio in self.radios])
        try:
            flights = (fly(r, rate_hz=self._rate_hz, speed=self._speed) for r in self.radios)
            await asyncio.gather(*flights)
        finally:
            for radio in self.radios:
                radio.close()


async def fly(radio: Radio, *, rate_hz: float = 4, speed: float = 1) -> None:
    """Fly one drone until cancelled, so much faster than its clock."""
    step_s, second = 1 / rate_hz, 0
    # Spread over the interval, so that they do not all speak at once.
    await asyncio.sleep(step_s * (radio.pilot.system % 16) / 16)
    due = radio.clock()
    while True:
        now = radio.clock()
        said = radio.pilot.step(step_s * speed, now)
        said += often(radio.pilot, now)
        if int(now) != second:
            second = int(now)
            radio.forget()
            said += seldom(radio.pilot, now)
        radio.send(said)
        due = max(due + step_s, now)
        await asyncio.sleep(max(0.0, due - radio.clock()))


def body(number: int, seed: int) -> Body:
    """Return one drone on the ground, 20 m from the one before it, in a wind of its own."""
    random = np.random.default_rng((seed, number))
    east, north = (float(v) for v in random.normal(0.0, 3.0, 2))
    wind = Wind(east_m_s=east, north_m_s=north, gust_m_s=float(random.uniform(0.3, 1.5)))
    home = placed(QUAY, 20.0 * ((number - 1) % 16), 20.0 * ((number - 1) // 16))
    return Body(home=home, home_altitude_m=4.0, wind=wind, random=random)
