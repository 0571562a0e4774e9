"""A live drone as a source of readings, and the way its commands take."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from edge.drone.identity import Identity, Origin, Verdict
from edge.drone.mavlink import GROUND_STATION, MAVLINK_VERSION, Message, Reader, Writer, message
from edge.drone.orders import Orders
from edge.drone.pilot import Pilot
from edge.drone.transport import Transport, TransportError
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from edge.outage import Outage
from edge.sources import utc_now
from haechi.drones import DroneEvent, DroneEventKind

WAIT_S: Final = 0.1
HEARTBEAT_S: Final = 1.0
OPEN_AGAIN_S: Final = 2.0
REPEAT_S: Final = 60.0
"""A second vehicle with the same system id is reported this often."""

_GROUND_STATION_TYPE: Final = 6
_NO_AUTOPILOT: Final = 8
_MISSION_PLANNER: Final = 190
"""``MAV_COMP_ID_MISSIONPLANNER``: what ground stations call themselves."""
_SET_INTERVAL: Final = 511
_ASKED_FOR: Final[dict[int, float]] = {
    33: 0,
    30: 0,
    74: 1,
    24: 1,
    1: 1,
    147: 1,
    42: 1,
    245: 1,
    242: 10,
}
"""Message ids by seconds between them, 0 for the rate of positions: GLOBAL_POSITION_INT, ATTITUDE,
VFR_HUD, GPS_RAW_INT, SYS_STATUS, BATTERY_STATUS, MISSION_CURRENT, EXTENDED_SYS_STATE,
HOME_POSITION."""


class DroneSource:
    """Reads a radio; opens it again when it breaks; speaks to the drone."""

    waits = False
    repeats = False

    def __init__(
        self,
        opened: Callable[[], Transport],
        vehicle: Vehicle,
        orders: Orders,
        *,
        system: int | None = None,
        every_s: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Prepare.

        Args:
            opened: Opens the way to the radio; called again when it breaks.
            vehicle: What becomes of its messages.
            orders: What it is told.
            system: Its system id; ``None`` takes the first autopilot that speaks.
            every_s: How often it is asked for its position.
            clock: Seconds that never go back.
            now: The date.
        """
        self._opened, self._vehicle, self._orders = opened, vehicle, orders
        self._clock, self._now, self._every_s = clock, now, every_s
        self.identity = Identity(system)
        self._pilot = Pilot(vehicle, self.identity, orders)
        self._reader = Reader()
        self._writer = Writer(GROUND_STATION, _MISSION_PLANNER)
        self._transport: Transport | None = None
        self._was_alive = False
        self._outage = Outage("radio", clock=clock)
        self._beat_at = self._reported_at = self._open_at = float("-inf")

    @property
    def unreadable(self) -> int:
        """Stretches of bytes that were no message."""
        return self._reader.unreadable

    @property
    def failures(self) -> int:
        """How often the radio broke off or could not be opened so far."""
        return self._outage.failures

    def batches(self) -> Iterator[list[Measured]]:
        """Return readings as they come."""
        while True:
            batch = self._turn()
            said = self._orders.events()
            yield batch + [self._vehicle.event(event, self._now()) for event in said]
            self._orders.told(said)

    def close(self) -> None:
        """Release the radio and the journal."""
        if self._transport is not None:
            self._transport.close()
        self._orders.close()

    def _turn(self) -> list[Measured]:
        try:
            found = self._receive()
            self._speak()
        except (OSError, TransportError) as error:
            self._outage.fails(error)
            self._break()
            found = []
        return found + self._link_events()

    def _receive(self) -> list[Measured]:
        if self._transport is None:
            if self._clock() < self._open_at:
                time.sleep(WAIT_S)
                return []
            self._transport = self._opened()
        found: list[Measured] = []
        for data, origin in self._transport.receive(WAIT_S):
            read = self._reader.stream if self._transport.is_stream else self._reader.datagram
            for heard in read(data):
                found += self._hear(heard, origin)
        self._outage.ends()
        return found

    def _hear(self, heard: Message, origin: Origin) -> list[Measured]:
        now = self._clock()
        match self.identity.judge(heard, origin, now):
            case Verdict.OTHER:
                return []
            case Verdict.SECOND:
                return self._report_second(origin, now)
            case Verdict.OURS:
                self._send(self._pilot.hear(heard, now))
                return self._vehicle.hear(heard, self._now())

    def _speak(self) -> None:
        now = self._clock()
        if now >= self._beat_at + HEARTBEAT_S:
            self._beat_at = now
            self._send([_heartbeat()])
        if self.identity.is_found:
            self._send(self._pilot.wait(now))

    def _link_events(self) -> list[Measured]:
        alive = self.identity.is_alive(self._clock())
        if alive == self._was_alive:
            return []
        self._was_alive = alive
        if alive:
            with suppress(OSError):  # what is broken is noticed when it is read
                self._send(self._requests())
        kind = DroneEventKind.LINK_RESTORED if alive else DroneEventKind.LINK_LOST
        return [self._vehicle.event(DroneEvent(kind=kind), self._now())]

    def _report_second(self, origin: Origin, now: float) -> list[Measured]:
        if now < self._reported_at + REPEAT_S:
            return []
        self._reported_at = now
        where = "on the same line" if origin is None else f"at {origin[0]}:{origin[1]}"
        event = DroneEvent(
            kind=DroneEventKind.DUPLICATE_SYSTEM_ID,
            text=f"another vehicle {where} has system id {self.identity.system} too: refused",
        )
        return [self._vehicle.event(event, self._now())]

    def _requests(self) -> list[Message]:
        """Ask for what is read, at the rates at which it is needed."""
        return [
            message(
                "COMMAND_LONG",
                target_system=self.identity.system or 0,
                target_component=1,
                command=_SET_INTERVAL,
                confirmation=0,
                param1=number,
                param2=(every_s or self._every_s or WAIT_S) * 1e6,
                param3=0,
                param4=0,
                param5=0,
                param6=0,
                param7=0,
            )
            for number, every_s in _ASKED_FOR.items()
        ]

    def _send(self, messages: list[Message]) -> None:
        for each in messages:
            if self._transport is not None:
                self._transport.send(self._writer.pack(each), self.identity.origin)

    def _break(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = None
        self._open_at = self._clock() + OPEN_AGAIN_S


def _heartbeat() -> Message:
    return message(
        "HEARTBEAT",
        type=_GROUND_STATION_TYPE,
        autopilot=_NO_AUTOPILOT,
        base_mode=0,
        custom_mode=0,
        system_status=4,
        mavlink_version=MAVLINK_VERSION,
    )
