"""Known points of a picture: surveyed marks, and pixels that are on the sea's horizon."""

import csv
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Final

from msgspec import Struct

COLUMNS: Final = ("name", "x_px", "y_px", "lat", "lon", "height_m")


class PointsError(ValueError):
    """A table of points cannot be used; the text says the line and what is wrong there."""


class Known(Struct, frozen=True, kw_only=True):
    """One point: a pixel, and the place it shows or None for the sea's horizon."""

    name: str
    x_px: float
    y_px: float
    place: tuple[float, float, float] | None = None
    """Latitude, longitude, metres above the water."""


def points_from_csv(text: str) -> tuple[Known, ...]:
    """Read a table with the header ``name,x_px,y_px,lat,lon,height_m``.

    A row without latitude and longitude is on the horizon; no height means 0.

    Raises:
        PointsError: naming the line.

    >>> header = "name,x_px,y_px,lat,lon,height_m"
    >>> points_from_csv(header + chr(10) + "buoy,310.5,402,35.09,129.06,")[0].place
    (35.09, 129.06, 0.0)
    """
    rows = csv.reader(text.splitlines())
    header = [name.strip() for name in next(rows, list[str]())]
    if header != list(COLUMNS):
        raise PointsError(f"line 1: the header must be {','.join(COLUMNS)}, not {','.join(header)}")
    points = tuple(_points(rows))
    if not points:
        raise PointsError("line 2: there is no point; one row each")
    return points


def _points(rows: Iterable[list[str]]) -> Iterator[Known]:
    for line, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(COLUMNS):
            raise PointsError(
                f"line {line}: {len(COLUMNS)} columns are needed, there are {len(row)}"
            )
        name, x, y, lat, lon, height = (cell.strip() for cell in row)
        if bool(lat) != bool(lon):
            raise PointsError(f"line {line}: give both lat and lon, or neither for the horizon")
        yield Known(
            name=name or f"line {line}",
            x_px=_number(x, "x_px", line),
            y_px=_number(y, "y_px", line),
            place=(
                _number(lat, "lat", line, 90.0),
                _number(lon, "lon", line, 180.0),
                _number(height or "0", "height_m", line),
            )
            if lat
            else None,
        )


def _number(text: str, column: str, line: int, limit: float = 1e6) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise PointsError(f"line {line}: {column} is no number: {text!r}") from error
    if not isfinite(value) or abs(value) > limit:
        raise PointsError(f"line {line}: {column} is out of range: {text}")
    return value
