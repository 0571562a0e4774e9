"""Places from four or more known points alone, where nobody knows the camera's pose or lens."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.camera.calibration import Residual, UnsolvableError
from edge.camera.camera import Fix
from edge.camera.earth import Floats, offset_of, place_at
from edge.camera.ellipse import RADIUS_95_FAR, Spot
from edge.camera.points import Known

FEWEST = 4
_STEP = 1e-6
_ROUNDS = 20
_SETTLED = 1e-10
_WORST_CONDITION = 1e12


@dataclass(frozen=True, kw_only=True)
class GroundPlane:
    """A plane projection between picture and ground, without distortion and curvature.

    Good between and near its points and within about a kilometre; it places only what stands on
    the level of its points, and it knows no camera, so it has no field of view to publish.
    """

    lat: float
    lon: float
    """Middle of its points."""
    scale_m: float
    centre_px: tuple[float, float]
    scale_px: float
    row: tuple[float, ...]
    """Eight entries of the matrix from ground to picture in scaled coordinates; the last is 1."""
    covariance: tuple[tuple[float, ...], ...] = field(repr=False)
    """Of the row, shape ``(8, 8)``."""
    residuals: tuple[Residual, ...]

    def ground_of(self, x_px: float, y_px: float, pixel_sigma: float) -> Fix | None:
        """Return the place at a pixel with its 95 % ellipse; None at and near its horizon.

        Distance and bearing are from the middle of the points.
        """
        pixel = (np.array([x_px, y_px]) - self.centre_px) / self.scale_px
        inputs = np.concatenate([self.row, pixel])
        sources = np.zeros((10, 10))
        sources[:8, :8] = self.covariance
        sources[8, 8] = sources[9, 9] = (pixel_sigma / self.scale_px) ** 2
        near, depth = _ground(inputs)
        slopes = _slopes(inputs)
        depth_sigma = float(np.sqrt(slopes[2] @ sources @ slopes[2]))
        if depth <= RADIUS_95_FAR * depth_sigma:
            return None
        spread = slopes[:2] @ sources @ slopes[:2].T * self.scale_m**2
        east, north = (float(value) for value in near * self.scale_m)
        lats, lons = place_at(self.lat, self.lon, np.array([east]), np.array([north]))
        return Fix(
            lat=float(lats[0]),
            lon=float(lons[0]),
            ellipse=Spot(east, north, spread).ellipse,
            range_m=float(np.hypot(east, north)),
            bearing_deg=float(np.degrees(np.arctan2(east, north))) % 360 % 360,
        )

    def pixel_of(self, lat: float, lon: float) -> tuple[float, float] | None:
        """Return the pixel of a place on the level of the points; None beyond its horizon."""
        ground = np.concatenate(offset_of(self.lat, self.lon, np.array([lat]), np.array([lon])))
        seen = _matrix(np.array(self.row)) @ np.array([*(ground / self.scale_m), 1.0])
        if seen[2] <= 0:
            return None
        x, y = seen[:2] / seen[2] * self.scale_px + self.centre_px
        return float(x), float(y)


def plane_through(points: Sequence[Known], *, pixel_sigma: float = 1.0) -> GroundPlane:
    """Fit a plane projection to marked points of one level.

    Args:
        points: At least four with a place, no three of which are in line.
        pixel_sigma: Standard deviation of a mark in either direction.

    Raises:
        UnsolvableError: too few points, points on several levels, or points in line.

    Source:
        Hartley and Zisserman, Multiple View Geometry, 4.1 and 4.4 (normalised direct linear
        transform), then Gauss-Newton on the distances in the picture.
    """
    places = [point.place for point in points if point.place]
    if len(places) < FEWEST or len(places) < len(points):
        raise UnsolvableError(f"{len(places)} points with a place: at least {FEWEST}, no horizon")
    if len({height for _, _, height in places}) > 1:
        raise UnsolvableError("the points are on several levels: a plane has one height")
    lat, lon, _ = np.mean(places, axis=0)
    lats, lons, _ = np.array(places).T
    ground = np.stack(offset_of(float(lat), float(lon), lats, lons), axis=-1)
    pixels = np.array([(point.x_px, point.y_px) for point in points])
    scale_m, centre = float(np.abs(ground).max()), pixels.mean(axis=0)
    scale_px = float(np.abs(pixels - centre).max()) or 1.0
    seen = (pixels - centre) / scale_px
    row, inverse = _fit(ground / max(scale_m, 1e-9), seen)
    left = (_shown(row, ground / scale_m) - seen) * scale_px
    return GroundPlane(
        lat=float(lat),
        lon=float(lon),
        scale_m=scale_m,
        centre_px=(float(centre[0]), float(centre[1])),
        scale_px=scale_px,
        row=tuple(float(value) for value in row),
        covariance=tuple(
            tuple(float(value) for value in line)
            for line in inverse * (pixel_sigma / scale_px) ** 2
        ),
        residuals=tuple(
            Residual(point.name, float(x), float(y))
            for point, (x, y) in zip(points, left, strict=True)
        ),
    )


def _fit(ground: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Return the row and the inverse of its normal matrix, in scaled coordinates."""
    row = _direct(ground, seen)
    for _ in range(_ROUNDS):
        slopes = _shown_slopes(row, ground)
        step = np.linalg.lstsq(slopes, (_shown(row, ground) - seen).ravel())[0]
        row = row - step
        if np.abs(step).max() < _SETTLED:
            break
    slopes = _shown_slopes(row, ground)
    normal = slopes.T @ slopes
    ahead = np.column_stack([ground, np.ones(len(ground))]) @ _matrix(row)[2]
    is_open = not np.isfinite(normal).all() or np.linalg.cond(normal) > _WORST_CONDITION
    if is_open or (ahead <= 0).any():
        raise UnsolvableError("the points are in line, or marked crosswise: check them")
    inverse = np.linalg.inv(normal).astype(np.float64)
    return row, inverse


