"""Where a subject was at a time and how sure that is, by its own observations."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import cos, radians, sin
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from analytics.geodesy import eastward
from analytics.pairs.fixes import SHIPS
from analytics.panel import is_believed
from analytics.vessels import AIRCRAFT_TYPE
from haechi.cameras import Detection, Ellipse
from haechi.ground import VehiclePosition
from haechi.observations import Flag, Observation
from haechi.units import KNOT_IN_METRES_PER_SECOND, METRES_PER_DEGREE
from haechi.vessels import VesselPosition

AFLOAT: Final = "boat"
VEHICLES: Final = frozenset({"truck", "car", "bus"})

SIGMAS_OF_ELLIPSE: Final = 2.4477
"""Semi-axes of a 95 % ellipse: the root of chi-squared 5.991 (two degrees)."""
GPS_SIGMA_M: Final = 10.0
"""Of a stated position, each way (ITU-R M.1371: high accuracy is 10 m and better)."""
USUAL_LENGTH_M: Final = 50.0
"""Of a vessel that has not said how long it is."""
CLEAR: Final = 16.0
"""Squared standard deviations; a misfit is never less than that of one direction alone."""
WANDER_M_S: Final = 0.5
"""How fast the standard deviation grows with the time to the nearest fix: turns, swinging."""
GAP_S: Final = 420.0
"""Two intervals of a transponder at anchor, and a minute; over longer gaps nothing is known."""
AHEAD_S: Final = 200.0
"""So long after its newest fix a vessel is taken to go on; at anchor it speaks every 180 s."""
UNSEEN_S: Final = 10.0
"""The same, and the longest gap, of what a camera sees: it says ``end`` after 5 s."""


class Spread(NamedTuple):
    """A covariance, square metres."""

    east: float
    cross: float
    north: float

    def wider(self, sigma_m: float) -> "Spread":
        """Return it with an independent error added that is the same every way."""
        return Spread(self.east + sigma_m**2, self.cross, self.north + sigma_m**2)


class Fix(NamedTuple):
    """A place at a time."""

    at_s: float
    """Since 1970-01-01 UTC."""
    lat: float
    lon: float
    spread: Spread
    velocity: tuple[float, float] = (0.0, 0.0)
    """East and north, metres a second, as stated."""


class Track(Struct, frozen=True):
    """The fixes of one subject, ascending in time, one a moment."""

    subject: str
    kind: str
    """``boat`` for all that floats, else the label of the detector."""
    fixes: tuple[Fix, ...]
    gap_s: float
    """Between fixes further apart than that nothing is known."""
    ahead_s: float
    """How long after its newest fix it is still taken to be about."""

    def at(self, at_s: float) -> Fix | None:
        """Return where it was at a time: between two fixes, or a while after the last.

        >>> sure = Spread(1, 0, 1)
        >>> way = Track("a", "boat", (Fix(0, 35, 129, sure), Fix(10, 35, 129.001, sure)), 60, 60)
        >>> way.at(5).lon, way.at(-1), way.at(71)
        (129.0005, None, None)
        """
        after = bisect_right(self.fixes, at_s, key=_time)
        if after == 0:
            return None
        before = self.fixes[after - 1]
        if before.at_s == at_s:
            return before
        if after == len(self.fixes):
            return _ahead(before, at_s) if at_s - before.at_s <= self.ahead_s else None
        then = self.fixes[after]
        if then.at_s - before.at_s > self.gap_s:
            return None
        return _between(before, then, at_s)

    def outside(self, spans: Sequence[tuple[float, float]]) -> "Track":
        """Return it without the fixes of some times, both ends included."""
        left = tuple(
            fix for fix in self.fixes if not any(begin <= fix.at_s <= end for begin, end in spans)
        )
        return replace(self, fixes=left)


def track_of(
    subject: str, observations: Iterable[Observation], length_m: float | None = None
) -> Track | None:
    """Return the track of a subject, whatever order its observations came in.

    Args:
        subject: A vessel, a truck that says where it is, or what a camera sees.
        observations: Of it; what says nothing of its place is passed over.
        length_m: Of a vessel: its transponder is anywhere aboard, and a camera sees the waterline.

    Returns:
        None if there is not one fix.
    """
    told = sorted((each for each in observations if is_believed(each)), key=lambda each: each.order)
    fixes: dict[float, Fix] = {}
    kind, is_over = AFLOAT, False
    for each in told:
        if Flag.NULL_ISLAND in each.flags:
            continue
        if isinstance(each.content, Detection):
            kind, is_over = _kind(each.content), each.content.phase == "end"
        elif isinstance(each.content, VehiclePosition):
            kind = "truck"
        fix = None if is_over else _fix(each, length_m)
        if fix is not None:
            fixes[fix.at_s] = fix
    if not fixes:
        return None
    way = tuple(fixes.values())
    if is_object(subject):
        return Track(subject, kind, way, UNSEEN_S, 0.0 if is_over else UNSEEN_S)
    return Track(subject, kind, way, GAP_S, AHEAD_S)


def is_object(subject: str) -> bool:
    """Return whether a subject is what a camera sees, and has no name of its own."""
    return subject.startswith("object:")


def misfit(here: Fix, there: Fix) -> float:
    """Return the squared Mahalanobis distance of two places, as unsure as both together.

    >>> sure = Spread(9, 0, 9)
    >>> round(misfit(Fix(0, 35.0, 129.0, sure), Fix(0, 35.0001, 129.0, sure)), 1)
    6.9
    """
    north = METRES_PER_DEGREE * (there.lat - here.lat)
    east = METRES_PER_DEGREE * cos(radians(here.lat)) * eastward(here.lon, there.lon)
    a = here.spread.east + there.spread.east
    b = here.spread.cross + there.spread.cross
    c = here.spread.north + there.spread.north
    return (c * east**2 - 2 * b * east * north + a * north**2) / (a * c - b**2)


def is_clear(here: Fix, there: Fix) -> bool:
    """Return whether two places are so far apart in latitude alone that no gate holds them.

    It costs a tenth of ``misfit``, and most pairs are that far apart.
    """
    north = METRES_PER_DEGREE * (there.lat - here.lat)
    return north**2 > CLEAR * (here.spread.north + there.spread.north)


def spread_of(ellipse: Ellipse) -> Spread:
    """Return the covariance of a 95 % ellipse.

    >>> spread_of(Ellipse(semi_major_m=24.477, semi_minor_m=2.4477, orientation_deg=90))
    Spread(east=100.0, cross=0.0, north=1.0)
    """
    turn = radians(ellipse.orientation_deg)
    long = (max(ellipse.semi_major_m, 1.0) / SIGMAS_OF_ELLIPSE) ** 2
    short = (max(ellipse.semi_minor_m, 1.0) / SIGMAS_OF_ELLIPSE) ** 2
    return Spread(
        round(long * sin(turn) ** 2 + short * cos(turn) ** 2, 6),
        round((long - short) * sin(turn) * cos(turn), 6),
        round(long * cos(turn) ** 2 + short * sin(turn) ** 2, 6),
    )


def _time(fix: Fix) -> float:
    return fix.at_s


def _kind(seen: Detection) -> str:
    if seen.label in SHIPS:
        return AFLOAT
    return "truck" if seen.label in VEHICLES else seen.label


def _fix(seen: Observation, length_m: float | None) -> Fix | None:
    at_s = seen.at.timestamp()
    match seen.content:
        case Detection(lat=float(lat), lon=float(lon), ellipse=Ellipse() as ellipse):
            return Fix(at_s, lat, lon, spread_of(ellipse))
        case VesselPosition(lat=float(lat), lon=float(lon), ais_type=kind) if kind != AIRCRAFT_TYPE:
            aboard_m = (USUAL_LENGTH_M if length_m is None else length_m) / 2
            variance = GPS_SIGMA_M**2 + aboard_m**2 / 3  # uniform over the hull
            moving = _velocity(seen.content.speed_kn, seen.content.course_deg)
            return Fix(at_s, lat, lon, Spread(variance, 0.0, variance), moving)
        case VehiclePosition(lat=lat, lon=lon):
            moving = _velocity(seen.content.speed_kn, seen.content.course_deg)
            return Fix(at_s, lat, lon, Spread(GPS_SIGMA_M**2, 0.0, GPS_SIGMA_M**2), moving)
        case _:
            return None


def _velocity(speed_kn: float | None, course_deg: float | None) -> tuple[float, float]:
    if speed_kn is None or course_deg is None:
        return 0.0, 0.0
    speed, course = speed_kn * KNOT_IN_METRES_PER_SECOND, radians(course_deg)
    return speed * sin(course), speed * cos(course)


def _ahead(last: Fix, at_s: float) -> Fix:
    waited_s = at_s - last.at_s
    east, north = (way * waited_s / METRES_PER_DEGREE for way in last.velocity)
    lon = last.lon + east / cos(radians(last.lat))
    return Fix(at_s, last.lat + north, lon, last.spread.wider(WANDER_M_S * waited_s))


def _between(before: Fix, then: Fix, at_s: float) -> Fix:
    share = (at_s - before.at_s) / (then.at_s - before.at_s)
    lat = before.lat + share * (then.lat - before.lat)
    lon = before.lon + share * eastward(before.lon, then.lon)
    nearest = before if share < 0.5 else then  # noqa: PLR2004 - half way
    return Fix(at_s, lat, lon, nearest.spread.wider(WANDER_M_S * abs(at_s - nearest.at_s)))
