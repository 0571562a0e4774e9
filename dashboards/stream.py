"""Server-sent events: the answer that tells one page what changes, for as long as it is open."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dashboards.backlog import Backlog
from dashboards.hub import HEARTBEAT_S, Hub, within

VESSEL_INTERVAL_S: Final = 0.25
"""Vessels are sent to one page at most this often; alarms at once."""

STALLED_S: Final = 30.0
"""A page that takes nothing for this long is disconnected; it resumes when it comes back."""


class EventStream(Response):
    """The answer that does not end."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, since: int) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._since = hub, since

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the page goes, or takes nothing for ``STALLED_S``."""
        del scope
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_disconnected(receive))
        closing = asyncio.create_task(self._hub.closing.wait())
        tasks = (sending, leaving, closing)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._hub.closing.is_set():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        async with self._hub.backlog(self._since) as backlog:
            await _send_chunk(send, b"retry: 1000\n\n")
            async for chunk in chunks(backlog):
                await _send_chunk(send, chunk)


async def chunks(backlog: Backlog) -> AsyncIterator[bytes]:
    """Yield what the page is to be told: alarms at once, vessels a few times a second."""
    loop = asyncio.get_running_loop()
    vessels_due = loop.time()
    while True:
        urgent = backlog.urgent()
        if urgent:
            yield urgent
        if loop.time() >= vessels_due and (vessels := backlog.vessels()):
            vessels_due = loop.time() + VESSEL_INTERVAL_S
            yield vessels
        limit = max(0.0, vessels_due - loop.time()) if len(backlog) else HEARTBEAT_S
        await within(backlog.changed, limit)


def resume_point(request: Request) -> int:
    """Return the log position up to which the page is current, 0 if it does not say."""
    said = request.headers.get("last-event-id") or request.query_params.get("since") or "0"
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0  # noqa: PLR2004 - far below 2**63


async def _send_chunk(send: Send, chunk: bytes) -> None:
    async with asyncio.timeout(STALLED_S):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
