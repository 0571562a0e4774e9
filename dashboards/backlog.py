"""What one page has yet to be told, and the frames in which it is told that.

A page that reads slowly gets the newest state of each vessel and alarm instead of every change, so
its backlog is bounded by their number, and it costs the other pages nothing.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from dashboards.views import AlarmView, HealthView, alarm_view
from haechi.alarms import Alarm
from haechi.kept import Latest


class Backlog:
    """The newest of everything that changed and that the page was not told yet."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._vessels: dict[str, Latest] = {}
        self._alarms: dict[str, AlarmView] = {}
        self._health: HealthView | None = None
        self._vessels_position = self._alarms_position = 0
        """Up to which log position each kind was offered."""

    def __len__(self) -> int:
        return len(self._vessels) + len(self._alarms) + (self._health is not None)

    def offer_vessels(self, position: int, vessels: Sequence[Latest]) -> None:
        """Take in which vessels changed up to a log position; a lower one is of another store."""
        self._vessels_position = position
        self._vessels.update((vessel.subject, vessel) for vessel in vessels)
        if vessels:
            self.changed.set()

    def offer_alarms(self, position: int, alarms: Sequence[Alarm]) -> None:
        """Take in which alarms changed up to a log position; a lower one is of another store."""
        self._alarms_position = position
        self._alarms.update((alarm.id, alarm_view(alarm)) for alarm in alarms)
        if alarms:
            self.changed.set()

    def offer_health(self, health: HealthView) -> None:
        """Take in how the platform is."""
        self._health = health
        self.changed.set()

    def urgent(self) -> bytes:
        """Return frames that must not wait, and forget them."""
        self.changed.clear()
        frames = b""
        if self._alarms:
            alarms = [*self._alarms.values()]
            self._alarms.clear()
            frames += frame("alarms", alarms, self._reached())
        if self._health is not None:
            frames += frame("health", self._health, self._reached())
            self._health = None
        return frames

    def vessels(self) -> bytes:
        """Return the frame of vessels, and forget it."""
        if not self._vessels:
            return b""
        rows = [*self._vessels.values()]
        self._vessels.clear()
        return frame("vessels", rows, self._reached())

    def _reached(self) -> int | None:
        """Return up to which position the page is current once told, unless it misses some yet."""
        if self._vessels or self._alarms:
            return None
        return min(self._vessels_position, self._alarms_position)


def frame(event: str, data: object, position: int | None) -> bytes:
    r"""Return one event as it stands on the wire.

    >>> frame("alarms", [], 7)
    b'id: 7\nevent: alarms\ndata: []\n\n'
    """
    ident = b"" if position is None else b"id: %d\n" % position
    return b"%bevent: %b\ndata: %b\n\n" % (ident, event.encode(), msgspec.json.encode(data))
