"""What is on the air, served over TCP to whoever listens; who does not listen misses it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Self

Timed = tuple[float, bytes]
"""Second of the day, and what can be heard then."""

Now = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


class Broadcast:
    """One address at which the same can be heard by many."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        """Set when the first has come to listen."""
        self._clients: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._joined, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        """Be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up, and listen no more."""
        if self._server is not None:
            self._server.close()
        for writer in self._clients:
            writer.close()
        await asyncio.gather(
            *(each.wait_closed() for each in self._clients), return_exceptions=True
        )

    async def run(
        self,
        day: Iterable[Timed],
        start: datetime,
        now: Now = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Send everything when its time has come, what is over at once."""
        for second, payload in day:
            await sleep(max(0.0, (start - now()).total_seconds() + second))
            await self._send(payload)

    async def _joined(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        self.heard.set()

    async def _send(self, payload: bytes) -> None:
        for writer in list(self._clients):
            try:
                writer.write(payload)
                await writer.drain()
            except ConnectionError:
                writer.close()
                self._clients.discard(writer)
