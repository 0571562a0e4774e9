"""Four known points place what stands between them, as well as they say."""

import cv2
import numpy as np
import pytest

from edge.camera.calibration import UnsolvableError, rms_px
from edge.camera.earth import Floats, offset_of, place_at
from edge.camera.homography import GroundPlane, plane_through
from edge.camera.points import Known
from tests.edge.camera.test_calibration import PLAIN
from tests.edge.camera.test_camera import holds

SIGMA = 1.0
PIXELS = np.array(
    [[300, 700], [1600, 720], [250, 1000], [1700, 1010], [960, 650], [900, 850]], dtype=np.float64
)


def marked(pixels: Floats, rng: np.random.Generator | None = None) -> list[Known]:
    """Return marks of places on the water that a camera shows at these pixels."""
    east, north = PLAIN.ground(pixels).T
    lats, lons = place_at(PLAIN.pose.lat, PLAIN.pose.lon, east, north)
    noise = np.zeros_like(pixels) if rng is None else rng.normal(0, SIGMA, pixels.shape)
    return [
        Known(name=f"{n}", x_px=float(x), y_px=float(y), place=(float(lat), float(lon), 0.0))
        for n, ((x, y), lat, lon) in enumerate(zip(pixels + noise, lats, lons, strict=True))
    ]


def off(plane: GroundPlane, x: float, y: float) -> Floats:
    """Return how far a place is from the camera's, metres east and north (camera minus plane)."""
    fix, true = plane.ground_of(x, y, SIGMA), PLAIN.ground_of(x, y, 0.0)
    assert fix is not None
    assert true is not None
    ends = np.array([[true.lat, true.lon], [fix.lat, fix.lon]])
    east, north = offset_of(true.lat, true.lon, ends[:, 0], ends[:, 1])
    return -np.array([east[1] - east[0], north[1] - north[0]])


def test_exact_marks_give_the_cameras_places() -> None:
    """Between them to 5 cm: what is left is the Earth's curvature."""
    plane = plane_through(marked(PIXELS))
    assert rms_px(plane.residuals) < 0.02
    for x, y in ((960, 700), (500, 900), (1400, 800)):
        assert np.hypot(*off(plane, x, y)) < 0.05


def test_opencv_finds_the_same_plane() -> None:
    """Four points, no freedom: the same pixel for the same place."""
    points = marked(PIXELS[:4])
    plane = plane_through(points)
    places = np.array([point.place for point in points])
    ground = np.stack(offset_of(plane.lat, plane.lon, places[:, 0], places[:, 1]), axis=-1)
    matrix, _ = cv2.findHomography(ground, PIXELS[:4])
    middle = plane.pixel_of(plane.lat, plane.lon)
    assert middle == pytest.approx((matrix[:, 2] / matrix[2, 2])[:2], abs=1e-3)


def test_a_place_leads_back_to_its_pixel() -> None:
    """``pixel_of`` inverts ``ground_of``."""
    plane = plane_through(marked(PIXELS))
    fix = plane.ground_of(700.0, 820.0, SIGMA)
    assert fix is not None
    assert plane.pixel_of(fix.lat, fix.lon) == pytest.approx((700, 820), abs=1e-3)


def test_the_ellipse_holds_the_truth() -> None:
    """In 300 samples of marks and pixels: 0.906 to 0.983 is the 99.8 % interval of 0.95."""
    rng = np.random.default_rng(8)
    held: list[bool] = []
    for _ in range(300):
        plane = plane_through(marked(PIXELS, rng), pixel_sigma=SIGMA)
        x, y = rng.uniform([400, 740], [1500, 980])
        noise_x, noise_y = rng.normal(0, SIGMA, 2)
        fix, true = plane.ground_of(x + noise_x, y + noise_y, SIGMA), PLAIN.ground_of(x, y, 0.0)
        assert fix is not None
        assert true is not None
        east, north = offset_of(fix.lat, fix.lon, np.array([true.lat]), np.array([true.lon]))
        held.append(holds(fix, np.concatenate([east, north])))
    assert 0.906 <= np.mean(held) <= 0.983


def test_the_sky_has_no_place() -> None:
    """Nor has what is so near the horizon that its far end is open."""
    plane = plane_through(marked(PIXELS))
    assert plane.ground_of(960.0, 200.0, SIGMA) is None
    assert plane.ground_of(960.0, 409.0, SIGMA) is None


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (marked(PIXELS[:3]), "3 points with a place: at least 4"),
        ([*marked(PIXELS[:4]), Known(name="h", x_px=1, y_px=1)], "no horizon"),
        (
            [*marked(PIXELS[:4]), Known(name="mast", x_px=9, y_px=9, place=(35.1, 129.06, 12.0))],
            "several levels",
        ),
        (marked(np.array([[960.0, 620 + 40 * n] for n in range(5)])), "in line"),
    ],
)
def test_points_that_do_not_do_are_refused(points: list[Known], said: str) -> None:
    """With the reason."""
    with pytest.raises(UnsolvableError, match=said):
        plane_through(points)
