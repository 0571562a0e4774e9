"""The words of notification: a push is one message to one channel, kept until it has arrived."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from haechi.alarms import AlarmState, Signal, Wait
from haechi.findings import Saying, Severity


class PushStatus(StrEnum):
    """Where a push is on its way."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """Given up; its fallback, if any, has taken over."""


class Digest(Struct, frozen=True, kw_only=True):
    """What was over a channel's limit, told in one message; each alarm is in the list as ever."""

    messages: int
    """How many it stands for."""
    kinds: dict[str, int]
    """How many of what was found."""
    zones: dict[str, int]
    """How many in each zone; those outside of all under the empty name."""
    first: tuple[str, ...]
    """The first few they are about, by name or number."""


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
    digest: Digest | UnsetType = UNSET
    """There if this tells of many alarms at once; ``severity`` is then that of the most urgent,
    ``since`` that of the earliest, and ``alarm`` the name of no alarm."""


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
    is_open: bool = False
    """A digest that more may join, until the worker closes it to give it out."""


class Channel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to reach somebody; ``defaults/pushes.toml`` says what each field means."""

    name: str
    type: Literal["console", "mqtt", "apprise"]
    url_env: str = ""
    url_file: str = ""
    fallback: str = ""
    timeout_s: Wait = 20
    limit_messages: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    limit_window_s: Annotated[float, Meta(ge=1, le=86_400)] = 60

    @property
    def limit(self) -> int:
        """Messages of new and worse alarms in a window, at one site; 0 for any number.

        People cannot read more than a few; programs can, and count better than a digest. The page
        shows each alarm anyway: it folds a storm by itself, and a digest would reach nobody there.
        """
        if self.limit_messages is None:
            return 10 if self.type == "apprise" else 0
        return self.limit_messages


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
