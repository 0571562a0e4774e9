"""Which of many boxes hold a position: asked of every reading, so it must cost nothing."""

from array import array
from collections.abc import Sequence
from math import floor, inf
from typing import Final

import numpy as np

Box = tuple[float, float, float, float]
"""West, south, east and north in degrees, edges included."""

_Numbered = tuple[float, float, float, float, int]
"""A box and its place among all."""

_CELLS_PER_DEGREE: Final = 4
_COLUMNS: Final = 360 * _CELLS_PER_DEGREE + 1
_ROWS: Final = 180 * _CELLS_PER_DEGREE + 1
"""One more than needed, so that 180 and 90 degrees have a cell without a comparison."""

_MANY: Final = 8
"""A cell touched by more boxes counts as filled: it would take too long to look at all."""
_FILLED: Final = 1
_MOST_GROUPS: Final = 2**16 - 1


class Boxes:
    """Boxes in a coarse grid, of whose cells each knows the few boxes that touch it.

    >>> boxes = Boxes([(128.0, 34.0, 129.0, 35.0)])
    >>> boxes.hold(34.5, 128.5), boxes.hold(35.0, 129.0), boxes.hold(35.01, 128.5)
    (True, True, False)
    >>> boxes.holding(34.5, 128.5)
    (0,)
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        cells = np.zeros((_ROWS, _COLUMNS), dtype=np.uint16)
        self._groups: list[tuple[_Numbered, ...]] = [(), ((-inf, -inf, inf, inf, -1),)]
        for place, box in enumerate(boxes):
            west, south, east, north = box
            rows = slice(_row(south), _row(north) + 1)
            part = cells[rows, _column(west) : _column(east + 1 / _CELLS_PER_DEGREE)]
            for number in set(part.ravel().tolist()):
                part[part == number] = self._joined(number, (*box, place))
        self._cells = array("H", cells.tobytes())

    def hold(self, lat: float, lon: float) -> bool:
        """Return whether a position is in a box, or where too many boxes are to tell quickly."""
        # ``_cell`` written out: a third of the time would be the call.
        row, column = int((lat + 90.0) * _CELLS_PER_DEGREE), int((lon + 180.0) * _CELLS_PER_DEGREE)
        for west, south, east, north, _ in self._groups[self._cells[row * _COLUMNS + column]]:
            if south <= lat <= north and west <= lon <= east:
                return True
        return False

    def holding(self, lat: float, lon: float) -> tuple[int, ...] | None:
        """Return which boxes hold a position, by place; ``None`` where there are too many."""
        number = self._cells[_cell(lat, lon)]
        if number == _FILLED:
            return None
        return tuple(
            place
            for west, south, east, north, place in self._groups[number]
            if south <= lat <= north and west <= lon <= east
        )

    def _joined(self, number: int, box: _Numbered) -> int:
        """Return the number of a group with one more box."""
        group = self._groups[number]
        if number == _FILLED or len(group) == _MANY or len(self._groups) > _MOST_GROUPS:
            return _FILLED
        self._groups.append((*group, box))
        return len(self._groups) - 1


def _cell(lat: float, lon: float) -> int:
    return int((lat + 90.0) * _CELLS_PER_DEGREE) * _COLUMNS + int((lon + 180.0) * _CELLS_PER_DEGREE)


def _row(lat: float) -> int:
    return min(max(floor((lat + 90.0) * _CELLS_PER_DEGREE), 0), _ROWS - 1)


def _column(lon: float) -> int:
    """Return the column, within the grid: the copy a turn away covers what lies beyond it."""
    return min(max(floor((lon + 180.0) * _CELLS_PER_DEGREE), 0), _COLUMNS)
