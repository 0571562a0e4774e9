"""Server-sent events: one reader of the store for all pages, and one small backlog for each page.

A page that reads slowly gets the newest state of each vessel and alarm instead of every change, so
its backlog is bounded by their number, and it costs the other pages nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import msgspec
import structlog
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dashboards.health import Health
from dashboards.ports import ConsoleStore
from dashboards.views import AlarmView, HealthView, alarm_view
from haechi.alarms import Alarm
from haechi.kept import Latest

T = TypeVar("T")

LOOK_S: Final = 0.05
"""The store is looked at so often while pages are open: little at a time, since an alarm that the
bell announces waits for the look in progress."""

IDLE_LOOK_S: Final = 1.0
"""While none is."""

VESSEL_INTERVAL_S: Final = 0.25
"""Vessels are sent to one page at most this often; alarms at once."""

HEARTBEAT_S: Final = 5.0
STALLED_S: Final = 30.0
"""A page that takes nothing for this long is disconnected; it resumes when it comes back."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Backlog:
    """What one page has yet to be told: the newest of everything that changed."""

    def __init__(self, position: int) -> None:
        self.position = position
        """The page is current up to here once the backlog is empty."""
        self.changed = asyncio.Event()
        self._vessels: dict[str, Latest] = {}
        self._alarms: dict[str, AlarmView] = {}
        self._health: HealthView | None = None

    def __len__(self) -> int:
        return len(self._vessels) + len(self._alarms) + (self._health is not None)

    def offer(
        self, position: int, vessels: Sequence[Latest] = (), alarms: Sequence[Alarm] = ()
    ) -> None:
        """Take in what changed up to a log position; a lower one is of another store."""
        self.position = position
        self._vessels.update((vessel.subject, vessel) for vessel in vessels)
        self._alarms.update((alarm.id, alarm_view(alarm)) for alarm in alarms)
        if vessels or alarms:
            self.changed.set()

    def offer_health(self, health: HealthView) -> None:
        """Take in how the platform is."""
        self._health = health
        self.changed.set()

    def urgent(self) -> bytes:
        """Return frames that must not wait, and forget them.

        They carry no id while vessels wait: the page is not current yet.
        """
        self.changed.clear()
        frames = b""
        if self._alarms:
            frames += frame("alarms", [*self._alarms.values()], self._id())
            self._alarms.clear()
        if self._health is not None:
            frames += frame("health", self._health, self._id())
            self._health = None
        return frames

    def vessels(self) -> bytes:
        """Return the frame of vessels, and forget it."""
        if not self._vessels:
            return b""
        rows = [*self._vessels.values()]
        self._vessels.clear()
        return frame("vessels", rows, self._id())

    def _id(self) -> int | None:
        return None if self._vessels else self.position


