"""How each kind of report looks to people: its motion, and what else it shows."""

from math import cos, radians, sin
from typing import Final, NamedTuple

from haechi.cameras import CameraView, Detection, Ellipse
from haechi.drones import DroneEvent, DronePosition
from haechi.fields import LonLat
from haechi.ground import UnitPosition, VehiclePosition
from haechi.kept import Equipment
from haechi.messages import Content
from haechi.seals import SealReport
from haechi.units import KNOT_IN_METRES_PER_SECOND, METRES_PER_DEGREE
from haechi.vessels import VesselPosition

ELLIPSE_CORNERS: Final = 24


class Motion(NamedTuple):
    """How something moves, in the words of the map."""

    speed_kn: float | None = None
    course_deg: float | None = None
    heading_deg: float | None = None


def motion(content: Content) -> Motion:
    """Return how what is reported moves; a camera points where it looks."""
    match content:
        case VesselPosition():
            return Motion(content.speed_kn, content.course_deg, content.heading_deg)
        case UnitPosition() | VehiclePosition() | Detection():
            return Motion(content.speed_kn, content.course_deg)
        case DronePosition(ground_speed_m_s=speed):
            knots = None if speed is None else speed / KNOT_IN_METRES_PER_SECOND
            return Motion(knots, content.course_deg, content.heading_deg)
        case CameraView():
            return Motion(heading_deg=content.bearing_deg)
        case _:
            return Motion()


def equipment(content: Content) -> Equipment | None:
    """Return what else is shown; ``None`` for vessels."""
    match content:
        case DronePosition(mode=mode, battery_percent=battery, altitude_m=altitude):
            return Equipment(state=mode, battery_percent=battery, altitude_m=altitude)
        case DroneEvent(kind=said) | SealReport(event=said):
            battery = content.battery_percent if isinstance(content, SealReport) else None
            return Equipment(state=said.value, battery_percent=battery)
        case CameraView(altitude_m=altitude, footprint=footprint):
            return Equipment(altitude_m=altitude, outline=footprint)
        case Detection():
            return _sighting(content)
        case UnitPosition(battery_percent=battery):
            return Equipment(battery_percent=battery)
        case _:
            return None


def _sighting(seen: Detection) -> Equipment:
    outline: tuple[LonLat, ...] = ()
    if seen.lat is not None and seen.lon is not None and seen.ellipse is not None:
        outline = outline_of(seen.ellipse, seen.lat, seen.lon)
    return Equipment(state=seen.label, outline=outline, is_over=seen.phase == "end")


def outline_of(ellipse: Ellipse, lat: float, lon: float) -> tuple[LonLat, ...]:
    """Return an ellipse around a place as corners, longitude first.

    >>> east = Ellipse(semi_major_m=111195, semi_minor_m=1, orientation_deg=90)
    >>> [round(degrees, 3) for degrees in outline_of(east, 0, 0)[0]]
    [1.0, 0.0]
    """
    turned = radians(ellipse.orientation_deg)
    metre = 1 / METRES_PER_DEGREE
    corners: list[LonLat] = []
    for corner in range(ELLIPSE_CORNERS):
        angle = radians(360 * corner / ELLIPSE_CORNERS)
        along, across = ellipse.semi_major_m * cos(angle), ellipse.semi_minor_m * sin(angle)
        north = along * cos(turned) - across * sin(turned)
        east = along * sin(turned) + across * cos(turned)
        corners.append((lon + east * metre / cos(radians(lat)), lat + north * metre))
    return tuple(corners)
