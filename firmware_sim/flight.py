"""The drones of a scenario in the air, each at a UDP port of its own."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager

from firmware_sim.drone_fleet import Radio, fly
from firmware_sim.flown_day import pilots
from firmware_sim.scenario import Scenario


@asynccontextmanager
async def opened(
    scenario: Scenario, host: str, wanted: Mapping[str, int], second: Callable[[], float]
) -> AsyncGenerator[dict[str, int]]:
    """Fly the drones of a scenario for as long as the context is open; give ``drone:NAME``: port.

    Args:
        scenario: Whose drones.
        host: Where to listen.
        wanted: Ports by ``drone:NAME``; any free ones if not given.
        second: Of the day; 0 until it begins.
    """
    loop = asyncio.get_running_loop()
    radios = {
        f"drone:{flyer.name}": Radio(pilot, second, flyer.unheard_s)
        for flyer, pilot in zip(scenario.drone, pilots(scenario), strict=True)
    }
    for name, radio in radios.items():
        where = (host, wanted.get(name, 0))
        await loop.create_datagram_endpoint(lambda one=radio: one, where)  # type: ignore[misc] # mypy does not infer the default
    flights = [asyncio.create_task(fly(radio)) for radio in radios.values()]
    try:
        yield {name: radio.port for name, radio in radios.items()}
    finally:
        for each in flights:
            each.cancel()
        for radio in radios.values():
            radio.close()