class Hub:
    """Reads what changed, once, and offers it to every page."""

    def __init__(self, store: ConsoleStore, health: Callable[[], Health]) -> None:
        self._store, self._health = store, health
        self._rung = asyncio.Event()
        self.closing = asyncio.Event()
        """Set when the process is to end: streams would go on for ever."""
        self._backlogs: set[Backlog] = set()
        self._position = self._alarms_position = 0
        """Pages were offered everything up to the one, and alarms up to the other."""
        self._last_health = Health(state="degraded", reasons=("starting",))
        self._fault: str | None = None
        self.errors = 0
        """Rounds that broke; each is logged, and pages are told until one succeeds."""

    @property
    def pages(self) -> int:
        """How many pages are connected."""
        return len(self._backlogs)

    def ring(self) -> None:
        """Look for alarms now; called from the event loop."""
        self._rung.set()

    async def run(self, in_store: Callable[..., Awaitable[Any]]) -> None:
        """Serve until cancelled.

        Args:
            in_store: Runs a function in the one thread that may use the store.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(in_store), name="follow the store")
            tasks.create_task(self._watch_health(), name="watch the platform")

    @asynccontextmanager
    async def backlog(
        self, since: int, in_store: Callable[..., Awaitable[Any]]
    ) -> AsyncGenerator[Backlog]:
        """Give a page a backlog that begins with all that changed after ``since``.

        A page that is ahead of the store knows another store: it is to begin anew.
        """
        backlog = Backlog(0)
        self._backlogs.add(backlog)
        try:
            backlog.offer(*await in_store(self._changes, since, since))
            backlog.offer_health(self._health_view())
            yield backlog
        finally:
            self._backlogs.discard(backlog)

    async def _follow(self, in_store: Callable[..., Awaitable[Any]]) -> None:
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            self._rung.clear()
            try:
                if loop.time() < due:
                    await self._tell_alarms(in_store)
                else:
                    await self._tell_changes(in_store)
                    due = loop.time() + (LOOK_S if self._backlogs else IDLE_LOOK_S)
                self._fault = None
            except Exception as error:  # noqa: BLE001 - outermost loop; counted, logged and shown
                self.errors += 1
                self._fault = f"the console cannot read the store ({error}): what it shows is old"
                _log.exception("pages are not told what changes; trying again")
                self._offer_health()
                due = loop.time() + IDLE_LOOK_S
            await _within(self._rung, max(0.0, due - loop.time()))

    async def _tell_alarms(self, in_store: Callable[..., Awaitable[Any]]) -> None:
        """Offer alarms ahead of the vessels, so pages are not current beyond those."""
        if not self._backlogs:
            return
        position, alarms = await in_store(self._changed_alarms, self._alarms_position)
        self._alarms_position = position
        for backlog in self._backlogs:
            backlog.offer(backlog.position, alarms=alarms)

    async def _tell_changes(self, in_store: Callable[..., Awaitable[Any]]) -> None:
        if not self._backlogs:  # a page that comes asks for itself what it missed
            self._position = self._alarms_position = await in_store(self._store.position)
            return
        position, vessels, alarms = await in_store(
            self._changes, self._position, self._alarms_position
        )
        self._position = self._alarms_position = position
        for backlog in self._backlogs:
            backlog.offer(position, vessels, alarms)

    def _changes(self, since: int, alarms_since: int) -> tuple[int, list[Latest], list[Alarm]]:
        """Return how far the log goes, and what changed after two positions of it.

        What is committed between these reads is read again next time: said twice, never missed.
        """
        position, alarms = self._changed_alarms(alarms_since)
        if position == since:
            return position, [], alarms
        # A lower position is another store's: whoever is ahead of it begins anew.
        return position, self._store.latest(since if since < position else 0), alarms

    def _changed_alarms(self, since: int) -> tuple[int, list[Alarm]]:
        position = self._store.position()
        if position == since:
            return position, []
        return position, self._store.alarms(since_position=since if since < position else 0)

    async def _watch_health(self) -> None:
        while True:
            self._last_health = await asyncio.to_thread(self._health)
            self._offer_health()
            await asyncio.sleep(HEARTBEAT_S)

    def _offer_health(self) -> None:
        view = self._health_view()
        for backlog in self._backlogs:
            backlog.offer_health(view)

    def _health_view(self) -> HealthView:
        health = self._last_health
        if self._fault is not None:
            health = replace(health, state="failing", reasons=(*health.reasons, self._fault))
        return HealthView.of(health)


class EventStream(Response):
    """The answer that does not end."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, since: int, in_store: Callable[..., Awaitable[Any]]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._since, self._in_store = hub, since, in_store

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
        async with self._hub.backlog(self._since, self._in_store) as backlog:
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
        await _within(backlog.changed, limit)


def frame(event: str, data: object, position: int | None) -> bytes:
    r"""Return one event as it stands on the wire.

    >>> frame("alarms", [], 7)
    b'id: 7\nevent: alarms\ndata: []\n\n'
    """
    ident = b"" if position is None else b"id: %d\n" % position
    return b"%bevent: %b\ndata: %b\n\n" % (ident, event.encode(), msgspec.json.encode(data))


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


async def _within(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return
