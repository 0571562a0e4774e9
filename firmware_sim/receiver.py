"""A simulated AIS receiver: serves sentences over TCP, as real ones do, to whoever connects."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

from firmware_sim.ais_transmitter import lines
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
        self._clients: set[asyncio.StreamWriter] = set()

    async def serve(
        self,
        host: str,
        port: int,
        *,
        ready: Callable[[int], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Serve until cancelled; the day begins when the first agent connects."""
        first = asyncio.Event()
        server = await asyncio.start_server(lambda _, w: self._joined(w, first), host, port)
        ready(server.sockets[0].getsockname()[1])
        async with server:
            await first.wait()
            start = now()
            for report in transmissions(self._vessels, -self._history_s):
                await sleep(max(0.0, (start - now()).total_seconds() + report.second))
                await self._send(lines(report, start))

    async def _joined(self, writer: asyncio.StreamWriter, first: asyncio.Event) -> None:
        self._clients.add(writer)
        first.set()

    async def _send(self, sentences: Iterable[str]) -> None:
        payload = "".join(f"{sentence}\r\n" for sentence in sentences).encode("ascii")
        for writer in list(self._clients):
            try:
                writer.write(payload)
                await writer.drain()
            except ConnectionError:
                self._clients.discard(writer)
