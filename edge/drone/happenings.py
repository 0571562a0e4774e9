"""What happens to a drone, told from how its messages change."""

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from edge.drone.mavlink import Message, entry
from haechi.drones import DroneEvent, DroneEventKind

URGENT_SEVERITY: Final = 4
"""``MAV_SEVERITY_WARNING`` and worse are sent as events, the rest as telemetry."""

_IN_FAILSAFE: Final = frozenset({5, 6})
"""``MAV_STATE_CRITICAL`` and ``MAV_STATE_EMERGENCY``."""
_LOW_CHARGE: Final = frozenset({2, 3, 4})
"""``MAV_BATTERY_CHARGE_STATE``: low, critical, emergency."""
_CHUNK: Final = 50
"""A longer text comes in parts of so many signs (``STATUSTEXT``)."""
_LONGEST: Final = 300
"""Signs of a text that is put together; what follows is cut off."""
_TEXTS: Final = 100
"""So many are remembered, and no more however fast they come."""


class Limits(Struct, frozen=True, kw_only=True):
    """When something counts as having happened."""

    low_battery_percent: float = 25
    """Reported once, before PX4's own warning at 15 % (``BAT_LOW_THR``)."""
    recovered_percent: float = 5
    """So far above the limit, it may be reported again."""
    same_text_s: float = 60
    """An equal status text within this is the same one; ArduPilot repeats its own every 30 s."""


class Happenings:
    """The events of one vehicle."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._mode: str | None = None
        self._armed: bool | None = None
        self._on: dict[DroneEventKind, bool] = {}
        self._said: dict[str, datetime] = {}
        self._parts: dict[int, str] = {}

    def of(self, message: Message, stated: dict[str, Any], at: datetime) -> list[DroneEvent]:
        """Return what a message says that was not so before."""
        found: list[DroneEvent] = []
        match message.get_type():
            case "HEARTBEAT":
                found += self._heartbeat(message, stated)
            case "STATUSTEXT":
                found += self._text(message, at)
            case "FENCE_STATUS":
                found += self._edge(
                    DroneEventKind.GEOFENCE_BREACH,
                    bool(message.breach_status),
                    f"breach: {entry('FENCE_BREACH', message.breach_type)}",
                )
            case "MISSION_ITEM_REACHED":
                found.append(_event(DroneEventKind.MISSION_REACHED, f"item {message.seq}"))
            case _:
                pass
        percent = stated.get("battery_percent")
        if percent is not None:
            found += self._battery(message, percent)
        return found

    def _heartbeat(self, message: Message, stated: dict[str, Any]) -> list[DroneEvent]:
        found: list[DroneEvent] = []
        mode, armed = stated["mode"], stated["armed"]
        if self._mode not in {None, mode}:
            found.append(_event(DroneEventKind.MODE_CHANGED, f"{self._mode} to {mode}"))
        if self._armed not in {None, armed}:
            found.append(_event(DroneEventKind.ARMED if armed else DroneEventKind.DISARMED, ""))
        self._mode, self._armed = mode, armed
        state = message.system_status
        told = f"state {entry('MAV_STATE', state)}, mode {mode}"
        return found + self._edge(DroneEventKind.FAILSAFE, state in _IN_FAILSAFE, told)

    def _battery(self, message: Message, percent: float) -> list[DroneEvent]:
        limit = self._limits.low_battery_percent
        was_low = self._on.get(DroneEventKind.LOW_BATTERY, False)
        is_low = percent <= limit + (self._limits.recovered_percent if was_low else 0)
        is_low |= getattr(message, "charge_state", 0) in _LOW_CHARGE
        return self._edge(DroneEventKind.LOW_BATTERY, is_low, f"{percent:g} % left")

    def _edge(self, kind: DroneEventKind, is_on: bool, text: str) -> list[DroneEvent]:  # noqa: FBT001 - the thing itself
        was_on, self._on[kind] = self._on.get(kind, False), is_on
        return [_event(kind, text)] if is_on and not was_on else []

    def _text(self, message: Message, at: datetime) -> list[DroneEvent]:
        part: str = message.text
        if message.id:
            part = (self._parts.pop(message.id, "") + part)[:_LONGEST]
            if len(message.text) == _CHUNK:
                self._parts = {message.id: part}
                return []
        recent = timedelta(seconds=self._limits.same_text_s)
        said = [(text, when) for text, when in self._said.items() if abs(at - when) < recent]
        self._said = dict(said[-_TEXTS:])
        if part in self._said:
            return []
        self._said[part] = at
        plain = "".join(sign for sign in part if sign.isprintable())
        severity = min(message.severity, 7)
        return [DroneEvent(kind=DroneEventKind.STATUS_TEXT, text=plain, severity=severity)]


def is_urgent(event: DroneEvent) -> bool:
    """Return whether an event goes before telemetry."""
    return event.severity is None or event.severity <= URGENT_SEVERITY


def _event(kind: DroneEventKind, text: str) -> DroneEvent:
    return DroneEvent(kind=kind, text=text)
