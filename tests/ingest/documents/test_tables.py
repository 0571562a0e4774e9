"""Tables of small users: CSV and spreadsheets, and what is wrong with single cells."""

import csv
import zipfile
from datetime import datetime
from io import BytesIO, StringIO

import pytest
from openpyxl import Workbook, load_workbook

from ingest.documents.columns import COLUMNS
from ingest.documents.limits import MAX_COLUMNS, MAX_UNZIPPED_BYTES
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.tables import template_csv
from ingest.documents.workbooks import template_xlsx
from tests.ingest.documents.interchanges import complaints, taken

EXAMPLE = {column.title: column.example for column in COLUMNS}


def table(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """Return a CSV whose rows differ from the example as stated."""
    text = StringIO()
    writer = csv.DictWriter(text, EXAMPLE, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(EXAMPLE | row for row in rows)
    return text.getvalue().encode()


def workbook(*rows: tuple[object, ...]) -> bytes:
    """Return a workbook of these rows."""
    book, written = Workbook(), BytesIO()
    sheet = book.active or book.create_sheet()
    for row in rows:
        sheet.append(list(row))
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize("content", [template_csv().encode(), template_xlsx()])
def test_the_template_is_read_without_a_problem(content: bytes) -> None:
    """Its example row is one bill with one container."""
    document = taken(content)
    (cargo,) = document.manifests
    (bill,) = cargo.consignments
    assert complaints(document) == []
    assert (bill.bill, bill.acids) == ("HXLB0001", ("4988470982020120017",))
    assert (cargo.vessel.imo, cargo.voyage, cargo.containers) == (
        "9074729",
        "026W",
        ("CSQU3054383",),
    )
    consignee = bill.party("CN")
    assert consignee is not None
    assert consignee.tax_number == "498847098"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_of_a_bill_are_one_consignment(delimiter: str) -> None:
    """Two containers of one bill, and a second bill in the first container."""
    content = table(
        {},
        {"Container": "MSKU9070323", "Gross weight kg": "1000,5"},
        {"B/L number": "HXLB0002", "Gross weight kg": "818"},
        delimiter=delimiter,
    )
    (cargo,) = taken(content).manifests
    first, second = cargo.consignments
    assert (first.containers, first.gross_kg) == (("CSQU3054383", "MSKU9070323"), 15_182.5)
    assert (second.containers, second.gross_kg) == (("CSQU3054383",), 818)
    shared = cargo.equipment[0]
    assert (shared.bills, shared.gross_kg) == (("HXLB0001", "HXLB0002"), 15_000)


def test_each_voyage_is_a_manifest() -> None:
    """As one table may cover a week."""
    cargo = taken(table({}, {"Voyage": "027W"})).manifests
    assert [one.voyage for one in cargo] == ["026W", "027W"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"B/L number": ""}, "2 B/L number: is empty; the row left out"),
        ({"ACID": "498847098202012001"}, "2 ACID: not an ACID (19 digits)"),
        ({"Container": "MSKU9070324"}, "2 Container: 'MSKU9070324': the check digit"),
        ({"Packages": "a few"}, "2 Packages: 'a few' is no possible number; left out"),
        ({"Packages": "1.5"}, "2 Packages: '1.5' is no number of pieces; left out"),
        ({"Gross weight kg": "-5"}, "2 Gross weight kg: '-5' is no possible number; left out"),
        ({"Gross weight kg": "NaN"}, "2 Gross weight kg: 'NaN' is no possible number; left out"),
        ({"VGM kg": "1e9"}, "2 VGM kg: '1e9' is no possible number; left out"),
        ({"Port of loading": "Busan"}, "2 Port of loading: 'Busan': BU is no country"),
        ({"Importer tax number": "49884709"}, "2 Importer tax number: not a importer tax number"),
        ({"Seal": "H53175 SI"}, "2 Seal: 'SI' is no seal number; taken as no seal"),
    ],
)
def test_each_wrong_cell_is_named_by_row_and_column(change: dict[str, str], problem: str) -> None:
    """The other row is read."""
    document = taken(table(change, {"B/L number": "HXLB0009"}))
    assert any(line.startswith(problem) for line in complaints(document)), complaints(document)
    assert document.manifests[0].consignments[-1].bill == "HXLB0009"


def test_rows_of_a_bill_that_disagree_are_reported() -> None:
    """The first one counts."""
    document = taken(table({}, {"ACID": "4891340332021120017", "Port of discharge": "EGPSD"}))
    assert [line.partition(":")[0] for line in complaints(document)] == [
        "3 ACID",
        "3 Port of discharge",
    ]
    assert document.manifests[0].consignments[0].acids == ("4988470982020120017",)


