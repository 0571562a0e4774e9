"""What the network is shown at each step, and what it should answer."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.cctv.frames import Pixels
from edge.cctv.picture import letterbox
from firmware_sim.detector.pictures import HEIGHT, LABELS, WIDTH, Picture, is_wanted

STRIDE: Final = 4
"""Pixels of the input between two answers of the network, across and down."""
CUT_PX: Final = 160
CUTS: Final = 8
WHOLES: Final = 3
"""A step shows so many cut-outs, the next so many whole pictures: most of those is empty sea."""
LEAST_LEFT: Final = 0.4
"""Of what a cut-out's edge cuts: with less left it is neither wanted nor held against anybody."""
SPREAD: Final = 0.09
"""Standard deviation of what is asked around an object's middle, as a share of its size."""

Singles = NDArray[np.float32]


class Shown(NamedTuple):
    """A picture as the network has it, with its objects."""

    pixels: Pixels
    boxes: Singles
    """Shape ``(n, 4)``: left, top, right, bottom in pixels."""
    labels: NDArray[np.int64]
    """Number of each label; -1 is one that nothing is asked about."""


class Answer(NamedTuple):
    """What the network should say of each cell, channels first."""

    heat: Singles
    """Shape ``(labels, rows, columns)``: 1 in the middle of an object."""
    counts: Singles
    """Shape ``(rows, columns)``: 0 where nothing is held against anybody."""
    boxes: Singles
    """Shape ``(4, rows, columns)``: of the object that a cell is to measure."""
    weights: Singles
    """Shape ``(rows, columns)``: they sum to 1 over each object."""


def shown(picture: Picture) -> Shown:
    """Return a picture letterboxed to the input."""
    boxed = letterbox(picture.frame, WIDTH, HEIGHT)
    rows, columns = picture.frame.shape[:2]
    sides = np.array([truth.box for truth in picture.truths], np.float32).reshape(-1, 4)
    scaled = sides * np.float32(boxed.scale) * np.array([columns, rows] * 2, np.float32)
    labels = [
        LABELS.index(truth.label) if is_wanted(truth, picture.frame) else -1
        for truth in picture.truths
    ]
    offset = np.array([boxed.left, boxed.top] * 2, np.float32)
    return Shown(boxed.pixels, scaled + offset, np.array(labels, np.int64))


def batches(
    pictures: Sequence[Shown], steps: int, rng: np.random.Generator
) -> Iterator[list[Shown]]:
    """Yield what is shown at each step: cut-outs around an object, then whole pictures."""
    with_object = [one for one in pictures if (one.labels >= 0).any()]
    for step in range(steps):
        is_whole = step % 2 == 1
        among, count = (pictures, WHOLES) if is_whole else (with_object, CUTS)
        chosen = [among[int(number)] for number in rng.integers(len(among), size=count)]
        parts = chosen if is_whole else [cut_out(one, rng) for one in chosen]
        yield [_mirrored(one) if rng.random() < 0.5 else one for one in parts]  # noqa: PLR2004 - half


def cut_out(one: Shown, rng: np.random.Generator) -> Shown:
    """Return a square around one of a picture's objects, anywhere within."""
    rows, columns = one.pixels.shape[:2]
    left, top, right, bottom = map(float, one.boxes[rng.choice(np.flatnonzero(one.labels >= 0))])
    x = _first(rng.uniform(left, right) - rng.uniform(0, CUT_PX), columns)
    y = _first(rng.uniform(top, bottom) - rng.uniform(0, CUT_PX), rows)
    boxes = one.boxes - np.array([x, y, x, y], np.float32)
    inside = boxes.clip(0, CUT_PX)
    left_over = _areas(inside) / np.maximum(_areas(boxes), 1e-6)
    shows = left_over > 0
    labels = np.where(left_over >= LEAST_LEFT, one.labels, -1)
    return Shown(one.pixels[y : y + CUT_PX, x : x + CUT_PX], inside[shows], labels[shows])


def answer(one: Shown) -> Answer:
    """Return what should be said of a picture; where objects overlap the smaller one counts.

    Source:
        Training-time-friendly network (Liu et al., AAAI 2020): a bell as wide as the object, and
        sizes learnt below all of it, make a network learn with few steps.
    """
    rows, columns = (side // STRIDE for side in one.pixels.shape[:2])
    heat = np.zeros((len(LABELS), rows, columns), np.float32)
    counts = np.ones((rows, columns), np.float32)
    boxes = np.zeros((4, rows, columns), np.float32)
    weights = np.zeros((rows, columns), np.float32)
    for place in np.argsort(-_areas(one.boxes), kind="stable"):
        box, label = one.boxes[place], one.labels[place]
        bell = _bell(box, rows, columns)
        if label < 0:
            counts[_cells(box)] = 0
            continue
        counts[bell > 0] = 1
        np.maximum(heat[label], bell, out=heat[label])
        weights[bell > 0] = bell[bell > 0] / bell.sum()
        boxes[:, bell > 0] = box[:, None]
    return Answer(heat, counts, boxes, weights)


def _bell(box: Singles, rows: int, columns: int) -> Singles:
    """Return 1 in the cell of a box's middle, and less around it, 0 beyond three deviations."""
    x, y = (box[:2] + box[2:]) / 2 // STRIDE
    wide, high = np.maximum(SPREAD * (box[2:] - box[:2]) / STRIDE, 0.4)
    across = np.exp(-(((np.arange(columns) - min(x, columns - 1)) / wide) ** 2) / 2)
    down = np.exp(-(((np.arange(rows) - min(y, rows - 1)) / high) ** 2) / 2)
    bell: Singles = (down[:, None] * across).astype(np.float32)
    bell[bell < 0.01] = 0  # noqa: PLR2004 - three deviations
    return bell


def _cells(box: Singles) -> tuple[slice, slice]:
    left, top = (box[:2] // STRIDE).astype(int)
    right, bottom = np.ceil(box[2:] / STRIDE).astype(int)
    return slice(top, bottom), slice(left, right)


def _first(wanted: float, length: int) -> int:
    return int(min(max(wanted, 0.0), length - CUT_PX))


def _mirrored(one: Shown) -> Shown:
    width = np.float32(one.pixels.shape[1])
    left, top, right, bottom = one.boxes.T
    boxes = np.stack([width - right, top, width - left, bottom], axis=1)
    return Shown(one.pixels[:, ::-1], boxes, one.labels)


def _areas(boxes: Singles) -> Singles:
    areas: Singles = (boxes[:, 2:] - boxes[:, :2]).clip(0).prod(axis=1)
    return areas
