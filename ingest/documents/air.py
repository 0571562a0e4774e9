"""The advance cargo lines of air waybill messages (FWB and FHL): who, to whom, under which ACID.

Cargo whose message lacks them, or has them wrong, is held. As carriers print them::

    OCI/EG/IMP/M/<ACID>
    OCI/EG/SHP/T/<exporter's number>
    OCI/EG/CNE/T/<importer's tax number>       consolidated shipments only

Further lines of an ``OCI`` segment begin with its slash alone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from haechi.aci.manifest import Consignment, Manifest, Party, ProblemKind, Source
from haechi.text import plain
from ingest.documents.claims import Claims
from ingest.documents.limits import MAX_CONSIGNMENTS, MAX_LINES, MAX_SEGMENT_BYTES
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError, Problems, quoted

COUNTRY: Final = "EG"
_WAYBILL: Final = re.compile(
    r"(?:MBI/)?(?P<prefix>[0-9]{3})-(?P<serial>[0-9]{8})(?P<load>[A-Z]{3})(?P<discharge>[A-Z]{3})/.*"
)
_HOUSE: Final = re.compile(
    r"HBS/(?P<bill>[A-Z0-9-]{1,20})/(?P<load>[A-Z]{3})(?P<discharge>[A-Z]{3})/.*"
)
_HEAD: Final = re.compile(r"(?P<kind>FWB|FHL)/(?P<version>[0-9]{1,2})")
_FIELDS: Final = 4
_SERIAL_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class CustomsLine:
    """One line of an ``OCI`` segment (IATA Cargo-IMP): other customs information."""

    country: str
    subject: str
    """``IMP`` import, ``SHP`` shipper, ``CNE`` consignee."""
    kind: str
    """``M`` movement reference, ``T`` trader's number."""
    value: str

    @classmethod
    def parse(cls, text: str) -> "CustomsLine":
        """Read a line with or without its ``OCI``.

        Raises:
            ValueError: it has not four fields.

        >>> CustomsLine.parse("OCI/EG/IMP/M/4891340332021120017").value
        '4891340332021120017'
        """
        fields = text.strip().removeprefix("OCI").removeprefix("/").split("/")
        if len(fields) != _FIELDS:
            raise ValueError(f"{len(fields)} fields where OCI/country/subject/kind/value have 4")
        return cls(*(field.strip() for field in fields))

    def __str__(self) -> str:
        return f"OCI/{self.country}/{self.subject}/{self.kind}/{self.value}"


def advance_cargo_lines(acid: str, exporter: str, importer: str = "") -> tuple[str, ...]:
    """Return the lines for an air waybill; the importer's only if the shipment is consolidated.

    >>> advance_cargo_lines("4891340332021120017", "DK11837921")
    ('OCI/EG/IMP/M/4891340332021120017', 'OCI/EG/SHP/T/DK11837921')
    """
    lines = (("IMP", "M", acid), ("SHP", "T", exporter), ("CNE", "T", importer))
    return tuple(
        str(CustomsLine(COUNTRY, subject, kind, value)) for subject, kind, value in lines if value
    )


def read_air(
    chunks: Iterable[bytes], options: Options, problems: Problems, told: Told
) -> tuple[Manifest, ...]:
    """Read one message: a waybill (FWB), or the houses of a consolidation (FHL).

    Raises:
        DocumentRefusedError: too many lines, lines without end, or no ``OCI`` line at all.
    """
    reading = _Message(Claims(problems, options))
    for number, line in enumerate(_lines(chunks), 1):
        if number > MAX_LINES:
            raise DocumentRefusedError(f"more than {MAX_LINES} lines: split the file")
        reading.take(number, line)
        if number % 1000 == 0:
            told(number, 0)
    return (reading.manifest(),)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    held = b""
    for chunk in chunks:
        *whole, held = (held + chunk).split(b"\n")
        yield from (_text(line) for line in whole)
        if len(held) > MAX_SEGMENT_BYTES:
            raise DocumentRefusedError(f"a line of more than {MAX_SEGMENT_BYTES} bytes")
    yield _text(held)


def _text(line: bytes) -> str:
    text = line.decode("utf-8", errors="replace")
    return plain(text.removeprefix("\ufeff"), MAX_SEGMENT_BYTES).strip()


