"""A simulated AIS receiver: serves sentences over TCP, as real ones do, to whoever connects."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from firmware_sim.ais_transmitter import lines
from firmware_sim.broadcast import Broadcast, Now, Sleep, utc_now
from firmware_sim.vessels import Vessel, transmissions


class Receiver:
    """Sends each transmission when its time has come; one that nobody hears is gone, as on air."""

    def __init__(self, vessels: tuple[Vessel, ...], *, history: timedelta) -> None:
        """Prepare.

        Args:
            vessels: Who is on air.
            history: How far back the receiver's own log goes: it is sent first, at once, so that
                tails and learned cadences are there from the start.
        """
        self._vessels, self._history_s = vessels, history.total_seconds()

    async def serve(
        self,
        host: str,
        port: int,
        *,
        ready: Callable[[int], None] = lambda _: None,
        now: Now = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Serve until cancelled; the day begins when the first agent connects."""
        async with Broadcast() as radio:
            ready(await radio.open(host, port))
            await radio.heard.wait()
            start = now()
            heard = (
                (report.second, f"{line}\r\n".encode())
                for report in transmissions(self._vessels, -self._history_s)
                for line in lines(report, start)
            )
            await radio.run(heard, start, now, sleep)
