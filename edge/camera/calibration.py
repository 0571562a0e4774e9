"""Finds a camera's pose and lens from known points, and says how well it could."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.camera.camera import Camera, Lens, Pose
from edge.camera.earth import Floats, place_at
from edge.camera.points import Known
from edge.camera.projection import (
    PARAMETERS,
    STEPS,
    Sight,
    directions,
    effective_radius,
    pixels_of,
    rays,
)

ANGLES: Final = ("bearing_deg", "tilt_deg", "roll_deg")
POSITION: Final = ("east_m", "north_m", "height_m")
_VIEWS_DEG: Final = (12.0, 25.0, 45.0, 70.0, 100.0)
"""Angles of view from which a search starts when none is known."""
_ROUNDS: Final = 60
_SETTLED: Final = 1e-10
_WORST_CONDITION: Final = 1e13


class UnsolvableError(ValueError):
    """These points do not determine what is asked for."""


@dataclass(frozen=True)
class Residual:
    """How far a known point shows from where it was marked, pixels."""

    name: str
    x_px: float
    y_px: float
    """For the horizon: the distance from its line, and 0 in x."""

    @property
    def length_px(self) -> float:
        """Of the vector."""
        return float(np.hypot(self.x_px, self.y_px))


@dataclass(frozen=True)
class Calibration:
    """A fitted camera, and what is left over."""

    camera: Camera
    """With its covariance and ``residual_px``."""
    residuals: tuple[Residual, ...]
    sigma: dict[str, float]
    """Standard deviations of what was fitted."""

    @property
    def rms_px(self) -> float:
        """Root mean square length of the residuals."""
        return rms_px(self.residuals)


def rms_px(residuals: Sequence[Residual]) -> float:
    """Return the root mean square length."""
    return float(np.sqrt(np.mean([residual.length_px**2 for residual in residuals])))


def residuals_of(camera: Camera, points: Sequence[Known]) -> tuple[Residual, ...]:
    """Return how far each point shows from where it was marked (shown minus marked)."""
    found = _residuals(camera.sight, _targets(camera, points))
    return tuple(
        Residual(point.name, float(x), float(y))
        for point, (x, y) in zip(points, found, strict=True)
    )


def fit(
    start: Camera,
    points: Sequence[Known],
    free: Sequence[str],
    *,
    pixel_sigma: float = 1.0,
    prior: Mapping[str, float] | None = None,
) -> Calibration:
    """Fit parameters by damped least squares (Levenberg 1944, Marquardt 1963).

    Args:
        start: From where to search; what is not free stays as it is.
        points: Marked points.
        free: Names of ``projection.PARAMETERS``.
        pixel_sigma: Standard deviation of a mark in either direction.
        prior: Standard deviations of those free parameters that ``start`` knows already.

    Returns:
        The covariance is that of the weighted normal equations, times chi-square per degree of
        freedom where that is above 1; parameters that are not free keep the covariance of start.

    Raises:
        UnsolvableError: too few points, points in one place, or points out of any view.
    """
    prior = prior or {}
    chosen = [PARAMETERS.index(name) for name in free]
    weights = np.array([1 / prior[name] if name in prior else 0.0 for name in free])
    targets = _targets(start, points)
    equations = sum(2 if point.place else 1 for point in points) + int(np.count_nonzero(weights))
    if equations < len(free):
        raise UnsolvableError(
            f"{len(points)} points give {equations} equations for {len(free)} unknowns "
            f"({', '.join(free)}): mark more points, or fit less"
        )
    begin = start.sight.rows[chosen]

    def misfit(values: Floats) -> Floats:
        """Return weighted residuals of many candidates, ``(..., m)``."""
        rows = np.broadcast_to(start.sight.rows, (*values.shape[:-1], len(PARAMETERS))).copy()
        rows[..., chosen] = values
        seen = _residuals(start.sight.varied(rows[..., None, :]), targets)
        flat = seen.reshape(*values.shape[:-1], -1) / pixel_sigma
        return np.concatenate([flat, (values - begin) * weights], axis=-1)

    problem = _Problem(misfit, STEPS[chosen])
    values = problem.solve(begin)
    covariance = problem.covariance(values, max(equations - len(free), 0))
    return _calibration(start, points, chosen, values, covariance)


def search(
    position: tuple[float, float, float],
    size_px: tuple[int, int],
    points: Sequence[Known],
    *,
    view_deg: float | None = None,
    free: Sequence[str] = (*POSITION, *ANGLES, "focal_px"),
    pixel_sigma: float = 1.0,
    position_sigma_m: float = 3.0,
) -> Calibration:
    """Fit a camera of which only the place is roughly known.

    Args:
        position: Latitude, longitude, metres above the water.
        size_px: Width and height of the picture.
        points: Marked points, at least two of them places.
        view_deg: Horizontal angle of view where known.
        free: What to fit.
        pixel_sigma: Of a mark.
        position_sigma_m: Standard deviation of the place in each direction.

    Raises:
        UnsolvableError: as for ``fit``, or no start leads anywhere.
    """
    prior = {name: position_sigma_m for name in POSITION if name in free}
    starts = [_start(position, size_px, points, view) for view in _views(view_deg)]
    found: list[Calibration] = []
    failure = UnsolvableError("no point is a place: a camera needs two, besides the horizon")
    for start in starts:
        try:
            angles = fit(start, points, ANGLES, pixel_sigma=pixel_sigma).camera
            lens = [name for name in free if name in {*ANGLES, "focal_px"}]
            nearer = fit(angles, points, lens, pixel_sigma=pixel_sigma).camera
            found.append(
                fit(_at(nearer, start), points, free, pixel_sigma=pixel_sigma, prior=prior)
            )
        except UnsolvableError as error:
            failure = error
    if not found:
        raise failure
    return min(found, key=lambda calibration: calibration.rms_px)


def _views(view_deg: float | None) -> tuple[float, ...]:
    return _VIEWS_DEG if view_deg is None else (view_deg,)


def _at(camera: Camera, start: Camera) -> Camera:
    return replace(camera, covariance=start.covariance)


def _start(
    position: tuple[float, float, float],
    size_px: tuple[int, int],
    points: Sequence[Known],
    view_deg: float,
) -> Camera:
    """Return a level camera that looks towards the points."""
    lat, lon, height = position
    pose = Pose(lat=lat, lon=lon, height_m=height, bearing_deg=0.0, tilt_deg=0.0)
    camera = Camera(pose=pose, lens=Lens.of_view(*size_px, view_deg))
    places = _targets(camera, [point for point in points if point.place])
    if len(places.points) < 2:  # noqa: PLR2004 - one place leaves the bearing to the roll
        raise UnsolvableError(
            f"{len(places.points)} points with a place: at least 2 are needed, besides the horizon"
        )
    east, north, up = directions(camera.sight, places.points).T
    x = (places.pixels[:, 0] - camera.lens.principal_x_px) / camera.lens.focal_px
    y = (places.pixels[:, 1] - camera.lens.principal_y_px) / camera.lens.focal_px
    turned = np.arctan2(east, north) - np.arctan(x)
    bearing = np.arctan2(np.sin(turned).mean(), np.cos(turned).mean())
    tilt = (np.arctan2(up, np.hypot(east, north)) + np.arctan(y)).mean()
    angles = {"bearing_deg": float(np.degrees(bearing)), "tilt_deg": float(np.degrees(tilt))}
    return replace(camera, pose=replace(pose, **angles))


@dataclass(frozen=True, eq=False)
class _Targets:
    """Points as arrays of ``n`` rows."""

    pixels: Floats
    points: Floats
    """East, north, height in metres; zeros for the horizon."""
    is_horizon: Floats
    """1 for the horizon, else 0."""


def _targets(camera: Camera, points: Sequence[Known]) -> _Targets:
    places = [point.place or (camera.pose.lat, camera.pose.lon, 0.0) for point in points]
    lats, lons, heights = np.array(places, dtype=np.float64).reshape(-1, 3).T
    east, north = camera.offset_of(lats, lons)
    pixels = np.array([(point.x_px, point.y_px) for point in points]).reshape(-1, 2)
    is_horizon = np.array([float(point.place is None) for point in points])
    return _Targets(pixels, np.stack([east, north, heights], axis=-1), is_horizon)


def _residuals(sight: Sight, targets: _Targets) -> Floats:
    """Return shown minus marked, ``(..., n, 2)``, pixels."""
    shown = pixels_of(sight, targets.points) - targets.pixels
    east, north, up = np.moveaxis(rays(sight, targets.pixels), -1, 0)
    above = np.arctan2(up, np.hypot(east, north)) + _dip(sight, east, north)
    line = np.stack([np.zeros_like(above), above * sight.rows[..., 6] * sight.aspect], axis=-1)
    return np.where(targets.is_horizon[:, None] > 0, line, shown)


def _dip(sight: Sight, east: Floats, north: Floats) -> Floats:
    """Return how far below level the horizon is in a direction, radians: ``acos(R / (R + h))``."""
    radius = effective_radius(sight, east, north)
    return np.arctan2(np.sqrt(sight.rows[..., 2] * (2 * radius + sight.rows[..., 2])), radius)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Least squares over a vectorised misfit."""

    misfit: Callable[[Floats], Floats]
    steps: Floats

    def solve(self, begin: Floats) -> Floats:
        """Return the best values.

        Raises:
            UnsolvableError: the start shows nothing.
        """
        values, damping = begin, 1e-3
        cost = self._cost(values)
        if not np.isfinite(cost):
            raise UnsolvableError("the points are not in view from the given place and direction")
        for _ in range(_ROUNDS):
            residual, slopes = self.misfit(values), self._slopes(values)
            normal, gradient = slopes.T @ slopes, slopes.T @ residual
            step = np.linalg.lstsq(normal + damping * np.diag(np.diagonal(normal)), gradient)[0]
            tried = self._cost(values - step)
            if np.isfinite(tried) and tried <= cost:
                values, damping = values - step, damping / 5
                if cost - tried <= _SETTLED * (1 + tried):
                    return values
                cost = tried
            else:
                damping *= 8
        return values

    def covariance(self, values: Floats, freedom: int) -> Floats:
        """Return the covariance of the values.

        Raises:
            UnsolvableError: the points leave some combination open.
        """
        slopes = self._slopes(values)
        scale = np.linalg.norm(slopes, axis=0)
        normal = (slopes / np.where(scale > 0, scale, 1)).T @ (
            slopes / np.where(scale > 0, scale, 1)
        )
        if not np.isfinite(normal).all() or np.linalg.cond(normal) > _WORST_CONDITION:
            raise UnsolvableError(
                "the points leave the pose open: spread them over the picture, near and far"
            )
        excess = max(1.0, self._cost(values) / freedom) if freedom else 1.0
        inverse: Floats = np.linalg.inv(normal) / np.outer(scale, scale) * excess
        return inverse

    def _cost(self, values: Floats) -> float:
        return float((self.misfit(values) ** 2).sum())

    def _slopes(self, values: Floats) -> Floats:
        varied = np.concatenate([values + np.diag(self.steps), values - np.diag(self.steps)])
        ahead, back = np.split(self.misfit(varied), 2)
        slopes: Floats = ((ahead - back) / (2 * self.steps[:, None])).T
        return slopes


