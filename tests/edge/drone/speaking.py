"""A vehicle for tests: messages as an autopilot sends them, and a radio without air."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.drone import phrases
from edge.drone.identity import Origin
from edge.drone.mavlink import PX4, Message, Reader, Writer, message
from edge.drone.transport import Received

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def sent(made: Message, system: int = 1, component: int = 1) -> Message:
    """Return a message as it arrives: packed by a vehicle and read again."""
    (heard,) = Reader().stream(Writer(system, component).pack(made))
    return heard


def beat(
    system: int = 1, *, armed: bool = False, status: int = 4, mode: int = 0x03040000
) -> Message:
    """Return a heartbeat of a PX4; it loiters unless stated."""
    return sent(phrases.heartbeat(PX4, mode, armed=armed, status=status), system)


def position(
    boot_ms: int = 0, *, system: int = 1, lat: float = 35.0, lon: float = 129.0
) -> Message:
    """Return where it is, 50 m above home, going north-east at 10 m/s."""
    made = message(
        "GLOBAL_POSITION_INT",
        time_boot_ms=boot_ms,
        lat=round(lat * 1e7),
        lon=round(lon * 1e7),
        alt=54_000,
        relative_alt=50_000,
        vx=707,
        vy=707,
        vz=-100,
        hdg=4500,
    )
    return sent(made, system)


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.second = 0.0

    def __call__(self) -> float:
        """Return seconds that never go back."""
        return self.second

    def now(self) -> datetime:
        """Return the date."""
        return NOON + timedelta(seconds=self.second)


class Air:
    """A transport whose other end is the test; receiving takes no time."""

    is_stream = False

    def __init__(self) -> None:
        self.coming: deque[tuple[bytes, Origin]] = deque()
        self.sent: list[tuple[Message, Origin]] = []
        self.is_torn = False
        self.opened = 0
        self._reader = Reader()

    def open(self) -> "Air":
        """Return it."""
        self.opened += 1
        return self

    def speak(
        self, made: Message, origin: Origin = ("10.0.0.1", 14550), *, system: int = 1
    ) -> None:
        """Let a vehicle say something."""
        self.coming.append((Writer(system, 1).pack(made), origin))

    def receive(self, wait_s: float) -> Received:
        """Return what was said."""
        del wait_s
        if self.is_torn:
            raise ConnectionResetError("torn")
        found = list(self.coming)
        self.coming.clear()
        return found

    def send(self, data: bytes, to: Origin) -> None:
        """Keep what was said."""
        self.sent += [(heard, to) for heard in self._reader.datagram(data)]

    def close(self) -> None:
        """Do nothing."""

    def told(self, name: str) -> list[Any]:
        """Return what our side said of one kind."""
        return [heard for heard, _ in self.sent if heard.get_type() == name]


Opened = Callable[[], Air]