class _Message:
    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._source = Source(format="OCI")
        self._waybill = ""
        self._bills: list[tuple[int, Consignment, list[CustomsLine]]] = []
        self._is_in_oci = False

    def take(self, number: int, line: str) -> None:
        if match := _HEAD.fullmatch(line):
            self._source = Source(format=match["kind"], version=match["version"])
        elif match := _WAYBILL.fullmatch(line):
            self._waybill = f"{match['prefix']}-{match['serial']}"
            self._check(number, match["serial"])
            self._begin(number, self._waybill, match["load"], match["discharge"])
        elif match := _HOUSE.fullmatch(line):
            if self._bills and self._bills[-1][1].bill == self._waybill:
                self._bills.pop()
            self._begin(number, match["bill"], match["load"], match["discharge"])
        elif line.startswith("OCI") or (self._is_in_oci and line.startswith("/")):
            self._is_in_oci = True
            self._take_customs(number, line)
            return
        self._is_in_oci = False

    def manifest(self) -> Manifest:
        if not any(lines for _, _, lines in self._bills):
            raise DocumentRefusedError("an air message without any OCI line for EG")
        bills = tuple(self._judged(*entry) for entry in self._bills)
        return Manifest(source=self._source, consignments=bills)

    def _begin(self, number: int, bill: str, load: str, discharge: str) -> None:
        if len(self._bills) >= MAX_CONSIGNMENTS:
            raise DocumentRefusedError(f"more than {MAX_CONSIGNMENTS} waybills in one message")
        master = self._waybill if bill != self._waybill else ""
        stated = Consignment(
            bill=bill, master_bill=master, load_port=load, discharge_port=discharge
        )
        self._bills.append((number, stated, []))

    def _check(self, number: int, serial: str) -> None:
        """The last digit of a waybill's serial is the rest of the others divided by 7."""
        right = int(serial[:_SERIAL_DIGITS]) % 7
        if right != int(serial[_SERIAL_DIGITS]):
            self._claims.note(
                ProblemKind.IDENTIFIER,
                number,
                "AWB",
                f"the check digit of waybill {serial} is {right}",
                kept="kept as written",
            )

    def _take_customs(self, number: int, line: str) -> None:
        try:
            stated = CustomsLine.parse(line)
        except ValueError as error:
            self._claims.note(
                ProblemKind.SYNTAX, number, "OCI", f"{quoted(line)}: {error}", kept="left out"
            )
            return
        if stated.country != COUNTRY:
            return
        if not self._bills:
            self._begin(number, "", "", "")
        self._bills[-1][2].append(stated)

    def _judged(self, number: int, bill: Consignment, lines: list[CustomsLine]) -> Consignment:
        stated = {(line.subject, line.kind): line.value for line in lines}
        acid, exporter, importer = (
            stated.get(key, "") for key in (("IMP", "M"), ("SHP", "T"), ("CNE", "T"))
        )
        for value, name in ((acid, "OCI/EG/IMP/M"), (exporter, "OCI/EG/SHP/T")):
            if not value:
                self._claims.note(
                    ProblemKind.MISSING, number, name, "the line is missing", kept="no number"
                )
        for line in lines:
            if (line.subject, line.kind) not in {("IMP", "M"), ("SHP", "T"), ("CNE", "T")}:
                reason = f"{quoted(str(line))} is no line of advance cargo"
                self._claims.note(ProblemKind.UNKNOWN, number, "OCI", reason, kept="left out")
        return Consignment(
            bill=bill.bill,
            master_bill=bill.master_bill,
            load_port=bill.load_port,
            discharge_port=bill.discharge_port,
            acids=tuple(
                dict.fromkeys(
                    self._claims.acid(line.value, number, "OCI")
                    for line in lines
                    if (line.subject, line.kind) == ("IMP", "M")
                )
            ),
            parties=tuple(self._parties(number, exporter, importer)),
        )

    def _parties(self, number: int, exporter: str, importer: str) -> Iterator[Party]:
        if exporter:
            number_of_exporter = self._claims.air_exporter_number(exporter, number, "OCI")
            yield Party(role="CZ", number=number_of_exporter)
        if importer:
            tax_number = self._claims.tax_number(importer, number, "OCI")
            yield Party(role="CN", tax_number=tax_number)
