"""Where a box will be: a Kalman filter over its centre, width and height, by pure arithmetic.

The four move independently of each other, each at a constant velocity with noise in proportion to
the size of the box, as in SORT and ByteTrack. So the usual matrices of eight by eight fall apart
into four of two by two, which are written out. Time is in seconds, not frames, since a camera that
falls behind skips frames.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

PLACE_NOISE: Final = 1 / 20
"""Of one measurement, in box sizes (ByteTrack)."""

SPEED_NOISE: Final = 1 / 3
"""By which the velocity may change within one second, in box sizes a second. ByteTrack's 1/160 a
frame is for crowds at 30 frames a second; vehicles that brake in sight of a slow camera need more.
"""

FIRST_SPEED: Final = 2.0
"""How fast something new may be, in box sizes a second."""


LEAST_SIZE: Final = 1e-6
"""A box that is expected to shrink does not vanish."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Four values, how fast each changes in a second, and how sure both are (variances)."""

    place: Floats
    """Centre across, centre down, width, height; in any unit."""
    speed: Floats
    place_variance: Floats
    shared_variance: Floats
    speed_variance: Floats

    @classmethod
    def begun(cls, edges: Floats) -> Self:
        """Return the motion of a box seen once: it may go anywhere.

        Args:
            edges: Left, top, right, bottom.
        """
        place = _middle(edges)
        size = _size(place)
        return cls(
            place,
            np.zeros(4),
            (2 * PLACE_NOISE * size) ** 2,
            np.zeros(4),
            (FIRST_SPEED * size) ** 2,
        )

    @property
    def edges(self) -> Floats:
        """Left, top, right, bottom."""
        half = np.maximum(self.place[2:], LEAST_SIZE) / 2
        return np.concatenate((self.place[:2] - half, self.place[:2] + half))

    def after(self, seconds: float) -> Self:
        """Return it some time later, less sure."""
        size = _size(self.place)
        shaken = (SPEED_NOISE * size) ** 2 * seconds
        return type(self)(
            self.place + seconds * self.speed,
            self.speed,
            self.place_variance
            + 2 * seconds * self.shared_variance
            + seconds**2 * self.speed_variance
            + shaken * seconds**2 / 3,
            self.shared_variance + seconds * self.speed_variance + shaken * seconds / 2,
            self.speed_variance + shaken,
        )

    def corrected(self, edges: Floats) -> Self:
        """Return it after one more look.

        One that stands still and is seen again where it was goes on standing:

        >>> box = np.array([0.0, 0, 10, 10])
        >>> Motion.begun(box).after(0.1).corrected(box).edges.tolist()
        [0.0, 0.0, 10.0, 10.0]
        """
        seen = _middle(edges)
        noise = (PLACE_NOISE * _size(seen)) ** 2
        place_gain = self.place_variance / (self.place_variance + noise)
        speed_gain = self.shared_variance / (self.place_variance + noise)
        surprise = seen - self.place
        return type(self)(
            self.place + place_gain * surprise,
            self.speed + speed_gain * surprise,
            (1 - place_gain) * self.place_variance,
            (1 - place_gain) * self.shared_variance,
            self.speed_variance - speed_gain * self.shared_variance,
        )


def _middle(edges: Floats) -> Floats:
    return np.concatenate(((edges[:2] + edges[2:]) / 2, edges[2:] - edges[:2]))


def _size(place: Floats) -> Floats:
    across, down = np.maximum(place[2:], LEAST_SIZE)
    return np.array([across, down, across, down])
