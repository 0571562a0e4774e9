"""Where a patrol leads: pure geometry on a plane through its middle."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import cos, floor, hypot, pi, radians, sin
from typing import TYPE_CHECKING, Final

from haechi.fields import LonLat
from haechi.units import METRES_PER_DEGREE

if TYPE_CHECKING:
    from shapely import Polygon

Point = tuple[float, float]
"""Metres east and north of the plane's origin."""

ORBIT_POINTS: Final = 16
"""Places in a turn; the way between two cuts the circle by 2 % of its radius."""


class Plane:
    """A plane that touches the Earth at an origin.

    Sphere of the mean radius, so lengths are up to 0.6 % off the ellipsoid; within 20 km of the
    origin the plane itself adds less.
    """

    def __init__(self, origin: LonLat) -> None:
        self._lon, self._lat = origin
        self._north = METRES_PER_DEGREE
        self._east = self._north * cos(radians(self._lat))

    def point(self, place: LonLat) -> Point:
        """Return where a place lies on the plane."""
        return (place[0] - self._lon) * self._east, (place[1] - self._lat) * self._north

    def place(self, point: Point) -> LonLat:
        """Return the place of a point, to 0.1 mm."""
        lon, lat = self._lon + point[0] / self._east, self._lat + point[1] / self._north
        return round(lon, 9), round(lat, 9)


def sweep(
    ring: Sequence[LonLat],
    *,
    spacing_m: float,
    bearing_deg: float = 0,
    start: LonLat | None = None,
) -> list[LonLat]:
    """Return the turns of parallel legs that cover a sector.

    No place of the sector is further than half the spacing from a leg, as the legs are as evenly
    spread as their number allows. Legs end at the sector's edge; a sector that is not convex has
    legs of several parts.

    Args:
        ring: The sector's corners, open, longitude first.
        spacing_m: Between legs at most.
        bearing_deg: Of the legs, clockwise from north.
        start: Where the drone comes from; the sweep begins at the nearer end.

    Raises:
        ValueError: the ring crosses itself or has no area.
    """
    from shapely import Polygon  # noqa: PLC0415 - takes 15 MB; most drones are never told to sweep
    from shapely.affinity import rotate  # noqa: PLC0415 - likewise

    plane = Plane(ring[0])
    # Turned so that legs run along the second axis.
    area = rotate(Polygon([plane.point(corner) for corner in ring]), bearing_deg, origin=(0, 0))
    if not area.is_valid or area.area < 1:
        raise ValueError("the sector's ring crosses itself or has no area")
    legs = list(_legs(area, spacing_m))
    turns = [point for number, leg in enumerate(legs) for point in _way(leg, number % 2)]
    places = [plane.place(_turned(point, -bearing_deg)) for point in turns]
    if start is not None and _far(start, places[-1]) < _far(start, places[0]):
        places.reverse()
    return places


def orbit(centre: LonLat, radius_m: float, turns: int, start: LonLat | None = None) -> list[LonLat]:
    """Return places on a circle, clockwise, begun and ended at the one nearest to ``start``.

    >>> [round(axis, 4) for axis in orbit((129.0, 35.0), 1000, 1)[0]]
    [129.0, 35.009]
    """
    plane = Plane(centre)
    circle = [
        plane.place((radius_m * sin(angle), radius_m * cos(angle)))
        for angle in (2 * pi * number / ORBIT_POINTS for number in range(ORBIT_POINTS))
    ]
    first = 0
    if start is not None:
        came_from = start
        first = min(range(ORBIT_POINTS), key=lambda number: _far(came_from, circle[number]))
    return [circle[(first + step) % ORBIT_POINTS] for step in range(turns * ORBIT_POINTS + 1)]


def length_m(places: Sequence[LonLat]) -> float:
    """Return the length of a way, within 0.6 %."""
    return sum(_far(a, b) for a, b in pairwise(places))


def _legs(area: "Polygon", spacing_m: float) -> Iterable[list[list[Point]]]:
    """Yield legs from left to right, each as its parts upwards."""
    from shapely import LineString, MultiLineString  # noqa: PLC0415 - as above

    left, bottom, right, top = area.bounds
    count = floor((right - left) / spacing_m - 1e-9) + 1
    step = (right - left) / count
    for number in range(count):
        x = left + (number + 0.5) * step
        cut = area.intersection(LineString([(x, bottom - 1), (x, top + 1)]))
        found = cut.geoms if isinstance(cut, MultiLineString) else [cut]
        parts = [sorted(part.coords) for part in found if isinstance(part, LineString)]
        if any(parts):
            yield sorted([(a[0], a[1]) for a in part] for part in parts if part)


def _way(leg: list[list[Point]], backwards: int) -> list[Point]:
    points = [point for part in leg for point in (part[0], part[-1])]
    return points[::-1] if backwards else points


def _turned(point: Point, angle_deg: float) -> Point:
    """Turn a point about the origin, counter-clockwise as shapely does."""
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    return point[0] * c - point[1] * s, point[0] * s + point[1] * c


def _far(a: LonLat, b: LonLat) -> float:
    return hypot(*Plane(a).point(b))
