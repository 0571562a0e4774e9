"""Where a drone's camera looks: from its gimbal, or from how the drone itself lies in the air."""

from math import cos, isfinite, radians, sin
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from edge.drone.mavlink import Message
from edge.drone.telemetry import bearing
from haechi.cameras import CameraView
from haechi.drones import DronePosition
from haechi.fields import LonLat
from haechi.units import METRES_PER_DEGREE

Matrix = NDArray[np.float64]
"""Shape ``(3, 3)``: columns are where forward, right and down of a body point, as north, east,
down."""

REACH_M: Final = 5000.0
"""What is further away is not counted as seen, though the horizon may be."""

_PER_SIDE: Final = 4
_YAW_IN_VEHICLE: Final = 32
_YAW_IN_EARTH: Final = 64
_YAW_LOCK: Final = 16
"""``GIMBAL_DEVICE_FLAGS``."""


class Lens(Struct, frozen=True, kw_only=True):
    """What a camera takes in, and how it is mounted where no gimbal says."""

    horizontal_deg: float
    vertical_deg: float
    tilt_deg: float = -90
    """Of the mount against the drone: 0 forward, -90 straight down."""


class Gaze:
    """Follows the attitude messages of one drone."""

    def __init__(self, camera: str, lens: Lens) -> None:
        self.camera = camera
        self._lens = lens
        self._yaw_rad = 0.0
        self._body: Matrix | None = None
        self._gimbal: Matrix | None = None

    def hear(self, message: Message) -> None:
        """Take an attitude; other messages, and one that is not known, say nothing here."""
        match message.get_type():
            case "ATTITUDE" if isfinite(message.yaw + message.pitch + message.roll):
                self._yaw_rad = message.yaw
                self._body = turned(message.yaw, message.pitch, message.roll)
            case "GIMBAL_DEVICE_ATTITUDE_STATUS" if isfinite(sum(message.q)):
                turn = from_quaternion(message.q)
                own = self._is_in_vehicle_frame(message.flags)
                self._gimbal = turned(self._yaw_rad, 0, 0) @ turn if own else turn
            case "MOUNT_ORIENTATION":
                yaw_deg = message.yaw_absolute
                if np.isnan(yaw_deg):
                    yaw_deg = message.yaw + np.degrees(self._yaw_rad)
                angles = (yaw_deg, message.pitch, message.roll)
                if isfinite(sum(angles)):
                    self._gimbal = turned(*(radians(angle) for angle in angles))
            case _:
                pass

    def view(self, position: DronePosition) -> CameraView | None:
        """Return where the camera looks from a position; ``None`` while that is not known."""
        pose = self._pose()
        where = position.lat, position.lon, position.altitude_m, position.height_m
        lat, lon, altitude_m, height_m = where
        if pose is None or lat is None or lon is None or altitude_m is None or height_m is None:
            return None
        north, east, down = pose[:, 0]
        return CameraView(
            lat=lat,
            lon=lon,
            altitude_m=altitude_m,
            bearing_deg=bearing(float(np.degrees(np.arctan2(east, north)))),
            tilt_deg=round(float(np.degrees(np.arcsin(np.clip(-down, -1, 1)))), 2),
            horizontal_view_deg=self._lens.horizontal_deg,
            vertical_view_deg=self._lens.vertical_deg,
            footprint=footprint(pose, self._lens, (lon, lat), height_m),
        )

    def _pose(self) -> Matrix | None:
        if self._gimbal is not None or self._body is None:
            return self._gimbal
        mounted: Matrix = self._body @ turned(0, radians(self._lens.tilt_deg), 0)
        return mounted

    @staticmethod
    def _is_in_vehicle_frame(flags: int) -> bool:
        """Return in which frame yaw is, by flag, or by yaw lock where neither flag is set."""
        if flags & (_YAW_IN_EARTH | _YAW_IN_VEHICLE):
            return bool(flags & _YAW_IN_VEHICLE)
        return not flags & _YAW_LOCK


def footprint(pose: Matrix, lens: Lens, place: LonLat, height_m: float) -> tuple[LonLat, ...]:
    """Return the ring on flat ground or sea that a camera sees.

    Args:
        pose: Where the camera's forward, right and down point.
        lens: Its angles of view.
        place: Under the camera, longitude and latitude in degrees.
        height_m: Above the ground.

    Returns:
        An open ring; rays that meet the ground beyond ``REACH_M``, or never, end there. Empty if
        all of them do, or the camera stands on the ground.

    For a camera that stands still, ``edge.camera.footprint`` follows the Earth's curve and the arc
    at the range; that takes many times as long, which a drone in flight cannot wait for. A test
    holds the two against each other.

    From 100 m straight down with 90 degrees of view, the corners are 100 m off either way:

    >>> down = turned(0.0, radians(-90), 0.0)
    >>> ring = footprint(down, Lens(horizontal_deg=90, vertical_deg=90), (0.0, 0.0), 100.0)
    >>> [round(axis * 111_195) for axis in ring[0]]
    [-100, 100]
    """
    rays: Matrix = _border(lens) @ pose.T
    falls_at_reach = np.hypot(rays[:, 0], rays[:, 1]) * height_m / REACH_M
    if height_m <= 0 or bool(np.all(rays[:, 2] < falls_at_reach)):
        return ()
    falls = np.maximum(rays[:, 2], falls_at_reach)
    north, east = rays[:, 0] * height_m / falls, rays[:, 1] * height_m / falls
    lats = place[1] + north / METRES_PER_DEGREE
    lons = place[0] + east / (METRES_PER_DEGREE * cos(radians(place[1])))
    corners = zip(lons.tolist(), lats.tolist(), strict=True)
    return tuple((round(lon, 7), round(lat, 7)) for lon, lat in corners)


def turned(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Matrix:
    """Return the attitude after yaw, then pitch, then roll (aerospace order)."""
    (cy, sy), (cp, sp), (cr, sr) = ((cos(a), sin(a)) for a in (yaw_rad, pitch_rad, roll_rad))
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def from_quaternion(q: list[float]) -> Matrix:
    """Return the attitude that a unit quaternion (w, x, y, z) is."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def _border(lens: Lens) -> Matrix:
    """Return rays through the picture's border, clockwise from the top left, shape ``(n, 3)``."""
    right = np.tan(radians(lens.horizontal_deg) / 2)
    down = np.tan(radians(lens.vertical_deg) / 2)
    corners = np.array([(-right, -down), (right, -down), (right, down), (-right, down)])
    parts = np.linspace(0, 1, _PER_SIDE, endpoint=False)[:, None]
    sides = [
        a + (b - a) * parts for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    points = np.concatenate(sides)
    return np.column_stack([np.ones(len(points)), points])
