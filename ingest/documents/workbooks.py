"""Spreadsheets (XLSX): unpacked within limits, then read as a table.

The only module that knows ``openpyxl``, which reads XML with ``defusedxml`` where that is there.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from haechi.aci.manifest import Manifest
from ingest.documents.claims import Claims
from ingest.documents.columns import COLUMNS
from ingest.documents.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_UNZIPPED_BYTES,
    MAX_XLSX_BYTES,
    MAX_XLSX_TAGS,
    MAX_ZIP_MEMBERS,
)
from ingest.documents.nodes import joined
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError, Problems
from ingest.documents.tables import read_rows

_PIECE_BYTES: Final = 2**16
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY", b"<\0!\0", b"\0<\0!")
"""What no spreadsheet needs and bombs are made of; also in UTF-16."""
_EXACT_DIGITS: Final = 15
"""A spreadsheet keeps no more digits of a number; an ACID has 19."""
_TEXT_FORMAT: Final = "@"
_BROKEN: Final = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What the driver raises over damaged files; it has no error of its own for them."""


def read_xlsx(
    chunks: Iterable[bytes], options: Options, problems: Problems, told: Told
) -> tuple[Manifest, ...]:
    """Read the first sheet of a workbook.

    Raises:
        DocumentRefusedError: no workbook, damaged, encrypted, beyond a limit, or with XML
            declarations that only attacks have.
    """
    content = joined(chunks, MAX_XLSX_BYTES, "a workbook")
    try:
        _check(content)
        rows = list(_rows(content))
    except DocumentRefusedError:
        raise
    except _BROKEN as error:
        raise DocumentRefusedError(f"a damaged workbook: {str(error)[:120]}") from error
    return read_rows("XLSX", rows, Claims(problems, options), told)


def _check(content: bytes) -> None:
    """Refuse what would fill the memory, before anything parses it."""
    with ZipFile(BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > MAX_ZIP_MEMBERS:
            raise DocumentRefusedError(f"a workbook of more than {MAX_ZIP_MEMBERS} parts")
        if sum(member.file_size for member in members) > MAX_UNZIPPED_BYTES:
            raise DocumentRefusedError(
                f"a workbook of more than {MAX_UNZIPPED_BYTES} bytes unzipped"
            )
        if sum(_tags(archive, member) for member in members) > MAX_XLSX_TAGS:
            raise DocumentRefusedError(f"a workbook of more than {MAX_XLSX_TAGS} tags: split it")


def _tags(archive: ZipFile, member: ZipInfo) -> int:
    """Return how many tags a part has; refuse one that declares entities."""
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    tags, tail = 0, b""
    with archive.open(member) as part:
        while piece := part.read(_PIECE_BYTES):
            if is_xml and any(mark in tail + piece for mark in _DECLARATIONS):
                name = member.filename[:80]
                raise DocumentRefusedError(f"{name} declares entities: refused as an attack")
            tags, tail = tags + piece.count(b"<"), piece[-10:]
    return tags


def _rows(content: bytes) -> Iterator[Sequence[str]]:
    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        for row in sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1, values_only=True):
            cells = [_text(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            yield cells
    finally:
        book.close()


def _text(value: Any) -> str:
    """Return a cell as a person reads it.

    >>> _text(498847098.0), _text(10.0**16)
    ('498847098', '10000000000000000 (a number typed as such has only 15 known digits)')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and len(str(abs(value))) > _EXACT_DIGITS:
        return f"{str(value)[:40]} (a number typed as such has only {_EXACT_DIGITS} known digits)"
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def template_xlsx() -> bytes:
    """Return the template: the columns as text with an example, and a sheet that explains them."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = "Cargo"
    for place, column in enumerate(COLUMNS, 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, len(column.example) + 2)
        sheet.column_dimensions[letter].number_format = _TEXT_FORMAT
        sheet.cell(1, place, column.title).font = Font(bold=True)
        sheet.cell(2, place, column.example).number_format = _TEXT_FORMAT
    guide = book.create_sheet("Columns")
    guide.append(("Column", "What to write", "Example", "Also understood"))
    for column in COLUMNS:
        guide.append((column.title, column.says, column.example, ", ".join(column.aliases)))
    written = BytesIO()
    book.save(written)
    return written.getvalue()
