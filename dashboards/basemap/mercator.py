"""Where a position falls on the square Web Mercator world, and which tile holds it."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NORTHERNMOST = math.degrees(math.atan(math.sinh(math.pi)))
"""Latitude at which the projected world is as high as it is wide, degrees."""


class Box(NamedTuple):
    """A rectangle of the unit square: x grows east, y grows south."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: "Box") -> bool:
        """Tell whether the two share at least one point."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def grown(self, margin: float) -> "Box":
        """Return the box with ``margin`` added on each side."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)


class Tile(NamedTuple):
    """One square of the map; zoom ``z`` has ``2**z`` columns (from 180° W) and rows (from north).

    >>> Tile(1, 1, 0).box
    Box(left=0.5, top=0.0, right=1.0, bottom=0.5)
    """

    zoom: int
    column: int
    row: int

    @property
    def side(self) -> float:
        """Width and height on the unit square."""
        return 2.0**-self.zoom

    @property
    def box(self) -> Box:
        """The square that the tile covers."""
        left, top = self.column * self.side, self.row * self.side
        return Box(left, top, left + self.side, top + self.side)

    def children(self) -> Iterator["Tile"]:
        """Yield the four tiles of the next zoom."""
        for row in (2 * self.row, 2 * self.row + 1):
            for column in (2 * self.column, 2 * self.column + 1):
                yield Tile(self.zoom + 1, column, row)


def project(lonlat: Floats) -> Floats:
    """Return positions on the unit square.

    Args:
        lonlat: Shape ``(n, 2)``, columns longitude and latitude in degrees. Latitudes beyond
            ``NORTHERNMOST`` are brought to it.

    Returns:
        Shape ``(n, 2)``; x is 0 at 180° W and 1 at 180° E, y is 0 in the north.

    Source:
        Spherical Mercator of EPSG:3857, divided by the length of the equator.

    >>> project(np.array([[0.0, 0.0], [180.0, 90.0], [129.0756, 35.1796]])).round(6)
    array([[0.5     , 0.5     ],
           [1.      , 0.      ],
           [0.858543, 0.395488]])
    """
    latitude = np.radians(np.clip(lonlat[:, 1], -NORTHERNMOST, NORTHERNMOST))
    x = lonlat[:, 0] / 360 + 0.5
    y = 0.5 - np.arctanh(np.sin(latitude)) / (2 * math.pi)
    return np.column_stack([x, np.clip(y, 0, 1)])


def box_of(*, west: float, south: float, east: float, north: float) -> Box:
    """Return the box between two meridians and two parallels, degrees."""
    (left, top), (right, bottom) = project(np.array([[west, north], [east, south]])).tolist()
    return Box(left, top, right, bottom)


def covering(box: Box, zoom: int) -> list[Tile]:
    """List the tiles of one zoom that touch a box, row by row.

    >>> busan = box_of(west=129.0, south=35.0, east=129.1, north=35.1)
    >>> covering(busan, 7)
    [Tile(zoom=7, column=109, row=50)]
    """
    count = 2**zoom
    first_column, last_column = int(box.left * count), min(int(box.right * count), count - 1)
    first_row, last_row = int(box.top * count), min(int(box.bottom * count), count - 1)
    return [
        Tile(zoom, column, row)
        for row in range(first_row, last_row + 1)
        for column in range(first_column, last_column + 1)
    ]
