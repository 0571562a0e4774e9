"""The one formula between pixels and ground, over many cameras at once, so that it can be varied.

A camera is a row of ``PARAMETERS``; its uncertainty is a covariance of that row. Directions are
east, north, up at the camera. Pixels count from the frame's top left corner, right and down, so
the middle of the first pixel is at (0.5, 0.5); OpenCV's coordinates are half a pixel less.

Model of the Earth: light is bent by ``refraction`` times the Earth's own curvature, so rays are
straight over a sphere of radius ``R / (1 - refraction)`` (the surveyor's effective radius), where
``R`` is the ellipsoid's radius of curvature in the direction looked at. Heights are above the
water; waves, tide and the geoid's slope are not modelled: state them as uncertainty of height.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.camera.earth import Floats, section_radius_m

PARAMETERS: Final = (
    "east_m",
    "north_m",
    "height_m",
    "bearing_deg",
    "tilt_deg",
    "roll_deg",
    "focal_px",
    "principal_x_px",
    "principal_y_px",
    "k1",
    "k2",
    "refraction",
)
"""What may be wrong about a camera. East and north are from its stated place."""
STEPS: Final = np.array([0.01, 0.01, 0.01, 1e-4, 1e-4, 1e-4, 0.01, 0.01, 0.01, 1e-5, 1e-5, 1e-4])
"""How far each is moved to see what depends on it."""

_NEWTON_STEPS = 20
_SETTLED = 1e-13


@dataclass(frozen=True)
class Sight:
    """One camera, or many that differ in their parameters only."""

    rows: Floats
    """Shape ``(..., 12)``, columns ``PARAMETERS``."""
    aspect: float
    """Vertical focal length over the horizontal one."""
    lat: float
    """Of the stated place, degrees."""

    def varied(self, rows: Floats) -> "Sight":
        """Return the same with other parameters."""
        return replace(self, rows=rows)


def rays(sight: Sight, pixels: Floats) -> Floats:
    """Return unit directions (east, north, up) of pixels.

    Args:
        sight: Who looks.
        pixels: Shape ``(..., 2)``, to be broadcast against the cameras.

    Returns:
        Shape ``(..., 3)``; not-a-number where the lens shows nothing.
    """
    cameras = sight.rows
    focal = cameras[..., 6]
    x = (pixels[..., 0] - cameras[..., 7]) / focal
    y = (pixels[..., 1] - cameras[..., 8]) / (focal * sight.aspect)
    scale = _undistortion(np.hypot(x, y), cameras[..., 9], cameras[..., 10])
    seen = np.stack([x * scale, y * scale, np.ones_like(scale)], axis=-1)
    seen /= np.linalg.norm(seen, axis=-1, keepdims=True)
    world: Floats = np.einsum("...ji,...j->...i", axes(cameras), seen)
    return world


def axes(cameras: Floats) -> Floats:
    """Return the camera's right, down and forward as rows, shape ``(..., 3, 3)``.

    Bearing turns clockwise from north, tilt upwards from the horizon, and roll to the right:
    with a positive one the right side of the housing hangs lower.

    >>> level_north = np.zeros(12)
    >>> axes(level_north).round(6) + 0.0
    array([[ 1.,  0.,  0.],
           [ 0.,  0., -1.],
           [ 0.,  1.,  0.]])
    """
    angles = np.radians(cameras[..., 3:6])
    (east, north), (up, flat) = _circle(angles[..., 0]), _circle(angles[..., 1])
    forward = np.stack([east * flat, north * flat, up], axis=-1)
    level = np.stack([north, -east, np.zeros_like(up)], axis=-1)
    below = np.stack([east * up, north * up, -flat], axis=-1)
    sine, cosine = (part[..., None] for part in _circle(angles[..., 2]))
    right, down = cosine * level + sine * below, cosine * below - sine * level
    return np.stack([right, down, forward], axis=-2)


def ground(sight: Sight, pixels: Floats) -> Floats:
    """Return where rays meet the water, metres east and north of the stated place.

    Returns:
        Shape ``(..., 2)``, surface distances by bearing; not-a-number at and above the horizon.
    """
    east, north, up = np.moveaxis(rays(sight, pixels), -1, 0)
    height = sight.rows[..., 2]
    level = np.hypot(east, north)
    radius = effective_radius(sight, east, north)
    towards = -(radius + height) * up
    with np.errstate(invalid="ignore"):
        root = np.sqrt(towards**2 - height * (2 * radius + height))
        along = height * (2 * radius + height) / (towards + root)
        angle = np.arctan2(along * level, radius + height + along * up)
    distance = np.where((towards > 0) & (height > 0), radius * angle, np.nan)
    flat = np.where(level > 0, level, 1.0)
    return (
        np.stack([distance * east / flat, distance * north / flat], axis=-1) + sight.rows[..., :2]
    )


def pixels_of(sight: Sight, points: Floats) -> Floats:
    """Return the pixels of points: metres east and north of the stated place, metres high.

    Args:
        sight: Who looks.
        points: Shape ``(..., 3)``, to be broadcast against the cameras.

    Returns:
        Shape ``(..., 2)``, also outside the frame; not-a-number behind the camera and where the
        lens's formula folds back. What stands beyond the horizon is placed where it would show
        if the sea were glass.
    """
    return imaged(sight, directions(sight, points))


def directions(sight: Sight, points: Floats) -> Floats:
    """Return vectors (east, north, up) in metres along which points appear, shape ``(..., 3)``."""
    cameras = sight.rows
    east = points[..., 0] - cameras[..., 0]
    north = points[..., 1] - cameras[..., 1]
    distance = np.hypot(east, north)
    radius = effective_radius(sight, east, north)
    angle = distance / radius
    level = (radius + points[..., 2]) * np.sin(angle)
    drop = 2 * (radius + points[..., 2]) * np.sin(angle / 2) ** 2
    flat = np.where(distance > 0, distance, 1.0)
    up = points[..., 2] - cameras[..., 2] - drop
    return np.stack([level * east / flat, level * north / flat, up], axis=-1)


def imaged(sight: Sight, seen: Floats) -> Floats:
    """Return the pixels of directions of any length, shape ``(..., 2)``."""
    cameras = sight.rows
    x, y, depth = np.moveaxis(np.einsum("...ij,...j->...i", axes(cameras), seen), -1, 0)
    depth = np.where(depth > 0, depth, np.nan)
    x, y = x / depth, y / depth
    k1, k2 = cameras[..., 9], cameras[..., 10]
    squared = x**2 + y**2
    scale = np.where(squared < fold_squared(k1, k2), 1 + k1 * squared + k2 * squared**2, np.nan)
    focal = cameras[..., 6]
    return np.stack(
        [
            x * scale * focal + cameras[..., 7],
            y * scale * focal * sight.aspect + cameras[..., 8],
        ],
        axis=-1,
    )


def fold_squared(k1: Floats, k2: Floats) -> Floats:
    """Return the squared radius from which on a lens's formula folds back, or infinity.

    Source:
        The first positive root of ``1 + 3 k1 u + 5 k2 u**2``, the derivative of
        ``r (1 + k1 r**2 + k2 r**4)`` in ``u = r**2`` (Brown's radial distortion as OpenCV has it).

    >>> fold_squared(np.array([-0.3, 0.1]), np.array([0.0, 0.0])).round(3)
    array([1.111,   inf])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(9 * k1**2 - 20 * k2)
        first = np.where(k1 < 0, 2 / (-3 * k1 + root), 2 / (-3 * k1 - root))
        return np.asarray(
            np.where((first > 0) & np.isfinite(first), first, np.inf), dtype=np.float64
        )


def effective_radius(sight: Sight, east: Floats, north: Floats) -> Floats:
    """Return the radius, metres, of the sphere over which rays towards a direction are straight."""
    bearing = np.degrees(np.arctan2(east, north))
    radius: Floats = section_radius_m(sight.lat, bearing) / (1 - sight.rows[..., 11])
    return radius


def _circle(angle: Floats) -> tuple[Floats, Floats]:
    return np.sin(angle), np.cos(angle)


def _undistortion(radius: Floats, k1: Floats, k2: Floats) -> Floats:
    """Return ideal over distorted radius by Newton's method; not-a-number where there is none."""
    ideal = np.minimum(radius, 0.95 * np.sqrt(np.minimum(fold_squared(k1, k2), 1e12)))
    for _ in range(_NEWTON_STEPS):
        squared = ideal**2
        slope = 1 + squared * (3 * k1 + 5 * k2 * squared)
        step = (ideal * (1 + squared * (k1 + k2 * squared)) - radius) / np.where(
            slope > 0, slope, np.nan
        )
        ideal = ideal - step
        if not (np.abs(step) > _SETTLED).any():
            break
    squared = ideal**2
    scale = 1 + k1 * squared + k2 * squared**2
    solved = (np.abs(ideal * scale - radius) < 1e-9) & (ideal >= 0)  # noqa: PLR2004 - of a focal length
    return np.where(solved, 1 / np.where(solved, scale, 1.0), np.nan)
