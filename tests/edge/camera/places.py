"""Cameras that several tests look through."""

from dataclasses import replace

import numpy as np

from edge.camera.camera import Camera, Lens, Pose
from edge.camera.earth import Floats
from edge.camera.projection import PARAMETERS

SIGMAS = {
    "east_m": 1.0,
    "north_m": 1.0,
    "height_m": 0.3,
    "bearing_deg": 0.1,
    "tilt_deg": 0.03,
    "roll_deg": 0.05,
    "focal_px": 4.0,
    "principal_x_px": 1.0,
    "principal_y_px": 1.0,
    "k1": 0.005,
    "k2": 0.002,
    "refraction": 0.05,
}


def harbour(**changes: float) -> Camera:
    """Return a camera on a mast over Busan's north harbour, with a little of everything."""
    pose = Pose(lat=35.1, lon=129.05, height_m=32, bearing_deg=135, tilt_deg=-4, roll_deg=0.7)
    lens = Lens(
        width_px=1920,
        height_px=1080,
        focal_px=1800,
        principal_x_px=968,
        principal_y_px=531,
        k1=-0.12,
        k2=0.03,
        aspect=1.002,
    )
    return Camera(pose=replace(pose, **changes), lens=lens)


def known_within(camera: Camera, scale: float = 1.0) -> Camera:
    """Return the camera with ``SIGMAS`` times ``scale``, uncorrelated."""
    sigmas = np.array([SIGMAS[name] for name in PARAMETERS]) * scale
    return replace(camera, covariance=rows(np.diag(sigmas**2)))


def rows(matrix: Floats) -> tuple[tuple[float, ...], ...]:
    """Return an array as a camera keeps it."""
    return tuple(tuple(float(value) for value in row) for row in matrix)


def covariance(camera: Camera) -> Floats:
    """Return the covariance of the parameters as an array."""
    return np.array(camera.covariance)
