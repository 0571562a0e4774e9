"""Tables of small users, from CSV or a spreadsheet: rows to bills and containers."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Final

from msgspec.structs import replace

from haechi.aci.manifest import (
    Call,
    Consignment,
    Equipment,
    Goods,
    Manifest,
    Party,
    ProblemKind,
    SealClaim,
    Source,
    Vessel,
)
from ingest.documents.claims import Claims, code, name, prose
from ingest.documents.columns import COLUMNS, matched
from ingest.documents.limits import (
    MAX_CELL_SIGNS,
    MAX_CSV_BYTES,
    MAX_LINE_SIGNS,
    MAX_PARTS,
    MAX_ROWS,
)
from ingest.documents.nodes import joined
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError, Problems

_DELIMITERS: Final = ",;\t"
_TITLES: Final = {column.field: column.title for column in COLUMNS}


def read_csv(
    chunks: Iterable[bytes], options: Options, problems: Problems, told: Told
) -> tuple[Manifest, ...]:
    """Read a table with comma, semicolon or tab between its cells, in UTF-8.

    Raises:
        DocumentRefusedError: another character set, quotes without end, beyond a limit, or no
            column for the bill.
    """
    content = joined(chunks, MAX_CSV_BYTES, "a table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentRefusedError(
            f"byte {error.start + 1} is not UTF-8: save the table as CSV UTF-8"
        ) from error
    if "\0" in text:
        raise DocumentRefusedError("a table with NUL in it: this is no text")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    try:
        return read_rows("CSV", rows, Claims(problems, options), told)
    except csv.Error as error:
        raise DocumentRefusedError(f"line {rows.line_num}: {error}") from error


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(StringIO(text, newline=""), 1):
        if len(line) > MAX_LINE_SIGNS:
            raise DocumentRefusedError(f"line {number} has more than {MAX_LINE_SIGNS} signs")
        yield line


def template_csv() -> str:
    """Return the template with its example row."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([column.title for column in COLUMNS])
    writer.writerow([column.example for column in COLUMNS])
    return text.getvalue()


def read_rows(
    form: str, rows: Iterable[Sequence[str]], claims: Claims, told: Told
) -> tuple[Manifest, ...]:
    """Read a table whose first row names its columns; a manifest for each ship and voyage."""
    table = iter(rows)
    places = matched(next(table, ()), claims)
    voyages: dict[tuple[str, str, str], _Voyage] = {}
    for number, cells in enumerate(table, 2):
        if number > MAX_ROWS:
            raise DocumentRefusedError(f"more than {MAX_ROWS} rows: split the table")
        row = _Row(number, places, cells, claims)
        if not row.is_empty:
            key = (row.text("vessel"), row.text("imo"), row.text("voyage"))
            voyages.setdefault(key, _Voyage(row, form)).take(row)
        if number % 1000 == 0:
            told(number, 0)
    if not voyages:
        raise DocumentRefusedError("a table without any row of cargo")
    return tuple(voyage.manifest() for voyage in voyages.values())


class _Row:
    """One row: its cells by field, and where problems with them are."""

    def __init__(
        self, number: int, places: Mapping[str, int], cells: Sequence[str], claims: Claims
    ) -> None:
        self.number = number
        self._claims = claims
        for cell in cells:
            if len(cell) > MAX_CELL_SIGNS:
                raise DocumentRefusedError(
                    f"row {number}: a cell of more than {MAX_CELL_SIGNS} signs"
                )
        self._cells = {
            field: cells[place].strip() for field, place in places.items() if place < len(cells)
        }

    @property
    def is_empty(self) -> bool:
        return not any(self._cells.values())

    def text(self, field: str) -> str:
        return self._cells.get(field, "")

    def read(self, field: str, how: Callable[[str, int, str], str]) -> str:
        """Return a checked identifier."""
        text = self.text(field)
        return how(text, self.number, _TITLES[field]) if text else ""

    def kilograms(self, field: str) -> float | None:
        return self._claims.kilograms(self.text(field), "KGM", self.number, _TITLES[field])

    def pieces(self, field: str) -> int | None:
        return self._claims.pieces(self.text(field), self.number, _TITLES[field])

    def missing(self, field: str) -> None:
        self._claims.note(
            ProblemKind.MISSING, self.number, _TITLES[field], "is empty", kept="the row left out"
        )

    def differs(self, field: str, kept: str) -> None:
        self._claims.note(
            ProblemKind.VALUE,
            self.number,
            _TITLES[field],
            "differs from an earlier row of the same bill",
            kept=f"{kept or 'none'} kept",
        )

    @property
    def claims(self) -> Claims:
        return self._claims


