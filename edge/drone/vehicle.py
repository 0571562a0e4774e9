"""One drone: from its messages to readings."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from edge.drone.happenings import Happenings, Limits, is_urgent
from edge.drone.mavlink import Message
from edge.drone.telemetry import stated
from edge.measured import Measured
from haechi.drones import DroneEvent, DronePosition
from haechi.fields import LonLat

if TYPE_CHECKING:  # numpy: a drone without a camera needs none
    from edge.drone.gaze import Gaze

STALE_AFTER: Final = timedelta(seconds=30)
"""A value that was not stated again for so long is left out, except those that last."""

_LASTING: Final = frozenset({"mode", "armed", "home_lat", "home_lon", "landed"})
_EARLY: Final = timedelta(milliseconds=20)
"""So much before its time a position still counts as due: autopilots are not exact."""


class Vehicle:
    """Puts together what messages state, and says it at a steady rate."""

    def __init__(
        self,
        device: str,
        *,
        every_s: float = 0.25,
        limits: Limits | None = None,
        gaze: "Gaze | None" = None,
    ) -> None:
        """Prepare.

        Args:
            device: Name of the drone.
            every_s: Between positions; 0 says each that the autopilot states.
            limits: When something counts as having happened.
            gaze: Where its camera looks, if it has one.
        """
        self.subject = f"drone:{device}"
        self._every = timedelta(seconds=every_s)
        self._happenings = Happenings(limits or Limits())
        self._gaze = gaze
        self._known: dict[str, tuple[Any, datetime]] = {}
        self._said_at: datetime | None = None

    @property
    def armed(self) -> bool:
        """Whether its motors may turn, as far as is known."""
        return bool(self._value("armed"))

    @property
    def in_the_air(self) -> bool:
        """Whether it flies, as far as is known."""
        landed = self._value("landed")
        return self.armed if landed is None else not landed

    @property
    def place(self) -> LonLat | None:
        """Where it was last, longitude first."""
        lat, lon = self._value("lat"), self._value("lon")
        return None if lat is None or lon is None else (lon, lat)

    def hear(self, message: Message, at: datetime) -> list[Measured]:
        """Take one message of its own; return what there is to say."""
        said = stated(message)
        for name, value in said.items():
            self._known[name] = value, at
        events = self._happenings.of(message, said, at)
        found = [self.event(event, at) for event in events]
        if self._gaze is not None:
            self._gaze.hear(message)
        if message.get_type() == "GLOBAL_POSITION_INT" and self._is_due(at):
            found += self._position(at)
        return found

    def event(self, event: DroneEvent, at: datetime) -> Measured:
        """Return an event as a reading, with the place if it is known."""
        placed = replace(event, lat=self._fresh("lat", at), lon=self._fresh("lon", at))
        return Measured(at, self.subject, placed, is_urgent(event))

    def _is_due(self, at: datetime) -> bool:
        return self._said_at is None or not (
            timedelta(0) <= at - self._said_at < self._every - min(_EARLY, self._every)
        )

    def _position(self, at: datetime) -> list[Measured]:
        self._said_at = at
        values = {name: self._fresh(name, at) for name in self._known}
        position = DronePosition(**values)
        found = [Measured(at, self.subject, position)]
        if self._gaze is not None and (view := self._gaze.view(position)) is not None:
            found.append(Measured(at, f"camera:{self._gaze.camera}", view))
        return found

    def _value(self, name: str) -> Any:
        return self._known.get(name, (None, None))[0]

    def _fresh(self, name: str, at: datetime) -> Any:
        value, known_at = self._known.get(name, (None, at))
        # Nor is one known that is dated after now, by a clock which was put back since.
        return value if name in _LASTING or abs(at - known_at) <= STALE_AFTER else None
