"""The door to OpenCV: pictures are scaled, packed and unpacked here and nowhere else."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.cctv.frames import Pixels

Shares = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

RED_FIRST: Final = (0, 1, 2)
BLUE_FIRST: Final = (2, 1, 0)

GREY: Final = 114
"""What fills the rest of a letterbox; YOLO models are trained with this value."""

cv2.setNumThreads(1)  # decoder, model and evidence have a thread each; more would only wait

_FAST_PNG: Final = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),  # half the time of trying all, as small
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),  # a sixth less, likewise
)


class Letterbox(NamedTuple):
    """How a picture was scaled into a box: a point ``p`` of it is at ``p * scale + offset``."""

    pixels: Pixels
    scale: float
    left: int
    top: int


def letterbox(pixels: Pixels, width: int, height: int) -> Letterbox:
    """Return a picture scaled to fit a box, in proportion, the rest grey.

    >>> boxed = letterbox(np.zeros((100, 200, 3), np.uint8), 50, 50)
    >>> boxed.pixels.shape, boxed.scale, boxed.left, boxed.top
    ((50, 50, 3), 0.25, 0, 12)
    """
    rows, columns = pixels.shape[:2]
    scale = min(width / columns, height / rows)
    inner = (round(columns * scale), round(rows * scale))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    boxed = np.full((height, width, 3), GREY, np.uint8)
    within = boxed[top : top + inner[1], left : left + inner[0]]
    cv2.resize(pixels, inner, dst=within, interpolation=cv2.INTER_LINEAR)
    return Letterbox(boxed, scale, left, top)


def stretched(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return a picture scaled to a size, out of proportion if need be."""
    return np.asarray(cv2.resize(pixels, (width, height)), np.uint8)


def planes(pixels: Pixels, order: Sequence[int]) -> Shares:
    """Return the channels of a picture one after another, each value as its share of 255.

    Args:
        pixels: Shape (height, width, 3).
        order: Which channel comes first, second and third.

    Returns:
        Shape (1, 3, height, width).

    >>> planes(np.array([[[255, 0, 0]]], np.uint8), BLUE_FIRST).ravel().tolist()
    [0.0, 0.0, 1.0]
    """
    split = cv2.split(pixels)
    shares = np.empty((1, 3, *pixels.shape[:2]), np.float32)
    for place, channel in enumerate(order):
        np.multiply(split[channel], np.float32(1 / 255), out=shares[0, place])
    return shares


def uncovered(
    boxes: Floats, scores: Floats, labels: NDArray[np.intp], *, overlap: float, most: int = 1000
) -> list[int]:
    """Return the places of boxes that no surer one of their label covers, the surest first.

    Args:
        boxes: Shape (n, 4): left, top, width, height.
        scores: Above 0.
        labels: Numbers of kinds.
        overlap: Intersection over union by which one box covers another.
        most: Only so many, the surest, are looked at.

    >>> both = np.array([[0.0, 0, 2, 2], [0, 0, 2, 3]])
    >>> uncovered(both, np.array([0.5, 0.9]), np.zeros(2, int), overlap=0.6)
    [1]
    >>> uncovered(both, np.array([0.5, 0.9]), np.arange(2), overlap=0.6)
    [1, 0]
    """
    rows: list[Any] = boxes.tolist()  # OpenCV takes lists in a fifth of the time of arrays
    chosen = cv2.dnn.NMSBoxesBatched(
        rows, scores.tolist(), labels.tolist(), 0.0, overlap, top_k=most
    )
    return [int(place) for place in chosen]


def png(pixels: Pixels) -> bytes:
    """Return a picture as PNG, which loses nothing: its digest can be checked for ever.

    >>> picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    >>> bool((unpacked(png(picture)) == picture).all())
    True
    """
    packed, body = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), _FAST_PNG)
    if not packed:
        raise ValueError(f"a picture of shape {pixels.shape} cannot be packed")
    return body.tobytes()


def unpacked(body: bytes) -> Pixels:
    """Return the pixels of a packed picture.

    Raises:
        ValueError: it is none.
    """
    pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError("not a picture")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)
