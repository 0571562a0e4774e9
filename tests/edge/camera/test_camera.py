"""A place comes with an ellipse that holds the truth as often as it says."""

from dataclasses import replace

import numpy as np
import pytest

from edge.camera.camera import Camera, Fix, Lens, Pose
from edge.camera.earth import offset_of
from edge.camera.ellipse import LENGTH_SIGMA, RADIUS_95
from edge.camera.projection import ground, pixels_of
from tests.edge.camera.places import covariance, harbour, known_within

CASES = 500
PIXEL_SIGMA = 1.5


@pytest.mark.parametrize("range_m", [120.0, 400.0, 1_000.0])
def test_first_order_is_what_monte_carlo_finds(range_m: float) -> None:
    """The stated covariance is that of 3,000 sampled cameras and pixels, to 10 %."""
    camera = known_within(harbour(), 0.5)
    point = np.array([np.sin(np.radians(137)), np.cos(np.radians(137)), 0.0]) * range_m
    x, y = camera.pixels_of(point[None])[0]
    rng = np.random.default_rng(9)
    rows = rng.multivariate_normal(camera.sight.rows, covariance(camera), size=3_000)
    pixels = rng.normal((x, y), PIXEL_SIGMA, size=(3_000, 2))
    places = ground(camera.sight.varied(rows), pixels)
    found = np.linalg.eigvalsh(np.cov(places.T))
    fix = camera.ground_of(float(x), float(y), PIXEL_SIGMA)
    assert fix is not None
    stated = np.array([fix.ellipse.semi_minor_m, fix.ellipse.semi_major_m]) / RADIUS_95
    assert stated == pytest.approx(np.sqrt(found), rel=0.1)


@pytest.mark.parametrize(
    ("range_m", "least", "most"),
    [(150.0, 0.92, 0.98), (1_000.0, 0.92, 0.98), (5_000.0, 0.92, 1.0)],
)
def test_the_ellipse_holds_the_truth(range_m: float, least: float, most: float) -> None:
    """In 500 cases each; 0.92 to 0.98 is the 99.8 % interval of a binomial of 0.95.

    The camera that is believed differs from the true one by a sample of its stated covariance,
    and the pixel from the true one by its noise. Far away the ellipse is stretched to hold the far
    end, so it may hold more than it says, and some samples are too near the horizon for a place.
    """
    truth = known_within(harbour())
    rng = np.random.default_rng(round(range_m))
    samples = [sample_is_held(truth, range_m, rng) for _ in range(CASES)]
    claims = [held for held in samples if held is not None]
    assert len(claims) > 0.8 * CASES
    assert least <= np.mean(claims) <= most


def sample_is_held(truth: Camera, range_m: float, rng: np.random.Generator) -> bool | None:
    """Whether the ellipse that a wrong camera states holds the true point; None without one."""
    bearing = np.radians(135 + rng.uniform(-20, 20))
    point = np.array([np.sin(bearing), np.cos(bearing), 0.0]) * range_m
    row = rng.normal(truth.sight.rows, np.sqrt(np.diagonal(covariance(truth))))
    pixel = pixels_of(truth.sight.varied(row), point) + rng.normal(0, PIXEL_SIGMA, 2)
    fix = truth.ground_of(float(pixel[0]), float(pixel[1]), PIXEL_SIGMA)
    if fix is None:
        return None
    east, north = offset_of(
        truth.pose.lat, truth.pose.lon, np.array([fix.lat]), np.array([fix.lon])
    )
    return holds(fix, point[:2] - np.array([east[0], north[0]]))


def holds(fix: Fix, off_m: np.ndarray) -> bool:
    """Whether a point so many metres east and north of the fix is inside its ellipse."""
    angle = np.radians(fix.ellipse.orientation_deg)
    along = off_m @ (np.sin(angle), np.cos(angle)) / fix.ellipse.semi_major_m
    across = off_m @ (np.cos(angle), -np.sin(angle)) / fix.ellipse.semi_minor_m
    return bool(along**2 + across**2 <= 1)


def test_no_place_at_the_horizon_nor_so_near_that_its_end_is_open() -> None:
    """The sky has no place; the last pixels below the horizon have one only if well known."""
    camera = known_within(harbour(roll_deg=0.0))
    column = [camera.ground_of(968.0, float(y), PIXEL_SIGMA) for y in range(600)]
    first = next(y for y, fix in enumerate(column) if fix is not None)
    exact = replace(camera, covariance=Camera(pose=camera.pose, lens=camera.lens).covariance)
    assert all(fix is None for fix in column[:first])
    assert all(fix is not None for fix in column[first:])
    assert exact.ground_of(968.0, first - 2.0, 0.0) is not None
    assert camera.ground_of(968.0, first - 2.0, PIXEL_SIGMA) is None
    ranges = [fix.range_m for fix in column[first:] if fix is not None]
    assert ranges == sorted(ranges, reverse=True)


def test_the_middle_of_a_long_object_is_further_off() -> None:
    """By the average of its headings, and less surely: sampled from a rectangle."""
    camera = known_within(harbour())
    foot, middle = (camera.ground_of(960.0, 800.0, 1.0, length) for length in (0.0, 100.0))
    assert foot is not None
    assert middle is not None
    headings = np.radians(np.arange(0, 360, 0.1))
    depth = 100 * (np.abs(np.cos(headings)) + np.abs(np.sin(headings)) / 6) / 2
    assert middle.range_m - foot.range_m == pytest.approx(depth.mean(), rel=1e-4)
    assert pytest.approx(depth.std() / 100, rel=1e-4) == LENGTH_SIGMA
    assert middle.ellipse.semi_major_m > foot.ellipse.semi_major_m


def test_straight_down_is_below_the_camera() -> None:
    """A camera that looks down sees its own place in the middle, with a round ellipse."""
    pose = Pose(lat=35.1, lon=129.05, height_m=50.0, bearing_deg=0.0, tilt_deg=-90.0)
    fix = Camera(pose=pose, lens=Lens.of_view(640, 480, 60.0)).ground_of(320.0, 240.0, 1.0)
    assert fix is not None
    assert (fix.lat, fix.lon) == pytest.approx((35.1, 129.05), abs=1e-9)
    assert fix.ellipse.semi_major_m == pytest.approx(fix.ellipse.semi_minor_m, rel=1e-3)
