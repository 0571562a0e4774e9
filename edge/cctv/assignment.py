"""Who goes with whom, so that all together are as alike as can be: pairs of rows and columns.

``scipy.optimize`` has it too, and takes 40 MB and half a second to import.

Source: the method of shortest augmenting paths, as Crouse describes it: On implementing 2D
rectangular assignment algorithms, IEEE Transactions on Aerospace and Electronic Systems 52, 2016.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_NOBODY: Final = -1


def best_pairs(likeness: Floats) -> list[tuple[int, int]]:
    """Return pairs of (row, column) of the greatest sum, rows ascending.

    Args:
        likeness: Shape ``(rows, columns)``, finite; of the shorter side everybody is in a pair.

    >>> best_pairs(np.array([[0.9, 0.8], [0.8, 0.1]]))
    [(0, 1), (1, 0)]
    >>> best_pairs(np.array([[0.1], [0.3]]))
    [(1, 0)]
    """
    rows, columns = likeness.shape
    if rows > columns:
        return sorted((row, column) for column, row in best_pairs(likeness.T))
    favourites = likeness.argmax(axis=1).tolist()
    if len({*favourites}) == rows:  # nobody's is another's: as it mostly is
        return [*enumerate(favourites)]
    choice = _Choice(-likeness)
    for row in range(rows):
        choice.admit(row)
    return [*enumerate(choice.column_of.tolist())]


class _Choice:
    """The cheapest pairs of the rows admitted so far, and the prices that prove it.

    The prices of a row and a column together are never above the cost of their pair, and exactly
    that for the pairs chosen.
    """

    def __init__(self, cost: Floats) -> None:
        rows, columns = cost.shape
        self.column_of = np.full(rows, _NOBODY)
        self._row_of = np.full(columns, _NOBODY)
        self._cost = cost
        self._row_prices, self._column_prices = np.zeros(rows), np.zeros(columns)

    def admit(self, row: int) -> None:
        """Give one more row a column, and others another where that is cheaper.

        The way there leads from the row to its nearest column, from that to the row which has it,
        and so on to a column that nobody has (Dijkstra's, over what pairs cost above the prices).
        """
        columns = len(self._row_of)
        distance, came_from = np.full(columns, np.inf), np.full(columns, _NOBODY)
        is_reached = np.zeros(columns, bool)
        at, length, nearest = row, 0.0, _NOBODY
        visited: list[tuple[int, float]] = []
        while at != _NOBODY:
            visited.append((at, length))
            through = length + self._cost[at] - self._row_prices[at] - self._column_prices
            is_shorter = ~is_reached & (through < distance)
            distance[is_shorter], came_from[is_shorter] = through[is_shorter], at
            nearest = int(np.where(is_reached, np.inf, distance).argmin())
            length, is_reached[nearest] = float(distance[nearest]), True
            at = int(self._row_of[nearest])
        for each, entered in visited:
            self._row_prices[each] += length - entered
        self._column_prices[is_reached] -= length - distance[is_reached]
        while at != row:  # back along the way: each row takes the column that it led to
            at = int(came_from[nearest])
            self._row_of[nearest] = at
            nearest, self.column_of[at] = int(self.column_of[at]), nearest
