"""Messages made from plain values: what a log on board holds, as it would have been sent."""

from typing import Final

from edge.drone.mavlink import ARMED_FLAG, MAVLINK_VERSION, Message, message

_UNKNOWN_U16: Final = 65_535
_QUADROTOR: Final = 2
_CUSTOM: Final = 1
"""``MAV_MODE_FLAG_CUSTOM_MODE_ENABLED``."""


def position(
    lat_e7: int,
    lon_e7: int,
    altitude_m: float,
    height_m: float,
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Message:
    """Return where it is; the velocity is north, east, down in m/s."""
    north, east, down = (round(each * 100) for each in velocity)
    return message(
        "GLOBAL_POSITION_INT",
        time_boot_ms=0,
        lat=lat_e7,
        lon=lon_e7,
        alt=round(altitude_m * 1000),
        relative_alt=round(height_m * 1000),
        vx=north,
        vy=east,
        vz=down,
        hdg=_UNKNOWN_U16,
    )


def attitude(roll_rad: float, pitch_rad: float, yaw_rad: float) -> Message:
    """Return how it lies in the air."""
    still = dict.fromkeys(("rollspeed", "pitchspeed", "yawspeed"), 0.0)
    return message("ATTITUDE", time_boot_ms=0, roll=roll_rad, pitch=pitch_rad, yaw=yaw_rad, **still)


def receiver(fix: int, satellites: int, *, error_m: float = 0) -> Message:
    """Return how well its GNSS receiver knows; an error of 0 is an unknown one."""
    unknown = dict.fromkeys(("eph", "epv", "vel", "cog"), _UNKNOWN_U16)
    nothing = dict.fromkeys(("time_usec", "lat", "lon", "alt"), 0)
    return message(
        "GPS_RAW_INT",
        fix_type=fix,
        satellites_visible=satellites,
        h_acc=round(error_m * 1000),
        **unknown,
        **nothing,
    )


def power(volts: float, percent: int) -> Message:
    """Return what the battery holds; -1 percent is unknown."""
    sensors = (f"onboard_control_sensors_{word}" for word in ("present", "enabled", "health"))
    errors = (f"errors_count{n}" for n in range(1, 5))
    nothing = dict.fromkeys((*sensors, *errors, "load", "drop_rate_comm", "errors_comm"), 0)
    return message(
        "SYS_STATUS",
        voltage_battery=min(round(volts * 1000), _UNKNOWN_U16),
        current_battery=-1,
        battery_remaining=percent,
        **nothing,
    )


def heartbeat(
    autopilot: int, custom_mode: int, *, armed: bool, status: int, vehicle: int = _QUADROTOR
) -> Message:
    """Return who it is and how it is."""
    return message(
        "HEARTBEAT",
        type=vehicle,
        autopilot=autopilot,
        base_mode=_CUSTOM | (ARMED_FLAG if armed else 0),
        custom_mode=custom_mode,
        system_status=status,
        mavlink_version=MAVLINK_VERSION,
    )


def home(lat_e7: int, lon_e7: int, altitude_m: float) -> Message:
    """Return where it returns to."""
    nothing = dict.fromkeys(("x", "y", "z", "approach_x", "approach_y", "approach_z"), 0.0)
    return message(
        "HOME_POSITION",
        latitude=lat_e7,
        longitude=lon_e7,
        altitude=round(altitude_m * 1000),
        q=[1.0, 0.0, 0.0, 0.0],
        **nothing,
    )


def landed(*, is_landed: bool) -> Message:
    """Return whether it is on the ground."""
    return message("EXTENDED_SYS_STATE", vtol_state=0, landed_state=1 if is_landed else 2)


def words(severity: int, text: str) -> Message:
    """Return what it says; more than 50 signs are cut off."""
    said = text.strip().encode()[:50]
    return message("STATUSTEXT", severity=severity, text=said)
