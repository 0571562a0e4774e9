"""From marked points the pose comes back, with an honest account of how well."""

from dataclasses import replace

import numpy as np
import pytest

from edge.camera.calibration import ANGLES, UnsolvableError, fit, residuals_of, rms_px, search
from edge.camera.camera import Camera
from edge.camera.earth import place_at
from edge.camera.points import Known
from tests.edge.camera.places import harbour

MARK_SIGMA = 0.7
PLAIN = replace(
    harbour(),
    lens=replace(
        harbour().lens, principal_x_px=960, principal_y_px=540, k1=0.0, k2=0.0, aspect=1.0
    ),
)
POSITION = (PLAIN.pose.lat, PLAIN.pose.lon, PLAIN.pose.height_m)


def marks(camera: Camera, count: int, seed: int, *, horizon: int = 0) -> list[Known]:
    """Return points that the camera shows, marked with an error."""
    rng = np.random.default_rng(seed)
    pixels = rng.uniform([100, 560], [1820, 1000], size=(count, 2))
    heights = rng.choice([0.0, 4.0, 12.0], size=count)
    east, north = camera.ground(pixels).T
    lats, lons = place_at(camera.pose.lat, camera.pose.lon, east, north)
    known: list[Known] = []
    for place in zip(lats.tolist(), lons.tolist(), heights.tolist(), strict=True):
        shown = camera.pixel_of(*place)
        assert shown is not None
        x, y = np.array(shown) + rng.normal(0, MARK_SIGMA, 2)
        known.append(Known(name=f"mark {len(known)}", x_px=float(x), y_px=float(y), place=place))
    return known + [on_horizon(camera, x, rng) for x in np.linspace(200, 1700, horizon)]


def on_horizon(camera: Camera, x: float, rng: np.random.Generator) -> Known:
    """Return a marked pixel of the horizon, found by halving."""
    sky, sea = 0.0, float(camera.lens.height_px)
    for _ in range(40):
        middle = (sky + sea) / 2
        is_sea = np.isfinite(camera.ground(np.array([x, middle]))).all()
        sky, sea = (sky, middle) if is_sea else (middle, sea)
    return Known(name="horizon", x_px=float(x), y_px=float(sea + rng.normal(0, MARK_SIGMA)))


@pytest.mark.parametrize("seed", range(5))
def test_a_known_pose_is_recovered(seed: int) -> None:
    """From a place known to 3 m and nothing else, all is within four stated deviations."""
    place = (POSITION[0] + 2e-5, POSITION[1] - 1e-5, POSITION[2] + 1.5)
    found = search(place, (1920, 1080), marks(PLAIN, 12, seed), pixel_sigma=MARK_SIGMA)
    pose, lens = found.camera.pose, found.camera.lens
    assert found.rms_px < 2 * MARK_SIGMA
    for name in ("bearing_deg", "tilt_deg", "roll_deg", "height_m"):
        assert abs(getattr(pose, name) - getattr(PLAIN.pose, name)) < 4 * found.sigma[name], name
    assert abs(lens.focal_px - PLAIN.lens.focal_px) < 4 * found.sigma["focal_px"]
    assert found.sigma["bearing_deg"] < 0.5


def test_the_stated_deviations_are_what_many_fits_show() -> None:
    """Over 60 fits, bearing and tilt scatter as stated, to 30 %."""
    fits = [fit(PLAIN, marks(PLAIN, 10, s), ANGLES, pixel_sigma=MARK_SIGMA) for s in range(60)]
    for name in ("bearing_deg", "tilt_deg"):
        errors = [getattr(f.camera.pose, name) - getattr(PLAIN.pose, name) for f in fits]
        scale = [error / f.sigma[name] for error, f in zip(errors, fits, strict=True)]
        assert np.std(scale) == pytest.approx(1.0, abs=0.3)


def test_the_horizon_alone_gives_tilt_and_roll() -> None:
    """Five marks on the line, without any surveyed place."""
    wrong = replace(PLAIN, pose=replace(PLAIN.pose, tilt_deg=-1.0, roll_deg=-2.0))
    found = fit(wrong, marks(PLAIN, 0, 1, horizon=5), ("tilt_deg", "roll_deg"), pixel_sigma=0.7)
    assert found.camera.pose.tilt_deg == pytest.approx(PLAIN.pose.tilt_deg, abs=0.08)
    assert found.camera.pose.roll_deg == pytest.approx(PLAIN.pose.roll_deg, abs=0.15)


def test_distortion_is_fitted_when_asked_for() -> None:
    """With many marks the first coefficient comes back."""
    bent = replace(PLAIN, lens=replace(PLAIN.lens, k1=-0.12))
    found = fit(PLAIN, marks(bent, 40, 2), (*ANGLES, "focal_px", "k1"), pixel_sigma=0.7)
    assert found.camera.lens.k1 == pytest.approx(-0.12, abs=4 * found.sigma["k1"])


def test_two_degrees_of_yaw_are_62_pixels() -> None:
    """The residuals of a camera that was turned say so: 2 degrees of 1,800 pixels each."""
    turned = replace(PLAIN, pose=replace(PLAIN.pose, bearing_deg=PLAIN.pose.bearing_deg + 2))
    residuals = residuals_of(turned, marks(PLAIN, 8, 3))
    assert rms_px(residuals) == pytest.approx(np.radians(2) * 1_800, rel=0.1)
    assert all(residual.x_px < 0 for residual in residuals)


def test_a_prior_holds_what_points_cannot() -> None:
    """Two marks cannot tell height from tilt; a height known to 10 cm stays."""
    free = (*ANGLES, "height_m")
    found = fit(PLAIN, marks(PLAIN, 2, 4), free, pixel_sigma=0.7, prior={"height_m": 0.1})
    assert found.camera.pose.height_m == pytest.approx(PLAIN.pose.height_m, abs=0.4)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (marks(PLAIN, 1, 1), "at least 2 are needed"),
        (marks(PLAIN, 2, 1), "2 points give 4 equations for 5 unknowns"),
        (marks(PLAIN, 1, 1) * 5, "leave the pose open"),
    ],
)
def test_too_little_is_refused(points: list[Known], said: str) -> None:
    """With what is missing."""
    with pytest.raises(UnsolvableError, match=said):
        search(POSITION, (1920, 1080), points, free=(*ANGLES, "focal_px", "k1"))
