"""Whether a carrier may load, and what is wrong with the bills it holds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from haechi.aci.deadlines import is_expired
from haechi.aci.policy import Policy
from haechi.aci.policy_tables import Obligation
from haechi.aci.shipment import Bill, Shipment


class Refusal(StrEnum):
    """Why a container may not be loaded."""

    NO_ACID = "NO_ACID"
    ACID_EXPIRED = "ACID_EXPIRED"
    CARRIER_IMPORTER_MISMATCH = "CARRIER_IMPORTER_MISMATCH"


class Permit(Struct, frozen=True, kw_only=True):
    """The answer to a carrier that asks before it loads."""

    is_permitted: bool
    reasons: tuple[Refusal, ...] = ()
    """What is wrong; while the law is on trial goods are loaded all the same."""


class BillFault(Struct, frozen=True):
    """What is wrong with a bill of lading as a whole."""

    code: str
    bill: str
    text: str


def load_permit(
    shipment: Shipment | None, policy: Policy, *, at: datetime, consignee: str = ""
) -> Permit:
    """Say whether a container on the load list may be loaded.

    Args:
        shipment: What its ACID stands for; ``None`` if the carrier has none that is known.
        policy: The rules of the day for this mode of transport.
        at: When it would be loaded.
        consignee: Importer's tax number as the carrier holds it; empty if it holds none.
    """
    if policy.obligation is Obligation.NOT_REQUIRED:
        return Permit(is_permitted=True)
    reasons = tuple(_refusals(shipment, policy, at, consignee))
    is_pilot = policy.obligation is Obligation.PILOT
    return Permit(is_permitted=is_pilot or not reasons, reasons=reasons)


def bill_faults(bills: Iterable[Bill], policy: Policy) -> tuple[BillFault, ...]:
    """Return every bill that does not show exactly one ACID, or shares one that it may not."""
    listed = tuple(bills)
    return (*_miscounted(listed, policy), *_shared(listed, policy))


def _refusals(
    shipment: Shipment | None, policy: Policy, at: datetime, consignee: str
) -> Iterator[Refusal]:
    if shipment is None or not shipment.has_acid:
        yield Refusal.NO_ACID
        return
    if is_expired(shipment, policy, at):
        yield Refusal.ACID_EXPIRED
    if (consignee or shipment.carrier.importer) != shipment.importer.tax_number:
        yield Refusal.CARRIER_IMPORTER_MISMATCH


def _miscounted(bills: tuple[Bill, ...], policy: Policy) -> Iterator[BillFault]:
    allowed = policy.consolidation.acids_per_bill
    for bill in bills:
        shown = len({*bill.acids})
        if shown != allowed:
            yield BillFault("BILL_ACIDS", bill.number, f"shows {shown} ACIDs instead of {allowed}")


def _shared(bills: tuple[Bill, ...], policy: Policy) -> Iterator[BillFault]:
    if policy.consolidation.are_bills_shared:
        return
    numbers = Counter(number for bill in bills for number in {*bill.acids})
    for bill in bills:
        for number in sorted({*bill.acids}):
            if numbers[number] > 1:
                text = f"shares ACID {number} with {numbers[number] - 1} more"
                yield BillFault("ACID_SHARED", bill.number, text)
