"""How each kind of report looks on the map."""

import pytest
from pyproj import Geod

from haechi.cameras import CameraView, Detection, Ellipse
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from haechi.ground import UnitPosition
from haechi.kept import Equipment
from haechi.messages import Content
from haechi.seals import Authenticity, SealEventKind, SealReport
from haechi.units import EARTH_RADIUS
from haechi.vessels import VesselPosition
from ingest.stores.appearance import equipment, motion, outline_of

FRAME = "0" * 64
RING = ((129.0, 35.0), (129.1, 35.0), (129.1, 35.1))
VIEW = CameraView(
    lat=35,
    lon=129,
    altitude_m=12,
    bearing_deg=90,
    tilt_deg=-5,
    horizontal_view_deg=60,
    vertical_view_deg=35,
    footprint=RING,
)
SEAL = SealReport(
    event=SealEventKind.TAMPERING, counter=1, authenticity=Authenticity.VALID, battery_percent=80
)
DRONE = DronePosition(
    ground_speed_m_s=10, course_deg=45, mode="AUTO", battery_percent=60, altitude_m=120
)
ELLIPSE = Ellipse(semi_major_m=200, semi_minor_m=50, orientation_deg=30)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (VesselPosition(lat=35, lon=129, speed_kn=9), None),
        (DRONE, Equipment(state="AUTO", battery_percent=60, altitude_m=120)),
        (DroneEvent(kind=DroneEventKind.LINK_LOST), Equipment(state="link_lost")),
        (SEAL, Equipment(state="tampering", battery_percent=80)),
        (VIEW, Equipment(altitude_m=12, outline=RING)),
        (UnitPosition(lat=35, lon=129, battery_percent=44), Equipment(battery_percent=44)),
    ],
)
def test_each_kind_of_report_shows_what_it_has(content: Content, shown: Equipment | None) -> None:
    """And a vessel nothing more than it always did."""
    assert equipment(content) == shown


def test_the_speed_of_a_drone_is_shown_in_knots() -> None:
    """As everything else on the map is."""
    assert motion(DRONE).speed_kn == pytest.approx(19.438, abs=0.001)
    assert motion(VIEW).heading_deg == 90


@pytest.mark.parametrize("phase", ["new", "end"])
def test_a_sighting_shows_where_it_is_with_95_percent(phase: str) -> None:
    """Every corner is between the half axes away, and the first lies on the major one."""
    seen = Detection(
        phase=phase,  # type: ignore[arg-type] # either is one of the phases
        camera="cam-1",
        label="boat",
        score=0.9,
        box=(0.1, 0.1, 0.2, 0.2),
        frame=FRAME,
        lat=35,
        lon=129,
        ellipse=ELLIPSE,
    )
    shown = equipment(seen)
    assert shown is not None
    assert (shown.state, shown.is_over) == ("boat", phase == "end")
    sphere = Geod(a=EARTH_RADIUS, b=EARTH_RADIUS)
    corners = [sphere.inv(129, 35, lon, lat) for lon, lat in shown.outline]
    bearings, away = [corner[0] for corner in corners], [corner[2] for corner in corners]
    assert bearings[0] == pytest.approx(30, abs=0.1)
    assert away[0] == pytest.approx(200, abs=0.1)
    assert min(away) == pytest.approx(50, abs=0.1)
    assert shown.outline == outline_of(ELLIPSE, 35, 129)
