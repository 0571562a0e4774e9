"""What an autopilot is given to fly: the items of a patrol, in the mission protocol's words."""

from math import nan
from typing import Final, NamedTuple

from edge.drone.mavlink import ARDUPILOT
from edge.drone.patrol import orbit, sweep
from haechi.commanding import Follow, GoTo, Orbit, Patrol, Sweep
from haechi.fields import LonLat

WAYPOINT: Final = 16
STAY: Final = 17
RETURN: Final = 20
TAKE_OFF: Final = 22
SPEED: Final = 178
LOOK_AT: Final = 195
LOOK_AHEAD: Final = 197
"""``MAV_CMD``: NAV_WAYPOINT, NAV_LOITER_UNLIM, NAV_RETURN_TO_LAUNCH, NAV_TAKEOFF, DO_CHANGE_SPEED,
DO_SET_ROI_LOCATION, DO_SET_ROI_NONE."""

MAX_ITEMS: Final = 700
"""What the smallest autopilots keep (ArduPilot, 724 items)."""

_GROUND_SPEED: Final = 1
_KEEP_THROTTLE: Final = -1


class Item(NamedTuple):
    """One item: a place at a height above home, or something done at once."""

    command: int
    lat: float = 0
    lon: float = 0
    height_m: float = 0
    params: tuple[float, float, float, float] = (0, 0, 0, 0)


class MissionError(ValueError):
    """The patrol cannot be flown as one mission."""


def mission(
    patrol: Patrol,
    *,
    here: LonLat | None,
    autopilot: int,
    in_the_air: bool,
) -> tuple[Item, ...]:
    """Return the items of a patrol.

    Args:
        patrol: What is wanted.
        here: Where the drone is, longitude first; the nearer end of a way is flown first.
        autopilot: ``MAV_AUTOPILOT``; ArduPilot takes the first item for home and passes it over.
        in_the_air: Else it takes off first.

    Raises:
        MissionError: too many items, or a sector that is none.
    """
    start = [] if in_the_air else [Item(TAKE_OFF, *_north(here), patrol.height_m)]
    if patrol.speed_m_s is not None:
        start.append(Item(SPEED, params=(_GROUND_SPEED, patrol.speed_m_s, _KEEP_THROTTLE, 0)))
    try:
        items = (*start, *_flight(patrol, here))
    except ValueError as error:
        raise MissionError(str(error)) from error
    if len(items) > MAX_ITEMS:
        what = f"{len(items)} items, more than {MAX_ITEMS}"
        raise MissionError(f"{what}: take a larger spacing or less area")
    return (Item(WAYPOINT, *_north(here)), *items) if autopilot == ARDUPILOT else items


def _flight(patrol: Patrol, here: LonLat | None) -> tuple[Item, ...]:
    match patrol:
        case GoTo():
            return (_stay((patrol.lon, patrol.lat), patrol.height_m),)
        case Follow():
            *way, end = patrol.track
            return (*_way(way, patrol.height_m), _stay(end, patrol.height_m))
        case Sweep():
            legs = sweep(
                patrol.ring,
                spacing_m=patrol.spacing_m,
                bearing_deg=patrol.bearing_deg,
                start=here,
            )
            return (*_way(legs, patrol.height_m), Item(RETURN))
        case Orbit():
            circle = orbit((patrol.lon, patrol.lat), patrol.radius_m, patrol.turns, here)
            look = Item(LOOK_AT, patrol.lat, patrol.lon, 0)
            return (look, *_way(circle, patrol.height_m), Item(LOOK_AHEAD), Item(RETURN))


def _way(places: list[LonLat], height_m: float) -> list[Item]:
    return [Item(WAYPOINT, lat, lon, height_m, (0, 0, 0, nan)) for lon, lat in places]


def _stay(place: LonLat, height_m: float) -> Item:
    return Item(STAY, place[1], place[0], height_m, (0, 0, 0, nan))


def _north(here: LonLat | None) -> tuple[float, float]:
    return (0, 0) if here is None else (here[1], here[0])
