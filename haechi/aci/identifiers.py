"""Numbers that name a declaration, its parties and its goods.

Each function takes what somebody typed or a file said, and returns the value in its normal form
with the doubts about it. What cannot be such a number at all raises ``InvalidIdError``.
"""

import re
from dataclasses import dataclass
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.kr import brn
from stdnum.util import get_cc_module

from haechi.aci.checking import Checked, Doubt, checked, normalised
from haechi.aci.countries import COUNTRIES
from haechi.ids import InvalidIdError

FIRST_YEAR: Final = 2020
"""The year of the law that introduced ACIDs."""

COMPANY_REGISTRY: Final = "01"
VAT: Final = "02"
CARGOX: Final = "CARGOX"

FULL_LENGTH: Final = 17
"""Signs of an exporter number; carriers' notices say "17", but their own examples are shorter."""

_ACID = re.compile(r"(?P<importer>\d{9})(?P<year>\d{4})(?P<month>\d{2})(?P<serial>\d{4})", re.ASCII)
_TAX_NUMBER = re.compile(r"[0-9]{9}")
_EXPORTER = re.compile(
    r"(?P<country>[A-Z]{2})-?(?P<id_type>01|02|CARGOX)-?(?P<number>[A-Z0-9]{3,15})"
)
_AIR_EXPORTER = re.compile(r"[A-Z0-9]{4,35}")
_BILL = re.compile(r"[A-Z0-9](?:[A-Z0-9/ .-]{0,18}[A-Z0-9])?")
_HS = re.compile(r"[0-9]{6}(?:[0-9]{2}){0,2}")
_SEPARATED_HS = re.compile(r"(?<=[0-9])[. ](?=[0-9])")


@dataclass(frozen=True, slots=True, order=True)
class Acid:
    """Advance cargo information number: one per shipment, issued before loading."""

    importer: str
    year: int
    month: int
    serial: int

    @classmethod
    def parse(cls, text: str) -> "Acid":
        """Read the 19 digits, however they are written.

        Args:
            text: 9-digit importer tax number, 4-digit year, 2-digit month, 4-digit serial.

        Raises:
            InvalidIdError: ``text`` is not exactly 19 digits.

        Source:
            The worked example of the customs authority's ACI guide and two printed on documents;
            no official description of the parts is known, and no check digit was seen.

        >>> Acid.parse("4988470982020120017")
        Acid(importer='498847098', year=2020, month=12, serial=17)
        >>> str(Acid.parse(" ٤٩٨٨٤٧٠٩٨٢٠٢٠١٢٠٠١٧ "))
        '4988470982020120017'
        """
        match = _ACID.fullmatch(normalised(text))
        if match is None:
            raise InvalidIdError(f"not an ACID (19 digits): {text[:80]!r}")
        return cls(match["importer"], int(match["year"]), int(match["month"]), int(match["serial"]))

    def __str__(self) -> str:
        return f"{self.importer}{self.year:04}{self.month:02}{self.serial:04}"


def acid(text: str, *, this_year: int, importer: str | None = None) -> Checked[Acid]:
    """Read an ACID and say what is implausible about it.

    Args:
        text: As typed.
        this_year: The year it is now; one from beyond the next is doubted.
        importer: Tax number of the importer it is used for, if known.

    Raises:
        InvalidIdError: not 19 digits, or issued to another importer.

    >>> for doubt in acid("2026092177665544332", this_year=2026).doubts:
    ...     print(doubt.text)
    year 7665 is not between 2020 and 2027
    month 54 does not exist
    """
    number = Acid.parse(text)
    if importer is not None and number.importer != importer:
        raise InvalidIdError(f"ACID {number} belongs to importer {number.importer}, not {importer}")
    year = f"year {number.year} is not between {FIRST_YEAR} and {this_year + 1}"
    month = f"month {number.month:02} does not exist"
    doubts = (
        None if FIRST_YEAR <= number.year <= this_year + 1 else Doubt("ACID_IMPLAUSIBLE", year),
        None if 1 <= number.month <= 12 else Doubt("ACID_IMPLAUSIBLE", month),  # noqa: PLR2004 - months
    )
    return checked(number, doubts)


def tax_number(text: str) -> Checked[str]:
    """Read the tax number of an Egyptian company: 9 digits, without a check digit.

    >>> tax_number("498847098").value
    '498847098'
    """
    return Checked(_matched(_TAX_NUMBER, normalised(text), "importer tax number (9 digits)"))


