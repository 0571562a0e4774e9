"""The TOML file that says where a camera is, what lens it has, and how well both are known."""

import tomllib
from math import isfinite
from typing import Annotated, Final, cast

import msgspec
import numpy as np
from msgspec import Meta, Struct

from edge.camera.camera import Camera, Lens, Pose
from edge.camera.earth import STANDARD_REFRACTION, Floats
from edge.camera.projection import PARAMETERS
from haechi.fields import Latitude, Longitude

Positive = Annotated[float, Meta(gt=0)]
Pixels = Annotated[int, Meta(ge=1, le=100_000)]
_TOLERANCE: Final = 1e-6


class CalibrationError(ValueError):
    """A camera file says something impossible; the text says what, where, and what to do."""


class PoseTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[pose]``: see docs/cameras.md for the conventions."""

    lat: Latitude
    lon: Longitude
    height_m: Annotated[float, Meta(gt=0, le=10_000)]
    bearing_deg: Annotated[float, Meta(ge=-360, le=360)]
    tilt_deg: Annotated[float, Meta(ge=-90, le=90)]
    roll_deg: Annotated[float, Meta(ge=-180, le=180)] = 0.0


class LensTable(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``[lens]``: a view angle or focal lengths; the middle of the frame unless told otherwise."""

    width_px: Pixels
    height_px: Pixels
    horizontal_view_deg: Annotated[float, Meta(gt=0, lt=180)] | None = None
    focal_px: Positive | None = None
    focal_y_px: Positive | None = None
    principal_x_px: float | None = None
    principal_y_px: float | None = None
    k1: float = 0.0
    k2: float = 0.0


class CameraFile(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole file."""

    pose: PoseTable
    lens: LensTable
    refraction: Annotated[float, Meta(ge=-1, lt=1)] = STANDARD_REFRACTION
    residual_px: Annotated[float, Meta(ge=0)] | None = None
    sigma: dict[str, Annotated[float, Meta(ge=0)]] = {}
    """Standard deviations by parameter; absent ones are taken as exact."""
    correlation: dict[str, dict[str, Annotated[float, Meta(ge=-1, le=1)]]] = {}
    """Between two parameters, each pair once."""


def camera_from_toml(text: str) -> Camera:
    """Read a camera file.

    Raises:
        CalibrationError: it is not TOML, lacks or mistypes a value, or contradicts itself.
    """
    try:
        stated = msgspec.convert(_finite(tomllib.loads(text), "$"), CameraFile)
    except tomllib.TOMLDecodeError as error:
        raise CalibrationError(f"camera file: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise CalibrationError(f"camera file: {error}") from error
    pose = {name: getattr(stated.pose, name) for name in stated.pose.__struct_fields__}
    return Camera(
        pose=Pose(**pose),
        lens=_lens(stated.lens),
        covariance=tuple(tuple(float(value) for value in row) for row in _covariance(stated)),
        refraction=stated.refraction,
        residual_px=stated.residual_px,
    )


def camera_to_toml(camera: Camera) -> str:
    """Write a camera file that ``camera_from_toml`` reads back as the same camera."""
    sections = {
        "pose": {name: getattr(camera.pose, name) for name in PoseTable.__struct_fields__},
        "lens": _lens_table(camera.lens),
        "sigma": _sigmas(camera),
    }
    lines = [f"refraction = {camera.refraction!r}"]
    if camera.residual_px is not None:
        lines.append(f"residual_px = {camera.residual_px!r}")
    for name, values in (sections | _correlations(camera)).items():
        lines += ["", f"[{name}]", *(f"{key} = {value!r}" for key, value in values.items())]
    return "\n".join([*lines, ""])


def _finite(value: object, path: str) -> object:
    """Return a parsed value in which every number is one.

    Raises:
        CalibrationError: TOML's ``nan`` or ``inf`` stands somewhere.
    """
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {key: _finite(inner, f"{path}.{key}") for key, inner in items}
    if isinstance(value, float) and not isfinite(value):
        raise CalibrationError(f"camera file: {value} is no number to calculate with - at `{path}`")
    return value


def _lens(table: LensTable) -> Lens:
    if (table.focal_px is None) == (table.horizontal_view_deg is None):
        raise CalibrationError(
            "camera file: [lens]: give either focal_px or horizontal_view_deg, and not both"
        )
    plain = Lens.of_view(table.width_px, table.height_px, table.horizontal_view_deg or 90.0)
    focal = table.focal_px or plain.focal_px
    x, y = table.principal_x_px, table.principal_y_px
    return Lens(
        width_px=table.width_px,
        height_px=table.height_px,
        focal_px=focal,
        principal_x_px=plain.principal_x_px if x is None else x,
        principal_y_px=plain.principal_y_px if y is None else y,
        k1=table.k1,
        k2=table.k2,
        aspect=(table.focal_y_px or focal) / focal,
    )


def _lens_table(lens: Lens) -> dict[str, float]:
    names = ("width_px", "height_px", "focal_px", "principal_x_px", "principal_y_px", "k1", "k2")
    table = {name: getattr(lens, name) for name in names}
    return table | {"focal_y_px": lens.focal_px * lens.aspect}


def _covariance(stated: CameraFile) -> Floats:
    """Return the covariance of ``PARAMETERS``, shape ``(12, 12)``."""
    for name in stated.sigma:
        _place(name, "sigma")
    sigmas = np.array([stated.sigma.get(name, 0.0) for name in PARAMETERS])
    correlation = np.eye(len(PARAMETERS))
    for name, others in stated.correlation.items():
        for other, value in others.items():
            one, two = _place(name, "correlation"), _place(other, f"correlation.{name}")
            correlation[one, two] = correlation[two, one] = value
    if np.linalg.eigvalsh(correlation)[0] < -_TOLERANCE:
        raise CalibrationError(
            "camera file: [correlation]: no errors can be correlated like that; calibrate again"
        )
    return correlation * np.outer(sigmas, sigmas)


def _place(name: str, table: str) -> int:
    if name not in PARAMETERS:
        known = ", ".join(PARAMETERS)
        raise CalibrationError(f"camera file: [{table}]: no parameter {name!r}; there are {known}")
    return PARAMETERS.index(name)


def _sigmas(camera: Camera) -> dict[str, float]:
    variances = np.diagonal(np.array(camera.covariance))
    sigmas = np.sqrt(variances).tolist()
    return {name: sigma for name, sigma in zip(PARAMETERS, sigmas, strict=True) if sigma > 0}


def _correlations(camera: Camera) -> dict[str, dict[str, float]]:
    """Return ``correlation.NAME`` tables of the pairs that are correlated."""
    covariance = np.array(camera.covariance)
    sigmas = np.sqrt(np.diagonal(covariance))
    tables: dict[str, dict[str, float]] = {}
    for one, two in np.argwhere(np.triu(covariance, 1) != 0).tolist():
        value = float(np.clip(covariance[one, two] / (sigmas[one] * sigmas[two]), -1, 1))
        tables.setdefault(f"correlation.{PARAMETERS[one]}", {})[PARAMETERS[two]] = value
    return tables
