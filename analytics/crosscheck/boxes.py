"""Whether containers, their seals and their weights are those that were declared."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import lru_cache

from analytics.crosscheck.case import Case, seen, stamp, stated
from analytics.crosscheck.facts import Fact, SealRole, SealSeen, Source, Weighing
from analytics.crosscheck.reasons import Claim, Code, Reason
from haechi.aci.equipment import CHECK_DIGIT, container_number
from haechi.aci.shipment import Packing
from haechi.aci.shortages import shortage
from haechi.ids import InvalidIdError


def seals(case: Case) -> Iterator[Reason]:
    """Check 6: a seal that was armed, or read at a gate, is not the one on the bill.

    Without a seal on the bill, the first one that was armed is what later ones are held against.
    A seal put on by authority counts from then on. One that was bound under a number of the bill
    is that seal, whatever it calls itself.
    """
    for packing in case.shipment.containers:
        lawful = stated(", ".join(packing.seals)) if packing.seals else None
        allowed = _bound(case, packing.container, packing.seals)
        for sight in case.observed.seals:
            if sight.container != packing.container:
                continue
            if lawful is None or sight.role is SealRole.RESEALED:
                lawful = seen(sight, sight.seal)
                allowed = _bound(case, packing.container, (sight.seal,))
            elif sight.seal not in allowed:
                yield _seal(case, lawful, sight)


def openings(case: Case) -> Iterator[Reason]:
    """Check 7: a seal was opened while the vessel was at sea."""
    left = case.departure
    mine = {seal for packing in case.shipment.containers for seal in packing.seals}
    for opening in case.observed.openings:
        is_mine = opening.seal in mine or opening.container in case.containers
        if left is not None and is_mine and case.is_at_sea(opening.at):
            declared = stated(f"{case.shipment.transport.vessel}, {stamp(left.at)}", Source.AIS)
            said = seen(opening, f"{opening.seal}, {stamp(opening.at)}")
            yield case.reason(Code.SEAL_OPENED_AT_SEA, declared, said, about=opening.container)


def weights(case: Case) -> Iterator[Reason]:
    """Check 8: the scale or the manifest says another weight than the declaration.

    A scale weighs the box too: without its tare, any usual one is allowed for.
    """
    for packing in case.shipment.containers:
        if packing.gross_kg is None:
            continue
        for line in case.observed.manifest:
            if line.container == packing.container and line.gross_kg is not None:
                off = abs(line.gross_kg - packing.gross_kg)
                yield from _weight(case, packing, off, line, line.gross_kg)
        for weighing in case.observed.weighings:
            if weighing.container == packing.container:
                off = _off(case, packing.gross_kg, weighing)
                yield from _weight(case, packing, off, weighing, weighing.kg)


def landed(case: Case) -> Iterator[Reason]:
    """Check 9: less was landed than was declared, with what that costs by law as a proposal.

    The last report counts. What the carrier says it left behind is no shortage.
    """
    declared = sum((line.quantity for line in case.shipment.goods), start=Decimal(0))
    duty = sum((line.duty for line in case.shipment.goods), start=Decimal(0))
    taxes = sum((line.other_taxes for line in case.shipment.goods), start=Decimal(0))
    for landing in case.observed.landings[-1:]:
        proposal = shortage(
            case.policy, declared=declared, landed=landing.quantity, duty=duty, other_taxes=taxes
        )
        if proposal is None or landing.is_short_shipped:
            continue
        yield case.reason(
            Code.LANDED_SHORT,
            stated(f"{declared:f}"),
            seen(landing, f"{landing.quantity:f}"),
            values={
                "exposed_duty": f"{proposal.exposed_duty:f}",
                "proposed_fine": f"{proposal.fine:f}",
                "payable": f"{proposal.payable:f}",
                "legal_ref": proposal.legal_ref,
            },
        )


def numbers(case: Case) -> Iterator[Reason]:
    """Check 11: a container number fails its own check, which is for those who mend data."""
    named = {packing.container: Source.DECLARATION for packing in case.shipment.containers}
    for aboard in case.voyage.containers if case.voyage else ():
        if aboard.acid and aboard.acid == case.shipment.acid:
            named.setdefault(aboard.container, Source.VOYAGE)
    for number, source in named.items():
        fault = _fault(number)
        if fault:
            claim, rule = stated(number, source), Claim(fault, Source.POLICY)
            yield case.reason(Code.CONTAINER_NUMBER, claim, rule, about=number)


def _bound(case: Case, container: str, numbers: Collection[str]) -> set[str]:
    """Return numbers of seals, and what the seals call themselves that are bound under them."""
    mine = (one for one in case.observed.bindings if one.container == container)
    return {*numbers, *(one.seal for one in mine if one.number in numbers)}


def _seal(case: Case, lawful: Claim, sight: SealSeen) -> Reason:
    return case.reason(
        Code.SEAL_NOT_ON_BILL, lawful, seen(sight, sight.seal), about=sight.container
    )


def _off(case: Case, gross_kg: float, weighing: Weighing) -> float:
    """Return how far the scale is from what goods and box can weigh together."""
    limits = case.policy.tolerance
    lightest = gross_kg + (limits.tare_min_kg if weighing.tare_kg is None else weighing.tare_kg)
    heaviest = gross_kg + (limits.tare_max_kg if weighing.tare_kg is None else weighing.tare_kg)
    return max(lightest - weighing.kg, weighing.kg - heaviest, 0.0)


def _weight(case: Case, packing: Packing, off: float, fact: Fact, kg: float) -> Iterator[Reason]:
    limits = case.policy.tolerance
    gross = packing.gross_kg or 0.0
    if off > limits.weight_kg and off > gross * limits.weight_percent / 100:
        yield case.reason(
            Code.WEIGHT_MISMATCH,
            stated(f"{gross:g} kg"),
            seen(fact, f"{kg:g} kg"),
            about=packing.container,
            values={"off_kg": round(off, 1)},
            thresholds={"off_kg": limits.weight_kg, "off_percent": limits.weight_percent},
        )


@lru_cache(maxsize=2**16)
def _fault(number: str) -> str:
    """Return what is wrong with a container number, by its code; empty if nothing is."""
    try:
        doubts = container_number(number).codes
    except InvalidIdError:
        return "ISO 6346"
    return "ISO 6346 / " + CHECK_DIGIT if CHECK_DIGIT in doubts else ""
