"""Decoded positions in a table: the form in which authorities and archives publish AIS."""

import csv
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from edge.ais.nmea import UndecodableError, epoch_time
from edge.ais.reading import Counts
from edge.measured import Measured
from edge.sources import Keep, forget
from haechi.ids import SUBJECT_PATTERN
from haechi.vessels import VesselPosition

MAX_ROW: Final = 4096
"""Bytes in a row."""

KNOWN_HEADERS: Final = {
    "id": ("mmsi", "id", "vessel_id"),
    "time": ("time", "timestamp", "# timestamp", "basedatetime", "base_date_time", "t"),
    "lat": ("latitude_degrees", "latitude", "lat"),
    "lon": ("longitude_degrees", "longitude", "lon"),
    "speed": ("sog_knots", "sog", "speed_knots", "speed"),
    "course": ("cog_degrees", "cog", "course_degrees", "course"),
}
"""Headers that are understood without a mapping, in any case."""

_NEEDED: Final = ("id", "time", "lat", "lon")
_HOW: Final = "give them as id=…,time=…,lat=…,lon=… and, if there are any, speed=…,course=…"
_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{0,20})?", re.ASCII)
_MMSI = re.compile(r"\d{1,9}", re.ASCII)
_SUBJECT = re.compile(SUBJECT_PATTERN)


class ColumnsError(ValueError):
    """The columns cannot be found: say which they are, as the text explains."""


class Columns(NamedTuple):
    """Which column holds what. Times without a zone are UTC, speeds knots, courses degrees."""

    id: str
    time: str
    lat: str
    lon: str
    speed: str = ""
    course: str = ""

    @classmethod
    def parse(cls, text: str) -> "Columns":
        """Read a mapping such as ``id=MMSI,time=Time,lat=Latitude,lon=Longitude,speed=SOG``.

        Raises:
            ColumnsError: an unknown or a missing name.

        >>> Columns.parse("id=MMSI,time=Time,lat=Lat,lon=Lon").speed
        ''
        """
        pairs = dict(_pair(part) for part in text.split(","))
        missing = [name for name in _NEEDED if not pairs.get(name)]
        unknown = sorted(set(pairs) - set(cls._fields))
        if missing or unknown:
            raise ColumnsError(f"columns: missing {missing}, unknown {unknown}; {_HOW}")
        return cls(**pairs)

    @classmethod
    def guess(cls, header: Sequence[str]) -> "Columns":
        """Find the columns by their usual names.

        Raises:
            ColumnsError: a needed one is not there.

        >>> Columns.guess(["Time", "MMSI", "LAT", "LON"]).lat
        'LAT'
        """
        by_name = {name.strip().lower(): name for name in reversed(header)}
        found = {
            meaning: next((by_name[name] for name in names if name in by_name), "")
            for meaning, names in KNOWN_HEADERS.items()
        }
        missing = [meaning for meaning in _NEEDED if not found[meaning]]
        if missing:
            raise ColumnsError(f"columns: no {missing} known in the header {[*header]}; {_HOW}")
        return cls(**found)


def _pair(part: str) -> tuple[str, str]:
    meaning, _, name = part.partition("=")
    return meaning.strip(), name.strip()


class PositionsReader:
    """Reads a table with a header row; each further row is one position."""

    def __init__(
        self,
        columns: Columns | None = None,
        *,
        keep: Keep = forget,
        counts: Counts | None = None,
    ) -> None:
        self.counts = counts or Counts()
        self._columns = columns
        self._keep = keep
        self._places: dict[str, int] | None = None
        self._delimiter = ","

    def feed(self, line: bytes, received: datetime | None = None) -> Measured | None:
        """Read one row (``LineReader``); the row says when it was true.

        Raises:
            ColumnsError: the first row has not the columns that are needed.
        """
        self.counts.lines += 1
        text = line.decode("utf-8-sig", "replace").strip()
        if not text:
            self.counts.blank += 1
            return None
        if self._places is None:
            self._begin(text)
            return None
        self.counts.messages += 1
        try:
            measured = self._position(self._row(line, text))
        except UndecodableError as error:
            self.counts.undecodable[str(error)] += 1
            self._keep((line,), str(error), received)
            return None
        self.counts.readings += 1
        return measured

    def close(self) -> None:
        """Nothing is unfinished between rows."""

    def _begin(self, header: str) -> None:
        if "\0" in header:
            raise ColumnsError("the header is not UTF-8 text; save the table as CSV in UTF-8")
        self.counts.comments += 1
        self._delimiter = max(",;\t", key=header.count)
        names = [name.strip() for name in header.split(self._delimiter)]
        columns = self._columns or Columns.guess(names)
        absent = [name for name in columns if name and name not in names]
        if absent:
            raise ColumnsError(f"no columns {absent} in the header {names}")
        pairs = zip(columns._fields, columns, strict=True)
        self._places = {meaning: names.index(name) for meaning, name in pairs if name}

    def _row(self, line: bytes, text: str) -> dict[str, str]:
        if len(line) > MAX_ROW:
            raise UndecodableError("line too long")
        try:
            values = next(csv.reader([text], delimiter=self._delimiter))
        except csv.Error as error:
            raise UndecodableError("malformed row") from error
        places = self._places or {}
        if max(places.values()) >= len(values):
            raise UndecodableError("too few columns")
        return {meaning: values[place].strip() for meaning, place in places.items()}

    def _position(self, row: dict[str, str]) -> Measured:
        position = VesselPosition(
            lat=_value(row, "lat", -90, 90, unavailable=91),
            lon=_value(row, "lon", -180, 180, unavailable=181),
            speed_kn=_value(row, "speed", 0, 1100, unavailable=102.3),
            course_deg=_value(row, "course", 0, 359.999_999, unavailable=360),
        )
        return Measured(_time(row["time"]), _subject(row["id"]), position)


def _subject(text: str) -> str:
    """A number is an MMSI; anything else names its kind, such as ``vehicle:14``."""
    if _MMSI.fullmatch(text):
        return f"mmsi:{int(text):09}"
    if _SUBJECT.fullmatch(text):
        return text
    raise UndecodableError("no identity")


def _time(text: str) -> datetime:
    try:
        at = epoch_time(text.encode()) or datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UndecodableError("no time") from error


def _value(
    row: dict[str, str], name: str, lowest: float, highest: float, *, unavailable: float
) -> float | None:
    """Exports of AIS write its "not available" values as they are: the same are ``None`` here."""
    text = row.get(name, "")
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise UndecodableError(f"{name} is no number")
    value = float(text)
    if value == unavailable:
        return None
    if not lowest <= value <= highest:
        raise UndecodableError(f"{name} out of range")
    return value
