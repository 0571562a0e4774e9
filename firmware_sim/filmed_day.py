"""The cameras of a scenario: what they show of where everybody really is, as a live stream."""

from collections.abc import Iterator
from datetime import datetime
from math import hypot
from typing import Final

from edge.camera.camera import Camera, Lens, Pose
from firmware_sim import day
from firmware_sim.broadcast import Timed
from firmware_sim.cast import Lookout
from firmware_sim.drones import offset_m
from firmware_sim.encoding import Picture, on_air
from firmware_sim.lanes import LonLat
from firmware_sim.renderer import render
from firmware_sim.scenario import Scenario
from firmware_sim.scene import WEATHERS, Actor, Quay, Scene, Waypoint
from firmware_sim.vessels import Vessel

TYPES: Final = (
    (range(30, 31), "fishing_boat"),
    (range(36, 41), "speedboat"),
    (range(50, 60), "patrol_boat"),
    (range(80, 90), "tanker"),
)
"""AIS ship types (ITU-R M.1371-5, table 53) and how they are drawn; the rest as container ships."""
AHEAD_S: Final = 10.0
"""Until then a ship is drawn on a straight line."""
_HULL_DOWN_M: Final = 15_000.0
"""So far beyond the horizon the masts of the largest ships still show."""


def camera_of(lookout: Lookout) -> Camera:
    """Return a camera of a scenario as its calibration file says it, exactly."""
    lon, lat = lookout.at
    return Camera(
        pose=Pose(
            lat=lat,
            lon=lon,
            height_m=lookout.height_m,
            bearing_deg=lookout.bearing_deg,
            tilt_deg=lookout.tilt_deg,
        ),
        lens=Lens.of_view(lookout.width_px, lookout.height_px, lookout.view_deg),
    )


class Filmed:
    """A day as one camera shows it."""

    def __init__(self, scenario: Scenario, lookout: Lookout) -> None:
        """Prepare; the way of every ship is known from here on."""
        self.camera = camera_of(lookout)
        self._lookout, self._scenario = lookout, scenario
        self._unlit = {f"mmsi:{ship.mmsi}" for ship in scenario.vessel if not ship.is_lit}
        self._movers = day.movers(scenario)
        self._quays = tuple(Quay(ring=each.ring, height_m=each.height_m) for each in scenario.quay)
        self._ashore_m = max((quay.height_m for quay in self._quays), default=0.0)

    def scene(self, second: float, start: datetime | None = None) -> Scene:
        """Return what there is at a second, of whatever is not far beyond the horizon."""
        reach_m = self.camera.horizon_m + _HULL_DOWN_M
        lon, lat = self._lookout.at
        actors = (
            self._actor(subject, mover, second, start)
            for subject, mover in self._movers.items()
            if _far_m((lon, lat), mover.lane.at(mover.distance_m(second))) < reach_m
        )
        weather = WEATHERS[self._scenario.weather]
        return Scene(
            actors=tuple(actors), quays=self._quays, weather=weather, seed=self._scenario.seed
        )

    def stream(self, start: datetime) -> Iterator[Timed]:
        """Yield (second, MPEG transport stream of one picture); each can be joined at.

        Pictures are drawn when they are asked for, and carry their second as their time.
        """
        return on_air(self.pictures(start), self._lookout.width_px, self._lookout.height_px)

    def pictures(self, start: datetime) -> Iterator[tuple[float, Picture]]:
        """Yield (second, picture), each drawn when it is asked for."""
        number = 0
        while (second := number / self._lookout.fps) < self._scenario.lasts_s:
            at = self._scenario.at(second, start)
            yield second, render(self.scene(second, start), self.camera, at).frame
            number += 1

    def _actor(self, subject: str, mover: Vessel, second: float, start: datetime | None) -> Actor:
        ends = [
            Waypoint(self._scenario.at(moment, start), *mover.lane.at(mover.distance_m(moment))[:2])
            for moment in (second, second + AHEAD_S)
        ]
        is_afloat = subject.startswith("mmsi:")
        return Actor(
            subject=subject,
            kind=_kind(mover) if is_afloat else subject.partition(":")[0],
            track=tuple(ends),
            heading_deg=mover.lane.at(mover.distance_m(second))[2],
            base_m=0.0 if is_afloat else self._ashore_m,
            is_lit=subject not in self._unlit,
        )


def _far_m(here: LonLat, there: tuple[float, float, float]) -> float:
    lat, lon, _ = there
    return hypot(*offset_m(here, (lon, lat)))


def _kind(ship: Vessel) -> str:
    return next((kind for types, kind in TYPES if ship.ship_type in types), "container_ship")