@dataclass(frozen=True, slots=True, order=True)
class ExporterNumber:
    """Who sends the goods: country, kind of number, number."""

    country: str
    """ISO 3166-1; empty where an air waybill leaves it out."""
    id_type: str
    """``01`` company registry, ``02`` VAT, ``CARGOX``; empty where an air waybill leaves it out."""
    number: str

    def __str__(self) -> str:
        return "-".join(part for part in (self.country, self.id_type, self.number) if part)

    @property
    def packed(self) -> str:
        """Without dashes, as on bills of lading."""
        return f"{self.country}{self.id_type}{self.number}"


def exporter_number(text: str) -> Checked[ExporterNumber]:
    """Read an exporter number of sea freight, with dashes or without.

    Raises:
        InvalidIdError: not of that form, more than 17 signs, or from no country.

    >>> exporter_number("LK021141064457000").value
    ExporterNumber(country='LK', id_type='02', number='1141064457000')
    >>> exporter_number("US-02-13958114645").codes
    ('EXPORTER_LENGTH',)
    """
    match = _EXPORTER.fullmatch(normalised(text).upper())
    if match is None:
        raise InvalidIdError(f"not an exporter number (such as NZ-01-9429047097200): {text[:80]!r}")
    number = ExporterNumber(match["country"], match["id_type"], match["number"])
    if number.country not in COUNTRIES:
        raise InvalidIdError(f"exporter number of a country that is none: {text[:80]!r}")
    is_registered = number.id_type != CARGOX
    length = len(number.packed)
    if is_registered and length > FULL_LENGTH:
        raise InvalidIdError(f"exporter number of {length} signs, more than 17: {text[:80]!r}")
    odd = f"{length} signs without dashes instead of {FULL_LENGTH}"
    is_odd = is_registered and length != FULL_LENGTH
    return checked(
        number, (Doubt("EXPORTER_LENGTH", odd) if is_odd else None, _national_doubt(number))
    )


def air_exporter_number(text: str) -> Checked[ExporterNumber]:
    """Read an exporter number of air freight, which has no type and may have no country.

    >>> air_exporter_number("DK11837921").value
    ExporterNumber(country='DK', id_type='', number='11837921')
    >>> air_exporter_number("91350181611839374R").codes
    ('EXPORTER_COUNTRY',)
    """
    number = _matched(_AIR_EXPORTER, normalised(text).upper(), "exporter number of air freight")
    if number[:2] in COUNTRIES:
        return Checked(ExporterNumber(number[:2], "", number[2:]))
    doubt = Doubt("EXPORTER_COUNTRY", f"{number[:2]} is no country")
    return Checked(ExporterNumber("", "", number), (doubt,))


def bill_number(text: str) -> Checked[str]:
    """Read the number of a bill of lading: at most 20 signs (DCSA).

    >>> bill_number(" medua1234567 ").value
    'MEDUA1234567'
    """
    number = normalised(text).upper()
    return Checked(_matched(_BILL, number, "number of a bill of lading (1-20 of A-Z 0-9 / . -)"))


def hs_code(text: str, *, digits: int | None = None) -> Checked[str]:
    """Read a code of the Harmonized System: 6 digits, and up to 4 national ones.

    Args:
        text: With or without dots between the digits.
        digits: How many the reader insists on; fewer are doubted.

    >>> hs_code("8703.23.9021").value
    '8703239021'
    >>> hs_code("770100", digits=10).codes
    ('HS_CHAPTER', 'HS_DIGITS')
    """
    code = _SEPARATED_HS.sub("", normalised(text))
    number = _matched(_HS, code, "HS code (6, 8 or 10 digits)")
    chapter = Doubt("HS_CHAPTER", f"chapter {number[:2]} does not exist")
    short = Doubt("HS_DIGITS", f"{len(number)} digits where {digits} are asked for")
    doubts = (
        chapter if number[:2] in {"00", "77"} else None,
        short if digits is not None and len(number) < digits else None,
    )
    return checked(number, doubts)


def _national_doubt(exporter: ExporterNumber) -> Doubt | None:
    """Ask the exporter's own country's rule, where one is known."""
    rule = get_cc_module(exporter.country, "vat") if exporter.id_type == VAT else None
    if (exporter.country, exporter.id_type) == ("KR", COMPANY_REGISTRY):
        rule = brn
    if rule is None:
        return None
    try:
        rule.validate(exporter.number)
    except ValidationError as error:
        return Doubt("EXPORTER_NATIONAL", f"{exporter.country} has no such number: {error}")
    return None


def _matched(pattern: re.Pattern[str], text: str, kind: str) -> str:
    if pattern.fullmatch(text) is None:
        raise InvalidIdError(f"not a {kind}: {text[:80]!r}")
    return text
