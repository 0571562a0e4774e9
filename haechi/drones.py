"""What a reading about a drone says. Its subject is ``drone:<name>``."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from haechi.fields import (
    Altitude,
    Bearing,
    Count,
    DeviceText,
    Latitude,
    LongDeviceText,
    Longitude,
    MetresPerSecond,
    Percent,
    Tilt,
)


class DronePosition(
    Struct,
    frozen=True,
    kw_only=True,
    tag="drone_position",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Where a drone is and how it flies, as its autopilot states it (MAVLink 2)."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    altitude_m: Altitude | None = None
    """Above mean sea level."""
    height_m: Annotated[float, Meta(ge=-1000, le=30_000)] | None = None
    """Above the place it took off from."""
    ground_speed_m_s: MetresPerSecond | None = None
    climb_m_s: MetresPerSecond | None = None
    course_deg: Bearing | None = None
    heading_deg: Bearing | None = None
    roll_deg: Tilt | None = None
    pitch_deg: Tilt | None = None
    battery_percent: Percent | None = None
    battery_v: Annotated[float, Meta(ge=0, le=1000)] | None = None
    gps_fix: Annotated[int, Meta(ge=0, le=8)] | None = None
    """``GPS_FIX_TYPE``: 3 is three-dimensional."""
    satellites: Annotated[int, Meta(ge=0, le=254)] | None = None
    horizontal_error_m: Annotated[float, Meta(ge=0, le=1e6)] | None = None
    mode: DeviceText | None = None
    armed: bool | None = None
    landed: bool | None = None
    """On the ground, as the autopilot thinks (``MAV_LANDED_STATE``)."""
    mission_item: Count | None = None
    mission_items: Count | None = None
    home_lat: Latitude | None = None
    home_lon: Longitude | None = None


class DroneEventKind(StrEnum):
    """What happens to a drone."""

    LINK_LOST = "link_lost"
    LINK_RESTORED = "link_restored"
    LOW_BATTERY = "low_battery"
    GEOFENCE_BREACH = "geofence_breach"
    FAILSAFE = "failsafe"
    MODE_CHANGED = "mode_changed"
    ARMED = "armed"
    DISARMED = "disarmed"
    MISSION_REACHED = "mission_reached"
    STATUS_TEXT = "status_text"
    DUPLICATE_SYSTEM_ID = "duplicate_system_id"
    COMMAND_RECEIVED = "command_received"
    """The agent has it on disk; whether it is carried out is said by its result."""
    COMMAND_RESULT = "command_result"


class DroneEvent(
    Struct,
    frozen=True,
    kw_only=True,
    tag="drone_event",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Something that happened to a drone, or that its autopilot said."""

    kind: DroneEventKind
    text: LongDeviceText = ""
    severity: Annotated[int, Meta(ge=0, le=7)] | None = None
    """``MAV_SEVERITY``: 0 emergency to 7 debug."""
    command: DeviceText | None = None
    """Id of the command that this is the confirmation or the result of."""
    accepted: bool | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