def _calibration(
    start: Camera, points: Sequence[Known], chosen: list[int], values: Floats, found: Floats
) -> Calibration:
    row = start.sight.rows.copy()
    row[chosen] = values
    covariance = np.array(start.covariance)
    covariance[chosen, :] = covariance[:, chosen] = 0.0
    covariance[np.ix_(chosen, chosen)] = (found + found.T) / 2
    camera = replace(
        with_row(start, row), covariance=tuple(tuple(float(v) for v in line) for line in covariance)
    )
    residuals = residuals_of(camera, points)
    sigmas = np.sqrt(np.diagonal(found)).tolist()
    names = [PARAMETERS[place] for place in chosen]
    sigma = dict(zip(names, sigmas, strict=True))
    return Calibration(replace(camera, residual_px=rms_px(residuals)), residuals, sigma)


def with_row(camera: Camera, row: Floats) -> Camera:
    """Return the camera with other ``projection.PARAMETERS``; east and north move its place."""
    lats, lons = place_at(camera.pose.lat, camera.pose.lon, row[:1], row[1:2])
    height, bearing, tilt, roll, focal, x, y, k1, k2, refraction = (float(v) for v in row[2:])
    pose = Pose(
        lat=float(lats[0]),
        lon=float(lons[0]),
        height_m=height,
        bearing_deg=bearing % 360 % 360,
        tilt_deg=tilt,
        roll_deg=roll,
    )
    lens = replace(camera.lens, focal_px=focal, principal_x_px=x, principal_y_px=y, k1=k1, k2=k2)
    return replace(camera, pose=pose, lens=lens, refraction=refraction)
