"""Pixels and ground are two views of one geometry, and OpenCV agrees."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.camera.camera import Camera, Lens, Pose
from edge.camera.projection import axes, directions, ground, pixels_of, rays
from tests.edge.camera.places import harbour


@given(
    st.floats(0, 1920),
    st.floats(560, 1080),
    st.floats(0, 360),
    st.floats(-60, -6),
    st.floats(-10, 10),
)
def test_a_pixel_on_the_water_leads_back_to_itself(
    x: float, y: float, bearing: float, tilt: float, roll: float
) -> None:
    """Pixel to ground to pixel is the identity, distortion and curvature included."""
    camera = harbour(bearing_deg=bearing, tilt_deg=tilt, roll_deg=roll)
    fix = camera.ground_of(x, y, 0.0)
    assert fix is not None
    back = camera.pixel_of(fix.lat, fix.lon, 0.0)
    assert back == pytest.approx((x, y), abs=1e-3)


@given(st.floats(0, 1920), st.floats(0, 1080))
def test_a_ray_leads_back_to_its_pixel(x: float, y: float) -> None:
    """Also in the sky: a point a kilometre along the ray shows at the pixel."""
    camera = harbour()
    seen = rays(camera.sight, np.array([x, y])) * 1000.0
    flat = axes(camera.sight.rows) @ seen
    projected, _ = cv2.projectPoints(
        flat.reshape(1, 1, 3), np.zeros(3), np.zeros(3), matrix(camera), distortion(camera)
    )
    assert projected.ravel() == pytest.approx((x, y), abs=1e-6)


def test_opencv_projects_the_same() -> None:
    """Ten thousand points in view, in OpenCV's own terms, show at the same pixels."""
    camera = harbour()
    rng = np.random.default_rng(5)
    near = ground(camera.sight, rng.uniform([0, 520], [1920, 1080], size=(10_000, 2)))
    points = np.column_stack([near, rng.uniform(0, 40, size=len(near))])
    points = points[np.isfinite(points).all(axis=1)]
    seen = directions(camera.sight, points)
    rotation, _ = cv2.Rodrigues(axes(camera.sight.rows))
    expected, _ = cv2.projectPoints(seen, rotation, np.zeros(3), matrix(camera), distortion(camera))
    assert len(points) > 9_000
    assert np.abs(pixels_of(camera.sight, points) - expected[:, 0]).max() < 1e-6


def test_the_horizon_dips_and_light_bends() -> None:
    """From 100 m the horizon is 1.113 sqrt(k) as far as over a sphere without air."""
    pose = Pose(lat=0.0, lon=0.0, height_m=100.0, bearing_deg=90.0, tilt_deg=0.0)
    lens = Lens.of_view(1920, 1080, 30.0)
    airless = Camera(pose=pose, lens=lens, refraction=0.0).horizon_m
    assert airless == pytest.approx(np.sqrt(2 * 6_378_137 * 100), rel=1e-5)
    usual = Camera(pose=pose, lens=lens).horizon_m
    assert usual / airless == pytest.approx(1 / np.sqrt(1 - 0.13), rel=1e-5)


@pytest.mark.parametrize(
    ("change", "x_moves", "y_moves"),
    [({"bearing_deg": 136.0}, -1, 0), ({"tilt_deg": -3.0}, 0, 1), ({"roll_deg": 10.0}, 0, -1)],
)
def test_signs_are_as_surveyors_have_them(
    change: dict[str, float], x_moves: int, y_moves: int
) -> None:
    """Turning right moves things left; tilting up, down; rolling right lifts those on the right."""
    camera = harbour(roll_deg=0.0)
    fix = camera.ground_of(1700.0, 800.0, 0.0)
    assert fix is not None
    moved = harbour(**({"roll_deg": 0.0} | change)).pixel_of(fix.lat, fix.lon, 0.0)
    assert moved is not None
    x, y = np.sign(np.round((np.array(moved) - (1700.0, 800.0)) / 15))
    assert (x if x_moves else 0, y) == (x_moves, y_moves)


def test_what_is_behind_or_beyond_the_lens_shows_nowhere() -> None:
    """Behind the camera, and where a barrel lens's formula would fold back."""
    camera = harbour()
    assert camera.pixel_of(35.2, 128.9, 0.0) is None
    fisheye = Camera(
        pose=camera.pose,
        lens=Lens(
            width_px=640,
            height_px=480,
            focal_px=320,
            principal_x_px=320,
            principal_y_px=240,
            k1=-0.3,
        ),
    )
    assert fisheye.pixel_of(35.1016, 129.061, 0.0) is None  # 55 degrees off the axis
    assert fisheye.pixel_of(35.094, 129.061, 0.0) is not None
    assert fisheye.ground_of(0.0, 480.0, 1.0) is None


def matrix(camera: Camera) -> np.ndarray:
    """Return the matrix of the lens as OpenCV takes it."""
    lens = camera.lens
    return np.array(
        [
            [lens.focal_px, 0, lens.principal_x_px],
            [0, lens.focal_px * lens.aspect, lens.principal_y_px],
            [0, 0, 1],
        ]
    )


def distortion(camera: Camera) -> np.ndarray:
    """Return k1, k2, p1, p2."""
    return np.array([camera.lens.k1, camera.lens.k2, 0.0, 0.0])
