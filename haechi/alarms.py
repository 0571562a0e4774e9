"""The words of alarm handling: what an operator sees and does about findings."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from haechi.findings import Severity


class AlarmKey(NamedTuple):
    """One open alarm at most for each of these."""

    site: str
    rule: str
    subject: str
    zone: str | None


class Signal(StrEnum):
    """Everything that can happen to an alarm; the transition table is over these."""

    OPENED = "opened"
    """A finding began, or began again."""
    CHANGED = "changed"
    """What was found was revised, severity included."""
    ENDED = "ended"
    """The condition is over."""
    RETRACTED = "retracted"
    """The finding no longer follows from the data."""
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    QUIET = "quiet"
    """Nothing recurred for the quiet time."""
    SHELF_EXPIRED = "shelf_expired"


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
    open_findings: tuple[str, ...] = ()
    """Ids of findings that still go on."""
    fired: int = 1
    """How often the condition began."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    cleared_at: datetime | None = None
    cleared_by: str | None = None
    shelved_until: datetime | None = None
    shelved_by: str | None = None
    assignee: str | None = None
    quiet_at: datetime | None = None
    """When it clears by itself unless the condition recurs."""
    lat: float | None = None
    lon: float | None = None
    subject_name: str | None = None
    """Untrusted, already made plain."""
    retracted: bool = False

    @property
    def status(self) -> str:
        """ThingsBoard's four states.

        ``ACTIVE_UNACK ACTIVE_ACK CLEARED_UNACK CLEARED_ACK``
        """
        return f"{'ACTIVE' if self.active else 'CLEARED'}_{'ACK' if self.acknowledged else 'UNACK'}"


class AlarmEvent(Struct, frozen=True, kw_only=True):
    """One line of an alarm's history: who did what, when."""

    alarm: str
    number: int
    """1 for the first of this alarm."""
    at: datetime
    by: str
    """Operator, or ``rules`` or ``clock``."""
    signal: Signal
    before: str | None
    after: str
    note: str = ""
