"""The hub: pages learn what changes, and that a store which cannot be read is old."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.backlog import Backlog
from dashboards.health import Health
from dashboards.hub import Hub, Reader
from dashboards.stream import EventStream
from haechi.observations import Observation
from haechi.vessels import VesselPosition
from ingest.ports import StoreUnavailableError
from ingest.stores.memory import MemoryStore

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHIP = "mmsi:440000000"


class Shaky(MemoryStore):
    """A store that cannot be read for a while."""

    is_down = False

    def position(self) -> int:
        """Return the position, or fail as a locked or damaged file does."""
        if self.is_down:
            raise StoreUnavailableError("database is locked")
        return super().position()

    def keep_one(self, seq: int) -> None:
        """Keep one position of one ship."""
        at = NOON + timedelta(seconds=seq)
        said = VesselPosition(lat=35.0, lon=129.0)
        with self.writing() as writing:
            writing.keep(
                [
                    Observation(
                        device="ais-1",
                        boot="b-1",
                        seq=seq,
                        site="busan",
                        subject=SHIP,
                        at=at,
                        received_at=at,
                        content=said,
                    )
                ]
            )


async def in_store(ask: Callable[..., Any], *arguments: object) -> Any:
    """Ask a store that any thread may use."""
    return ask(*arguments)


def hub_of(store: MemoryStore) -> Hub:
    """Return a hub that reads vessels and alarms from one store."""
    reader = Reader(store, in_store)
    return Hub(reader, reader, lambda: Health(state="ok"))


async def told(hub: Hub, backlog: Backlog, what: bytes) -> bytes:
    """Ring until the page is told something, and return the frame."""
    async with asyncio.timeout(10):
        while True:
            hub.ring()
            await asyncio.sleep(0)
            frames = backlog.urgent() + backlog.vessels()
            if what in frames:
                return frames


def test_a_store_that_fails_is_said_and_does_not_end_the_stream() -> None:
    """Pages are told that what they show is old, and go on once the store can be read again."""

    async def watched() -> tuple[bytes, bytes, int]:
        store = Shaky()
        store.keep_one(1)
        hub = hub_of(store)
        running = asyncio.create_task(hub.run())
        async with hub.backlog(0) as backlog:
            await told(hub, backlog, SHIP.encode())
            store.is_down = True
            complaint = await told(hub, backlog, b"cannot read the store")
            store.is_down = False
            store.keep_one(2)
            news = await told(hub, backlog, b'"position":2')
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return complaint, news, hub.errors

    complaint, news, errors = asyncio.run(watched())
    assert b'"state":"failing"' in complaint
    assert b"id: 2\n" in news
    assert errors > 0


def test_pages_begin_anew_with_the_store_that_replaces_a_damaged_one() -> None:
    """Its log begins at 1 again: a page must neither miss that nor resume from the old number."""

    async def watched() -> bytes:
        store = Shaky()
        for seq in range(1, 6):
            store.keep_one(seq)
        hub = hub_of(store)
        running = asyncio.create_task(hub.run())
        async with hub.backlog(0) as backlog:
            await told(hub, backlog, b"id: 5\n")
            fresh = Shaky()
            fresh.keep_one(9)
            store.__dict__.update(fresh.__dict__)
            news = await told(hub, backlog, SHIP.encode())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return news

    assert b"id: 1\n" in asyncio.run(watched())


def test_w10_a_page_that_takes_nothing_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    """After ``STALLED_S``: it resumes when it comes back, and meanwhile nothing is kept for it."""
    monkeypatch.setattr("dashboards.stream.STALLED_S", 0.05)

    async def served() -> list[str]:
        said, never = list[str](), asyncio.Event()

        async def send(message: Any) -> None:
            said.append(message["type"])
            if message["type"] == "http.response.body":
                await never.wait()

        async def receive() -> Any:
            await never.wait()

        async with asyncio.timeout(10):
            await EventStream(hub_of(Shaky()), 0)({}, receive, send)
        return said

    assert asyncio.run(served()) == ["http.response.start", "http.response.body"]
