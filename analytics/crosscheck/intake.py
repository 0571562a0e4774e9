"""What becomes of a document that was read: facts about boxes, and a word on every bill."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Final

from msgspec.structs import replace

from analytics.crosscheck.creating import MAX_BILLS, Creating, boxes_of
from analytics.crosscheck.manifests import carrier_checks, facts
from analytics.crosscheck.planning import Plan
from analytics.crosscheck.register import (
    About,
    ConflictError,
    Import,
    ImportState,
    Register,
    Standing,
)
from analytics.crosscheck.reports import BillAnswer
from haechi.aci.manifest import Consignment, Document, Manifest
from haechi.aci.policy import Policies
from haechi.aci.states import HOLDS_ACID

DIGITS: Final = 19
"""Of an ACID."""
PLANS: Final = 3
"""How often an import is worked out beside others' changes before it keeps them waiting."""


def planned(
    register: Register, begun: Import, document: Document, at: datetime, *, policies: Policies
) -> Plan:
    """Work out all that a document changes, and the import's report; nothing is written yet.

    Shipments and voyages are made of it if the import says so.
    """
    bills = [bill for each in document.manifests for bill in each.consignments]
    if begun.creates and len(bills) > MAX_BILLS:
        said = f"{len(bills)} bills; shipments are made of {MAX_BILLS} at once: split it"
        return Plan(register, replace(begun, state=ImportState.REFUSED, reason=said))
    numbers = {number for bill in bills for number in bill.acids if len(number) == DIGITS}
    standing = register.standing(sorted(numbers))
    done = replace(
        begun,
        state=ImportState.TAKEN,
        digest=document.digest,
        containers=sum(len(each.containers) for each in document.manifests),
        bills=tuple(bill_answer(bill, standing) for bill in bills),
        problems=document.problems,
        unlisted_problems=document.unlisted_problems,
    )
    plan = Plan(register, done)
    reference = f"import:{begun.id}"
    plan.facts += chain.from_iterable(abouts(each, at, reference) for each in document.manifests)
    if begun.creates:
        plan.ask(bill.bill for bill in bills)
        plan.report = _created(Creating(plan, policies, begun, at), document, done)
    return plan


def written(register: Register, plan: Plan) -> Import:
    """Write all that was planned in one transaction, and return the report.

    Raises:
        ConflictError: something that the plan rests on has changed: work it out anew.
    """
    with register.writing() as writing:
        plan.write(register, writing)
    return plan.report


def taken(
    register: Register, begun: Import, document: Document, at: datetime, *, policies: Policies
) -> Import:
    """Keep all that a document says, or nothing of it, and return the import with its report.

    Who changes something meanwhile goes first, ``PLANS`` times; then all of it is one transaction.
    """
    for _ in range(PLANS):
        with suppress(ConflictError):
            return written(register, planned(register, begun, document, at, policies=policies))
    with register.writing() as writing:
        plan = planned(register, begun, document, at, policies=policies)
        plan.write(register, writing)
    return plan.report


def _created(creating: Creating, document: Document, done: Import) -> Import:
    """Make shipments, then voyages; return the report with what came of each."""
    answers = iter(done.bills)
    bills: list[BillAnswer] = []
    for manifest in document.manifests:
        boxes = boxes_of(manifest)
        bills += [
            creating.bill(manifest, bill, boxes, next(answers)) for bill in manifest.consignments
        ]
    voyages = (creating.voyage(manifest) for manifest in document.manifests)
    return replace(done, bills=tuple(bills), voyages=tuple(filter(None, voyages)))


def abouts(manifest: Manifest, at: datetime, reference: str) -> Iterator[About]:
    """Yield what one message says, each fact with the box or the ACID that it is about."""
    for fact in facts(manifest, at=at, reference=reference):
        container: str = getattr(fact, "container", "")
        if container:
            yield About(f"container:{container}", fact)
    for bill in manifest.consignments:
        for check in carrier_checks((bill,), manifest.source.made_at or at, reference):
            yield from (About(f"acid:{acid}", check) for acid in bill.acids)


def bill_answer(bill: Consignment, standing: Mapping[str, Standing]) -> BillAnswer:
    """Return what a carrier is told about one bill of its manifest."""
    return BillAnswer(
        bill=bill.bill,
        acids=bill.acids,
        containers=len(bill.containers),
        faults=tuple(_faults(bill, standing)),
    )


def _faults(bill: Consignment, standing: Mapping[str, Standing]) -> Iterator[str]:
    if len({*bill.acids}) != 1:
        yield f"{len({*bill.acids})} ACIDs where there must be one"
        return
    (acid,) = {*bill.acids}
    known = standing.get(acid)
    if known is None:
        yield f"ACID {acid} is not known"
    elif known.state not in HOLDS_ACID:
        yield f"ACID {acid} does not stand: its shipment is {known.state}"
    else:
        yield from _strangers(bill, known)


def _strangers(bill: Consignment, known: Standing) -> Iterator[str]:
    consignee = bill.party("CN")
    named = bill.party("N1") if consignee is None or consignee.is_to_order else consignee
    if named is not None and named.tax_number not in {"", known.importer}:
        yield f"ACID {known.acid} belongs to another importer than {named.tax_number}"
