"""The door for all documents: tells the format, reads to the end, and says all or nothing."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from haechi.aci.manifest import Document, Manifest
from haechi.text import plain
from ingest.documents.air import read_air
from ingest.documents.dcsa import read_dcsa
from ingest.documents.edifact import read_edifact
from ingest.documents.limits import MAX_FILE_BYTES
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError, Problems
from ingest.documents.tables import read_csv
from ingest.documents.unipass import read_unipass
from ingest.documents.workbooks import read_xlsx

_CHUNK_BYTES: Final = 2**16
_HEAD_BYTES: Final = 512

Reader = Callable[[Iterable[bytes], Options, Problems, Told], tuple[Manifest, ...]]


class Format(NamedTuple):
    """A format, how its first bytes look, and who reads it."""

    name: str
    looks_so: Callable[[bytes], bool]
    read: Reader


def _is_edifact(head: bytes) -> bool:
    return head[:3] in (b"UNA", b"UNB", b"UNH", b"UNG")


def _is_json(head: bytes) -> bool:
    return head[:1] in (b"{", b"[")


def _is_air(head: bytes) -> bool:
    return head[:4] in (b"FWB/", b"FHL/", b"OCI/")


def _is_zip(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04")


def _is_table(head: bytes) -> bool:
    return any(mark in head.partition(b"\n")[0] for mark in (b",", b";", b"\t"))


def _is_xml(head: bytes) -> bool:
    return head.startswith(b"<")


FORMATS: Final = (
    Format("UN/EDIFACT", _is_edifact, read_edifact),
    Format("DCSA JSON", _is_json, read_dcsa),
    Format("UNI-PASS XML", _is_xml, read_unipass),
    Format("XLSX", _is_zip, read_xlsx),
    Format("air waybill lines (FWB, FHL, OCI)", _is_air, read_air),
    Format("CSV", _is_table, read_csv),
)
"""In the order in which they are tried; heads come without byte order mark and outer blanks."""


def read_file(path: Path, options: Options | None = None, *, told: Told | None = None) -> Document:
    """Read one file.

    Raises:
        DocumentRefusedError: nothing of it is taken.
        OSError: it cannot be opened.
    """
    with path.open("rb") as stream:
        return read(stream, options, name=path.name, told=told)


def read(
    stream: BinaryIO,
    options: Options | None = None,
    *,
    name: str = "",
    told: Told | None = None,
) -> Document:
    """Read one document to its end.

    Args:
        stream: Its bytes, from the beginning.
        options: Choices of the reader.
        name: How people call it.
        told: Called now and then with the numbers of parts and containers read so far.

    Raises:
        DocumentRefusedError: nothing of it is taken. A strict reading that found problems lists
            them in ``problems``.
    """
    options = options or Options()
    problems, source = Problems(), _Source(stream)
    form = _format(source.head)
    manifests = form.read(source.chunks(), options, problems, told or _nobody)
    if options.strict and problems.total:
        reason = f"{problems.total} problems, and a strict reading takes none"
        raise DocumentRefusedError(reason, tuple(problems.listed))
    return Document(
        name=plain(name, 256),
        digest=source.digest,
        manifests=manifests,
        problems=tuple(problems.listed),
        unlisted_problems=problems.total - len(problems.listed),
    )


def _format(head: bytes) -> Format:
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for form in FORMATS:
        if form.looks_so(bare):
            return form
    if not bare:
        raise DocumentRefusedError("the file is empty")
    known = ", ".join(form.name for form in FORMATS)
    raise DocumentRefusedError(f"unknown format; these are read: {known}")


class _Source:
    """A stream that is hashed and measured while it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._bytes = 0
        self.head = self._first()

    def chunks(self) -> Iterator[bytes]:
        """Yield all of it, once."""
        chunk = self.head
        while chunk:
            yield chunk
            chunk = self._next()

    @property
    def digest(self) -> str:
        """SHA-256 of what was read, in hexadecimal."""
        return self._hash.hexdigest()

    def _first(self) -> bytes:
        """Return enough to tell the format by, however little comes at once."""
        head = chunk = self._next()
        while chunk and len(head) < _HEAD_BYTES:
            chunk = self._next()
            head += chunk
        return head

    def _next(self) -> bytes:
        chunk = self._stream.read(_CHUNK_BYTES)
        self._bytes += len(chunk)
        if self._bytes > MAX_FILE_BYTES:
            raise DocumentRefusedError(f"the file has more than {MAX_FILE_BYTES} bytes: split it")
        self._hash.update(chunk)
        return chunk


def _nobody(_parts: int, _containers: int) -> None:
    """Tell nobody how far it is."""
