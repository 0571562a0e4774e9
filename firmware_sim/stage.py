"""A scenario as it happens: receivers, radios, drones, cameras and a registry, on one clock."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

import msgspec

from firmware_sim import day
from firmware_sim.broadcast import Broadcast, Now, Sleep, Timed, utc_now
from firmware_sim.scenario import Scenario

RADIOS: Final[tuple[str, ...]] = ("ais", "seals", "registry")
"""What can be listened to over TCP in every scenario, each at a port of its own."""
TRUCKS: Final = "trucks"
CAMERA, DRONE = "camera:", "drone:"
"""Before the names of cameras (TCP) and drones (UDP), which have a port each as well."""


def names(scenario: Scenario) -> tuple[str, ...]:
    """Return all that a scenario serves."""
    trucks = (TRUCKS,) if scenario.truck else ()
    cameras = (f"{CAMERA}{each.name}" for each in scenario.camera)
    drones = (f"{DRONE}{each.name}" for each in scenario.drone)
    return (*RADIOS, *trucks, *cameras, *drones)


async def serve(
    scenario: Scenario,
    host: str,
    ready: Callable[[dict[str, int]], None],
    *,
    ports: dict[str, int] | None = None,
    now: Now = utc_now,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Serve until the day is over; it begins when somebody listens to every radio over TCP.

    Drones stand on the ground until then, and take off when they are told to by the scenario.

    Args:
        scenario: What happens.
        host: Where to listen.
        ready: Told the port of each radio.
        ports: Wanted ports; any free ones if not given.
        now: The clock.
        sleep: Waits for seconds.
    """
    wanted = ports or {}
    radios = {each: Broadcast() for each in names(scenario) if not each.startswith(DRONE)}
    async with AsyncExitStack() as opened, asyncio.TaskGroup() as playing:
        for radio in radios.values():
            await opened.enter_async_context(radio)
        bound = {
            name: await radio.open(host, wanted.get(name, 0)) for name, radio in radios.items()
        }
        begun: list[datetime] = []
        if scenario.drone:
            from firmware_sim import flight  # noqa: PLC0415 - the driver is an extra

            bound |= await opened.enter_async_context(
                flight.opened(scenario, host, wanted, lambda: _second(begun, now))
            )
        ready(bound)
        for radio in radios.values():
            await radio.heard.wait()
        start = now()
        begun.append(start)
        for name, radio in radios.items():
            playing.create_task(radio.run(_heard(name, scenario, start), start, now, sleep))


def _second(begun: list[datetime], now: Now) -> float:
    return (now() - begun[0]).total_seconds() if begun else 0.0


def _heard(name: str, scenario: Scenario, start: datetime) -> Iterator[Timed]:
    match name:
        case "ais":
            for second, line in day.sentences(scenario, start):
                yield second, f"{line}\r\n".encode()
        case "seals":
            yield from day.seal_frames(scenario, start)
        case "registry":
            yield from _written(
                ((reading.at - start).total_seconds(), reading)
                for reading in day.declarations(scenario, start)
            )
        case "trucks":
            yield from _written(day.truck_positions(scenario, start))
        case _:
            from firmware_sim.filmed_day import Filmed  # noqa: PLC0415 - as above

            shown = next(c for c in scenario.camera if f"{CAMERA}{c.name}" == name)
            yield from Filmed(scenario, shown).stream(start)


def _written(readings: Iterable[day.Fix]) -> Iterator[Timed]:
    for second, reading in readings:
        yield second, msgspec.json.encode(reading) + b"\n"
