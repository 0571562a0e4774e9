"""What the store holds that people look at directly."""

from datetime import datetime

from msgspec import Struct


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
