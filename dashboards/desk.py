"""The running console: the store in its one thread, and the hub that follows it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from analytics.alarms import Handled
from dashboards.aci_desk import AciConsole
from dashboards.health import Health
from dashboards.ports import ConsoleStore
from dashboards.stream import Hub
from dashboards.targets import Targets
from haechi.alarms import AlarmPolicy
from haechi.pushes import Push

T = TypeVar("T")

STATIC: Final = Path(__file__).parent / "static"


@dataclass(frozen=True, kw_only=True)
class Console:
    """What the routes work with; the composition root fills it in."""

    open_store: Callable[[], ConsoleStore]
    """Called in the thread that then uses the store."""
    unavailable: type[Exception]
    """What that store raises while it cannot be written."""
    health: Callable[[], Health]
    zones_geojson: str
    alarm_policy: AlarmPolicy
    pushes_after: Callable[[Handled], list[Push]]
    site: str
    time_zone: str = "UTC"
    language: str = "en"
    static: Path = STATIC
    aci: AciConsole | None = None
    """Advance cargo; ``None`` leaves its routes out."""


class Desk:
    """What the routes ask; ``open`` it first."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._thread = ThreadPoolExecutor(1, "console-store")
        self.store: ConsoleStore
        self.hub: Hub
        self.targets: Targets

    async def open(self) -> None:
        """Open the store, and have a hub for whoever follows it."""
        self.store = await self.in_store(self.console.open_store)
        self.hub = Hub(self.store, self.console.health)
        self.targets = Targets(self.store)

    async def in_store(self, ask: Callable[..., T], *arguments: object, **named: object) -> T:
        """Run a function in the one thread that may use the store."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: ask(*arguments, **named))
