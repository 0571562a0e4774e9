"""Distance of a position from a declared line."""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haechi.fields import LonLat
from haechi.units import EARTH_RADIUS

Vectors = NDArray[np.float64]
Line = tuple[LonLat, ...]
"""Places, longitude first; between two of them the great circle runs the shorter way."""


SHORTEST_LEG: Final = 1e-12
"""As a share of the Earth's radius: some micrometres."""


class Legs(NamedTuple):
    """A line as great-circle arcs, each array of shape ``(legs, 3)``."""

    points: Vectors
    """All places of the line as unit vectors, shape ``(legs + 1, 3)``."""
    poles: Vectors
    """Unit normal of each arc's plane."""
    towards: Vectors
    """What has a positive product with a position that lies beyond the arc's beginning."""
    backwards: Vectors
    """The same, before the arc's end."""


def off_line_m(line: Line, lat: float, lon: float) -> float:
    """Return the distance in metres from a position to the nearest place of a line, on a sphere.

    Raises:
        ValueError: the line has no place at all.

    Half a degree north of a line along the equator, and beyond its end:

    >>> equator = ((0.0, 0.0), (10.0, 0.0))
    >>> round(off_line_m(equator, 0.5, 5.0)), round(off_line_m(equator, 0.0, 11.0))
    (55598, 111195)
    """
    legs = _legs(line)
    here = _vectors(np.array([lon]), np.array([lat]))[0]
    nearest = np.linalg.norm(legs.points - here, axis=1).min()
    angle = 2 * np.arcsin(min(1.0, nearest / 2))
    alongside = (legs.towards @ here >= 0) & (legs.backwards @ here >= 0)
    if alongside.any():
        across = np.abs(legs.poles[alongside] @ here).min()
        angle = min(angle, np.arcsin(min(1.0, across)))
    return float(angle * EARTH_RADIUS)


@lru_cache(maxsize=4096)
def _legs(line: Line) -> Legs:
    if not line:
        raise ValueError("a line needs at least one place")
    lon, lat = np.array(line, dtype=np.float64).T
    points = _vectors(lon, lat)
    starts, ends = points[:-1], points[1:]
    poles = _crossed(starts, ends)
    lengths = np.linalg.norm(poles, axis=1)
    # A place said twice, also as 180 E and 180 W, and one opposite to another make no plane.
    planes = lengths > SHORTEST_LEG
    starts, ends = starts[planes], ends[planes]
    poles = poles[planes] / lengths[planes, np.newaxis]
    return Legs(points, poles, _crossed(poles, starts), _crossed(ends, poles))


def _crossed(left: Vectors, right: Vectors) -> Vectors:
    return np.asarray(np.cross(left, right), dtype=np.float64)


def _vectors(lon: Vectors, lat: Vectors) -> Vectors:
    """Return unit vectors of shape ``(n, 3)`` for degrees of shape ``(n,)``."""
    east, north = np.radians(lon), np.radians(lat)
    across = np.cos(north)
    return np.stack([across * np.cos(east), across * np.sin(east), np.sin(north)], axis=-1)