def test_columns_are_known_by_other_names_and_in_any_order() -> None:
    """Case, blanks and signs do not count; a stranger is reported."""
    text = "컨테이너번호,bl_no, ACID Number ,Price\nCSQU3054383,HXLB0001,٤٩٨٨٤٧٠٩٨٢٠٢٠١٢٠٠١٧,12\n"
    document = taken(text.encode())
    (bill,) = document.manifests[0].consignments
    assert (bill.bill, bill.acids) == ("HXLB0001", ("4988470982020120017",))
    assert complaints(document) == ["1 'Price': an unknown column; left out"]


def test_an_acid_typed_as_a_number_is_not_trusted() -> None:
    """A spreadsheet keeps 15 of its 19 digits."""
    document = taken(workbook(("B/L", "ACID"), ("HXLB0001", 4988470982020120017)))
    assert complaints(document)[0].startswith("2 ACID: not an ACID (19 digits)")


def test_numbers_and_dates_of_a_spreadsheet_are_read_as_they_show() -> None:
    """Whole numbers have no fraction."""
    day = datetime(2026, 1, 1)  # noqa: DTZ001 - cells have no zone
    content = workbook(("B/L", "Packages", "Goods"), (12345, 560.0, day))
    (bill,) = taken(content).manifests[0].consignments
    assert (bill.bill, bill.packages) == ("12345", 560)
    assert bill.goods[0].description == "2026-01-01T00:00:00"


def test_the_spreadsheet_template_explains_itself() -> None:
    """Its columns are text, so that a number stays as typed."""
    book = load_workbook(BytesIO(template_xlsx()))
    assert book.sheetnames == ["Cargo", "Columns"]
    assert book["Cargo"].column_dimensions["C"].number_format == "@"
    assert book["Columns"].max_row == len(COLUMNS) + 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("B/L;Güter\nX;Ö\n".encode("iso8859-1"), "byte 6 is not UTF-8: save the table as CSV"),
        (b"B/L,Goods\nX,\0\n", "NUL"),
        (b'B/L,Goods\nX,"never ends\n', "unexpected end of data"),
        (b"B/L" + b",x" * MAX_COLUMNS, "more than 64 columns"),
        (b"B/L" + b",x" * 100_000, "more than 64 columns"),
        (b"B/L,Goods\nX," + b"y" * 5_000, "a cell of more than"),
        (b"B/L,Goods\nX," + b"y" * 200_000, "field larger than field limit"),
        (b"Container,Goods\nX,y\n", "no column for the bill"),
        (b"B/L,Goods\n", "without any row of cargo"),
        (b"B/L,Goods\n" + b",y\n" * 100_001, "more than 100000 rows"),
        (template_xlsx()[:-100], "a damaged workbook"),
        (b"PK\x03\x04", "a damaged workbook"),
        (workbook(("B/L", *("x" for _ in range(80)))), "more than 64 columns"),
    ],
    ids=range(13),
)
def test_a_table_that_cannot_be_trusted_is_refused(content: bytes, reason: str) -> None:
    """Clearly, and nothing of it is taken."""
    with pytest.raises(DocumentRefusedError, match=reason):
        taken(content)


def replaced(member: str, content: bytes) -> bytes:
    """Return the template with one part exchanged."""
    written = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(template_xlsx())) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, content if name == member else old.read(name))
    return written.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><s>&b;</s>'
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (replaced(SHEET, BOMB), "declares entities: refused as an attack"),
        (replaced(SHEET, BOMB.decode().encode("utf-16")), "declares entities"),
        (replaced("xl/styles.xml", BOMB), "declares entities"),
        (replaced(SHEET, b"\0" * (MAX_UNZIPPED_BYTES + 1)), "bytes unzipped"),
    ],
    ids=["bomb", "bomb in UTF-16", "bomb in styles", "zip bomb"],
)
def test_bombs_are_refused_unopened(content: bytes, reason: str) -> None:
    """Entities and what swells when unpacked; the compressed file is small."""
    assert len(content) < 200_000
    with pytest.raises(DocumentRefusedError, match=reason):
        taken(content)


def test_a_workbook_of_many_parts_is_refused() -> None:
    """Each costs time."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"xl/{number}.xml", "")
    with pytest.raises(DocumentRefusedError, match="more than 1000 parts"):
        taken(written.getvalue())
