"""Numbers of declarations, parties, goods and equipment: what is refused, what is only doubted."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import imo as stdnum_imo
from stdnum import iso6346

from haechi.aci.checking import Checked
from haechi.aci.equipment import (
    SealClass,
    container_number,
    imo_number,
    locode,
    seal_number,
)
from haechi.aci.identifiers import (
    Acid,
    acid,
    air_exporter_number,
    bill_number,
    exporter_number,
    hs_code,
    tax_number,
)
from haechi.aci.mmsi import mmsi
from haechi.ids import InvalidIdError, container_check_digit, imo_check_digit

Reader = Callable[[str], Checked[Any]]


def read_acid(text: str) -> Checked[Acid]:
    """Read it in 2026."""
    return acid(text, this_year=2026)


WELL_FORMED: list[tuple[Reader, str, str, tuple[str, ...]]] = [
    (read_acid, "4988470982020120017", "4988470982020120017", ()),
    (read_acid, "4891340332021120017", "4891340332021120017", ()),
    (read_acid, "4157387252025032066", "4157387252025032066", ()),
    (read_acid, "  4988470982020120017\t", "4988470982020120017", ()),
    (read_acid, "٤٩٨٨٤٧٠٩٨٢٠٢٠١٢٠٠١٧", "4988470982020120017", ()),
    (read_acid, "۴۹۸۸۴۷۰۹۸۲۰۲۰۱۲۰۰۱۷", "4988470982020120017", ()),
    (read_acid, "4988470982027120017", "4988470982027120017", ()),
    (read_acid, "4988470982028120017", "4988470982028120017", ("ACID_IMPLAUSIBLE",)),
    (read_acid, "4988470982019120017", "4988470982019120017", ("ACID_IMPLAUSIBLE",)),
    (read_acid, "4988470982020000017", "4988470982020000017", ("ACID_IMPLAUSIBLE",)),
    (read_acid, "4988470982020130017", "4988470982020130017", ("ACID_IMPLAUSIBLE",)),
    (read_acid, "2026092177665544332", "2026092177665544332", ("ACID_IMPLAUSIBLE",) * 2),
    (tax_number, "498847098", "498847098", ()),
    (tax_number, "489134033", "489134033", ()),
    (tax_number, "415738725", "415738725", ()),
    (tax_number, "202487288", "202487288", ()),
    (tax_number, " 123456789 ", "123456789", ()),
    (tax_number, "٤٩٨٨٤٧٠٩٨", "498847098", ()),
    (exporter_number, "NZ-01-9429047097200", "NZ-01-9429047097200", ()),
    (exporter_number, "LK021141064457000", "LK-02-1141064457000", ()),
    (exporter_number, "US-02-13958114645", "US-02-13958114645", ("EXPORTER_LENGTH",)),
    (exporter_number, "US-02-1208614364", "US-02-1208614364", ("EXPORTER_LENGTH",)),
    (exporter_number, "KR-01-1168200276", "KR-01-1168200276", ("EXPORTER_LENGTH",)),
    (exporter_number, "KR-01-0008200276", "KR-01-0008200276",
     ("EXPORTER_LENGTH", "EXPORTER_NATIONAL")),
    (exporter_number, "DK-02-13585628", "DK-02-13585628", ("EXPORTER_LENGTH",)),
    (exporter_number, "DK-02-13585627", "DK-02-13585627",
     ("EXPORTER_LENGTH", "EXPORTER_NATIONAL")),
    (exporter_number, "SI-CARGOX-12345", "SI-CARGOX-12345", ()),
    (air_exporter_number, "DK11837921", "DK-11837921", ()),
    (air_exporter_number, "91350181611839374R", "91350181611839374R", ("EXPORTER_COUNTRY",)),
    (container_number, "MSKU9070323", "MSKU9070323", ()),
    (container_number, "CSQU3054383", "CSQU3054383", ()),
    (container_number, "FCIU5956299", "FCIU5956299", ()),
    (container_number, "OOLU4293959", "OOLU4293959", ()),
    (container_number, "HDMU2197204", "HDMU2197204", ()),
    (container_number, "TASU1170000", "TASU1170000", ()),
    (container_number, "MSKU9070324", "MSKU9070324", ("CHECK_DIGIT",)),
    (container_number, "CBHU1234567", "CBHU1234567", ("CHECK_DIGIT",)),
    (container_number, "GLDU2028920", "GLDU2028920", ("CHECK_DIGIT",)),
    (container_number, "ETEU3598940", "ETEU3598940", ("CHECK_DIGIT",)),
    (imo_number, "9074729", "9074729", ()),
    (imo_number, "9811000", "9811000", ()),
    (imo_number, "9863297", "9863297", ()),
    (imo_number, "9632179", "9632179", ()),
    (imo_number, "IMO7619410", "7619410", ()),
    (imo_number, "1234567", "1234567", ()),
    (imo_number, "9074728", "9074728", ("CHECK_DIGIT",)),
    (imo_number, "9234567", "9234567", ("CHECK_DIGIT",)),
    (locode, "KRPUS", "KRPUS", ()),
    (locode, "eg edk", "EGEDK", ()),
    (locode, "XXABC", "XXABC", ("LOCODE_COUNTRY",)),
    (bill_number, "MEDUA1234567", "MEDUA1234567", ()),
    (bill_number, "X" * 20, "X" * 20, ()),
    (hs_code, "870323", "870323", ()),
    (hs_code, "8703.23.9021", "8703239021", ()),
    (hs_code, "000000", "000000", ("HS_CHAPTER",)),
    (seal_number, "H53175", "H53175", ()),
    (seal_number, "EG-0012345", "EG-0012345", ()),
    (seal_number, "A" * 16, "A" * 16, ("SEAL_LENGTH",)),
]  # fmt: skip

REFUSED: list[tuple[Reader, str]] = [
    (read_acid, "498847098202012001"),
    (read_acid, "49884709820201200170"),
    (read_acid, "49884709820201200A7"),
    (read_acid, "498847098 2020120017"),
    (read_acid, ""),
    (tax_number, "49884709"),
    (tax_number, "4988470982"),
    (tax_number, "49884709A"),
    (tax_number, "498-847-098"),
    (tax_number, ""),
    (exporter_number, "US-03-13958114645"),
    (exporter_number, "XX-02-13958114645"),
    (exporter_number, "13958114645"),
    (exporter_number, "US-02-12345678901234"),
    (exporter_number, "US-02-"),
    (air_exporter_number, "D-1"),
    (container_number, "MSKU907032"),
    (container_number, "MSKA9070323"),
    (container_number, "MSKR9070323"),
    (container_number, "M5KU9070323"),
    (imo_number, "907472"),
    (locode, "EGED"),
    (locode, "EGED1"),
    (bill_number, "X" * 21),
    (bill_number, ""),
    (hs_code, "87032"),
    (hs_code, "8703239"),
    (seal_number, "A"),
    (seal_number, "A" * 21),
    (mmsi, "44000646"),
]


@pytest.mark.statement("N11", "9.11")
@pytest.mark.parametrize(("reader", "text", "value", "codes"), WELL_FORMED)
def test_what_is_well_formed_is_taken_and_the_implausible_flagged(
    reader: Reader, text: str, value: str, codes: tuple[str, ...]
) -> None:
    """Published examples, real faults of real lists, and the neighbours of each."""
    read = reader(text)
    assert (str(read.value), read.codes) == (value, codes)


@pytest.mark.statement("N11")
@pytest.mark.parametrize(("reader", "text"), REFUSED)
def test_what_cannot_be_such_a_number_is_refused_with_its_text(reader: Reader, text: str) -> None:
    """The message shows what was given."""
    with pytest.raises(InvalidIdError, match=r"not a|exporter number of") as refused:
        reader(text)
    assert repr(text) in str(refused.value)


@pytest.mark.statement("N11", "9.13")
def test_an_acid_of_another_importer_is_a_hard_error() -> None:
    """The first nine digits are whom it was issued to."""
    assert acid("4988470982020120017", this_year=2026, importer="498847098").codes == ()
    with pytest.raises(InvalidIdError, match="belongs to importer 498847098, not 498847099"):
        acid("4988470982020120017", this_year=2026, importer="498847099")


@given(st.text(max_size=25))
def test_an_acid_prints_as_it_was_read(text: str) -> None:
    """Nineteen ASCII digits and nothing else are taken as they are."""
    if len(text) == 19 and text.isascii() and text.isdigit():
        assert str(Acid.parse(text)) == text
    else:
        with pytest.raises(InvalidIdError):
            Acid.parse(text + "x")


@given(st.from_regex(r"[A-Z]{3}[UJZ][0-9]{6}", fullmatch=True))
def test_container_check_digits_are_those_of_an_independent_library(front: str) -> None:
    """For any owner, category and serial."""
    assert str(container_check_digit(front)) == iso6346.calc_check_digit(front)


@given(st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_ship_check_digits_are_those_of_an_independent_library(front: str) -> None:
    """For any six digits."""
    assert str(imo_check_digit(front)) == stdnum_imo.calc_check_digit(front)


@pytest.mark.parametrize(
    ("text", "kind", "flag", "codes"),
    [
        ("440006460", "ship", "KR", ()),
        ("622120000", "ship", "EG", ()),
        ("202487288", "ship", "AD", ()),
        ("004400001", "coast station", "KR", ()),
        ("044000001", "group of ships", "KR", ()),
        ("111440001", "search and rescue aircraft", "KR", ()),
        ("994401234", "aid to navigation", "KR", ()),
        ("984401234", "craft of a ship", "KR", ()),
        ("970012345", "search and rescue transmitter", "", ()),
        ("299000001", "ship", "", ("MMSI_COUNTRY",)),
        ("123456789", "", "", ("MMSI_KIND",)),
    ],
)
def test_a_radio_identity_says_what_it_names_and_whose_it_is(
    text: str, kind: str, flag: str, codes: tuple[str, ...]
) -> None:
    """A tax number of a real manifest passes for a ship of Andorra."""
    read = mmsi(text)
    assert (read.value.kind, read.value.flag, read.codes) == (kind, flag, codes)


def test_a_weak_seal_and_a_short_code_are_doubted_where_somebody_asks() -> None:
    """Class H is what a container needs; some carriers want ten digits of the tariff."""
    assert seal_number("H53175", seal_class=SealClass.INDICATIVE).codes == ("SEAL_CLASS",)
    assert seal_number("H53175", seal_class=SealClass.HIGH_SECURITY).codes == ()
    assert hs_code("870323", digits=10).codes == ("HS_DIGITS",)
    assert hs_code("8703239021", digits=10).codes == ()