class _Voyage:
    """Gathers the rows of one ship and voyage."""

    def __init__(self, first: _Row, form: str) -> None:
        self._form = form
        self._vessel = Vessel(
            name=name(first.text("vessel")), imo=first.read("imo", first.claims.imo)
        )
        self._number = code(first.text("voyage"))
        self._bills: dict[str, Consignment] = {}
        self._boxes: dict[str, Equipment] = {}

    def take(self, row: _Row) -> None:
        number = code(row.text("bill"))
        if not number:
            row.missing("bill")
            return
        stated = _bill(row, number)
        bill = self._bills.setdefault(number, stated)
        for field in ("acids", "load_port", "discharge_port"):
            if getattr(stated, field) not in (getattr(bill, field), (), ""):
                column = field.removesuffix("s") if field == "acids" else field
                row.differs(column, str(row.text(column)) and "the first")
        if len(bill.goods) >= MAX_PARTS:
            raise DocumentRefusedError(f"more than {MAX_PARTS} rows of one bill")
        box = row.read("container", row.claims.container)
        self._bills[number] = replace(bill, goods=(*bill.goods, _goods(row, box)))
        if box:
            self._stow(row, box, number)

    def _stow(self, row: _Row, box: str, bill: str) -> None:
        unit = self._boxes.get(box) or Equipment(container=box, is_full=True)
        seals = dict.fromkeys((*unit.seals, *_seals(row)))
        bills = dict.fromkeys((*unit.bills, bill))
        gross = row.kilograms("gross_kg")
        self._boxes[box] = replace(
            unit,
            iso_type=unit.iso_type or code(row.text("iso_type")),
            seals=tuple(seals)[:MAX_PARTS],
            bills=tuple(bills),
            gross_kg=unit.gross_kg if gross is None else (unit.gross_kg or 0.0) + gross,
            vgm_kg=unit.vgm_kg if unit.vgm_kg is not None else row.kilograms("vgm_kg"),
            load_port=code(row.text("load_port")).upper(),
            discharge_port=code(row.text("discharge_port")).upper(),
        )

    def manifest(self) -> Manifest:
        ports: dict[Call, None] = {}
        for bill in self._bills.values():
            if bill.load_port:
                ports[Call(place=bill.load_port, role="loading")] = None
            if bill.discharge_port:
                ports[Call(place=bill.discharge_port, role="discharge")] = None
        return Manifest(
            source=Source(format=self._form),
            vessel=self._vessel,
            voyage=self._number,
            calls=tuple(ports),
            consignments=tuple(self._bills.values()),
            equipment=tuple(self._boxes.values()),
        )


def _bill(row: _Row, number: str) -> Consignment:
    claims = row.claims
    acid = row.read("acid", claims.acid)
    return Consignment(
        bill=number,
        master_bill=code(row.text("master_bill")),
        acids=(acid,) if acid else (),
        load_port=row.read("load_port", claims.place),
        discharge_port=row.read("discharge_port", claims.place),
        parties=tuple(_parties(row)),
    )


def _parties(row: _Row) -> Iterator[Party]:
    shipper = Party(
        role="CZ",
        name=name(row.text("shipper")),
        number=row.read("exporter_number", row.claims.exporter_number),
    )
    consignee = Party(
        role="CN",
        name=name(row.text("consignee")),
        tax_number=row.read("importer_tax_number", row.claims.tax_number),
    )
    notify = Party(role="N1", name=name(row.text("notify")))
    for party in (shipper, consignee, notify):
        if party.name or party.number or party.tax_number:
            yield party


def _goods(row: _Row, box: str) -> Goods:
    return Goods(
        number=str(row.number),
        description=prose(row.text("description")),
        hs_code=row.read("hs_code", row.claims.hs_code),
        packages=row.pieces("packages"),
        package_kind=code(row.text("package_kind")),
        gross_kg=row.kilograms("gross_kg"),
        containers=(box,) if box else (),
    )


def _seals(row: _Row) -> Iterator[SealClaim]:
    for text in row.text("seal").replace(",", " ").split():
        number = row.claims.seal(text, row.number, _TITLES["seal"])
        if number:
            yield SealClaim(number=number)
