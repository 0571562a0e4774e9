"""The radio front end of a gateway, simulated: serves the frames of seals over TCP."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from firmware_sim.seals import Seal, on_air


class SealRadio:
    """Sends each frame when it can be heard; whoever connects hears what comes from then on."""

    def __init__(self, seals: Sequence[Seal]) -> None:
        self._seals = seals
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
        """Serve until cancelled; the day begins when the first agent connects.

        What was made before it is sent at once: seals store what nobody hears.
        """
        first = asyncio.Event()
        server = await asyncio.start_server(lambda _, w: self._joined(w, first), host, port)
        ready(server.sockets[0].getsockname()[1])
        async with server:
            await first.wait()
            start = now()
            for sent in on_air(self._seals, start):
                await sleep(max(0.0, (start - now()).total_seconds() + sent.second))
                await self._send(sent.raw)

    async def _joined(self, writer: asyncio.StreamWriter, first: asyncio.Event) -> None:
        self._clients.add(writer)
        first.set()

    async def _send(self, raw: bytes) -> None:
        for writer in list(self._clients):
            try:
                writer.write(raw)
                await writer.drain()
            except ConnectionError:
                self._clients.discard(writer)
