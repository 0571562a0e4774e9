"""The drones of a scenario: each an autopilot with a crew that sends it on its patrol."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.drone.mavlink import Message
from edge.drone.patrol import sweep
from firmware_sim.cast import Flyer
from firmware_sim.drone_autopilot import Autopilot, Fence
from firmware_sim.drone_plan import Step
from firmware_sim.drones import Airframe, Body, Wind
from firmware_sim.scenario import Scenario

GUSTS_M_S: Final = 0.5
HOME_ALTITUDE_M: Final = 4.0


class Patrolling(Autopilot):
    """An autopilot whose crew starts its patrol, and again after each rest."""

    def __init__(self, number: int, flyer: Flyer, seed: int) -> None:
        """Stand at home.

        Args:
            number: Its system id, 1 to 250.
            flyer: What it is and does.
            seed: Of gusts.
        """
        super().__init__(number, _body(number, flyer, seed), fence=Fence(radius_m=flyer.fence_m))
        self.name = flyer.name
        self._steps = _steps(flyer)
        self._rests_s = flyer.rests_s
        self._due: float | None = flyer.takes_off_s

    def step(self, seconds: float, now: float) -> list[Message]:
        """Fly for a moment; return what it says by itself."""
        if self._due is not None and now >= self._due:
            self._depart()
        said = super().step(seconds, now)
        if self._due is None and self._rests_s is not None and not self.armed:
            self._due, self.body.charge = now + self._rests_s, 1.0
        return said

    def _depart(self) -> None:
        self._due = None
        self.plan.steps, self.plan.current = list(self._steps), 0
        self.arm(1)
        self.start_mission()


def pilots(scenario: Scenario) -> list[Patrolling]:
    """Return the drones of a scenario, of system ids 1 and up."""
    return [
        Patrolling(number, flyer, scenario.seed) for number, flyer in enumerate(scenario.drone, 1)
    ]


def _steps(flyer: Flyer) -> Sequence[Step]:
    area = flyer.sweep
    places = flyer.patrol
    if area is not None:
        legs = sweep(
            area.ring, spacing_m=area.spacing_m, bearing_deg=area.bearing_deg, start=flyer.home
        )
        places = tuple(legs)
    return (
        Step(height_m=flyer.height_m),
        Step(speed_m_s=flyer.speed_m_s),
        *(Step(place, flyer.height_m) for place in places),
        Step(returns=True),
    )


def _body(number: int, flyer: Flyer, seed: int) -> Body:
    east, north = flyer.wind_m_s
    return Body(
        home=flyer.home,
        home_altitude_m=HOME_ALTITUDE_M,
        airframe=Airframe(endurance_s=flyer.endurance_s),
        wind=Wind(east_m_s=east, north_m_s=north, gust_m_s=GUSTS_M_S),
        random=np.random.default_rng((seed, number)),
        charge=flyer.battery_percent / 100,
    )
