"""Port visits from positions: what AIS says about where a declared voyage calls."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from analytics.crosscheck.facts import AnyFact, PortVisit, Source
from analytics.geodesy import distance_m
from haechi.aci.voyage import Call

Point = tuple[datetime, float, float]
"""When, latitude and longitude."""


def visits(
    known: Iterable[AnyFact], calls: Iterable[Call], points: Iterable[Point], reference: str
) -> Iterator[PortVisit]:
    """Yield the visits that begin or end at one of the points.

    Args:
        known: Facts about the vessel so far; visits that go on among them are continued.
        calls: Where she is to call; those without a place are not watched.
        points: Her positions after those that ``known`` rests on, in the order of time.
        reference: Name of the vessel.

    A late position before the newest one is not looked at again: the visit keeps its times.
    """
    places = {call.port: call for call in calls if call.lat is not None and call.lon is not None}
    going = _going(known)
    for at, lat, lon in points:
        for port, call in places.items():
            is_there = _is_there(call, lat, lon)
            if is_there and port not in going:
                going[port] = PortVisit(at=at, source=Source.AIS, reference=reference, port=port)
                yield going[port]
            elif not is_there and port in going:
                yield replace(going.pop(port), left=at)


def _going(known: Iterable[AnyFact]) -> dict[str, PortVisit]:
    """Return the visits that have not ended, by port."""
    mine = [one for one in known if isinstance(one, PortVisit)]
    over = {(one.port, one.at) for one in mine if one.left is not None}
    return {one.port: one for one in mine if (one.port, one.at) not in over}


def _is_there(call: Call, lat: float, lon: float) -> bool:
    if call.lat is None or call.lon is None:
        return False
    return distance_m(lat, lon, call.lat, call.lon) <= call.radius_m
