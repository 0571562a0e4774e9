"""Follows the store for all pages: one reader of vessels, another of alarms, so that none waits."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog
from msgspec.structs import replace

from dashboards.backlog import Backlog
from dashboards.health import Health
from dashboards.ports import ConsoleStore
from dashboards.views import HealthView
from haechi.alarms import Alarm
from haechi.kept import Latest

T = TypeVar("T")

VESSELS_LOOK_S: Final = 0.05
"""Vessels are looked for so often while pages are open: little at a time, for an even load."""

ALARMS_LOOK_S: Final = 0.25
"""Alarms are looked for so often where the bell is not heard."""

IDLE_LOOK_S: Final = 1.0
"""Either, while no page is open."""

HEARTBEAT_S: Final = 5.0

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reader:
    """A connection to the store, and the one thread that may use it."""

    store: ConsoleStore
    in_store: Callable[..., Awaitable[Any]]
    """Runs a function in that thread."""


class Follower(Generic[T]):
    """What changes of one kind, read once for all pages.

    Args:
        reader: Of this kind alone: an alarm must not wait until the vessels have been read.
        changed: Returns what changed after a log position.
        look_s: Seconds from one look to the next, while nobody rings.
    """

    def __init__(
        self,
        reader: Reader,
        changed: Callable[[ConsoleStore, int], Sequence[T]],
        look_s: float,
    ) -> None:
        self._reader, self._changed, self.look_s = reader, changed, look_s
        self.rung = asyncio.Event()
        self.fault: str | None = None
        self.errors = 0
        """Looks that broke; each is logged, and pages are told until one succeeds."""
        self._position = 0

    async def since(self, position: int) -> tuple[int, Sequence[T]]:
        """Return how far the log goes, and what changed after a position of it."""
        found: tuple[int, Sequence[T]] = await self._reader.in_store(self._read, position)
        return found

    async def news(self) -> tuple[int, Sequence[T]]:
        """Return how far the log goes, and what changed since the last time."""
        self._position, changed = await self.since(self._position)
        return self._position, changed

    async def catch_up(self) -> None:
        """Pass over what has changed: nobody asks for it."""
        self._position = await self._reader.in_store(self._reader.store.position)

    def _read(self, since: int) -> tuple[int, Sequence[T]]:
        """Look.

        What is committed between these reads is read again next time: said twice, never missed.
        """
        position = self._reader.store.position()
        if position == since:
            return position, ()
        # A lower position is another store's: whoever is ahead of it begins anew.
        return position, self._changed(self._reader.store, since if since < position else 0)


class Hub:
    """Offers every page what changes.

    Args:
        vessels: Where vessels are read.
        alarms: Where alarms are read.
        health: Says how the platform is; called from another thread.
    """

    def __init__(self, vessels: Reader, alarms: Reader, health: Callable[[], Health]) -> None:
        self._vessels = Follower(vessels, _vessels, VESSELS_LOOK_S)
        self._alarms = Follower(alarms, _alarms, ALARMS_LOOK_S)
        self._health = health
        self.closing = asyncio.Event()
        """Set when the process is to end: streams would go on for ever."""
        self._backlogs: set[Backlog] = set()
        self._last_health = Health(state="degraded", reasons=("starting",))

    @property
    def errors(self) -> int:
        """Return how many looks at the store broke."""
        return self._vessels.errors + self._alarms.errors

    def ring(self) -> None:
        """Look for alarms now; called from the event loop."""
        self._alarms.rung.set()

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(self._vessels, Backlog.offer_vessels), name="vessels")
            tasks.create_task(self._follow(self._alarms, Backlog.offer_alarms), name="alarms")
            tasks.create_task(self._watch_health(), name="watch the platform")

    @asynccontextmanager
    async def backlog(self, since: int) -> AsyncGenerator[Backlog]:
        """Give a page a backlog that begins with all that changed after ``since``.

        A page that is ahead of the store knows another store: it is to begin anew.
        """
        backlog = Backlog()
        self._backlogs.add(backlog)
        try:
            # Each kind by its own reader: what that finds later is offered later, and is newer.
            backlog.offer_alarms(*await self._alarms.since(since))
            backlog.offer_vessels(*await self._vessels.since(since))
            backlog.offer_health(self._health_view())
            yield backlog
        finally:
            self._backlogs.discard(backlog)

    async def _follow(
        self, follower: Follower[T], offer: Callable[[Backlog, int, Sequence[T]], None]
    ) -> None:
        while True:
            follower.rung.clear()
            try:
                await self._tell(follower, offer)
                follower.fault = None
                pause_s = follower.look_s if self._backlogs else IDLE_LOOK_S
            except Exception as error:  # noqa: BLE001 - outermost loop; counted, logged and shown
                follower.errors += 1
                follower.fault = (
                    f"the console cannot read the store ({error}): it shows what is old"
                )
                _log.exception("pages are not told what changes; trying again")
                self._offer_health()
                pause_s = IDLE_LOOK_S
            await within(follower.rung, pause_s)

    async def _tell(
        self, follower: Follower[T], offer: Callable[[Backlog, int, Sequence[T]], None]
    ) -> None:
        if not self._backlogs:  # a page that comes asks for itself what it missed
            await follower.catch_up()
            return
        position, changed = await follower.news()
        for backlog in self._backlogs:
            offer(backlog, position, changed)

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
        fault = self._alarms.fault or self._vessels.fault
        if fault is not None:
            health = replace(health, state="failing", reasons=(*health.reasons, fault))
        return HealthView.of(health)


async def within(event: asyncio.Event, limit_s: float) -> None:
    """Wait for an event, but no longer than this."""
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return


def _vessels(store: ConsoleStore, since: int) -> list[Latest]:
    return store.latest(since)


def _alarms(store: ConsoleStore, since: int) -> list[Alarm]:
    return store.alarms(since_position=since)
