"""A scenario as it happens: an AIS receiver, the radio of seals and a registry, on one clock."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

import msgspec

from firmware_sim import day
from firmware_sim.broadcast import Broadcast, Now, Sleep, Timed, utc_now
from firmware_sim.scenario import Scenario

RADIOS: Final[tuple[str, ...]] = ("ais", "seals", "registry")
"""What can be listened to, each at a port of its own."""


async def serve(
    scenario: Scenario,
    host: str,
    ready: Callable[[dict[str, int]], None],
    *,
    ports: dict[str, int] | None = None,
    now: Now = utc_now,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Serve until the day is over; it begins when somebody listens to every radio.

    Args:
        scenario: What happens.
        host: Where to listen.
        ready: Told the port of each radio.
        ports: Wanted ports; any free ones if not given.
        now: The clock.
        sleep: Waits for seconds.
    """
    wanted = ports or {}
    radios = {name: Broadcast() for name in RADIOS}
    async with AsyncExitStack() as opened, asyncio.TaskGroup() as playing:
        for radio in radios.values():
            await opened.enter_async_context(radio)
        ready({name: await radio.open(host, wanted.get(name, 0)) for name, radio in radios.items()})
        for radio in radios.values():
            await radio.heard.wait()
        start = now()
        for name, radio in radios.items():
            playing.create_task(radio.run(_heard(name, scenario, start), start, now, sleep))


def _heard(name: str, scenario: Scenario, start: datetime) -> Iterator[Timed]:
    match name:
        case "ais":
            for second, line in day.sentences(scenario, start):
                yield second, f"{line}\r\n".encode()
        case "seals":
            yield from day.seal_frames(scenario, start)
        case _:
            for reading in day.declarations(scenario, start):
                second = (reading.at - start).total_seconds()
                yield second, msgspec.json.encode(reading) + b"\n"
