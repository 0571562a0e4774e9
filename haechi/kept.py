"""What the store holds that people look at directly."""

from datetime import datetime

from msgspec import Struct

from haechi.fields import LonLat


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A payload or reading that was refused, whole, for a person to see."""

    topic: str
    payload: bytes
    reason: str
    """A category, which the ledger counts by, then ``: `` and the words for a person."""
    received_at: datetime
    device: str = ""
    boot: str = ""
    seq: int = 0
    """0 where the payload could not be read that far."""


class Equipment(Struct, frozen=True, kw_only=True):
    """What a drone, seal, camera or sighting shows besides its place."""

    state: str | None = None
    """A drone's mode, what a seal last said, what a camera takes an object for."""
    battery_percent: float | None = None
    altitude_m: float | None = None
    outline: tuple[LonLat, ...] = ()
    """What a camera sees of the ground, or where an object is with 95 % probability."""
    is_over: bool = False
    """The camera does not see the object any more."""


class Latest(Struct, frozen=True, kw_only=True):
    """Where a subject is by its newest position, and what it last said it is."""

    position: int
    """Log position of the transaction that changed it."""
    subject: str
    site: str
    at: datetime
    lat: float
    lon: float
    speed_kn: float | None = None
    course_deg: float | None = None
    heading_deg: float | None = None
    name: str | None = None
    ship_type: int | None = None
    length_m: float | None = None
    equipment: Equipment | None = None
    """``None`` for vessels."""
