"""Solids as a camera has them: outlines on the screen with their colour, and lamps."""

from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.camera.camera import Camera
from firmware_sim.scene import Actor
from firmware_sim.scene_solids import Colour, Lamp, Prism

Floats = NDArray[np.float64]

SUN: Final = np.array([0.45, -0.55, 0.70])
"""Towards the sun: east, north, up."""
LAMP_RADIUS_M: Final = 0.35
SMALLEST_LAMP_PX: Final = 1.1


@dataclass(frozen=True, eq=False)
class Facet:
    """A convex piece of surface that faces the camera."""

    corners: Floats
    """Shape ``(n, 2)``, pixels, clockwise on the screen."""
    colour: Colour
    shade: float
    """Of full light, 0 to 1."""


def facets(actor: Actor, middle: Floats, heading_deg: float, camera: Camera) -> tuple[Facet, ...]:
    """Return the surfaces of an actor in the order in which to draw them.

    Args:
        actor: What it looks like and stands on.
        middle: Shape ``(2,)``, metres east and north of the camera.
        heading_deg: Clockwise from north.
        camera: Who sees it.

    Returns:
        Nothing if any corner is behind the camera.
    """
    turn = _turn(heading_deg)
    own = actor.colour or actor.shape.colour
    prisms = _far_to_near(actor.shape.prisms, middle, turn)
    solids = [_rings(prism, actor.base_m, middle, turn) for prism in prisms]
    pixels = camera.pixels_of(np.concatenate(solids))
    if not np.isfinite(pixels).all():
        return ()
    shown = np.split(pixels, np.cumsum([len(solid) for solid in solids])[:-1])
    found: list[Facet] = []
    for prism, solid, seen in zip(prisms, solids, shown, strict=True):
        found += _of_prism(solid, seen, prism.colour or own, camera.pose.height_m)
    return tuple(found)


def lamps(
    actor: Actor, middle: Floats, heading_deg: float, camera: Camera
) -> tuple[tuple[float, float, float, Colour], ...]:
    """Return x, y, radius in pixels and colour of the lamps that shine towards the camera."""
    turn = _turn(heading_deg)
    to_camera = np.degrees(np.arctan2(-middle[0], -middle[1])) - heading_deg
    shining = [lamp for lamp in actor.shape.lamps if _shines(lamp, float(to_camera))]
    if not shining:
        return ()
    places = middle + np.array([(lamp.ahead_m, lamp.starboard_m) for lamp in shining]) @ turn
    heights = np.array([actor.base_m + lamp.above_m for lamp in shining])
    pixels = camera.pixels_of(np.column_stack([places, heights]))
    radius = camera.lens.focal_px * LAMP_RADIUS_M / np.hypot(places[:, 0], places[:, 1])
    return tuple(
        (float(x), float(y), max(SMALLEST_LAMP_PX, float(size)), lamp.colour)
        for (x, y), size, lamp in zip(pixels, radius, shining, strict=True)
        if np.isfinite(x + y)
    )


def following(corners: Floats) -> Floats:
    """Return each corner's next one."""
    return np.concatenate([corners[1:], corners[:1]])


def _rings(prism: Prism, base_m: float, middle: Floats, turn: Floats) -> Floats:
    """Return the corners of the bottom, then of the top, shape ``(2 n, 3)``: east, north, high."""
    plan = np.array(prism.plan) @ turn + middle
    heights = np.repeat([base_m + prism.bottom_m, base_m + prism.top_m], len(plan))
    return np.column_stack([np.concatenate([plan, plan]), heights])


def _of_prism(solid: Floats, pixels: Floats, colour: Colour, eye_m: float) -> list[Facet]:
    """Return the sides that face the camera, and the top if it is seen from above."""
    found: list[Facet] = []
    count = len(solid) // 2
    for here in range(count):
        after = (here + 1) % count
        corners = pixels[[count + here, count + after, after, here]]
        if _is_clockwise(corners):
            east, north, _ = solid[after] - solid[here]
            normal = np.array([-north, east, 0.0]) / max(hypot(east, north), 1e-9)
            found.append(Facet(corners, colour, _shade(normal)))
    top = pixels[count:]
    if eye_m > solid[-1, 2] and _is_clockwise(top):
        found.append(Facet(top, colour, _shade(np.array([0.0, 0.0, 1.0]))))
    return found


def _is_clockwise(corners: Floats) -> bool:
    """Whether corners turn clockwise on the screen, where y grows downwards."""
    (x, y), (next_x, next_y) = corners.T, following(corners).T
    return float(x @ next_y - next_x @ y) > 0


def _turn(heading_deg: float) -> Floats:
    """Return the matrix from (ahead, starboard) to (east, north), for rows."""
    sine, cosine = np.sin(np.radians(heading_deg)), np.cos(np.radians(heading_deg))
    return np.array([[sine, cosine], [cosine, -sine]])


def _far_to_near(prisms: tuple[Prism, ...], middle: Floats, turn: Floats) -> list[Prism]:
    """Order prisms by the level they stand on, and on one level from the farthest on."""

    def place(prism: Prism) -> tuple[float, float]:
        centre = middle + np.array(prism.plan).mean(axis=0) @ turn
        return (prism.bottom_m, -float(np.hypot(*centre)))

    return sorted(prisms, key=place)


def _shade(normal: Floats) -> float:
    return 0.55 + 0.45 * max(0.0, float(normal @ SUN))


def _shines(lamp: Lamp, relative_deg: float) -> bool:
    first, last = lamp.arc_deg
    span = (last - first) % 360 or 360
    return (relative_deg - first) % 360 <= span