def _direct(ground: Floats, seen: Floats) -> Floats:
    """Return the row by the direct linear transform."""
    ones = np.column_stack([ground, np.ones(len(ground))])
    zeros = np.zeros_like(ones)
    upper = np.column_stack([ones, zeros, -ones[:, :2] * seen[:, :1]])
    lower = np.column_stack([zeros, ones, -ones[:, :2] * seen[:, 1:]])
    found: Floats = np.linalg.lstsq(np.concatenate([upper, lower]), seen.T.ravel())[0].astype(
        np.float64
    )
    return found


def _matrix(row: Floats) -> Floats:
    return np.append(row, 1.0).reshape(3, 3)


def _shown(row: Floats, ground: Floats) -> Floats:
    seen = np.column_stack([ground, np.ones(len(ground))]) @ _matrix(row).T
    shown: Floats = seen[:, :2] / seen[:, 2:]
    return shown


def _shown_slopes(row: Floats, ground: Floats) -> Floats:
    """Return derivatives of all pixels by the row, ``(2 n, 8)``."""
    moved = [
        (_shown(row + step, ground) - _shown(row - step, ground)).ravel() / (2 * _STEP)
        for step in np.eye(8) * _STEP
    ]
    return np.stack(moved, axis=-1)


def _ground(inputs: Floats) -> tuple[Floats, float]:
    """Return the ground of a row and pixel, ``(10,)``, and the inverse depth: 0 is the horizon.

    The sign of the depth is that of the middle of the points, where it is 1.
    """
    matrix = _matrix(inputs[:8])
    seen = np.linalg.inv(matrix) @ np.array([inputs[8], inputs[9], 1.0])
    return seen[:2] / seen[2], float(seen[2])


def _slopes(inputs: Floats) -> Floats:
    """Return derivatives of east, north and depth by row and pixel, ``(3, 10)``."""

    def flat(values: Floats) -> Floats:
        place, depth = _ground(values)
        return np.array([*place, depth])

    moved = [
        (flat(inputs + step) - flat(inputs - step)) / (2 * _STEP) for step in np.eye(10) * _STEP
    ]
    return np.stack(moved, axis=-1)
