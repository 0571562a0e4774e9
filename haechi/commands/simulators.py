"""``haechi sim``: invented hardware that real agents can be connected to."""

import asyncio
import os
from datetime import timedelta
from typing import Final

from firmware_sim.receiver import Receiver
from firmware_sim.vessels import fleet, intruder
from haechi.commands.signals import on_end
from haechi.commands.supervisor import say_ready

INTRUDER_ENTERS_S: Final = 45.0
"""When the intruder crosses into the closed area, in seconds after the first connection."""


def run_ais(host: str, port: int, *, vessels: int, seed: int, history_minutes: float) -> None:
    """Be an AIS receiver, and the ships it hears, until a signal."""
    ships = (*fleet(vessels, seed), intruder(INTRUDER_ENTERS_S))
    receiver = Receiver(ships, history=timedelta(minutes=history_minutes))
    on_end(lambda: os._exit(0))  # nothing is kept, so there is nothing to finish
    asyncio.run(receiver.serve(host, port, ready=lambda bound: say_ready(host=host, port=bound)))


def run_drones(count: int, port: int, *, seed: int, rate_hz: float) -> None:
    """Be so many drones, one UDP port each, until a signal."""
    from firmware_sim.drone_fleet import Fleet  # noqa: PLC0415 - the driver is an extra

    on_end(lambda: os._exit(0))
    fleet = Fleet(count, seed=seed, rate_hz=rate_hz)
    asyncio.run(fleet.serve(port, ready=lambda ports: say_ready(ports=ports)))
