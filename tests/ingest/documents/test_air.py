"""T7: the three lines of an air waybill message."""

import pytest

from haechi.aci.manifest import Party
from ingest.documents.air import CustomsLine, advance_cargo_lines
from ingest.documents.limits import MAX_SEGMENT_BYTES
from ingest.documents.problems import DocumentRefusedError
from tests.ingest.documents.interchanges import complaints, taken

WAYBILL = """FWB/16
180-12345675ICNCAI/T12K340.5
OCI/EG/IMP/M/4891340332021120017
/EG/SHP/T/{exporter}
"""
CONSOLIDATION = """FHL/4
MBI/180-12345675ICNCAI/T12K340.5
HBS/H1/ICNCAI/8/K200//MILK POWDER
OCI/EG/IMP/M/4891340332021120017
/EG/SHP/T/DK11837921
/EG/CNE/T/489134033
HBS/H2/ICNCAI/4/K140.5//SORBITOL
OCI/EG/IMP/M/4988470982020120017
/EG/SHP/T/DK11837921
/EG/CNE/T/498847098
"""


@pytest.mark.parametrize("exporter", ["DK11837921", "91350181611839374R"])
def test_t7_a_waybill_with_its_lines_is_read(exporter: str) -> None:
    """Both examples that carriers print: with a country and without."""
    document = taken(WAYBILL.format(exporter=exporter).encode())
    (bill,) = document.manifests[0].consignments
    assert (bill.bill, bill.acids) == ("180-12345675", ("4891340332021120017",))
    assert bill.parties == (Party(role="CZ", number=exporter),)
    assert complaints(document) == []


def test_t7_each_house_of_a_consolidation_has_its_own_lines() -> None:
    """With the importer's tax number, which only consolidations carry."""
    document = taken(CONSOLIDATION.encode())
    houses = document.manifests[0].consignments
    assert [(one.bill, one.master_bill, one.acids) for one in houses] == [
        ("H1", "180-12345675", ("4891340332021120017",)),
        ("H2", "180-12345675", ("4988470982020120017",)),
    ]
    assert [one.parties[1].tax_number for one in houses] == ["489134033", "498847098"]
    assert complaints(document) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("/EG/SHP/T/{exporter}", ""), "2 OCI/EG/SHP/T: the line is missing; no number"),
        (("4891340332021120017", "489134033202112001"), "2 OCI: not an ACID (19 digits)"),
        (("{exporter}", "DK/1"), "4 OCI: '/EG/SHP/T/DK/1': 5 fields where"),
        (("{exporter}", "D-1"), "2 OCI: not a exporter number of air freight"),
        (("/SHP/T/", "/XYZ/T/"), "2 OCI: 'OCI/EG/XYZ/T/{exporter}' is no line of advance cargo"),
        (("12345675", "12345674"), "2 AWB: the check digit of waybill 12345674 is 5"),
    ],
)
def test_t7_a_line_that_is_wrong_is_reported(change: tuple[str, str], problem: str) -> None:
    """By its line, and the rest is kept."""
    document = taken(WAYBILL.replace(*change).encode())
    assert any(line.startswith(problem) for line in complaints(document)), complaints(document)


def test_lines_of_other_countries_are_not_ours() -> None:
    """They stand in the same segment."""
    text = WAYBILL.format(exporter="DK11837921") + "/CN/AGT/T/USCI9135\n"
    assert complaints(taken(text.encode())) == []


def test_lines_are_written_as_they_are_read() -> None:
    """The importer's line only if the shipment is consolidated."""
    lines = advance_cargo_lines("4891340332021120017", "DK11837921", "489134033")
    assert lines[2] == "OCI/EG/CNE/T/489134033"
    assert [str(CustomsLine.parse(line)) for line in lines] == list(lines)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"FWB/16\n180-12345675ICNCAI/T12K340.5\n", "without any OCI line"),
        (b"FWB/16\n" + b"A" * (MAX_SEGMENT_BYTES * 5), "a line of more than"),
        (b"FWB/16\n" + b"\n" * 100_001, "more than 100000 lines"),
    ],
)
def test_a_message_without_use_is_refused(content: bytes, reason: str) -> None:
    """Such cargo is held."""
    with pytest.raises(DocumentRefusedError, match=reason):
        taken(content)
