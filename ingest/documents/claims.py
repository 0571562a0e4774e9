"""Values as documents write them, checked: kept as they are where that is possible, and reported.

Shared by all formats. Each function takes the place it reads, so that a problem can name it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from haechi.aci.checking import Checked
from haechi.aci.equipment import container_number, imo_number, locode
from haechi.aci.identifiers import (
    Acid,
    acid,
    air_exporter_number,
    exporter_number,
    hs_code,
    tax_number,
)
from haechi.aci.manifest import ProblemKind
from haechi.ids import SEAL_PATTERN, InvalidIdError
from haechi.text import plain
from ingest.documents.options import Options
from ingest.documents.problems import Problems, quoted

CODE_SIGNS: Final = 35
NAME_SIGNS: Final = 256
PROSE_SIGNS: Final = 2000

_NUMBER: Final = re.compile(r"-?[0-9]{0,15}(?:[.,][0-9]{0,9})?")
_SEAL: Final = re.compile(SEAL_PATTERN)
_IMO: Final = re.compile(r"(?:IMO)?[0-9]{7}")

_POUND_KG: Final = 0.45359237
KILOGRAMS_IN: Final[Mapping[str, float]] = {
    "KGM": 1.0,
    "KG": 1.0,
    "GRM": 0.001,
    "TNE": 1000.0,
    "TON": 1000.0,
    "T": 1000.0,
    "LBR": _POUND_KG,
    "LB": _POUND_KG,
    "LBS": _POUND_KG,
}
"""UN/ECE Recommendation 20, and what small users write. ``TON`` is in no list: see below."""


class Claims:
    """Reads values at one place after another of one document."""

    def __init__(self, problems: Problems, options: Options) -> None:
        self._problems = problems
        self._options = options

    def note(self, kind: ProblemKind, at: int, part: str, reason: str, *, kept: str) -> None:
        """Report a problem."""
        self._problems.note(kind, at, part, reason, kept=kept)

    def container(self, text: str, at: int, part: str) -> str:
        """Return a container number without spaces, right or wrong."""
        compact = plain(text, 64).replace(" ", "").replace("-", "")
        return self._identifier(container_number, compact, at, part).upper()

    def place(self, text: str, at: int, part: str) -> str:
        """Return a UN/LOCODE, or whatever stands in its place."""
        return self._identifier(locode, text, at, part).upper()

    def seal(self, text: str, at: int, part: str) -> str:
        """Return a seal's number; senders write short words where there is none."""
        number = code(text).upper()
        if _SEAL.fullmatch(number):
            return number
        is_none = len(number) < 4  # noqa: PLR2004 - the shortest number has 4 signs
        kept = "taken as no seal" if is_none else "kept as written"
        self._wrong(at, part, f"{quoted(text)} is no seal number", kept)
        return "" if is_none else number

    def acid(self, text: str, at: int, part: str) -> str:
        """Return an ACID, right or wrong; its digits may be Arabic."""
        return self._identifier(self._dated_acid, text, at, part)

    def _dated_acid(self, text: str) -> Checked[Acid]:
        return acid(text, this_year=self._options.this_year)

    def tax_number(self, text: str, at: int, part: str) -> str:
        """Return an importer's tax number, right or wrong."""
        return self._identifier(tax_number, text, at, part)

    def exporter_number(self, text: str, at: int, part: str) -> str:
        """Return an exporter's number, right or wrong."""
        return self._identifier(exporter_number, text, at, part)

    def air_exporter_number(self, text: str, at: int, part: str) -> str:
        """Return an exporter's number of air freight as written; it may name no country."""
        try:
            air_exporter_number(text)
        except InvalidIdError as error:
            self._wrong(at, part, plain(str(error), 120), "kept as written")
        return code(text)

    def hs_code(self, text: str, at: int, part: str) -> str:
        """Return a code of the Harmonized System, right or wrong."""
        return self._identifier(hs_code, text, at, part)

    def imo(self, text: str, at: int, part: str) -> str:
        """Return an IMO number without its prefix, right or wrong."""
        return self._identifier(imo_number, text, at, part)

    def ship(self, text: str, at: int, part: str) -> tuple[str, str]:
        """Return (call sign, IMO number) of a ship's identity, told apart by their shape.

        Senders give either under the qualifier of the other.
        """
        stated = code(text).replace(" ", "").upper()
        if _IMO.fullmatch(stated):
            return "", self.imo(stated, at, part)
        return stated, ""

    def _identifier(
        self, read: Callable[[str], Checked[Any]], text: str, at: int, part: str
    ) -> str:
        stated = code(text)
        if not stated:
            return ""
        try:
            found = read(stated)
        except InvalidIdError as error:
            self._wrong(at, part, plain(str(error), 120), "kept as written")
            return stated
        for doubt in found.doubts:
            self._wrong(at, part, f"{quoted(text)}: {doubt.text}", "kept as written")
        return str(found.value)

    def number(self, text: str, at: int, part: str) -> float | None:
        """Return a number that is not negative; a comma may be its decimal mark."""
        compact = plain(text, 64).strip().replace(" ", "")
        if not compact:
            return None
        is_number = _NUMBER.fullmatch(compact) and any(sign.isdigit() for sign in compact)
        value = float(compact.replace(",", ".")) if is_number else -1.0
        if value < 0:
            self.note(
                ProblemKind.VALUE,
                at,
                part,
                f"{quoted(text)} is no possible number",
                kept="left out",
            )
            return None
        return value

    def pieces(self, text: str, at: int, part: str) -> int | None:
        """Return a whole number."""
        value = self.number(text, at, part)
        if value is None or (value.is_integer() and value <= 1e9):  # noqa: PLR2004 - bound of manifest.Pieces
            return None if value is None else int(value)
        self.note(
            ProblemKind.VALUE, at, part, f"{quoted(text)} is no number of pieces", kept="left out"
        )
        return None

    def kilograms(self, text: str, unit: str, at: int, part: str) -> float | None:
        """Return a weight, kilograms."""
        value = self.number(text, at, part)
        factor = KILOGRAMS_IN.get(unit.strip().upper() or "KGM")
        if value is None:
            return None
        if factor is None or value * factor > 1e9:  # noqa: PLR2004 - bound of manifest.Kilograms
            reason = f"{quoted(text)} {quoted(unit)} is no possible weight"
            self.note(ProblemKind.VALUE, at, part, reason, kept="left out")
            return None
        if unit.strip().upper() == "TON":
            self.note(
                ProblemKind.VALUE,
                at,
                part,
                "unit TON is in no code list",
                kept=f"{value:g} taken as metric tons",
            )
        return round(value * factor, 3)

    def moment(self, text: str, at: int, part: str) -> datetime | None:
        """Return an ISO 8601 time; without an offset it is in the zone that was chosen."""
        try:
            moment = datetime.fromisoformat(plain(text, 64).strip())
        except ValueError:
            self.no_time(text, at, part)
            return None
        return self.zoned(moment, text, at, part)

    def zoned(self, moment: datetime, text: str, at: int, part: str) -> datetime | None:
        """Return a time in UTC; naive ones are in the zone that was chosen."""
        try:
            return moment.replace(tzinfo=moment.tzinfo or self._options.zone).astimezone(UTC)
        except (OverflowError, ValueError):
            self.no_time(text, at, part)
            return None

    def no_time(self, text: str, at: int, part: str) -> None:
        """Report a text that is no time."""
        self.note(ProblemKind.TIME, at, part, f"{quoted(text)} is no time", kept="left out")

    def _wrong(self, at: int, part: str, reason: str, kept: str) -> None:
        self.note(ProblemKind.IDENTIFIER, at, part, reason, kept=kept)


def code(text: str) -> str:
    """Return a number or code of a document, harmless and of bounded length."""
    return plain(text, CODE_SIGNS).strip()


def name(text: str) -> str:
    """Return a name of a document, harmless and of bounded length."""
    return " ".join(plain(text, NAME_SIGNS).split())


def prose(text: str) -> str:
    """Return a text of a document, harmless and of bounded length."""
    return " ".join(plain(text, PROSE_SIGNS).split())
