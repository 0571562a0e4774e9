"""The running console: the store, in a thread for each that must not wait, and its hub."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from analytics.alarms import Handled
from dashboards.aci_desk import AciConsole
from dashboards.health import Health
from dashboards.hub import Hub, Reader
from dashboards.ports import ConsoleStore
from dashboards.targets import Targets
from haechi.alarms import AlarmPolicy
from haechi.pushes import Push

T = TypeVar("T")

STATIC: Final = Path(__file__).parent / "static"


@dataclass(frozen=True, kw_only=True)
class Console:
    """What the routes work with; the composition root fills it in."""

    open_store: Callable[[], ConsoleStore]
    """Called in each thread that then uses what it returns."""
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


class InThread:
    """Runs functions in a thread of its own, one at a time."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name)

    async def __call__(self, ask: Callable[..., T], *arguments: object, **named: object) -> T:
        """Run one, and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: ask(*arguments, **named))


class Desk:
    """What the routes ask; ``open`` it first."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.in_store = InThread("console-store")
        """Runs a function in the one thread that may use ``store``."""
        self.store: ConsoleStore
        self.hub: Hub
        self.targets: Targets

    async def open(self) -> None:
        """Open the store, and have a hub for whoever follows it."""
        self.store = await self.in_store(self.console.open_store)
        in_alarms = InThread("console-alarms")
        alarms = await in_alarms(self.console.open_store)
        self.hub = Hub(
            vessels=Reader(self.store, self.in_store),
            alarms=Reader(alarms, in_alarms),
            health=self.console.health,
        )
        self.targets = Targets(self.store)
