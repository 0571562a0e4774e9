"""Where on the ground something in the picture stands, and how fast it goes there."""

from datetime import datetime
from math import atan2, cos, degrees, hypot, radians
from typing import Final, NamedTuple, Protocol

from haechi.cameras import Box, CameraView, Ellipse
from haechi.units import KNOT_IN_METRES_PER_SECOND, METRES_PER_DEGREE

CUT_OFF: Final = 0.995
"""A box that reaches this far down is cut off by the picture: where its foot is, nobody sees."""

LEAST_SIGMA_PX: Final = 1.5
FOOT_SIGMA: Final = 0.03
"""Of the foot's place, in heights of the box: detectors are a few percent off at edges."""


class Fix(Protocol):
    """A place that a camera sees; ``edge.camera.camera.Fix`` is one."""

    @property
    def lat(self) -> float:
        """Degrees."""
        ...

    @property
    def lon(self) -> float:
        """Degrees."""
        ...

    @property
    def ellipse(self) -> Ellipse:
        """Where it truly is with 95 % probability."""
        ...


class Lens(Protocol):
    """The size of the picture that a camera was calibrated with."""

    @property
    def width_px(self) -> int:
        """Across."""
        ...

    @property
    def height_px(self) -> int:
        """Down."""
        ...


class Camera(Protocol):
    """The part of ``edge.camera.camera.Camera`` that is used; meanings are there."""

    @property
    def lens(self) -> Lens:
        """Its picture."""
        ...

    def ground_of(self, x_px: float, y_px: float, pixel_sigma: float) -> Fix | None:
        """Return the place where a pixel looks."""
        ...

    def view(self) -> CameraView:
        """Return what it publishes about itself."""
        ...


class Place(NamedTuple):
    """Where something is, and which way it goes as far as that can be told."""

    lat: float
    lon: float
    ellipse: Ellipse
    speed_kn: float | None = None
    course_deg: float | None = None


class Placing:
    """Places objects by their feet; remembers where each was placed last, while it is followed."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._last: dict[int, tuple[datetime, Place]] = {}

    def place(self, number: int, at: datetime, box: Box) -> Place | None:
        """Return where an object stands.

        Its speed is said only once it has moved by more than both ellipses leave open. It is an
        estimate of one camera, and proves nothing.

        Args:
            number: Of its track.
            at: When.
            box: In the picture.

        Returns:
            None if its foot is cut off or above the horizon.
        """
        found = self._fix(box)
        if found is None:
            return None
        here = Place(found.lat, found.lon, found.ellipse)
        before = self._last.get(number)
        if before is None:
            self._last[number] = (at, here)
            return here
        moved = _moved(*before, at, here)
        if moved is None:
            return here
        self._last[number] = (at, moved)
        return moved

    def forget(self, number: int) -> None:
        """Forget an object that has gone."""
        self._last.pop(number, None)

    def _fix(self, box: Box) -> Fix | None:
        left, top, right, bottom = box
        if bottom >= CUT_OFF:
            return None
        lens = self._camera.lens
        sigma = max(LEAST_SIGMA_PX, FOOT_SIGMA * (bottom - top) * lens.height_px)
        return self._camera.ground_of(
            (left + right) / 2 * lens.width_px, bottom * lens.height_px, sigma
        )


def _moved(since: datetime, start: Place, at: datetime, end: Place) -> Place | None:
    seconds = (at - since).total_seconds()
    north = (end.lat - start.lat) * METRES_PER_DEGREE
    east = (end.lon - start.lon) * METRES_PER_DEGREE * cos(radians(start.lat))
    way = hypot(north, east)
    if seconds <= 0 or way <= start.ellipse.semi_major_m + end.ellipse.semi_major_m:
        return None
    speed_kn = way / seconds / KNOT_IN_METRES_PER_SECOND
    return end._replace(speed_kn=round(speed_kn, 2), course_deg=degrees(atan2(east, north)) % 360)
