"""What a simulated drone says of itself, several times a second and once a second."""

from math import hypot, radians
from typing import Final

from edge.drone.mavlink import ARMED_FLAG, MAVLINK_VERSION, PX4, Message, message
from firmware_sim.drone_autopilot import PX4_AUTO, Autopilot

_QUADROTOR: Final = 2
_CUSTOM, _STABILIZED, _GUIDED, _AUTO = 1, 16, 8, 4
_STANDBY, _ACTIVE, _CRITICAL = 3, 4, 5
_THREE_DIMENSIONAL: Final = 3
_SENSORS: Final = 0x2F | 1 << 25
"""``MAV_SYS_STATUS_SENSOR``: gyroscope, accelerometer, compass, barometer, GNSS, battery."""
_UNKNOWN_U16: Final = 65_535


def often(pilot: Autopilot, now: float) -> list[Message]:
    """Return position, attitude and speed."""
    body, boot_ms = pilot.body, round(now * 1000) & 0xFFFFFFFF
    lon, lat = body.place
    yaw = radians(body.heading_deg)
    return [
        message(
            "GLOBAL_POSITION_INT",
            time_boot_ms=boot_ms,
            lat=round(lat * 1e7),
            lon=round(lon * 1e7),
            alt=round((body.home_altitude_m + body.up_m) * 1000),
            relative_alt=round(body.up_m * 1000),
            vx=round(body.north_m_s * 100),
            vy=round(body.east_m_s * 100),
            vz=round(-body.up_m_s * 100),
            hdg=round(body.heading_deg * 100) % 36_000,
        ),
        message(
            "ATTITUDE",
            time_boot_ms=boot_ms,
            roll=body.roll_rad,
            pitch=body.pitch_rad,
            yaw=yaw,
            rollspeed=0.0,
            pitchspeed=0.0,
            yawspeed=0.0,
        ),
        message(
            "VFR_HUD",
            airspeed=hypot(body.east_m_s, body.north_m_s),
            groundspeed=hypot(body.east_m_s, body.north_m_s),
            heading=round(body.heading_deg) % 360,
            throttle=50 if pilot.armed else 0,
            alt=body.home_altitude_m + body.up_m,
            climb=body.up_m_s,
        ),
    ]


def seldom(pilot: Autopilot, now: float) -> list[Message]:
    """Return the heartbeat and what changes slowly."""
    return [
        heartbeat(pilot),
        _system(pilot),
        _battery(pilot),
        _receiver(pilot, now),
        message("EXTENDED_SYS_STATE", vtol_state=0, landed_state=1 if pilot.body.is_landed else 2),
        message(
            "MISSION_CURRENT", seq=pilot.plan.current, total=len(pilot.plan.steps) or _UNKNOWN_U16
        ),
        message(
            "FENCE_STATUS",
            breach_status=int(pilot.has_breached),
            breach_count=int(pilot.has_breached),
            breach_type=3 if pilot.has_breached else 0,
            breach_time=0,
        ),
        pilot.home(),
    ]


def heartbeat(pilot: Autopilot) -> Message:
    """Return who it is and how it is."""
    state = _ACTIVE if pilot.armed else _STANDBY
    flags = _CUSTOM | _STABILIZED | _GUIDED | _AUTO | (ARMED_FLAG if pilot.armed else 0)
    return message(
        "HEARTBEAT",
        type=_QUADROTOR,
        autopilot=PX4,
        base_mode=flags,
        custom_mode=PX4_AUTO << 16 | pilot.mode << 24,
        system_status=_CRITICAL if pilot.in_failsafe else state,
        mavlink_version=MAVLINK_VERSION,
    )


def _system(pilot: Autopilot) -> Message:
    nothing = dict.fromkeys(
        ("load", "drop_rate_comm", "errors_comm", *(f"errors_count{n}" for n in range(1, 5))), 0
    )
    sensors = dict.fromkeys(
        (f"onboard_control_sensors_{word}" for word in ("present", "enabled", "health")), _SENSORS
    )
    return message(
        "SYS_STATUS",
        voltage_battery=round(pilot.body.volts * 1000),
        current_battery=-1,
        battery_remaining=round(pilot.body.charge * 100),
        **nothing,
        **sensors,
    )


def _battery(pilot: Autopilot) -> Message:
    cell = round(pilot.body.volts * 250)
    return message(
        "BATTERY_STATUS",
        id=0,
        battery_function=1,
        type=1,
        temperature=2500,
        voltages=[cell] * 4 + [_UNKNOWN_U16] * 6,
        current_battery=-1,
        current_consumed=-1,
        energy_consumed=-1,
        battery_remaining=round(pilot.body.charge * 100),
    )


def _receiver(pilot: Autopilot, now: float) -> Message:
    lon, lat = pilot.body.place
    return message(
        "GPS_RAW_INT",
        time_usec=round(now * 1e6),
        fix_type=_THREE_DIMENSIONAL,
        lat=round(lat * 1e7),
        lon=round(lon * 1e7),
        alt=round((pilot.body.home_altitude_m + pilot.body.up_m) * 1000),
        eph=90,
        epv=130,
        vel=round(hypot(pilot.body.east_m_s, pilot.body.north_m_s) * 100),
        cog=_UNKNOWN_U16,
        satellites_visible=14,
        h_acc=900,
    )
