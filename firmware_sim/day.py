"""A scenario put on stage: its vessels on air, and what was declared about them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from edge.measured import Measured
from firmware_sim import sealed_day
from firmware_sim.ais_transmitter import lines
from firmware_sim.lanes import Lane, lane_between, lane_through, sea_graph
from firmware_sim.scenario import Scenario, Ship, Voyage
from firmware_sim.seals import Sent
from firmware_sim.vessels import Vessel, fleet, transmissions
from haechi.declared import DeclaredVoyage


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
    by_subject = {f"mmsi:{vessel.mmsi}": vessel for vessel in vessels(scenario)}
    return sealed_day.frames(scenario, by_subject, start)


def declarations(scenario: Scenario, start: datetime | None = None) -> list[Measured]:
    """Return what was declared about vessels and ordered about seals, in order of time."""
    graph = sea_graph() if any(ship.by_lanes for ship in scenario.vessel) else None
    made = [
        reading
        for ship in scenario.vessel
        if ship.voyage is not None
        for reading in _declared(scenario, start, ship, ship.voyage, _lane(ship, graph))
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


def _declared(
    scenario: Scenario, start: datetime | None, ship: Ship, voyage: Voyage, lane: Lane
) -> Iterator[Measured]:
    line = voyage.route or tuple((lon, lat) for lat, lon in lane.waypoints.tolist())
    said = DeclaredVoyage(
        voyage=voyage.number,
        version=voyage.version,
        imo=ship.imo or None,
        begins=scenario.at(voyage.begins_s, start),
        ends=None if voyage.ends_s is None else scenario.at(voyage.ends_s, start),
        calls=voyage.calls,
        route=line,
        corridor_m=voyage.corridor_m,
        allowed_stops=voyage.allowed_stops,
    )
    subject = f"mmsi:{ship.mmsi}"
    yield Measured(scenario.at(voyage.declared_at_s, start), subject, said, urgent=True)
    if voyage.withdrawn_at_s is not None:
        taken_back = DeclaredVoyage(
            voyage=said.voyage, version=said.version + 1, withdrawn=True, begins=said.begins
        )
        at = scenario.at(voyage.withdrawn_at_s, start)
        yield Measured(at, subject, taken_back, urgent=True)
