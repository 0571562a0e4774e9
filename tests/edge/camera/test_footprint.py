"""The published field of view is what the camera sees of the water."""

import numpy as np
import pytest
from shapely.geometry import Point, Polygon

from edge.camera.camera import Camera, Lens, Pose
from edge.camera.earth import offset_of
from tests.edge.camera.places import harbour

LIMIT_M = 4_000.0


def ring_of(camera: Camera, limit_m: float) -> Polygon:
    """Return the footprint in metres around the camera."""
    lon, lat = np.array(camera.footprint(limit_m)).T
    return Polygon(np.column_stack(offset_of(camera.pose.lat, camera.pose.lon, lat, lon)))


@pytest.mark.parametrize("tilt", [-4.0, -12.0, -40.0, 8.0])
@pytest.mark.parametrize("roll", [0.0, 12.0])
def test_a_point_is_inside_exactly_if_it_shows(tilt: float, roll: float) -> None:
    """Checked for 2,000 points around, but for those within a share of the ring's own chords."""
    camera = harbour(tilt_deg=tilt, roll_deg=roll)
    ring = ring_of(camera, LIMIT_M)
    assert ring.is_valid
    rng = np.random.default_rng(1)
    distances = LIMIT_M * 1.1 * rng.uniform(0.005, 1, size=2_000) ** 2
    bearings = np.radians(135 + rng.uniform(-50, 50, size=2_000))
    points = np.column_stack([np.sin(bearings), np.cos(bearings)]) * distances[:, None]
    pixels = camera.pixels_of(np.column_stack([points, np.zeros(2_000)]))
    shows = [
        bool(camera.lens.holds(float(x), float(y))) and d <= LIMIT_M
        for (x, y), d in zip(pixels, distances, strict=True)
    ]
    for point, distance, is_shown in zip(points, distances, shows, strict=True):
        if ring.boundary.distance(Point(point)) > 0.02 * distance:
            assert ring.contains(Point(point)) == is_shown


def test_it_ends_at_the_horizon() -> None:
    """However far is asked for."""
    camera = harbour()
    lon, lat = np.array(camera.footprint(1e6)).T
    east, north = camera.offset_of(lat, lon)
    assert np.hypot(east, north).max() == pytest.approx(camera.horizon_m, rel=1e-3)


def test_sky_has_no_footprint() -> None:
    """A camera that looks up sees no water, and publishes none."""
    assert harbour(tilt_deg=40.0).view().footprint == ()


def test_straight_down_is_a_rectangle_or_the_whole_range() -> None:
    """From 50 m with 60 degrees it sees 57.7 m across; with a range of 10 m, a circle of it."""
    pose = Pose(lat=35.1, lon=129.05, height_m=50.0, bearing_deg=0.0, tilt_deg=-90.0)
    camera = Camera(pose=pose, lens=Lens.of_view(640, 480, 60.0))
    assert ring_of(camera, LIMIT_M).area == pytest.approx(57.735 * 57.735 * 0.75, rel=1e-3)
    assert ring_of(camera, 10.0).area == pytest.approx(np.pi * 100, rel=0.01)


def test_a_view_is_within_the_limits_of_the_wire() -> None:
    """At most 64 corners, a bearing below 360, angles as the lens has them."""
    view = harbour(bearing_deg=-1e-20).view()
    assert 3 < len(view.footprint) <= 64
    assert 0 <= view.bearing_deg < 360
    assert view.horizontal_view_deg == pytest.approx(58, abs=2)
