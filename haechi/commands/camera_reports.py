"""What ``haechi camera calibrate`` and ``check`` find out, and how they say it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from edge.camera.calibration import ANGLES, POSITION, Residual, fit, residuals_of, rms_px, search
from edge.camera.calibration_file import camera_from_toml, camera_to_toml
from edge.camera.camera import Camera
from edge.camera.points import Known, points_from_csv
from edge.camera.projection import PARAMETERS

SURE: Final = 3.0
"""Standard deviations from which on an angle is called wrong."""
SMALLEST_DEG: Final = 0.02
"""Nobody mounts a camera better than this, so less is not called wrong."""
SPARE: Final = 3
"""Equations beyond the unknowns below which marks do not check one another."""


class Off(Struct, frozen=True, kw_only=True):
    """A residual as it is printed."""

    name: str
    x_px: float
    y_px: float
    length_px: float


class Angle(Struct, frozen=True, kw_only=True):
    """What a camera file states of an angle, and what the points say."""

    parameter: str
    stated: float
    measured: float
    off: float
    """Measured minus stated, degrees."""
    sigma: float
    """Of the difference, with what the file itself admits."""
    is_wrong: bool


class Report(Struct, frozen=True, kw_only=True):
    """What either command says."""

    version: int = 1
    rms_px: float
    limit_px: float
    residuals: tuple[Off, ...]
    parameters: dict[str, float]
    """The camera: fitted by ``calibrate``, as stated for ``check``."""
    sigma: dict[str, float]
    angles: tuple[Angle, ...] = ()
    """Of ``check``."""
    warnings: tuple[str, ...]
    """None if all is well."""


class Mount(Struct, frozen=True, kw_only=True):
    """What is known of a camera before it is calibrated."""

    lat: float
    lon: float
    height_m: float
    sigma_m: float
    width_px: int
    height_px: int
    view_deg: float | None
    is_bent: bool
    """Whether to fit the lens's distortion."""


class Calibrated(Struct, frozen=True):
    """A report, and the camera file that goes with it."""

    report: Report
    toml: str


def calibrate(
    points_file: Path, mount: Mount, *, pixel_sigma: float, limit_px: float
) -> Calibrated:
    """Fit a camera to a file of points.

    Raises:
        OSError, ValueError: the file cannot be read, or the points do not do.
    """
    points = points_from_csv(points_file.read_text())
    lens = [*([] if mount.view_deg else ["focal_px"]), *(["k1"] if mount.is_bent else [])]
    found = search(
        (mount.lat, mount.lon, mount.height_m),
        (mount.width_px, mount.height_px),
        points,
        view_deg=mount.view_deg,
        free=(*POSITION, *ANGLES, *lens),
        pixel_sigma=pixel_sigma,
        position_sigma_m=mount.sigma_m,
    )
    spare = _equations(points) - len(ANGLES) - len(lens)
    report = Report(
        rms_px=found.rms_px,
        limit_px=limit_px,
        residuals=_printed(found.residuals),
        parameters=_parameters(found.camera),
        sigma=found.sigma,
        warnings=(*_too_large(found.residuals, limit_px), *_too_few(spare)),
    )
    return Calibrated(report, camera_to_toml(found.camera))


def check(camera_file: Path, points_file: Path, *, pixel_sigma: float, limit_px: float) -> Report:
    """Hold a camera file against a file of points.

    Raises:
        OSError, ValueError: a file cannot be read, or the points do not do.
    """
    camera = camera_from_toml(camera_file.read_text())
    points = points_from_csv(points_file.read_text())
    residuals = residuals_of(camera, points)
    angles = tuple(_angles(camera, points, pixel_sigma))
    return Report(
        rms_px=rms_px(residuals),
        limit_px=limit_px,
        residuals=_printed(residuals),
        parameters=_parameters(camera),
        sigma=_sigmas(camera),
        angles=angles,
        warnings=(
            *(_said(angle) for angle in angles if angle.is_wrong),
            *_too_large(residuals, limit_px),
        ),
    )


def lines(report: Report) -> Iterator[str]:
    """Yield what a person reads."""
    yield f"{'point':20} {'x off px':>9} {'y off px':>9} {'off px':>9}"
    for off in report.residuals:
        yield f"{off.name[:20]:20} {off.x_px:9.2f} {off.y_px:9.2f} {off.length_px:9.2f}"
    yield f"root mean square {report.rms_px:.2f} px, limit {report.limit_px:g} px"
    for name, value in report.parameters.items():
        sigma = report.sigma.get(name)
        yield f"{name:16} {value:14.6f}" + ("" if sigma is None else f" +- {sigma:.4f}")
    for warning in report.warnings:
        yield f"warning: {warning}"


def _angles(camera: Camera, points: tuple[Known, ...], pixel_sigma: float) -> Iterator[Angle]:
    """Yield each angle as stated and as the points have it, all else as stated."""
    measured = fit(camera, points, ANGLES, pixel_sigma=pixel_sigma)
    admitted = _sigmas(camera)
    for name in ANGLES:
        stated, found = getattr(camera.pose, name), getattr(measured.camera.pose, name)
        off = (found - stated + 180) % 360 - 180
        sigma = float(np.hypot(measured.sigma[name], admitted.get(name, 0.0)))
        is_wrong = abs(off) > max(SURE * sigma, SMALLEST_DEG)
        yield Angle(
            parameter=name, stated=stated, measured=found, off=off, sigma=sigma, is_wrong=is_wrong
        )


def _said(angle: Angle) -> str:
    return (
        f"{angle.parameter} is off by {angle.off:+.2f} (+- {angle.sigma:.2f}): the points say "
        f"{angle.measured:.2f}, the file {angle.stated:.2f}; calibrate again, or look at its mount"
    )


def _too_large(residuals: tuple[Residual, ...], limit_px: float) -> Iterator[str]:
    rms = rms_px(residuals)
    if rms > limit_px:
        worst = max(residuals, key=lambda residual: residual.length_px)
        yield (
            f"residuals are too big: {rms:.1f} px, limit {limit_px:g}; the worst is {worst.name} "
            f"with {worst.length_px:.1f}: look at its place and its mark"
        )


def _too_few(spare: int) -> Iterator[str]:
    if spare < SPARE:
        yield f"{spare} equations to spare: the marks do not check one another; mark more points"


def _equations(points: tuple[Known, ...]) -> int:
    return sum(2 if point.place else 1 for point in points)


def _printed(residuals: tuple[Residual, ...]) -> tuple[Off, ...]:
    return tuple(
        Off(name=each.name, x_px=each.x_px, y_px=each.y_px, length_px=each.length_px)
        for each in residuals
    )


def _parameters(camera: Camera) -> dict[str, float]:
    place = {"lat": camera.pose.lat, "lon": camera.pose.lon}
    row = zip(PARAMETERS[2:], camera.sight.rows[2:].tolist(), strict=True)
    return place | dict(row)


def _sigmas(camera: Camera) -> dict[str, float]:
    sigmas = np.sqrt(np.diagonal(np.array(camera.covariance))).tolist()
    return {name: sigma for name, sigma in zip(PARAMETERS, sigmas, strict=True) if sigma > 0}
