"""What must be done by when: time left, warned of in time, and missed to the second."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from haechi.aci.policy import DeadlineRule, Policy
from haechi.aci.policy_tables import Anchor, Duty
from haechi.aci.shipment import Shipment
from haechi.aci.states import HOLDS_ACID, State

DECIDED = HOLDS_ACID | {State.REJECTED, State.CANCELLED, State.EXPIRED, State.VOID}
"""States in which the authority has answered, or had, whatever came of it."""


class Light(StrEnum):
    """How a deadline stands, as a traffic light."""

    DONE = "done"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    """Missed."""


class Deadline(Struct, frozen=True, kw_only=True):
    """One duty of one shipment, with when it is due and when it was done."""

    code: str
    """What missing it is called, such as ``LATE_FILING``."""
    what: Duty
    anchor: Anchor
    due: datetime
    done: datetime | None
    is_hard: bool
    """Missing it has consequences; else it is advice."""

    @property
    def is_late(self) -> bool:
        """Whether it was done, but after it was due; exactly when it is due is in time."""
        return self.done is not None and self.done > self.due

    def is_missed(self, now: datetime) -> bool:
        """Return whether it was done late or is undone after it was due."""
        return (self.done or now) > self.due

    def left(self, now: datetime) -> timedelta:
        """Return the time that is left, negative once it is over."""
        return self.due - now

    def light(self, now: datetime, amber: timedelta) -> Light:
        """Return how it stands; it is amber when less than ``amber`` is left."""
        if self.is_missed(now):
            return Light.RED
        if self.done is not None:
            return Light.DONE
        return Light.AMBER if self.left(now) < amber else Light.GREEN


def deadlines(shipment: Shipment, policy: Policy) -> tuple[Deadline, ...]:
    """Return every deadline whose anchor is known, soonest first.

    The filing has one for each anchor that a source names: the policy's choice is hard, the other
    one advice.
    """
    found = _deadlines(shipment, policy)
    return tuple(sorted(found, key=lambda each: (each.due, each.code, each.anchor)))


def expiry(shipment: Shipment, policy: Policy) -> datetime | None:
    """Return until when the ACID holds, that moment included; ``None`` before it is issued."""
    return shipment.issued_at and shipment.issued_at + policy.validity


def is_expired(shipment: Shipment, policy: Policy, at: datetime) -> bool:
    """Return whether the ACID no longer held at that moment."""
    until = expiry(shipment, policy)
    return until is not None and at > until


def leaving(shipment: Shipment) -> datetime | None:
    """Return the departure as far as known: the actual one, else the expected one."""
    return shipment.departed.at if shipment.departed else shipment.transport.etd


def _deadlines(shipment: Shipment, policy: Policy) -> Iterator[Deadline]:
    for rule in policy.deadlines:
        anchor = _anchor(shipment, rule.anchor)
        if anchor is not None and _applies(shipment, rule):
            yield Deadline(
                code=rule.code,
                what=rule.what,
                anchor=rule.anchor,
                due=anchor + rule.offset,
                done=_done(shipment, rule.what),
                is_hard=rule.is_hard,
            )


def _anchor(shipment: Shipment, anchor: Anchor) -> datetime | None:
    match anchor:
        case Anchor.PLANNED_LOADING:
            return shipment.transport.planned_loading
        case Anchor.ETD:
            return shipment.transport.etd
        case Anchor.DEPARTURE:
            return leaving(shipment)
        case Anchor.REQUESTED:
            return shipment.requested_at


def _applies(shipment: Shipment, rule: DeadlineRule) -> bool:
    """Return whether there is anything to do: a bill that is no draft needs no replacement."""
    return rule.what is not Duty.FINAL_BILL or any(bill.is_draft for bill in shipment.bills)


def _done(shipment: Shipment, what: Duty) -> datetime | None:
    match what:
        case Duty.FILED:
            return shipment.filed_at
        case Duty.CARRIER_DATA:
            return shipment.carrier.data_at
        case Duty.CARRIER_PAPERS:
            return shipment.carrier.papers_at
        case Duty.ENVELOPE:
            return _transferred(shipment)
        case Duty.FINAL_BILL:
            return None
        case Duty.DECISION:
            return _decided(shipment)


def _transferred(shipment: Shipment) -> datetime | None:
    """Return when the first envelope was complete: later ones replace documents."""
    firsts: dict[str, datetime | None] = {}
    for document in sorted(shipment.documents, key=lambda each: each.version):
        firsts.setdefault(document.type, document.transferred_at)
    times = [at for at in firsts.values() if at is not None]
    return max(times) if times and len(times) == len(firsts) else None


def _decided(shipment: Shipment) -> datetime | None:
    if shipment.state not in DECIDED:
        return None
    asked = shipment.requested_at
    answers = (each.at for each in shipment.history if each.after in {State.ISSUED, State.REJECTED})
    later = [at for at in answers if asked is None or at >= asked]
    return min(later, default=shipment.issued_at)
