"""What each MAVLink message says about where a drone is and how it flies."""

from collections.abc import Callable, Mapping
from math import atan2, degrees, hypot
from typing import Any, Final

from msgspec import ValidationError, convert

from edge.drone.mavlink import ARMED_FLAG, Message, mode
from haechi.drones import DronePosition

Stated = dict[str, Any]
"""Fields of ``DronePosition`` by name; one of which nothing is said is absent, and one that is said
to be unknown is ``None``."""

_UNKNOWN_U16: Final = 65_535
_UNKNOWN_U8: Final = 255
_QUARTER_TURN: Final = 900_000_000
_HALF_TURN: Final = 1_800_000_000
_MOVING_M_S: Final = 0.5
"""Below this a course is noise."""


def stated(message: Message) -> Stated:
    """Return what a message states; nothing for a message that states nothing of it.

    A value that no drone can have is not known: the others stay, and so does an event there.

    Source:
        https://mavlink.io/en/messages/common.html; scales and values for "unknown" as there.
    """
    read = READ.get(message.get_type())
    said = {} if read is None else read(message)
    if _is_lawful(said):
        return said
    return {name: value if _is_lawful({name: value}) else None for name, value in said.items()}


def _is_lawful(said: Stated) -> bool:
    try:
        convert(said, DronePosition)
    except ValidationError:
        return False
    return True


def _global_position(m: Message) -> Stated:
    north, east = m.vx / 100, m.vy / 100
    speed = hypot(north, east)
    found: Stated = {
        **_place(m.lat, m.lon),
        "altitude_m": m.alt / 1000,
        "height_m": m.relative_alt / 1000,
        "ground_speed_m_s": round(speed, 2),
        "climb_m_s": -m.vz / 100,
    }
    if speed > _MOVING_M_S:
        found["course_deg"] = bearing(degrees(atan2(east, north)))
    if m.hdg != _UNKNOWN_U16:
        found["heading_deg"] = bearing(m.hdg / 100)
    return found


def _place(lat: int, lon: int) -> Stated:
    """Return a place; 0, 0 is what an autopilot says that does not know."""
    if lat == lon == 0 or abs(lat) > _QUARTER_TURN or abs(lon) > _HALF_TURN:
        return {"lat": None, "lon": None}
    return {"lat": lat / 1e7, "lon": lon / 1e7}


def _attitude(m: Message) -> Stated:
    return {"roll_deg": round(degrees(m.roll), 2), "pitch_deg": round(degrees(m.pitch), 2)}


def _hud(m: Message) -> Stated:
    return {"ground_speed_m_s": round(m.groundspeed, 2), "climb_m_s": round(m.climb, 2)}


def _gps(m: Message) -> Stated:
    found: Stated = {"gps_fix": m.fix_type}
    if m.satellites_visible != _UNKNOWN_U8:
        found["satellites"] = m.satellites_visible
    if m.h_acc:
        found["horizontal_error_m"] = m.h_acc / 1000
    return found


def _system(m: Message) -> Stated:
    found: Stated = {}
    if m.voltage_battery != _UNKNOWN_U16:
        found["battery_v"] = m.voltage_battery / 1000
    if m.battery_remaining >= 0:
        found["battery_percent"] = min(float(m.battery_remaining), 100.0)
    return found


def _battery(m: Message) -> Stated:
    cells = [v for v in m.voltages if v != _UNKNOWN_U16]
    found: Stated = {"battery_v": sum(cells) / 1000} if cells else {}
    if m.battery_remaining >= 0:
        found["battery_percent"] = min(float(m.battery_remaining), 100.0)
    return found if m.id == 0 else {}


def _heartbeat(m: Message) -> Stated:
    return {"mode": mode(m), "armed": bool(m.base_mode & ARMED_FLAG)}


def _mission(m: Message) -> Stated:
    found: Stated = {"mission_item": m.seq}
    if 0 < m.total < _UNKNOWN_U16:
        found["mission_items"] = m.total
    return found


def _home(m: Message) -> Stated:
    return {"home_lat": m.latitude / 1e7, "home_lon": m.longitude / 1e7}


def _extended(m: Message) -> Stated:
    return {"landed": m.landed_state == 1} if m.landed_state else {}


def bearing(angle_deg: float) -> float:
    """Return an angle as a bearing, in hundredths of a degree.

    >>> bearing(-90.0), bearing(359.999)
    (270.0, 0.0)
    """
    return round(angle_deg % 360, 2) % 360


READ: Final[Mapping[str, Callable[[Message], Stated]]] = {
    "GLOBAL_POSITION_INT": _global_position,
    "ATTITUDE": _attitude,
    "VFR_HUD": _hud,
    "GPS_RAW_INT": _gps,
    "SYS_STATUS": _system,
    "BATTERY_STATUS": _battery,
    "HEARTBEAT": _heartbeat,
    "MISSION_CURRENT": _mission,
    "HOME_POSITION": _home,
    "EXTENDED_SYS_STATE": _extended,
}
"""All messages that are read; ``docs/drones.md`` says what becomes of each."""
