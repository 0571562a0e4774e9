"""A camera over a harbour, and a scene before it."""

from datetime import UTC, datetime
from typing import Final

import numpy as np

from edge.camera.camera import Camera, Lens, Pose
from edge.camera.earth import place_at
from firmware_sim.scene import DAY, Actor, Quay, Scene, Waypoint, Weather

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
CAMERA: Final = Camera(
    pose=Pose(lat=35.1, lon=129.05, height_m=25.0, bearing_deg=135.0, tilt_deg=-5.0),
    lens=Lens.of_view(640, 480, 50.0),
)


def place(range_m: float, bearing_deg: float) -> tuple[float, float]:
    """Return latitude and longitude of a place seen from the camera."""
    bearing = np.radians(bearing_deg)
    east, north = np.array([np.sin(bearing)]) * range_m, np.array([np.cos(bearing)]) * range_m
    lats, lons = place_at(CAMERA.pose.lat, CAMERA.pose.lon, east, north)
    return float(lats[0]), float(lons[0])


def standing(
    subject: str, kind: str, range_m: float, bearing_deg: float, heading_deg: float = 0.0
) -> Actor:
    """Return an actor that does not move."""
    lat, lon = place(range_m, bearing_deg)
    return Actor(
        subject=subject,
        kind=kind,
        track=(Waypoint(NOON, lat, lon),),
        heading_deg=heading_deg,
        base_m=3.0 if kind in {"truck", "person"} else 0.0,
    )


ACTORS: Final = (
    standing("mmsi:1", "container_ship", 1_200, 130, 200),
    standing("mmsi:2", "tanker", 2_500, 145, 70),
    standing("mmsi:3", "fishing_boat", 400, 140, 280),
    standing("mmsi:4", "patrol_boat", 500, 125, 135),
    standing("mmsi:5", "speedboat", 250, 133, 45),
    standing("truck:1", "truck", 120, 150, 60),
    standing("person:1", "person", 70, 148, 60),
)
QUAY: Final = Quay(
    ring=tuple(
        (lon, lat)
        for lat, lon in (place(60, 115), place(60, 160), place(300, 160), place(180, 146))
    )
)


def scene(*actors: Actor, weather: Weather = DAY, seed: int = 7) -> Scene:
    """Return the harbour, with all actors unless some are named."""
    return Scene(actors=actors or ACTORS, quays=(QUAY,), weather=weather, seed=seed)
