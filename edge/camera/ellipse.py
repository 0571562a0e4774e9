"""How far off a place may be: first-order propagation of what is known about camera and pixel."""

from dataclasses import dataclass
from math import atan2, degrees, hypot, pi, sqrt
from typing import Final

import numpy as np

from edge.camera.earth import Floats
from edge.camera.projection import STEPS, Sight, ground
from haechi.cameras import Ellipse

RADIUS_95: Final = sqrt(5.991_464_547)
"""Semi-axes of the 95 % ellipse in standard deviations: chi-square(2) at 0.95, its root."""
RADIUS_95_FAR: Final = 2.145_966
"""Standard deviations beyond which, on one side only, 5 % lie: ``exp(-r**2 / 2) = 0.10``."""
BREADTH: Final = 1 / 6
"""Beam over length that is taken for an object of a given length: usual for ships and trucks."""
LENGTH_SHIFT: Final = (1 + BREADTH) / pi
LENGTH_SIGMA: Final = sqrt((1 + BREADTH**2) / 8 + BREADTH / (2 * pi) - LENGTH_SHIFT**2)
"""Mean and standard deviation, over all headings, of how far the middle of an object of length 1
is behind its nearest point: of ``(|cos| + BREADTH |sin|) / 2``."""
SKEW_SIGMA: Final = 1 / (8 * sqrt(2))
"""Standard deviation, over all headings, of how far the middle is beside the middle of the box, in
squared lengths over the range: of ``sin(2 heading) / 8``, since the nearer end looks larger."""
BOW_SIGMA: Final = BREADTH / (4 * sqrt(2))
"""The same in lengths, since one end is pointed: of ``BREADTH cos(heading) / 4``."""

_PIXEL_STEP = 0.01


@dataclass(frozen=True)
class Spot:
    """A point on the water around a camera, metres, and its covariance."""

    east_m: float
    north_m: float
    covariance: Floats
    """Shape ``(2, 2)``, east and north, square metres."""

    def of_length(self, length_m: float) -> "Spot":
        """Return the middle of an object of that length whose near waterline is here.

        Right for objects of up to about a third of their distance.
        """
        away = np.array([self.east_m, self.north_m]) / max(hypot(self.east_m, self.north_m), 1e-9)
        beside = np.array([-away[1], away[0]])
        middle = np.array([self.east_m, self.north_m]) + length_m * LENGTH_SHIFT * away
        depth = length_m * LENGTH_SIGMA
        skew = SKEW_SIGMA * length_m**2 / max(float(np.hypot(*middle)), length_m, 1e-9)
        across = hypot(skew, length_m * BOW_SIGMA)
        spread = depth**2 * np.outer(away, away) + across**2 * np.outer(beside, beside)
        return Spot(float(middle[0]), float(middle[1]), self.covariance + spread)

    @property
    def ellipse(self) -> Ellipse:
        """Its 95 % ellipse."""
        return ellipse_of(self.covariance)


def ellipse_of(covariance: Floats) -> Ellipse:
    """Return the 95 % ellipse of a covariance of east and north, shape ``(2, 2)``.

    >>> ellipse_of(np.diag([4.0, 1.0])).orientation_deg
    90.0
    """
    variances, directions = np.linalg.eigh(covariance)
    minor, major = np.sqrt(np.maximum(variances, 0.0)) * RADIUS_95
    east, north = directions[:, 1]
    return Ellipse(
        semi_major_m=float(major),
        semi_minor_m=float(minor),
        orientation_deg=degrees(atan2(east, north)) % 180 % 180,
    )


def spot(sight: Sight, covariance: Floats, pixel: Floats, pixel_sigma: float) -> Spot | None:
    """Return where a pixel looks, or None where no bounded answer exists.

    Args:
        sight: One camera.
        covariance: Of its parameters, shape ``(12, 12)``.
        pixel: Shape ``(2,)``.
        pixel_sigma: Standard deviation of either coordinate.

    First order is right near the camera. Towards the horizon a ray that is a little too steep
    lands far too near, so the ellipse is stretched away from the camera until it holds the far
    one-sided 95 % end; where that end is beyond the horizon there is no answer.
    """
    place, slopes = _slopes(sight, pixel)
    if not np.isfinite(slopes).all():
        return None
    sources = np.zeros((14, 14))
    sources[:12, :12] = covariance
    sources[12, 12] = sources[13, 13] = pixel_sigma**2
    linear = slopes @ sources @ slopes.T
    away = place / max(float(np.hypot(*place)), 1e-9)
    sigma = sqrt(max(float(away @ linear @ away), 0.0))
    factor = _stretch(sight, pixel, sigma, float(away @ slopes[:, 4]))
    if factor is None:
        return None
    widened = np.eye(2) + (factor - 1.0) * np.outer(away, away)
    return Spot(float(place[0]), float(place[1]), widened @ linear @ widened.T)


def _slopes(sight: Sight, pixel: Floats) -> tuple[Floats, Floats]:
    """Return the place, ``(2,)``, and its derivatives by camera and pixel, ``(2, 14)``."""
    inputs = np.concatenate([sight.rows, pixel])
    steps = np.concatenate([STEPS, [_PIXEL_STEP, _PIXEL_STEP]])
    varied = np.concatenate([inputs[None], inputs + np.diag(steps), inputs - np.diag(steps)])
    places = ground(sight.varied(varied[:, :12]), varied[:, 12:])
    slopes: Floats = ((places[1:15] - places[15:]) / (2 * steps[:, None])).T
    return places[0], slopes


def _stretch(sight: Sight, pixel: Floats, sigma: float, per_degree: float) -> float | None:
    """Return how much longer than linear the far end is; None if it is beyond the horizon.

    Args:
        sight: One camera.
        pixel: Shape ``(2,)``.
        sigma: Linear standard deviation of the range, metres.
        per_degree: How far a degree of tilt moves the place away, metres.
    """
    if per_degree <= 0 or sigma == 0:
        return 1.0
    raised = np.stack([sight.rows, sight.rows])
    raised[1, 4] += RADIUS_95_FAR * sigma / per_degree
    near, far = ground(sight.varied(raised), pixel)
    reach = float(np.hypot(*(far - near)))
    return max(1.0, reach / (RADIUS_95 * sigma)) if np.isfinite(reach) else None
