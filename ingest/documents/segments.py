"""UN/EDIFACT segments, and the values in them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from haechi.aci.manifest import ProblemKind
from ingest.documents.claims import Claims
from ingest.documents.problems import quoted

TIME_FORMATS: Final = {
    "101": ("%y%m%d", 6),
    "102": ("%Y%m%d", 8),
    "201": ("%y%m%d%H%M", 10),
    "203": ("%Y%m%d%H%M", 12),
    "204": ("%Y%m%d%H%M%S", 14),
}
"""UN/EDIFACT 2379: qualifier to format and number of digits. Two-digit years are of this century
up to 68."""
_ZONED: Final = {"205": 12, "303": 12, "304": 14}
"""The same with a zone behind the digits: ``ZHHMM`` or three letters."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: elements, each a tuple of components; releases are undone."""

    number: int
    tag: str
    elements: tuple[tuple[str, ...], ...]

    def at(self, element: int, component: int = 1) -> str:
        """Return a component counted from 1 as the directories count; empty if it is not there.

        >>> Segment(7, "RFF", (("BM", "X1"),)).at(1, 2)
        'X1'
        """
        if element > len(self.elements):
            return ""
        parts = self.elements[element - 1]
        return parts[component - 1] if component <= len(parts) else ""

    def all(self, element: int) -> tuple[str, ...]:
        """Return the components of an element; empty if it is not there."""
        return self.elements[element - 1] if element <= len(self.elements) else ()


def moment(segment: Segment, claims: Claims) -> datetime | None:
    """Return the time of a ``DTM``; without a zone it is in the one that was chosen.

    >>> from ingest.documents.options import Options
    >>> from ingest.documents.problems import Problems
    >>> eta = Segment(1, "DTM", (("132", "1701290930", "201"),))
    >>> moment(eta, Claims(Problems(), Options())).isoformat()
    '2017-01-29T09:30:00+00:00'
    """
    text, form = segment.at(1, 2).strip(), segment.at(1, 3).strip()
    if not text:
        return None
    if form in _ZONED:
        return _zoned(segment, text, _ZONED[form], claims)
    pattern, length = TIME_FORMATS.get(form) or _guessed(segment, text, claims)
    if len(text) != length:
        pattern = ""
    return _read(segment, text, pattern, claims, None)


def kilograms(segment: Segment, claims: Claims) -> float | None:
    """Return the weight of a ``MEA``."""
    return claims.kilograms(segment.at(3, 2), segment.at(3), segment.number, segment.tag)


def dimension(segment: Segment) -> str:
    """Return what a ``MEA`` measures: ``G``, ``WT``, ``VGM`` …; senders put it in either place."""
    return segment.at(2).strip() or segment.at(1).strip()


def _guessed(segment: Segment, text: str, claims: Claims) -> tuple[str, int]:
    """Tell the format by the number of digits where the qualifier is missing or unknown."""
    claims.note(
        ProblemKind.TIME,
        segment.number,
        segment.tag,
        f"time {quoted(text)} without a known format",
        kept="read by its length",
    )
    known = {length: (form, length) for form, length in TIME_FORMATS.values()}
    return known.get(len(text), ("%Y%m%d", 8))


def _zoned(segment: Segment, text: str, digits: int, claims: Claims) -> datetime | None:
    pattern = "%Y%m%d%H%M%S" if digits == 14 else "%Y%m%d%H%M"  # noqa: PLR2004 - with seconds
    zone = _zone(text[digits:])
    return _read(segment, text[:digits], pattern if zone else "", claims, zone)


def _read(
    segment: Segment, text: str, pattern: str, claims: Claims, zone: timezone | None
) -> datetime | None:
    """Read digits by a pattern; an empty one is none."""
    digits = text if text.isascii() and text.isdigit() else ""  # strptime would take other ones
    try:
        naive = datetime.strptime(digits, pattern or "?")  # noqa: DTZ007 - its zone follows below
    except ValueError:
        claims.no_time(text, segment.number, segment.tag)
        return None
    return claims.zoned(naive.replace(tzinfo=zone), text, segment.number, segment.tag)


def _zone(text: str) -> timezone | None:
    """Return the zone behind the digits.

    >>> _zone("+0900")
    datetime.timezone(datetime.timedelta(seconds=32400))
    """
    if text in ("UTC", "GMT", "ZUL", "Z"):
        return UTC
    if len(text) == 5 and text[0] in "+-" and text[1:].isdigit() and text.isascii():  # noqa: PLR2004 - sign, HHMM
        offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
        if offset < timedelta(hours=24):
            return timezone(-offset if text[0] == "-" else offset)
    return None
