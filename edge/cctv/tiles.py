"""Small far objects: the picture is also looked at in overlapping tiles, at full detail."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np

from edge.cctv import heads
from edge.cctv.detector import Detector, Found
from edge.cctv.frames import Pixels

OVERLAP: Final = 0.2
"""Of a tile with the next, so that what is cut by one edge is whole in another tile (SAHI)."""

INSIDE: Final = 0.6
"""A box of which so much lies in a surer one of its label is a part of the same object."""


class Tile(NamedTuple):
    """A part of a picture, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


class TiledDetector:
    """Any detector, over the whole picture and over each tile of it."""

    def __init__(self, detector: Detector, columns: int, rows: int) -> None:
        self.labels: Final[Sequence[str]] = detector.labels
        self._detector, self._columns, self._rows = detector, columns, rows

    def prepare(self, pixels: Pixels) -> list[tuple[int, int, Any]]:
        """Return the corner of each part, and the part prepared."""
        height, width = pixels.shape[:2]
        parts = [Tile(0, 0, width, height), *tiles(width, height, self._columns, self._rows)]
        return [
            (part.left, part.top, self._detector.prepare(np.ascontiguousarray(_cut(pixels, part))))
            for part in parts
        ]

    def run(self, prepared: list[tuple[int, int, Any]]) -> list[tuple[int, int, Any]]:
        """Return the corner of each part, and what the model gives for the part."""
        return [(left, top, self._detector.run(part)) for left, top, part in prepared]

    def found(self, given: list[tuple[int, int, Any]]) -> list[Found]:
        """Return what is in any part, each object once."""
        return merged(
            _moved(one, left, top)
            for left, top, part in given
            for one in self._detector.found(part)
        )


def tiles(width: int, height: int, columns: int, rows: int) -> list[Tile]:
    """Return overlapping tiles that cover a picture.

    >>> tiles(100, 50, 2, 1)
    [Tile(left=0, top=0, right=56, bottom=50), Tile(left=44, top=0, right=100, bottom=50)]
    """
    across, down = _spans(width, columns), _spans(height, rows)
    return [Tile(x[0], y[0], x[1], y[1]) for y, x in product(down, across)]


def merged(found: Iterator[Found]) -> list[Found]:
    """Return objects without those that a surer one of their label covers or contains."""
    every = sorted(found, key=lambda one: -one.score)
    kept: list[Found] = []
    for one in every:
        if not any(other.label == one.label and _is_part(one, other) for other in kept):
            kept.append(one)
    return kept


def _spans(length: int, number: int) -> list[tuple[int, int]]:
    size = length / (number - (number - 1) * OVERLAP)
    step = size * (1 - OVERLAP)
    return [(round(n * step), min(length, round(n * step + size))) for n in range(number)]


def _cut(pixels: Pixels, tile: Tile) -> Pixels:
    return pixels[tile.top : tile.bottom, tile.left : tile.right]


def _moved(one: Found, left: int, top: int) -> Found:
    return one._replace(
        left=one.left + left, top=one.top + top, right=one.right + left, bottom=one.bottom + top
    )


def _is_part(one: Found, other: Found) -> bool:
    box, surer = np.array([one[2:]]), np.array([other[2:]])
    shared = np.clip(np.minimum(box, surer)[0, 2:] - np.maximum(box, surer)[0, :2], 0, None).prod()
    area = (one.right - one.left) * (one.bottom - one.top)
    return bool(shared > INSIDE * area or heads.overlaps(box, surer)[0, 0] > heads.SAME_OVERLAP)
