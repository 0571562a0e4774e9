"""Whether documents and the carrier's file name the importer the ACID was issued to."""

from collections.abc import Iterator
from typing import Final

from analytics.crosscheck.case import Case, seen, stated
from analytics.crosscheck.facts import Source
from analytics.crosscheck.reasons import Claim, Code, Reason

TAX_DIGITS: Final = 9
"""An ACID begins with the tax number of the importer it was issued to."""


def to_order(case: Case) -> Iterator[Reason]:
    """Check 10: a bill to order names nobody, so the notify party must be the importer."""
    importer = case.shipment.importer.tax_number
    for bill in case.shipment.bills:
        if bill.consignee.is_to_order and bill.notify.tax_number != importer:
            said = f"{bill.consignee.name} / {bill.notify.name or '-'} {bill.notify.tax_number}"
            claim = Claim(said.strip(), Source.DOCUMENT)
            yield case.reason(Code.TO_ORDER_NOTIFY, stated(importer), claim, about=bill.number)


def reused(case: Case) -> Iterator[Reason]:
    """Check 12: the same file was handed in under another ACID."""
    mine = {document.digest: document for document in case.shipment.documents}
    for use in case.observed.document_uses:
        document = mine.get(use.digest)
        if document is not None and use.acid != case.shipment.acid:
            declared = stated(f"{case.shipment.acid or '-'}: {document.digest[:12]}")
            yield case.reason(
                Code.DOCUMENT_REUSED, declared, seen(use, use.acid), about=document.id
            )


def tax_numbers(case: Case) -> Iterator[Reason]:
    """Check 13: a document, a bill or the declaration names another importer than the ACID."""
    if case.shipment.acid is None:
        return
    importer = case.shipment.acid[:TAX_DIGITS]
    declared = stated(importer, Source.CUSTOMS)
    for about, number, source in _importers(case):
        if number and number != importer:
            said = Claim(number, source)
            yield case.reason(Code.TAX_NUMBER_MISMATCH, declared, said, about=about)


def carrier(case: Case) -> Iterator[Reason]:
    """Check 14: the carrier holds another importer, at loading or at discharge."""
    importer = case.shipment.importer.tax_number
    declared = stated(importer)
    held = case.shipment.carrier
    if held.importer and held.importer != importer:
        said = Claim(held.importer, Source.CARRIER, held.data_at)
        yield case.reason(Code.CARRIER_IMPORTER_MISMATCH, declared, said)
    for check in case.observed.carrier_checks:
        if check.importer != importer:
            yield case.reason(
                Code.CARRIER_IMPORTER_MISMATCH,
                declared,
                seen(check, check.importer or "-"),
                about=check.kind,
            )


def _importers(case: Case) -> Iterator[tuple[str, str, Source]]:
    shipment = case.shipment
    yield "", shipment.importer.tax_number, Source.DECLARATION
    for document in shipment.documents:
        yield document.id, document.importer, Source.DOCUMENT
    for bill in shipment.bills:
        if not bill.consignee.is_to_order:
            yield bill.number, bill.consignee.tax_number, Source.DOCUMENT
