"""Nothing is sealed that lacks a type, a number or a certification."""

from datetime import date

import pytest
from msgspec.structs import replace

from haechi.aci.documents import DocumentFault, effective, lacks
from haechi.aci.shipment import Document, Shipment
from tests.haechi.aci.cargo import SHIPMENT, document
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
FULL = replace(
    SHIPMENT,
    documents=(
        document("INV", "a"),
        document("BLC", "b"),
        document("PL", "c"),
        document("COO", "d"),
    ),
)


def codes(shipment: Shipment) -> list[tuple[DocumentFault, str]]:
    """Return code and document of each fault."""
    return [(lack.code, lack.document) for lack in lacks(shipment, POLICY)]


def changed(place: int, **fields: object) -> Shipment:
    """Return the shipment with one document changed."""
    documents = list(FULL.documents)
    documents[place] = replace(documents[place], **fields)
    return replace(FULL, documents=tuple(documents))


def test_a_complete_envelope_lacks_nothing() -> None:
    """By sea, today."""
    assert lacks(FULL, POLICY) == ()


@pytest.mark.statement("D7", "N14")
def test_the_list_of_types_is_that_of_the_day() -> None:
    """A direct bill was BL in 2021, and is BLC now."""
    assert codes(SHIPMENT) == [(DocumentFault.MISSING, "BLC")]
    assert lacks(SHIPMENT, POLICIES.at(date(2021, 5, 1))) == ()


@pytest.mark.statement("D7")
@pytest.mark.parametrize("kind", ["HBL", "MBL"])
def test_house_and_master_bills_are_refused_with_the_reason(kind: str) -> None:
    """By name."""
    with_bill = replace(FULL, documents=(*FULL.documents, document(kind, "e")))
    (lack,) = lacks(with_bill, POLICY)
    assert (lack.code, lack.document) == (DocumentFault.FORBIDDEN, kind)
    assert "bill of lading: not accepted" in lack.text


@pytest.mark.statement("D4")
@pytest.mark.parametrize(
    ("place", "field", "is_needed"),
    [
        (0, "acid", True),
        (0, "importer", True),
        (0, "exporter", True),
        (1, "importer", True),
        (2, "acid", True),
        (2, "importer", False),
        (3, "exporter", False),
    ],
)
def test_invoice_and_bill_show_three_numbers_and_all_others_the_acid(
    place: int,
    field: str,
    is_needed: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """A missing number names file and field; a wrong one is another fault."""
    kind = FULL.documents[place].id
    missing = [(DocumentFault.FIELD_MISSING, kind)] if is_needed else []
    wrong = [(DocumentFault.FIELD_MISMATCH, kind)] if is_needed else []
    assert codes(changed(place, **{field: ""})) == missing
    assert codes(changed(place, **{field: "1" * 19})) == wrong


@pytest.mark.statement("D3")
def test_one_file_for_one_document() -> None:
    """The same content under two names is found at both."""
    twice = changed(3, digest="c" * 64)
    assert codes(twice) == [(DocumentFault.TWICE, "PL"), (DocumentFault.TWICE, "COO")]


@pytest.mark.statement("D6")
def test_medicines_need_both_certifications_before_sealing() -> None:
    """Chapter 30; other goods need none."""
    medicine = replace(FULL, goods=(replace(FULL.goods[0], hs="300490"),))
    assert {code for code, _ in codes(medicine)} == {DocumentFault.NOT_CERTIFIED}

    def certified(by: tuple[str, ...]) -> Shipment:
        papers = tuple(replace(each, notarised_by=by) for each in FULL.documents)
        return replace(medicine, documents=papers)

    assert lacks(certified(("embassy", "chamber")), POLICY) == ()
    assert len(lacks(certified(("embassy",)), POLICY)) == 4


@pytest.mark.statement("D9")
def test_the_newest_version_of_a_document_counts() -> None:
    """A corrected one takes the place of the faulty one, in whatever order they are listed."""
    faulty = replace(FULL.documents[0], acid="")
    mended: Document = replace(FULL.documents[0], version=2, digest="e" * 64)
    for pair in ((faulty, mended), (mended, faulty)):
        shipment = replace(FULL, documents=(*pair, *FULL.documents[1:]))
        assert mended in effective(shipment)
        assert lacks(shipment, POLICY) == ()
