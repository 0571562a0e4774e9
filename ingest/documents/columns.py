"""The columns of the tables small users fill in: one row for each container of each bill."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from haechi.aci.manifest import ProblemKind
from ingest.documents.claims import Claims
from ingest.documents.limits import MAX_COLUMNS
from ingest.documents.problems import DocumentRefusedError, quoted


class Column(NamedTuple):
    """One column of the template."""

    field: str
    title: str
    example: str
    says: str
    aliases: tuple[str, ...] = ()


COLUMNS: Final = (
    Column(
        "bill",
        "B/L number",
        "HXLB0001",
        "Required. House or direct bill.",
        ("bl", "bl no", "bill of lading", "선하증권번호", "بوليصة الشحن"),
    ),
    Column(
        "master_bill", "Master B/L", "HXLM0001", "If the bill is a house bill.", ("mbl", "mbl no")
    ),
    Column(
        "acid",
        "ACID",
        "4988470982020120017",
        "19 digits, formatted as text.",
        ("acid number", "acid no", "الرقم التعريفي"),
    ),
    Column(
        "vessel",
        "Vessel",
        "BLUE CEDAR",
        "Name of the ship.",
        ("vessel name", "ship", "선명", "السفينة"),
    ),
    Column("imo", "IMO", "9074729", "7 digits.", ("imo number", "imo no")),
    Column(
        "voyage",
        "Voyage",
        "026W",
        "Number of the voyage.",
        ("voyage no", "voyage number", "항차", "الرحلة"),
    ),
    Column(
        "load_port",
        "Port of loading",
        "KRPUS",
        "UN/LOCODE.",
        ("pol", "load port", "적재항", "ميناء الشحن"),
    ),
    Column(
        "discharge_port",
        "Port of discharge",
        "EGALY",
        "UN/LOCODE.",
        ("pod", "discharge port", "양륙항", "ميناء التفريغ"),
    ),
    Column(
        "container",
        "Container",
        "CSQU3054383",
        "ISO 6346; empty for goods without one.",
        ("container no", "container number", "컨테이너번호", "الحاوية"),
    ),
    Column("iso_type", "ISO type", "22G1", "ISO 6346 size and type.", ("type", "size type")),
    Column(
        "seal",
        "Seal",
        "H53175",
        "Several with a space between.",
        ("seal no", "seal number", "봉인번호", "الختم"),
    ),
    Column(
        "packages",
        "Packages",
        "560",
        "Whole number.",
        ("number of packages", "pkgs", "포장개수", "عدد الطرود"),
    ),
    Column("package_kind", "Package kind", "BG", "UN/ECE Recommendation 21.", ("package type",)),
    Column(
        "description",
        "Goods",
        "Milk powder in bags of 25 kg",
        "In words.",
        ("description", "description of goods", "품명", "وصف البضاعة"),
    ),
    Column("hs_code", "HS code", "040210", "6 to 10 digits.", ("hs", "hscode", "세번부호")),
    Column(
        "gross_kg",
        "Gross weight kg",
        "14182",
        "Kilograms.",
        ("gross weight", "weight", "weight kg", "총중량", "الوزن"),
    ),
    Column(
        "vgm_kg", "VGM kg", "16400", "Verified gross mass of the container, kilograms.", ("vgm",)
    ),
    Column("shipper", "Shipper", "Morning Star Trading", "Name.", ("exporter", "수출자", "المصدر")),
    Column(
        "exporter_number",
        "Exporter number",
        "NZ-01-9429047097200",
        "Country, 01 registry or 02 VAT, number.",
        ("exporter no", "exporter id"),
    ),
    Column(
        "consignee", "Consignee", "Nile Lotus Imports", "Name.", ("importer", "수입자", "المستورد")
    ),
    Column(
        "importer_tax_number",
        "Importer tax number",
        "498847098",
        "9 digits.",
        ("tax number", "importer tax no", "tax id", "الرقم الضريبي"),
    ),
    Column("notify", "Notify party", "", "Name; needed if the bill is to order.", ("notify",)),
)
"""All columns; titles and aliases are matched without regard to case, blanks and signs."""

REQUIRED: Final = "bill"
_SIGNS: Final = re.compile(r"[\W_]+")


def matched(header: Sequence[str], claims: Claims) -> dict[str, int]:
    """Return where each field stands; unknown and repeated columns are reported.

    Raises:
        DocumentRefusedError: too many columns, or none for the bill.
    """
    if len(header) > MAX_COLUMNS:
        raise DocumentRefusedError(f"more than {MAX_COLUMNS} columns: use the template")
    places: dict[str, int] = {}
    for place, title in enumerate(header):
        field = _FIELDS.get(_key(title))
        if field is None or field in places:
            what = "an unknown column" if field is None else "a second column of this meaning"
            if title.strip():
                claims.note(ProblemKind.UNKNOWN, 1, quoted(title), what, kept="left out")
            continue
        places[field] = place
    if REQUIRED not in places:
        raise DocumentRefusedError(
            "no column for the bill of lading: the first row must name the columns, as the "
            "template does (haechi aci template)"
        )
    return places


def _key(title: str) -> str:
    """Return a title as it is compared.

    >>> _key(" B/L_Number ")
    'blnumber'
    """
    return _SIGNS.sub("", title).casefold()


_FIELDS: Final = {
    _key(name): column.field
    for column in COLUMNS
    for name in (column.title, column.field, *column.aliases)
}
