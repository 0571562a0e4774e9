"""A scenario put on stage: its vessels and trucks on air, and what was declared about them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from heapq import merge
from typing import Any
from zlib import crc32

from edge.measured import Measured
from firmware_sim import sealed_day
from firmware_sim.ais_transmitter import lines
from firmware_sim.cast import Ship, Truck, Voyage, Walker
from firmware_sim.lanes import Lane, lane_between, lane_through, sea_graph
from firmware_sim.scenario import Scenario
from firmware_sim.seals import Sent
from firmware_sim.vessels import Vessel, fleet, transmissions
from haechi.declared import DeclaredVoyage
from haechi.ground import VehiclePosition

Fix = tuple[float, Measured]
"""Second of the day, and what is said then."""


def vessels(scenario: Scenario) -> tuple[Vessel, ...]:
    """Return everybody with a transponder: the actors first, then the crowd."""
    graph = sea_graph() if any(ship.by_lanes for ship in scenario.vessel) else None
    actors = tuple(_vessel(ship, _lane(ship, graph), scenario.seed) for ship in scenario.vessel)
    crowd = fleet(scenario.crowd.count, scenario.seed) if scenario.crowd else ()
    return (*actors, *crowd)


def sentences(
    scenario: Scenario, start: datetime | None = None, until_s: float | None = None
) -> Iterator[tuple[float, str]]:
    """Yield (second, NMEA line) as an AIS receiver hears the day, in order of time."""
    end = scenario.lasts_s if until_s is None else until_s
    for report in transmissions(vessels(scenario), -scenario.history_s, end):
        for line in lines(report, start or scenario.starts):
            yield report.second, line


def seal_frames(scenario: Scenario, start: datetime | None = None) -> Iterator[Sent]:
    """Yield the frames of seals as gateways hear the day, in order of time."""
    carriers = {f"mmsi:{vessel.mmsi}": vessel for vessel in vessels(scenario)}
    return sealed_day.frames(scenario, carriers | lorries(scenario), start)


def lorries(scenario: Scenario) -> dict[str, Vessel]:
    """Return the trucks as what moves along a line, by subject."""
    return {f"truck:{truck.name}": _lorry(truck, scenario.seed) for truck in scenario.truck}


def walkers(scenario: Scenario) -> dict[str, Vessel]:
    """Return the people in the same way."""
    return {f"person:{each.name}": _on_land(each, 1) for each in scenario.person}


def movers(scenario: Scenario) -> dict[str, Vessel]:
    """Return everybody who moves and can be seen, by subject."""
    afloat = {f"mmsi:{vessel.mmsi}": vessel for vessel in vessels(scenario)}
    return afloat | lorries(scenario) | walkers(scenario)


def truck_positions(scenario: Scenario, start: datetime | None = None) -> Iterator[Fix]:
    """Yield what trucks say of themselves, in order of time."""
    return merge(*(_stated(scenario, truck, start) for truck in scenario.truck), key=_second)


def _second(fix: Fix) -> float:
    return fix[0]


def _stated(scenario: Scenario, truck: Truck, start: datetime | None) -> Iterator[Fix]:
    lorry = _lorry(truck, scenario.seed)
    # Spread over the interval, so that they do not all speak at once.
    second = truck.period_s * (lorry.mmsi % 16) / 16 - scenario.history_s
    while second < scenario.lasts_s:
        if lorry.transmits(second):
            lat, lon, course = lorry.stated_at(second)
            said = VehiclePosition(
                lat=round(lat, 6),
                lon=round(lon, 6),
                speed_kn=lorry.speed_kn(second),
                course_deg=round(course, 1) % 360,
            )
            yield second, Measured(scenario.at(second, start), f"truck:{truck.name}", said)
        second += truck.period_s


def _lorry(truck: Truck, seed: int) -> Vessel:
    moving = _on_land(truck, length_m=14)
    return replace(moving, silent=truck.unheard_s, noise_m=truck.noise_m, seed=seed)


def _on_land(each: Truck | Walker, length_m: int) -> Vessel:
    """Return who moves along a line; the number seeds the noise, if there is any."""
    return Vessel(
        mmsi=crc32(each.name.encode()),
        name=each.name,
        callsign="",
        imo=0,
        ship_type=0,
        length_m=length_m,
        destination="",
        lane=lane_through(each.way),
        offset_m=each.starts_at_m,
        speeds=((-604_800.0, 0.0), *each.speeds_kn),
    )


def declarations(scenario: Scenario, start: datetime | None = None) -> list[Measured]:
    """Return what was declared about journeys and ordered about seals, in order of time."""
    graph = sea_graph() if any(ship.by_lanes for ship in scenario.vessel) else None
    made = [
        reading
        for ship in scenario.vessel
        if ship.voyage is not None
        for reading in _declared(
            scenario, start, f"mmsi:{ship.mmsi}", ship.voyage, _lane(ship, graph), ship.imo or None
        )
    ]
    made += [
        reading
        for truck in scenario.truck
        if truck.voyage is not None
        for reading in _declared(
            scenario, start, f"truck:{truck.name}", truck.voyage, lane_through(truck.way)
        )
    ]
    made += sealed_day.orders(scenario, start)
    return sorted(made, key=lambda reading: (reading.at, reading.subject))


def _lane(ship: Ship, graph: Any) -> Lane:
    if not ship.by_lanes:
        return lane_through(ship.way)
    legs = zip(ship.way[:-1], ship.way[1:], strict=True)
    places = [place for leg in legs for place in lane_between(*leg, graph).waypoints.tolist()]
    return lane_through([(lon, lat) for lat, lon in places])


def _vessel(ship: Ship, lane: Lane, seed: int) -> Vessel:
    shifts = tuple((*shift.during_s, shift.north_m, shift.east_m) for shift in ship.shifts)
    return Vessel(
        mmsi=ship.mmsi,
        name=ship.name,
        callsign=ship.callsign,
        imo=ship.imo,
        ship_type=ship.ship_type,
        length_m=ship.length_m,
        destination=ship.destination,
        lane=lane,
        offset_m=ship.starts_at_m,
        speeds=((-604_800.0, 0.0), *ship.speeds_kn),
        silent=ship.silent_s,
        shifts=shifts,
        noise_m=ship.noise_m,
        seed=seed,
    )


def _declared(  # noqa: PLR0917 - what a declaration is about
    scenario: Scenario,
    start: datetime | None,
    subject: str,
    voyage: Voyage,
    lane: Lane,
    imo: int | None = None,
) -> Iterator[Measured]:
    line = voyage.route or tuple((lon, lat) for lat, lon in lane.waypoints.tolist())
    said = DeclaredVoyage(
        voyage=voyage.number,
        version=voyage.version,
        imo=imo,
        begins=scenario.at(voyage.begins_s, start),
        ends=None if voyage.ends_s is None else scenario.at(voyage.ends_s, start),
        calls=voyage.calls,
        route=line,
        corridor_m=voyage.corridor_m,
        allowed_stops=voyage.allowed_stops,
        containers=voyage.containers,
    )
    yield Measured(scenario.at(voyage.declared_at_s, start), subject, said, urgent=True)
    if voyage.withdrawn_at_s is not None:
        taken_back = DeclaredVoyage(
            voyage=said.voyage, version=said.version + 1, withdrawn=True, begins=said.begins
        )
        at = scenario.at(voyage.withdrawn_at_s, start)
        yield Measured(at, subject, taken_back, urgent=True)
