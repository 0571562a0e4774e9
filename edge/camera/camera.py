"""A camera of known pose and lens: from a pixel to a place with its uncertainty, and back."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from edge.camera.earth import STANDARD_REFRACTION, Floats, offset_of, place_at, section_radius_m
from edge.camera.ellipse import Spot, spot
from edge.camera.footprint import outline
from edge.camera.projection import PARAMETERS, Sight, ground, pixels_of, rays
from haechi.cameras import CameraView, Ellipse

VIEW_RANGE_M: Final = 20_000.0
"""How far the published field of view is drawn, unless told otherwise."""
NO_COVARIANCE: Final = tuple(tuple(0.0 for _ in PARAMETERS) for _ in PARAMETERS)


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Where a camera is and looks."""

    lat: float
    lon: float
    height_m: float
    """Of the lens above the water or the ground it looks at; positive."""
    bearing_deg: float
    """Of the optical axis, clockwise from true north."""
    tilt_deg: float
    """Of the optical axis; 0 is level, below 0 downwards."""
    roll_deg: float = 0.0
    """Positive when the right side of the housing hangs lower."""


@dataclass(frozen=True, kw_only=True)
class Lens:
    """What a camera makes of directions: a pinhole with Brown's radial distortion."""

    width_px: int
    height_px: int
    focal_px: float
    principal_x_px: float
    principal_y_px: float
    k1: float = 0.0
    k2: float = 0.0
    aspect: float = 1.0
    """Vertical focal length over the horizontal one."""

    @classmethod
    def of_view(cls, width_px: int, height_px: int, horizontal_view_deg: float) -> "Lens":
        """Return a lens without distortion that shows so many degrees from side to side.

        >>> round(Lens.of_view(1920, 1080, 90.0).focal_px)
        960
        """
        focal = width_px / 2 / np.tan(np.radians(horizontal_view_deg) / 2)
        return cls(
            width_px=width_px,
            height_px=height_px,
            focal_px=float(focal),
            principal_x_px=width_px / 2,
            principal_y_px=height_px / 2,
        )

    def holds(self, x_px: float, y_px: float) -> bool:
        """Whether a pixel is inside the frame."""
        return 0 <= x_px <= self.width_px and 0 <= y_px <= self.height_px


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A place seen by a camera."""

    lat: float
    lon: float
    ellipse: Ellipse
    range_m: float
    """Along the surface, from below the camera."""
    bearing_deg: float


@dataclass(frozen=True, kw_only=True)
class Camera:
    """Pose, lens, and how well both are known."""

    pose: Pose
    lens: Lens
    covariance: tuple[tuple[float, ...], ...] = field(default=NO_COVARIANCE, repr=False)
    """Of ``projection.PARAMETERS``, in their units squared."""
    refraction: float = STANDARD_REFRACTION
    residual_px: float | None = None
    """Root mean square error of the calibration it comes from."""

    def ground_of(
        self, x_px: float, y_px: float, pixel_sigma: float, length_m: float = 0.0
    ) -> Fix | None:
        """Return the place on the water where a pixel looks, and where the truth is with 95 %.

        Args:
            x_px: Of an object's foot, from the frame's left edge.
            y_px: Of an object's foot, from the frame's top edge: where it meets the water.
            pixel_sigma: Standard deviation of the foot in either direction, pixels.
            length_m: If the object's middle is meant and not its waterline: how long it is. Its
                heading is unknown, so its middle is on average 0.37 lengths further off.

        Returns:
            None at and above the horizon, and so near below it that the far end is open.
        """
        at = np.array([x_px, y_px])
        found = spot(self.sight, self._covariance, at, pixel_sigma)
        return None if found is None else self._fix(found.of_length(length_m))

    def pixel_of(self, lat: float, lon: float, height_m: float) -> tuple[float, float] | None:
        """Return where a point shows, also outside the frame (ask ``lens.holds``).

        Returns:
            None behind the camera and beyond what the lens can show. Points beyond the horizon
            are placed as if the sea were glass.
        """
        east, north = self.offset_of(np.array([lat]), np.array([lon]))
        x, y = self.pixels_of(np.stack([east, north, np.array([height_m])], axis=-1))[0]
        return (float(x), float(y)) if np.isfinite(x + y) else None

    def pixels_of(self, points: Floats) -> Floats:
        """Return pixels, ``(n, 2)``, of points ``(n, 3)``: metres east, north, high."""
        return pixels_of(self.sight, points)

    def ground(self, pixels: Floats) -> Floats:
        """Return metres east and north, ``(..., 2)``, of pixels ``(..., 2)``; nan for sky."""
        return ground(self.sight, pixels)

    def offset_of(self, lats: Floats, lons: Floats) -> tuple[Floats, Floats]:
        """Return metres east and north of places, as the surface goes."""
        return offset_of(self.pose.lat, self.pose.lon, lats, lons)

    def footprint(self, range_limit_m: float = VIEW_RANGE_M) -> tuple[tuple[float, float], ...]:
        """Return what it sees of the water up to the horizon or a range, as an open ring.

        Returns:
            (longitude, latitude), at most 64, clockwise or not; empty if it sees sky only.
        """
        ring = outline(self, min(range_limit_m, self.horizon_m))
        if ring is None:
            return ()
        lats, lons = place_at(self.pose.lat, self.pose.lon, ring[:, 0], ring[:, 1])
        return tuple((float(lon), float(lat)) for lat, lon in zip(lats, lons, strict=True))

    def view(self, range_limit_m: float = VIEW_RANGE_M) -> CameraView:
        """Return what it publishes about itself."""
        wide, high = self._view_angles()
        return CameraView(
            lat=self.pose.lat,
            lon=self.pose.lon,
            altitude_m=self.pose.height_m,
            bearing_deg=_turned(self.pose.bearing_deg),
            tilt_deg=self.pose.tilt_deg,
            horizontal_view_deg=wide,
            vertical_view_deg=high,
            footprint=self.footprint(range_limit_m),
            residual_px=self.residual_px,
        )

    @cached_property
    def sight(self) -> Sight:
        """Its ``projection.PARAMETERS``, shape ``(12,)``."""
        pose, lens = self.pose, self.lens
        angles = (pose.bearing_deg, pose.tilt_deg, pose.roll_deg)
        inside = (lens.focal_px, lens.principal_x_px, lens.principal_y_px, lens.k1, lens.k2)
        row = np.array([0.0, 0.0, pose.height_m, *angles, *inside, self.refraction])
        return Sight(row, lens.aspect, pose.lat)

    @cached_property
    def horizon_m(self) -> float:
        """Distance of the horizon along the optical axis's bearing, metres."""
        mean = section_radius_m(self.pose.lat, np.array(self.pose.bearing_deg))
        radius = float(mean) / (1 - self.refraction)
        return radius * float(np.arccos(radius / (radius + self.pose.height_m)))

    @cached_property
    def _covariance(self) -> Floats:
        return np.array(self.covariance)

    def _fix(self, found: Spot) -> Fix:
        lats, lons = place_at(
            self.pose.lat, self.pose.lon, np.array([found.east_m]), np.array([found.north_m])
        )
        return Fix(
            lat=float(lats[0]),
            lon=float(lons[0]),
            ellipse=found.ellipse,
            range_m=float(np.hypot(found.east_m, found.north_m)),
            bearing_deg=_turned(np.degrees(np.arctan2(found.east_m, found.north_m))),
        )

    def _view_angles(self) -> tuple[float, float]:
        """Return the angles between the middles of opposite edges, degrees."""
        lens = self.lens
        sides = [(0, lens.principal_y_px), (lens.width_px, lens.principal_y_px)]
        ends = [(lens.principal_x_px, 0), (lens.principal_x_px, lens.height_px)]
        left, right, top, bottom = rays(self.sight, np.array(sides + ends))
        return _angle_deg(left, right), _angle_deg(top, bottom)


def bearing_and_elevation(camera: Camera, pixels: Floats) -> Floats:
    """Return degrees clockwise from north and up from level, ``(..., 2)``, of pixels."""
    east, north, up = np.moveaxis(rays(camera.sight, pixels), -1, 0)
    bearing = np.degrees(np.arctan2(east, north)) % 360
    return np.stack([bearing, np.degrees(np.arctan2(up, np.hypot(east, north)))], axis=-1)


def _turned(degrees: float) -> float:
    """Return an angle in [0, 360): a tiny negative one would be rounded to 360."""
    return float(degrees) % 360 % 360


def _angle_deg(one: Floats, other: Floats) -> float:
    return float(np.degrees(np.arccos(np.clip(one @ other, -1, 1))))
