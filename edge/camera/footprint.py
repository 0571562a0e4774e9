"""The part of the water that a camera shows, as a ring on the ground."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.camera.earth import Floats

PER_SIDE: Final = 11
ON_ARC: Final = 16
_BISECTIONS = 40


class Seeing(Protocol):
    """What is asked of a camera."""

    @property
    def lens(self) -> "Frame":
        """Its frame."""
        ...

    def ground(self, pixels: Floats) -> Floats:
        """Return metres east and north of pixels; nan for sky."""
        ...

    def pixels_of(self, points: Floats) -> Floats:
        """Return pixels of points."""
        ...


class Frame(Protocol):
    """The size of a picture."""

    @property
    def width_px(self) -> int:
        """Columns."""
        ...

    @property
    def height_px(self) -> int:
        """Rows."""
        ...

    def holds(self, x_px: float, y_px: float) -> bool:
        """Whether a pixel is inside."""
        ...


def outline(camera: Seeing, limit_m: float) -> Floats | None:
    """Return the ring, shape ``(n, 2)``, metres east and north, n at most 64; None if all is sky.

    The frame's border is walked; where it leaves the range, the ring follows the arc at that
    range until the border is back.
    """
    border = _border(camera.lens.width_px, camera.lens.height_px)
    near = _is_near(camera.ground(border), limit_m)
    if not near.any():
        return _whole_circle(camera, limit_m)
    turn = int(np.argmax(near))
    border, near = np.roll(border, -turn, axis=0), np.roll(near, -turn)
    pieces: list[Floats] = []
    leaving: Floats | None = None
    for place in range(len(border)):
        after = (place + 1) % len(border)
        if near[place]:
            pieces.append(camera.ground(border[place])[None])
        if near[place] and not near[after]:
            leaving = _edge(camera, border[place], border[after], limit_m)
        elif near[after] and not near[place] and leaving is not None:
            back = _edge(camera, border[after], border[place], limit_m)
            pieces.append(_arc(leaving, back, limit_m))
    return np.concatenate(pieces)[:64]


def _border(width: int, height: int) -> Floats:
    """Return pixels around the frame from the bottom left corner over the top."""
    steps = np.arange(PER_SIDE) / PER_SIDE
    flat = np.zeros(PER_SIDE)
    left = np.stack([flat, height * (1 - steps)], axis=1)
    top = np.stack([width * steps, flat], axis=1)
    right = np.stack([flat + width, height * steps], axis=1)
    bottom = np.stack([width * (1 - steps), flat + height], axis=1)
    return np.concatenate([left, top, right, bottom])


def _is_near(places: Floats, limit_m: float) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.hypot(places[..., 0], places[..., 1]) <= limit_m


def _edge(camera: Seeing, inside: Floats, outside: Floats, limit_m: float) -> Floats:
    """Return the place where the border crosses the range."""
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        if _is_near(camera.ground(middle), limit_m):
            inside = middle
        else:
            outside = middle
    return camera.ground(inside)


def _arc(start: Floats, end: Floats, limit_m: float) -> Floats:
    first, last = np.arctan2(start[0], start[1]), np.arctan2(end[0], end[1])
    sweep = (last - first + np.pi) % (2 * np.pi) - np.pi
    bearings = first + sweep * np.linspace(0, 1, ON_ARC)
    return np.stack([np.sin(bearings), np.cos(bearings)], axis=1) * limit_m


def _whole_circle(camera: Seeing, limit_m: float) -> Floats | None:
    """Return the circle of the range if the camera looks straight down on it, else None."""
    x, y = camera.pixels_of(np.zeros((1, 3)))[0]
    if not camera.lens.holds(float(x), float(y)):
        return None
    bearings = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([np.sin(bearings), np.cos(bearings)], axis=1) * limit_m
