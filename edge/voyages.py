"""A voyage file as a source: declared journeys, until a registry provides them."""

import tomllib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.measured import Measured
from haechi.declared import DeclaredVoyage
from haechi.fields import Moment, SubjectName


class VoyageFileError(ValueError):
    """A voyage file cannot be used; the text says where, what is wrong and what to do."""


_OF_DECLARATION: Final = ("subject", "declared_at")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    voyage: list[dict[str, Any]]


class _Declaration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    subject: SubjectName
    """Whose voyage it is, such as ``mmsi:440123456`` or ``truck:seoul-80a1234``."""
    declared_at: Moment
    declared: DeclaredVoyage


class VoyageFile:
    """The declarations of a file; read again, it gives the same ones."""

    waits = True
    repeats = True

    def __init__(self, path: Path) -> None:
        """Read and check the whole file.

        Raises:
            VoyageFileError: it cannot be read, is not TOML, or a voyage in it is not one.
        """
        try:
            text = path.read_bytes()
        except OSError as error:
            raise VoyageFileError(f"{path}: {error.strerror}") from error
        self.boot = f"voyages-{sha256(text).hexdigest()[:16]}"
        """The same declarations have the same identities, however often they are sent."""
        self._readings = read(text, str(path))

    def batches(self) -> Iterator[list[Measured]]:
        """Return all declarations at once."""
        yield self._readings


def read(text: bytes, name: str) -> list[Measured]:
    r"""Return the declarations of a voyage file, in its order.

    Raises:
        VoyageFileError: not TOML, or a voyage in it is not one.

    >>> text = '''[[voyage]]
    ... subject = "mmsi:440123456"
    ... declared_at = 2026-11-01T00:00:00Z
    ... voyage = "0123W"
    ... version = 1
    ... begins = 2026-11-02T00:00:00Z
    ... route = [[129.0, 35.1], [128.0, 34.0]]
    ... '''
    >>> (reading,) = read(text.encode(), "voyages.toml")
    >>> reading.subject, reading.content.voyage, reading.content.corridor_m
    ('mmsi:440123456', '0123W', 20000)
    """
    try:
        tables = msgspec.convert(tomllib.loads(text.decode()), _File).voyage
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise VoyageFileError(f"{name}: {error}; write TOML, one [[voyage]] each") from error
    return [_reading(f"{name}: voyage {n}", table) for n, table in enumerate(tables, start=1)]


def _reading(where: str, table: dict[str, Any]) -> Measured:
    stated = {key: table[key] for key in _OF_DECLARATION if key in table}
    journey = {key: value for key, value in table.items() if key not in stated}
    tagged: dict[str, Any] = {**journey, "type": "declared_voyage"}
    try:
        said = msgspec.convert(stated | {"declared": tagged}, _Declaration)
    except msgspec.ValidationError as error:
        known = ", ".join((*_OF_DECLARATION, *DeclaredVoyage.__struct_fields__))
        raise VoyageFileError(f"{where}: {error}; known are {known}") from error
    return Measured(said.declared_at, said.subject, said.declared, urgent=True)
