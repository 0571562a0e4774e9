"""What stands and moves where before simulated cameras, at every moment, in what weather."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from math import atan2, cos, degrees, exp, radians
from typing import Final

from firmware_sim.scene_solids import KINDS, Colour, Kind
from haechi.fields import LonLat

CONTRAST_LIMIT: Final = 3.912
"""Optical depths at the meteorological visibility: -ln(0.02) (Koschmieder; WMO No. 8, 9.1)."""


@dataclass(frozen=True)
class Waypoint:
    """Where an actor is at a moment, with a time zone."""

    at: datetime
    lat: float
    lon: float


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One vessel, truck or person, and its way."""

    subject: str
    """As the truth names it, such as ``mmsi:440100001``."""
    kind: str
    """A key of ``scene_solids.KINDS``."""
    track: tuple[Waypoint, ...]
    """Ascending in time; straight lines between, and it stands still before and after."""
    heading_deg: float | None = None
    """None heads along the track, and north where it ends."""
    base_m: float = 0.0
    """Height of what it stands on above the water."""
    colour: Colour | None = None
    """Of its hull or body; None is the kind's own."""
    is_lit: bool = True
    """Whether its lamps burn at night."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.subject}: no kind {self.kind!r}; there are {', '.join(KINDS)}")
        if not self.track:
            raise ValueError(f"{self.subject}: a track needs at least one waypoint")

    @property
    def shape(self) -> Kind:
        """Its solid."""
        return KINDS[self.kind]

    def stance(self, at: datetime) -> tuple[float, float, float]:
        """Return latitude, longitude and heading in degrees at a moment."""
        leg = max(bisect_right(self.track, at, key=lambda waypoint: waypoint.at) - 1, 0)
        start, end = self.track[leg], self.track[min(leg + 1, len(self.track) - 1)]
        lasts = (end.at - start.at).total_seconds()
        share = min(max((at - start.at).total_seconds() / lasts, 0.0), 1.0) if lasts else 0.0
        heading = _course(start, end) if self.heading_deg is None else self.heading_deg
        lat = start.lat + share * (end.lat - start.lat)
        return lat, start.lon + share * (end.lon - start.lon), heading


@dataclass(frozen=True, kw_only=True)
class Quay:
    """A flat-topped piece of land."""

    ring: tuple[LonLat, ...]
    height_m: float = 3.0


@dataclass(frozen=True, kw_only=True)
class Weather:
    """Light and air."""

    daylight: float = 1.0
    """1 is noon, 0 a night without a moon."""
    visibility_m: float = 25_000.0
    rain: float = 0.0
    """1 is a downpour."""
    waves: float = 0.5
    """0 is a mirror, 1 is rough."""

    def transmission(self, range_m: float) -> float:
        """Return the share of an object's contrast that is left at a distance."""
        return exp(-CONTRAST_LIMIT * range_m / self.seen_m)

    @property
    def seen_m(self) -> float:
        """Visibility with the rain that falls, metres."""
        return self.visibility_m / (1 + 4 * self.rain)


DAY: Final = Weather()
NIGHT: Final = Weather(daylight=0.0)
FOG: Final = Weather(daylight=0.8, visibility_m=1_500.0, waves=0.2)
RAIN: Final = Weather(daylight=0.6, visibility_m=12_000.0, rain=0.7, waves=0.9)
WEATHERS: Final = {"day": DAY, "night": NIGHT, "fog": FOG, "rain": RAIN}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All of it. The seed decides what no truth decides: noise, waves and drops."""

    actors: tuple[Actor, ...]
    quays: tuple[Quay, ...] = ()
    weather: Weather = DAY
    seed: int = 7


def _course(start: Waypoint, end: Waypoint) -> float:
    east = (end.lon - start.lon) * cos(radians((start.lat + end.lat) / 2))
    return degrees(atan2(east, end.lat - start.lat)) % 360
