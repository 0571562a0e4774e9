"""Where ships really sail: lanes from a published graph of sea routes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, cast

import numpy as np
import searoute  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from haechi.units import EARTH_RADIUS

Floats = NDArray[np.float64]
LonLat = tuple[float, float]


@dataclass(frozen=True)
class Lane:
    """A polyline at sea, shape ``(n, 2)``, columns latitude and longitude in degrees."""

    waypoints: Floats = field(repr=False)

    @cached_property
    def distances_m(self) -> Floats:
        """Distance of each waypoint from the first along the lane, shape ``(n,)``, metres."""
        legs = _leg_lengths(self.waypoints)
        return np.concatenate([[0.0], np.cumsum(legs)])

    @property
    def length_m(self) -> float:
        """Whole length, metres."""
        return float(self.distances_m[-1])

    def at(self, distance_m: float) -> tuple[float, float, float]:
        """Return latitude, longitude and course in degrees at a distance along the lane.

        Beyond either end it is the end. Legs are straight in latitude and longitude, which for
        legs of less than 200 km is within a few hundred metres of the great circle.

        >>> lane = Lane(np.array([[35.0, 129.0], [36.0, 129.0]]))
        >>> lane.at(0.0)
        (35.0, 129.0, 0.0)
        """
        along = float(np.clip(distance_m, 0.0, self.length_m))
        leg = int(np.clip(np.searchsorted(self.distances_m, along) - 1, 0, len(self.waypoints) - 2))
        start, end = self.waypoints[leg], self.waypoints[leg + 1]
        share = (along - self.distances_m[leg]) / (
            self.distances_m[leg + 1] - self.distances_m[leg]
        )
        lat, lon = start + share * (end - start)
        return float(lat), float(lon), _course(start, end)


def sea_graph() -> Any:
    """Read the graph of sea lanes once (about a second) for many routes."""
    return cast("Any", searoute.setup_M())  # pyright: ignore[reportUnknownMemberType]


def lane_between(origin: LonLat, destination: LonLat, graph: Any) -> Lane:
    """Return the usual sea route between two places given as (longitude, latitude).

    Source:
        The sea-lane graph of the ``searoute`` package (shortest path over its network).
    """
    route = cast("_Route", searoute.searoute(list(origin), list(destination), M=graph))  # pyright: ignore[reportUnknownMemberType]
    return lane_through([(lon, lat) for lon, lat in route.geometry["coordinates"]])


def lane_through(points: Sequence[LonLat]) -> Lane:
    """Return the lane through points given as (longitude, latitude); repeated ones count once."""
    distinct = [
        point for place, point in enumerate(points) if place == 0 or point != points[place - 1]
    ]
    return Lane(np.array([(lat, lon) for lon, lat in distinct], dtype=np.float64))


class _Route(Protocol):
    geometry: dict[str, list[tuple[float, float]]]


def _leg_lengths(waypoints: Floats) -> Floats:
    radians = np.radians(waypoints)
    step = np.diff(radians, axis=0)
    middle = np.cos((radians[1:, 0] + radians[:-1, 0]) / 2)
    lengths: Floats = np.hypot(step[:, 0], step[:, 1] * middle) * EARTH_RADIUS
    return lengths


def _course(start: Floats, end: Floats) -> float:
    north, east = end - start
    scale = np.cos(np.radians((start[0] + end[0]) / 2))
    return float(np.degrees(np.arctan2(east * scale, north)) % 360)
