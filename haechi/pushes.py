"""The words of notification: a push is one message to one channel, kept until it has arrived."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from haechi.alarms import AlarmState, Signal, Wait
from haechi.findings import Saying, Severity


class PushStatus(StrEnum):
    """Where a push is on its way."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """Given up; its fallback, if any, has taken over."""


class Alert(Struct, frozen=True, kw_only=True):
    """What happened to an alarm, for other systems: the payload of the MQTT alert topic."""

    version: Literal[1] = 1
    id: str
    """Idempotency key: an alert received twice carries the same."""
    alarm: str
    number: int
    """Which event of the alarm this is."""
    signal: Signal
    state: AlarmState
    severity: Severity
    site: str
    rule: str
    kind: str
    subject: str
    subject_name: str | None
    """Untrusted, already made plain."""
    zone: str | None
    text: str
    since: datetime
    until: datetime | None
    at: datetime
    """When the platform said so."""
    lat: float | None
    lon: float | None
    saying: Saying | UnsetType = UNSET
    """What ``text`` says, for readers of other languages."""


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
    alert: Alert
    """The same for programs; its ``id`` is this push's."""
    status: PushStatus = PushStatus.PENDING
    attempts: int = 0
    last_error: str = ""
    sent_at: datetime | None = None


class Channel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to reach somebody; ``defaults/pushes.toml`` says what each field means."""

    name: str
    type: Literal["console", "mqtt", "apprise"]
    url_env: str = ""
    url_file: str = ""
    fallback: str = ""
    timeout_s: Wait = 20


class PushRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told what. An empty list stands for any."""

    name: str
    channels: tuple[str, ...]
    on: tuple[Signal, ...]
    severity: Severity = Severity.INDETERMINATE
    """This urgent or more."""
    zones: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class PushPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Channels, rules and times of notification."""

    channels: tuple[Channel, ...]
    rules: tuple[PushRule, ...]
    cooldown_s: Wait = 600
    retry_s: tuple[Wait, ...] = (5, 30, 120, 600)
    give_up_s: Wait = 86_400
