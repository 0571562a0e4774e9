"""Simulated vessels: closed-form motion along lanes, so the same seed gives the same day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from math import cos, degrees, inf, radians

import numpy as np

from firmware_sim.lanes import Lane, LonLat, lane_between, lane_through, sea_graph
from haechi.units import EARTH_RADIUS, KNOT_IN_METRES_PER_SECOND

UNDER_WAY, AT_ANCHOR = 0, 1
"""Navigational status (ITU-R M.1371, table 45)."""

STATIC_INTERVAL_S = 360.0
"""Static and voyage data every 6 minutes (ITU-R M.1371-5, table 1)."""


@dataclass(frozen=True, kw_only=True)
class Vessel:
    """One ship and its day. Speeds hold from a moment (seconds since the start) to the next."""

    mmsi: int
    name: str
    callsign: str
    imo: int
    ship_type: int
    length_m: int
    destination: str
    lane: Lane
    offset_m: float = 0.0
    """Where on the lane it is at second 0."""
    speeds: tuple[tuple[float, float], ...] = ((-86_400.0, 0.0),)
    """(from second, knots), ascending."""
    silent: tuple[tuple[float, float], ...] = ()
    """Intervals, in seconds, in which its transponder is off."""
    shifts: tuple[tuple[float, float, float, float], ...] = ()
    """(from second, until second, metres north, metres east): the stated place is not its own."""
    noise_m: float = 0.0
    """Standard deviation of the stated position, each way."""
    seed: int = 0
    """Of the noise."""

    def speed_kn(self, second: float) -> float:
        """Return the speed at a moment."""
        return [speed for start, speed in self.speeds if start <= second][-1]

    def distance_m(self, second: float) -> float:
        """Return the distance along the lane at a moment: the integral of the speeds."""
        ends = [start for start, _ in self.speeds[1:]] + [inf]
        covered = sum(
            speed * _overlap_s(start, end, second)
            for (start, speed), end in zip(self.speeds, ends, strict=True)
        )
        return self.offset_m + float(covered) * KNOT_IN_METRES_PER_SECOND

    def stated_at(self, second: float) -> tuple[float, float, float]:
        """Return latitude, longitude and course as its transponder states them."""
        lat, lon, course = self.lane.at(self.distance_m(second))
        north, east = self._off_m(second)
        shifted_lat = lat + degrees(north / EARTH_RADIUS)
        return shifted_lat, lon + degrees(east / EARTH_RADIUS / cos(radians(lat))), course

    def _off_m(self, second: float) -> tuple[float, float]:
        shifts = [s[2:] for s in self.shifts if s[0] <= second < s[1]]
        north, east = (sum(shift[way] for shift in shifts) for way in (0, 1))
        if not self.noise_m:
            return north, east
        moment = (self.seed, self.mmsi, round(second * 1000) + 2**40)
        noise = np.random.default_rng(moment).normal(0.0, self.noise_m, 2)
        return north + float(noise[0]), east + float(noise[1])

    def transmits(self, second: float) -> bool:
        """Whether its transponder is on."""
        return not any(start <= second < end for start, end in self.silent)


@dataclass(frozen=True, slots=True)
class Report:
    """One transmission: the true state of a vessel at a moment."""

    second: float
    vessel: Vessel
    is_static: bool
    lat: float = 0.0
    lon: float = 0.0
    course_deg: float = 0.0
    speed_kn: float = 0.0


def reporting_interval_s(speed_kn: float) -> float:
    """Return how often a class A transponder reports its position.

    A vessel here is at anchor exactly when it does not move at all.

    Source:
        ITU-R M.1371-5, table 1 (not changing course).

    >>> [reporting_interval_s(speed) for speed in (0.0, 10.0, 18.0, 25.0)]
    [180.0, 10.0, 6.0, 2.0]
    """
    for limit_kn, interval_s in ((0.0, 180.0), (14.0, 10.0), (23.0, 6.0)):
        if speed_kn <= limit_kn:
            return interval_s
    return 2.0


def transmissions(fleet: Sequence[Vessel], start_s: float, end_s: float = inf) -> Iterator[Report]:
    """Yield what the fleet transmits in ``[start_s, end_s)``, in order of time."""
    streams = (_of_one(number, vessel, start_s, end_s) for number, vessel in enumerate(fleet))
    return merge(*streams, key=lambda report: (report.second, report.vessel.mmsi, report.is_static))


ROADSTEADS: dict[str, LonLat] = {
    "Busan": (129.10, 35.02),
    "Incheon": (126.35, 37.25),
    "Port Said": (32.40, 31.45),
    "Alexandria": (29.75, 31.30),
}
_ROUTES: tuple[tuple[str, LonLat, str], ...] = (
    ("Busan", (129.60, 32.70), "JP NGS"),
    ("Busan", (122.40, 31.00), "CN SHA"),
    ("Busan", (131.90, 42.90), "RU VVO"),
    ("Incheon", (121.80, 38.80), "CN DLC"),
    ("Incheon", (122.40, 31.00), "CN SHA"),
    ("Port Said", (34.90, 32.85), "IL HFA"),
    ("Port Said", (23.60, 37.85), "GR PIR"),
    ("Alexandria", (23.60, 37.85), "GR PIR"),
    ("Alexandria", (32.40, 31.45), "EG PSD"),
)
_KINDS = ((70, 190), (71, 220), (80, 245), (60, 160), (52, 32), (30, 28))
"""(ITU-R M.1371 ship type, typical length in metres)."""

_WORDS = ("HAN", "GANG", "NILE", "MORNING", "STAR", "DELTA", "BLUE", "PACIFIC", "CEDAR", "LOTUS")


def fleet(count: int, seed: int) -> tuple[Vessel, ...]:
    """Return ``count`` vessels that behave; names and numbers are invented.

    Args:
        count: Vessels, spread evenly over the routes off the four ports.
        seed: The same seed gives the same fleet.
    """
    rng = np.random.default_rng(seed)
    graph = sea_graph()
    lanes = [(lane_between(ROADSTEADS[port], far, graph), to) for port, far, to in _ROUTES]
    return tuple(_vessel(number, *lanes[number % len(lanes)], rng) for number in range(count))


def intruder(entry_s: float) -> Vessel:
    """Return the one that misbehaves off Busan.

    It runs from the south-east into the closed water off Yeongdo, fast, stops there dead, and
    some minutes later switches its transponder off.

    Args:
        entry_s: About when it enters the area, in seconds since the start.
    """
    lane = lane_through([(129.165, 34.950), (129.098, 35.051)])
    speed_kn = 24.0
    edge_m = lane.length_m * 0.93  # where the lane meets the area's southern edge
    offset_m = edge_m - entry_s * speed_kn * KNOT_IN_METRES_PER_SECOND
    stop_s = entry_s + 40.0
    return Vessel(
        mmsi=440_999_001,
        name="GREY HERON",
        callsign="D7HX",
        imo=0,
        ship_type=70,
        length_m=62,
        destination="KR PUS",
        lane=lane,
        offset_m=offset_m,
        speeds=((-86_400.0, 0.0), (0.0, speed_kn), (stop_s, 0.2)),
        silent=((stop_s + 150.0, stop_s + 86_400.0),),
    )


def _vessel(number: int, lane: Lane, to: str, rng: np.random.Generator) -> Vessel:
    ship_type, length = _KINDS[int(rng.integers(len(_KINDS)))]
    anchored = rng.random() < 0.15  # noqa: PLR2004 - about one in seven waits at anchor
    speed = 0.0 if anchored else float(rng.uniform(7.0, 19.0))
    near_m = min(lane.length_m * 0.6, 90_000.0)
    return Vessel(
        mmsi=440_100_000 + number,
        name=f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} {number + 1}",
        callsign=f"DS{number:04}",
        imo=0,
        ship_type=ship_type,
        length_m=length,
        destination=to,
        lane=_beside(lane, rng),
        offset_m=float(rng.uniform(3_000.0, near_m)),
        speeds=((-86_400.0, 0.0), (-7_200.0, round(speed, 1))),
    )


def _beside(lane: Lane, rng: np.random.Generator) -> Lane:
    """Shift a lane a little, so that ships do not sail in one line."""
    return Lane(lane.waypoints + rng.normal(0.0, 0.012, size=(1, 2)))


def _of_one(number: int, vessel: Vessel, start_s: float, end_s: float) -> Iterator[Report]:
    phase = (number * 0.618) % 1.0
    moments = _ticks(start_s, end_s, phase)
    statics = (Report(s, vessel, is_static=True) for s in moments if vessel.transmits(s))
    return merge(statics, _positions(vessel, start_s, end_s, phase), key=lambda r: r.second)


def _ticks(start_s: float, end_s: float, phase: float) -> Iterator[float]:
    second = start_s + phase * 20.0
    while second < end_s:
        yield round(second, 3)
        second += STATIC_INTERVAL_S


def _positions(vessel: Vessel, start_s: float, end_s: float, phase: float) -> Iterator[Report]:
    second = start_s + phase * reporting_interval_s(vessel.speed_kn(start_s))
    while second < end_s:
        speed = vessel.speed_kn(second)
        if vessel.transmits(second):
            lat, lon, course = vessel.stated_at(second)
            yield Report(round(second, 3), vessel, False, lat, lon, course, speed)  # noqa: FBT003 - a position
        second += reporting_interval_s(speed)


def _overlap_s(start: float, end: float, second: float) -> float:
    """Length of ``[start, end)`` between second 0 and ``second``, signed."""
    low, high = min(0.0, second), max(0.0, second)
    shared = max(0.0, min(end, high) - max(start, low))
    return shared if second >= 0 else -shared
