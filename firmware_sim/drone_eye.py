"""What a drone's camera would report of the ships below, made from where they really are.

No picture is drawn and no detector asked: every ship in reach is seen, each under a number of its
own, and placed with an error of some metres. So it shows what rules make of sightings, not how well
anybody sees.
"""

from collections.abc import Iterator
from math import hypot
from random import Random
from typing import Final

from edge.measured import Measured
from firmware_sim import day
from firmware_sim.cast import Flyer
from firmware_sim.drones import offset_m, placed
from firmware_sim.lanes import LonLat
from firmware_sim.scenario import Scenario
from haechi.cameras import Detection, Ellipse

ERROR_M: Final = 5.0
"""Standard deviation of a place, each way."""
EVERY_S: Final = 10.0
_SIGMAS: Final = 2.45
"""Radius of a circle that holds 95 % of a normal distribution in the plane."""


class DroneEye:
    """The camera of one drone."""

    def __init__(self, scenario: Scenario, flyer: Flyer) -> None:
        self._scenario, self._flyer = scenario, flyer
        self._ships = day.vessels(scenario)
        self._known: set[int] = set()
        self._next = 0.0

    def sees(self, second: float, drone: LonLat) -> Iterator[Measured]:
        """Yield what it reports, now and then, while the drone is somewhere."""
        if second < self._next:
            return
        self._next = second + EVERY_S
        for number, ship in enumerate(self._ships, start=1):
            lat, lon, _ = ship.lane.at(ship.distance_m(second))
            if hypot(*offset_m(drone, (lon, lat))) <= self._flyer.sees_m:
                yield self._sighting(second, number, (lon, lat))

    def _sighting(self, second: float, number: int, at: LonLat) -> Measured:
        chance = Random(f"{self._scenario.seed} {number} {second}")  # noqa: S311 - no secret
        lon, lat = placed(at, chance.gauss(0, ERROR_M), chance.gauss(0, ERROR_M))
        radius_m = round(_SIGMAS * ERROR_M, 1)
        seen = Detection(
            phase="update" if number in self._known else "new",
            camera=self._flyer.name,
            label="boat",
            score=0.9,
            box=(0.45, 0.45, 0.55, 0.55),
            lat=round(lat, 6),
            lon=round(lon, 6),
            ellipse=Ellipse(semi_major_m=radius_m, semi_minor_m=radius_m, orientation_deg=0),
        )
        self._known.add(number)
        return Measured(self._scenario.at(second), f"object:{self._flyer.name}.{number}", seen)
