"""The words of notification: a push is one message to one channel, kept until it has arrived."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from haechi.findings import Severity


class PushStatus(StrEnum):
    """Where a push is on its way."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """Given up; its fallback, if any, has taken over."""


class Push(Struct, frozen=True, kw_only=True):
    """One message for one channel. ``id`` is the idempotency key: the same push is sent once."""

    id: str
    alarm: str
    channel: str
    """Name of a channel in the pushes file."""
    title: str
    body: str
    severity: Severity
    created_at: datetime
    due_at: datetime
    status: PushStatus = PushStatus.PENDING
    attempts: int = 0
    last_error: str = ""
    sent_at: datetime | None = None
