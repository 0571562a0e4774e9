"""The words of alarm handling: what an operator sees and does about findings."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType

from haechi.findings import Saying, Severity

Wait = Annotated[float, Meta(ge=0, le=366 * 86_400)]
"""A time span in seconds, at most a year: sums with dates must not leave the calendar."""


class AlarmKey(NamedTuple):
    """One open alarm at most for each of these."""

    site: str
    rule: str
    subject: str
    zone: str | None


class AlarmState(StrEnum):
    """ThingsBoard's four states: does the condition hold, and has an operator seen it."""

    ACTIVE_UNACK = "ACTIVE_UNACK"
    ACTIVE_ACK = "ACTIVE_ACK"
    CLEARED_UNACK = "CLEARED_UNACK"
    CLEARED_ACK = "CLEARED_ACK"


class Signal(StrEnum):
    """Everything that can happen to an alarm; the transition table is over these."""

    OPENED = "opened"
    """A finding began, or began again."""
    CHANGED = "changed"
    """What was found was revised; its severity stayed."""
    WORSENED = "worsened"
    """The severity went up."""
    EASED = "eased"
    """The severity went down."""
    ENDED = "ended"
    """The condition is over."""
    RETRACTED = "retracted"
    """Nothing that the alarm rests on follows from the data any longer."""
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    QUIET = "quiet"
    """The condition ended and did not recur for the quiet time."""
    PERSISTED = "persisted"
    """An operator cleared it, and the condition still holds a while later."""
    SHELF_EXPIRED = "shelf_expired"


class Basis(NamedTuple):
    """A finding that an alarm rests on."""

    finding: str
    severity: Severity
    ongoing: bool
    subject: str = ""
    """Whom it is about; empty in alarms of an older version."""


class AlarmPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The times of alarm handling; ``defaults/pushes.toml`` says what each means."""

    quiet_s: Wait = 600
    quiet_by_severity_s: dict[Severity, Wait] = {}
    quiet_by_rule_s: dict[str, Wait] = {}
    refire_s: Wait = 600
    shelf_limit_s: Wait = 86_400


class Alarm(Struct, frozen=True, kw_only=True):
    """Operators' handling of the findings of one rule about one subject (and zone)."""

    id: str
    """Id of the finding that raised it: deterministic."""
    key: AlarmKey
    kind: str
    severity: Severity
    text: str
    active: bool
    """The condition persists, or ended so recently that it may recur."""
    acknowledged: bool
    since: datetime
    """When it began to be true (event time)."""
    until: datetime | None
    """When the condition ended (event time)."""
    raised_at: datetime
    """When the platform first said so (processing time), as are the times below."""
    updated_at: datetime
    basis: tuple[Basis, ...] = ()
    """What it rests on, oldest first."""
    fired: int = 1
    """How often the condition began."""
    events: int = 1
    """How many events its history has."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    cleared_at: datetime | None = None
    cleared_by: str | None = None
    shelved_until: datetime | None = None
    shelved_by: str | None = None
    assignee: str | None = None
    quiet_at: datetime | None = None
    """When the clock changes it: active, it clears; cleared while the condition holds, it fires."""
    lat: float | None = None
    lon: float | None = None
    subject_name: str | None = None
    """Untrusted, already made plain."""
    retracted: bool = False
    saying: Saying | UnsetType = UNSET
    """What ``text`` says, as of the finding."""

    @property
    def status(self) -> AlarmState:
        """One of ThingsBoard's four states."""
        condition = "ACTIVE" if self.active else "CLEARED"
        return AlarmState(f"{condition}_{'ACK' if self.acknowledged else 'UNACK'}")

    @property
    def open_findings(self) -> tuple[str, ...]:
        """Ids of findings that still go on."""
        return tuple(basis.finding for basis in self.basis if basis.ongoing)

    @property
    def is_open(self) -> bool:
        """Whether it takes up what comes next under its key, in place of a new alarm.

        It is over when cleared, acknowledged, off the shelf, and its condition has ended.
        """
        return (
            self.status is not AlarmState.CLEARED_ACK
            or self.shelved_until is not None
            or bool(self.open_findings)
        )

    @property
    def wake_at(self) -> datetime | None:
        """When the clock next changes it, if ever."""
        times = [at for at in (self.quiet_at, self.shelved_until) if at is not None]
        return min(times, default=None)


class AlarmEvent(Struct, frozen=True, kw_only=True):
    """One line of an alarm's history: who did what, when."""

    alarm: str
    number: int
    """1 for the first of this alarm."""
    at: datetime
    by: str
    """Operator, or ``rules`` or ``clock``."""
    signal: Signal
    before: AlarmState | None
    """``None`` where the alarm is new."""
    after: AlarmState
    note: str = ""
    saying: Saying | UnsetType = UNSET
    """What the note says, where rules wrote it."""
