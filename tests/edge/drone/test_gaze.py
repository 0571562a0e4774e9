"""What a drone's camera sees of the ground, held against the geometry of fixed cameras."""

from itertools import product
from math import atan, degrees, radians, tan

import pytest
from shapely import Polygon

from edge.camera.camera import Camera, Pose
from edge.camera.camera import Lens as Pinhole
from edge.drone.gaze import REACH_M, Lens, footprint, turned
from haechi.fields import LonLat

PINHOLE = Pinhole.of_view(1600, 1000, 60)
LENS = Lens(horizontal_deg=60, vertical_deg=2 * degrees(atan(tan(radians(30)) * 1000 / 1600)))
PLACE = (129.0, 35.1)

Ring = tuple[LonLat, ...]


def both(
    bearing_deg: float, tilt_deg: float, roll_deg: float, height_m: float
) -> tuple[Ring, Ring]:
    """Return the footprint on flat ground, and that of a fixed camera on a round Earth."""
    turn = turned(radians(bearing_deg), radians(tilt_deg), radians(roll_deg))
    pose = Pose(
        lat=PLACE[1],
        lon=PLACE[0],
        height_m=height_m,
        bearing_deg=bearing_deg,
        tilt_deg=tilt_deg,
        roll_deg=roll_deg,
    )
    fixed = Camera(pose=pose, lens=PINHOLE).footprint(REACH_M)
    return footprint(turn, LENS, PLACE, height_m), fixed


@pytest.mark.parametrize(
    ("bearing_deg", "tilt_deg", "roll_deg"), [*product((0, 135, 300), (-90, -60, -40), (0, 15))]
)
def test_it_is_what_a_fixed_camera_sees_from_there(
    bearing_deg: float, tilt_deg: float, roll_deg: float
) -> None:
    """As long as all of the picture is ground within reach: two ways to the same area."""
    flat, fixed = (Polygon(ring) for ring in both(bearing_deg, tilt_deg, roll_deg, 120))
    assert flat.intersection(fixed).area > 0.99 * flat.union(fixed).area


@pytest.mark.parametrize(("tilt_deg", "height_m"), [(10, 1000), (20, 120), (45, 20)])
def test_what_is_beyond_reach_is_not_claimed_to_be_seen(tilt_deg: float, height_m: float) -> None:
    """A picture whose nearest ground is further away than ``REACH_M`` shows none."""
    assert both(0, tilt_deg, 0, height_m) == ((), ())
