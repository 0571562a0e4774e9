"""Who is close to whom at one time of the grid: a hash of cells in space.

Cells are cubes in a frame fixed to the Earth, so that neither the antimeridian nor the poles are
special. What is within ``MEETING_M`` over ground is so in a straight line, and in one of the 27
cells around.
"""

from collections.abc import Iterator
from itertools import product
from math import cos, radians, sin
from typing import Final

from analytics.geodesy import distance_m
from analytics.pairs.grid import Point
from analytics.pairwise import Place
from haechi.units import EARTH_RADIUS

MEETING_M: Final = 1000.0
"""What is further apart is not told of; rules choose less."""

Cell = tuple[int, int, int]
_AROUND: Final = tuple(product((-1, 0, 1), repeat=3))
_CELLS: Final = EARTH_RADIUS / MEETING_M


def is_vessel(subject: str) -> bool:
    """Return whether a subject says itself where it is at sea."""
    return subject.startswith("mmsi:")


def is_afloat(subject: str) -> bool:
    """Return whether a subject can be close to a vessel, as another or as what a camera sees."""
    return subject.startswith(("mmsi:", "object:"))


def is_camera(subject: str) -> bool:
    """Return whether a subject sees others."""
    return subject.startswith("camera:")


def is_carriage(pair: str) -> bool:
    """Return whether a pair is of a seal and a vessel."""
    return pair.startswith("seal:")


def camera_of(subject: str) -> str | None:
    """Return the camera that sees an object, as a subject; ``None`` if it is no object.

    >>> camera_of("object:cape.12"), camera_of("mmsi:440000001")
    ('camera:cape', None)
    """
    kind, _, name = subject.partition(":")
    return f"camera:{name.rpartition('.')[0]}" if kind == "object" else None


class Bucket:
    """Vessels and objects at one time of the grid."""

    def __init__(self) -> None:
        self.points: dict[str, Point] = {}
        self.objects: dict[str, set[str]] = {}
        """By camera."""
        self._cells: dict[Cell, set[str]] = {}

    def place(self, subject: str, point: Point | None) -> None:
        """Put a subject where it is now thought to have been."""
        known = self.points.pop(subject, None)
        camera = camera_of(subject)
        if known is not None:
            self._cells[_cell(known.place)].discard(subject)
            if camera is not None:
                self.objects[camera].discard(subject)
        if point is not None:
            self.points[subject] = point
            self._cells.setdefault(_cell(point.place), set()).add(subject)
            if camera is not None:
                self.objects.setdefault(camera, set()).add(subject)

    def near(self, place: Place) -> Iterator[tuple[float, str]]:
        """Yield the distance of everybody within ``MEETING_M`` of a place, in no order."""
        x, y, z = _cell(place)
        for right, forth, up in _AROUND:
            for subject in self._cells.get((x + right, y + forth, z + up), ()):
                distance = distance_m(*place, *self.points[subject].place)
                if distance <= MEETING_M:
                    yield distance, subject


def _cell(place: Place) -> Cell:
    lat, lon = radians(place.lat), radians(place.lon)
    out = cos(lat) * _CELLS
    return int(out * cos(lon) // 1), int(out * sin(lon) // 1), int(sin(lat) * _CELLS // 1)
