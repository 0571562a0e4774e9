"""What the numbers that a model gives mean: pure arithmetic, one function per family of models."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.cctv.picture import Floats, uncovered

LEAST_SCORE: Final = 0.1
"""Below this not even a tracker wants to know (ByteTrack's low threshold)."""

SAME_OVERLAP: Final = 0.45
"""Boxes of one label that overlap by more are one object (the default of the YOLO family)."""

MOST: Final = 300
"""Objects in one picture; the surest are kept."""


class Boxes(NamedTuple):
    """Objects of one picture, in columns of equal length."""

    edges: Floats
    """Shape (n, 4): left, top, right, bottom."""
    scores: Floats
    labels: NDArray[np.intp]


def fastestdet(output: Floats, width: int, height: int) -> Boxes:
    """Return the boxes of a FastestDet head, in pixels of its input.

    Args:
        output: Shape (1, 5 + labels, rows, columns): objectness, offsets of the centre, width,
            height, then the probability of each label, for every cell of a grid.
        width: Of the input.
        height: Of the input.

    Source:
        The model's paper of record is its repository (dog-qiuqiu/FastestDet): the score is
        ``objectness ** 0.6 * probability ** 0.4``, the centre ``cell + tanh(offset)`` in cells, and
        the size ``sigmoid`` of the whole input.
    """
    cells = output[0]
    rows, columns = cells.shape[1:]
    flat = cells.reshape(cells.shape[0], -1)
    likely = np.flatnonzero(flat[0] > _least_objectness())
    chosen = flat[:, likely]
    labels = chosen[5:].argmax(axis=0)
    probability = chosen[5:][labels, np.arange(len(likely))]
    scores = chosen[0] ** 0.6 * probability**0.4
    good = np.flatnonzero(scores >= LEAST_SCORE)
    likely, chosen, scores, labels = likely[good], chosen[:5, good], scores[good], labels[good]
    row, column = np.divmod(likely.astype(output.dtype), columns)
    x = (column + np.tanh(chosen[1])) / columns * width
    y = (row + np.tanh(chosen[2])) / rows * height
    half_width = _sigmoid(chosen[3]) * width / 2
    half_height = _sigmoid(chosen[4]) * height / 2
    edges = np.stack((x - half_width, y - half_height, x + half_width, y + half_height), axis=1)
    return surest(Boxes(_within(edges, width, height), scores, labels))


def yolo(output: Floats, width: int, height: int) -> Boxes:
    """Return the boxes of a YOLO head without objectness (v8 and later), in pixels of its input.

    Args:
        output: Shape (1, 4 + labels, boxes): centre, width, height, then a score for each label.
            Boxes are pixels of the input, or shares of it where none is beyond 2.
        width: Of the input.
        height: Of the input.
    """
    columns = output[0]
    labels = columns[4:].argmax(axis=0)
    scores = columns[4:][labels, np.arange(columns.shape[1])]
    likely = np.flatnonzero(scores >= LEAST_SCORE)
    x, y, across, down = columns[:4, likely]
    edges = np.stack((x - across / 2, y - down / 2, x + across / 2, y + down / 2), axis=1)
    if edges.size and edges.max() <= 2:  # noqa: PLR2004 - shares, with room for those beyond it
        edges = edges * np.array([width, height, width, height])
    return surest(Boxes(_within(edges, width, height), scores[likely], labels[likely]))


def yolo_end_to_end(output: Floats, width: int, height: int) -> Boxes:
    """Return the boxes of a YOLO model that has weeded them out itself (v10, v26).

    Args:
        output: Shape (1, boxes, 6): left, top, right, bottom, score, label, in pixels.
        width: Of the input.
        height: Of the input.
    """
    rows = output[0]
    rows = rows[rows[:, 4] >= LEAST_SCORE]
    edges = _within(rows[:, :4], width, height)
    return surest(Boxes(edges, rows[:, 4], rows[:, 5].astype(np.intp)))


Head = Callable[[Floats, int, int], Boxes]


def head_for(shape: tuple[int, ...], labels: int) -> Head | None:
    """Return how to read an output of a shape; ``None`` if no way is known.

    >>> head_for((1, 85, 22, 22), 80).__name__, head_for((1, 84, 8400), 80).__name__
    ('fastestdet', 'yolo')
    """
    match shape:
        case (1, channels, _, _) if channels == labels + 5:
            return fastestdet
        case (1, channels, _) if channels == labels + 4:
            return yolo
        case (1, _, 6):
            return yolo_end_to_end
        case _:
            return None


def surest(boxes: Boxes, overlap: float = SAME_OVERLAP) -> Boxes:
    """Return boxes without those that a surer one of their label covers, the surest first."""
    chosen = kept(boxes, overlap)
    return Boxes(boxes.edges[chosen], boxes.scores[chosen], boxes.labels[chosen])


def overlaps(some: Floats, others: Floats) -> Floats:
    """Return intersection over union of each of some with each of others, shape (n, m).

    >>> square = np.array([[0.0, 0, 2, 2]])
    >>> overlaps(square, np.array([[0.0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]])).round(3).tolist()
    [[1.0, 0.333, 0.0]]
    """
    ax, ay, bx, by = some.T[:, :, None]
    cx, cy, dx, dy = others.T[:, None, :]
    across = np.minimum(bx, dx) - np.maximum(ax, cx)
    down = np.minimum(by, dy) - np.maximum(ay, cy)
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    every = _areas(some)[:, None] + _areas(others)[None, :] - shared
    result: Floats = shared / np.maximum(every, 1e-9)
    return result


def kept(boxes: Boxes, overlap: float) -> list[int]:
    """Return the places of the boxes that no surer one of their label covers, the surest first."""
    good = np.flatnonzero((boxes.scores >= LEAST_SCORE) & np.isfinite(boxes.edges).all(axis=1))
    edges = boxes.edges[good]
    corners_and_sizes = np.concatenate((edges[:, :2], edges[:, 2:] - edges[:, :2]), axis=1)
    chosen = uncovered(corners_and_sizes, boxes.scores[good], boxes.labels[good], overlap=overlap)
    result: list[int] = good[chosen[:MOST]].tolist()
    return result


def _within(edges: Floats, width: int, height: int) -> Floats:
    within: Floats = edges.clip(0, np.array([width, height, width, height], edges.dtype))
    return within


def _areas(edges: Floats) -> Floats:
    left, top, right, bottom = edges.T
    areas: Floats = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    return areas


def _least_objectness() -> float:
    """Return what even a certain label needs to reach the least score."""
    return float(LEAST_SCORE ** (1 / 0.6))


def _sigmoid(values: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-values))
    return result
