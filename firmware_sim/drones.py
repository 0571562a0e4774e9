"""Simulated drones: a point mass in wind, with a battery. The same seed flies the same way."""

from dataclasses import dataclass, field
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from typing import Final

import numpy as np

from firmware_sim.lanes import LonLat
from haechi.units import METRES_PER_DEGREE

GRAVITY: Final = 9.81
_CELLS: Final = 4
_FULL_V, _EMPTY_V = 4.2, 3.3
"""Volts of a lithium cell, charged and spent."""


@dataclass(frozen=True, kw_only=True)
class Airframe:
    """What a drone can do; about a multirotor of 3 kg."""

    cruise_m_s: float = 12.0
    fastest_m_s: float = 18.0
    """Through the air."""
    acceleration_m_s2: float = 3.0
    climb_m_s: float = 3.0
    sink_m_s: float = 2.0
    turn_deg_s: float = 45.0
    endurance_s: float = 1800.0
    """In the air at cruising speed."""


@dataclass(frozen=True, kw_only=True)
class Wind:
    """A mean, and gusts that fade (a first-order Gauss-Markov process)."""

    east_m_s: float = 0.0
    north_m_s: float = 0.0
    gust_m_s: float = 0.0
    gust_s: float = 8.0


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Where to fly, in metres east, north and up of home, and how fast over the ground."""

    east_m: float
    north_m: float
    up_m: float
    speed_m_s: float


@dataclass(kw_only=True)
class Body:
    """One drone in the air, or on the ground at home."""

    home: LonLat
    home_altitude_m: float = 0.0
    """Above the sea."""
    airframe: Airframe = field(default_factory=Airframe)
    wind: Wind = field(default_factory=Wind)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    east_m: float = 0.0
    north_m: float = 0.0
    up_m: float = 0.0
    east_m_s: float = 0.0
    north_m_s: float = 0.0
    up_m_s: float = 0.0
    heading_deg: float = 0.0
    charge: float = 1.0
    """Of the battery, 0 to 1."""
    roll_rad: float = 0.0
    pitch_rad: float = 0.0
    _gust: tuple[float, float] = (0.0, 0.0)

    @property
    def place(self) -> LonLat:
        """Where it is, longitude first."""
        return placed(self.home, self.east_m, self.north_m)

    @property
    def is_landed(self) -> bool:
        """Whether it stands on the ground."""
        return self.up_m <= 0

    @property
    def home_m(self) -> float:
        """How far it is from home over the ground."""
        return hypot(self.east_m, self.north_m)

    @property
    def volts(self) -> float:
        """What the battery gives."""
        return _CELLS * (_EMPTY_V + (_FULL_V - _EMPTY_V) * self.charge)

    def step(self, seconds: float, goal: Goal | None) -> None:
        """Fly for a moment towards a goal; without one, motors off."""
        if goal is None or self.charge <= 0:
            self._rest(seconds)
            return
        air = self._blow(seconds)
        before = self.east_m_s, self.north_m_s
        self._steer(seconds, goal, air)
        self._climb(seconds, goal)
        self.east_m += self.east_m_s * seconds
        self.north_m += self.north_m_s * seconds
        self._lean(seconds, before)
        self._turn(seconds)
        self._drain(seconds, hypot(self.east_m_s - air[0], self.north_m_s - air[1]))

    def _rest(self, seconds: float) -> None:
        self.east_m_s = self.north_m_s = self.roll_rad = self.pitch_rad = 0.0
        self.up_m_s = -min(self.up_m / seconds, 10.0) if self.up_m > 0 else 0.0
        self.up_m = max(0.0, self.up_m + self.up_m_s * seconds)

    def _blow(self, seconds: float) -> tuple[float, float]:
        """Return the wind of this moment."""
        fade = exp(-seconds / self.wind.gust_s)
        fresh = self.wind.gust_m_s * sqrt(1 - fade * fade)
        east, north = self.random.normal(0.0, 1.0, 2) * fresh
        self._gust = (self._gust[0] * fade + float(east), self._gust[1] * fade + float(north))
        return self.wind.east_m_s + self._gust[0], self.wind.north_m_s + self._gust[1]

    def _steer(self, seconds: float, goal: Goal, air: tuple[float, float]) -> None:
        """Change the velocity towards the one wanted, as far as motors and wind allow."""
        east, north = goal.east_m - self.east_m, goal.north_m - self.north_m
        far = hypot(east, north)
        # Slow enough to stop there.
        speed = min(goal.speed_m_s, sqrt(2 * self.airframe.acceleration_m_s2 * far), far / seconds)
        wanted = (east / far * speed, north / far * speed) if far else (0.0, 0.0)
        wanted = _slower(wanted, air, self.airframe.fastest_m_s)
        change = wanted[0] - self.east_m_s, wanted[1] - self.north_m_s
        limit = self.airframe.acceleration_m_s2 * seconds
        share = min(1.0, limit / hypot(*change)) if any(change) else 0.0
        self.east_m_s += change[0] * share
        self.north_m_s += change[1] * share

    def _climb(self, seconds: float, goal: Goal) -> None:
        rate = (goal.up_m - self.up_m) / seconds
        self.up_m_s = max(-self.airframe.sink_m_s, min(self.airframe.climb_m_s, rate))
        self.up_m = max(0.0, self.up_m + self.up_m_s * seconds)

    def _lean(self, seconds: float, before: tuple[float, float]) -> None:
        """Lean as the acceleration needs."""
        heading = radians(self.heading_deg)
        east = (self.east_m_s - before[0]) / seconds
        north = (self.north_m_s - before[1]) / seconds
        forward, right = (
            north * cos(heading) + east * sin(heading),
            east * cos(heading) - north * sin(heading),
        )
        self.pitch_rad, self.roll_rad = atan2(-forward, GRAVITY), atan2(right, GRAVITY)

    def _turn(self, seconds: float) -> None:
        if hypot(self.east_m_s, self.north_m_s) > 1:
            track = degrees(atan2(self.east_m_s, self.north_m_s))
            off = (track - self.heading_deg + 180) % 360 - 180
            most = self.airframe.turn_deg_s * seconds
            self.heading_deg = (self.heading_deg + max(-most, min(most, off))) % 360

    def _drain(self, seconds: float, air_speed_m_s: float) -> None:
        # Hovering costs about three quarters of cruising; drag grows with the third power.
        load = 0.75 + 0.25 * (air_speed_m_s / self.airframe.cruise_m_s) ** 3
        self.charge = max(0.0, self.charge - seconds * load / self.airframe.endurance_s)


def placed(home: LonLat, east_m: float, north_m: float) -> LonLat:
    """Return the place so far from home; a sphere, flat over the length of a flight."""
    east = east_m / (METRES_PER_DEGREE * cos(radians(home[1])))
    return home[0] + east, home[1] + north_m / METRES_PER_DEGREE


def offset_m(home: LonLat, place: LonLat) -> tuple[float, float]:
    """Return how far east and north of home a place is; inverts ``placed``."""
    east = (place[0] - home[0]) * METRES_PER_DEGREE * cos(radians(home[1]))
    return east, (place[1] - home[1]) * METRES_PER_DEGREE


def _slower(
    wanted: tuple[float, float], air: tuple[float, float], fastest_m_s: float
) -> tuple[float, float]:
    """Reduce a ground velocity to one that is possible through moving air."""
    through = wanted[0] - air[0], wanted[1] - air[1]
    share = min(1.0, fastest_m_s / hypot(*through)) if any(through) else 1.0
    return air[0] + through[0] * share, air[1] + through[1] * share
