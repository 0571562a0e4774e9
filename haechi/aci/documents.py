"""What lacks before documents can be sealed: types, numbers that they must show, certification.

What is printed on a page is entered by whoever read it; that a number was not found is a question
for a person, since handwriting and stickers are lawful.
"""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from haechi.aci.policy import Policy
from haechi.aci.policy_tables import DocumentRow
from haechi.aci.shipment import Document, Shipment


class DocumentFault(StrEnum):
    """What is wrong with the documents of a shipment."""

    MISSING = "DOC_MISSING"
    FORBIDDEN = "DOC_FORBIDDEN"
    FIELD_MISSING = "DOC_FIELD_MISSING"
    FIELD_MISMATCH = "DOC_FIELD_MISMATCH"
    TWICE = "DOC_TWICE"
    NOT_CERTIFIED = "DOC_NOT_CERTIFIED"


class Lack(Struct, frozen=True):
    """One fault, where it is, and what to do."""

    code: DocumentFault
    document: str
    """Id of the document; its type where there is none."""
    text: str


def effective(shipment: Shipment) -> tuple[Document, ...]:
    """Return the newest version of each document."""
    newest: dict[str, Document] = {}
    for document in sorted(shipment.documents, key=lambda each: each.version):
        newest[document.id] = document
    return tuple(newest.values())


def lacks(shipment: Shipment, policy: Policy) -> tuple[Lack, ...]:
    """Return everything that stands in the way of sealing; empty if nothing does."""
    return (
        *_types(shipment, policy),
        *_numbers(shipment, policy),
        *_twice(shipment),
        *_uncertified(shipment, policy),
    )


def _types(shipment: Shipment, policy: Policy) -> Iterator[Lack]:
    present = {document.type for document in effective(shipment)}
    for row in policy.documents:
        if row.is_mandatory and row.type not in present:
            yield Lack(DocumentFault.MISSING, row.type, f"add the {row.name}")
    forbidden = {row.type: row for row in policy.documents if row.is_forbidden}
    for document in effective(shipment):
        if document.type in forbidden:
            name = forbidden[document.type].name
            yield Lack(DocumentFault.FORBIDDEN, document.id, f"remove the {name}: not accepted")


def _numbers(shipment: Shipment, policy: Policy) -> Iterator[Lack]:
    rows = {row.type: row for row in policy.documents}
    for document in effective(shipment):
        if document.type in rows:
            yield from _shown(shipment, document, rows[document.type])


def _shown(shipment: Shipment, document: Document, row: DocumentRow) -> Iterator[Lack]:
    right = {
        "acid": shipment.acid or "",
        "importer": shipment.importer.tax_number,
        "exporter": shipment.exporter.number,
    }
    for field in row.shows:
        printed = getattr(document, field)
        if not printed:
            yield Lack(DocumentFault.FIELD_MISSING, document.id, f"must show the {field}")
        elif printed != right[field]:
            text = f"shows the {field} {printed} instead of {right[field] or 'none'}"
            yield Lack(DocumentFault.FIELD_MISMATCH, document.id, text)


def _twice(shipment: Shipment) -> Iterator[Lack]:
    documents = effective(shipment)
    times = Counter(document.digest for document in documents)
    for document in documents:
        if times[document.digest] > 1:
            yield Lack(DocumentFault.TWICE, document.id, "one file for one document: split it")


def _uncertified(shipment: Shipment, policy: Policy) -> Iterator[Lack]:
    needed = {
        name
        for rule in policy.certifications
        for line in shipment.goods
        if line.hs.startswith(rule.hs_prefix)
        for name in rule.by
    }
    mandatory = {row.type for row in policy.documents if row.is_mandatory}
    for document in effective(shipment):
        missing = sorted(needed - {*document.notarised_by})
        if missing and document.type in mandatory:
            text = f"have it certified by {' and '.join(missing)} before it is uploaded"
            yield Lack(DocumentFault.NOT_CERTIFIED, document.id, text)
