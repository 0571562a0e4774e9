"""The radio front end of a gateway, simulated: serves the frames of seals over TCP."""

import asyncio
from collections.abc import Callable, Sequence

from firmware_sim.broadcast import Broadcast, Now, Sleep, utc_now
from firmware_sim.seals import Seal, on_air


class SealRadio:
    """Sends each frame when it can be heard; whoever connects hears what comes from then on."""

    def __init__(self, seals: Sequence[Seal]) -> None:
        self._seals = seals

    async def serve(
        self,
        host: str,
        port: int,
        *,
        ready: Callable[[int], None] = lambda _: None,
        now: Now = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Serve until cancelled; the day begins when the first agent connects.

        What was made before it is sent at once: seals store what nobody hears.
        """
        async with Broadcast() as radio:
            ready(await radio.open(host, port))
            await radio.heard.wait()
            start = now()
            await radio.run(on_air(self._seals, start), start, now, sleep)
