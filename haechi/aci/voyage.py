"""A vessel's declared journey with what it carries, and the threads that tie cargo to it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Annotated, Final, NamedTuple

from msgspec import Meta

from haechi.aci.equipment import container_number
from haechi.aci.shipment import Kilograms, Name, Number, Part, Place, Shipment
from haechi.declared import DeclaredVoyage, PortCall
from haechi.fields import Latitude, Longitude, LonLat, Metres, Moment
from haechi.ids import InvalidIdError, mmsi

MAX_CALLS: Final = 64
MAX_NAMED: Final = 5000
"""ACIDs, and containers, that one reading holds (``haechi.declared``)."""


class Vessel(Part, frozen=True, kw_only=True):
    """A ship by every name she has."""

    name: Name = ""
    imo: Number = ""
    mmsi: Number = ""
    call_sign: Number = ""


class Call(Part, frozen=True, kw_only=True):
    """One call at a port: as planned, and as the carrier says it was."""

    port: Place
    name: Name = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_m: Metres = 20_000
    """Within this distance of the place it counts as being there."""
    planned_arrival: Moment | None = None
    planned_departure: Moment | None = None
    arrival: Moment | None = None
    departure: Moment | None = None


class Aboard(Part, frozen=True, kw_only=True):
    """One container of the voyage."""

    container: Number
    acid: Number = ""
    bill: Number = ""
    seals: tuple[Number, ...] = ()
    gross_kg: Kilograms | None = None
    """Gross weight on the manifest."""
    load_port: Place = ""
    discharge_port: Place = ""


class Voyage(Part, frozen=True, kw_only=True):
    """One voyage of one vessel; a higher version replaces a lower one."""

    vessel: Vessel
    number: Number
    version: Annotated[int, Meta(ge=1)] = 1
    is_withdrawn: bool = False
    calls: tuple[Call, ...] = ()
    route: tuple[LonLat, ...] = ()
    corridor_m: Metres = 20_000
    allowed_stops: tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...] = ()
    containers: tuple[Aboard, ...] = ()

    @property
    def begins(self) -> Moment | None:
        """The first time that is known of it."""
        return min(_times(self.calls), default=None)

    @property
    def ends(self) -> Moment | None:
        """Its last arrival, as it was or as it is planned."""
        if not self.calls:
            return None
        return self.calls[-1].arrival or self.calls[-1].planned_arrival

    def call(self, port: str) -> Call | None:
        """Return its first call at a port."""
        return next((call for call in self.calls if call.port == port), None)


class Link(NamedTuple):
    """One thread from a declaration to a vessel; an unknown end is empty."""

    acid: str
    bill: str
    container: str
    seal: str
    vessel: str
    """MMSI, else IMO number."""
    voyage: str


class VoyageError(ValueError):
    """A voyage lacks what its declaration needs; the text says what."""


def links(shipment: Shipment, voyage: Voyage | None = None) -> tuple[Link, ...]:
    """Return every thread from an ACID over bill, container and seal to its vessel.

    A container without seals and a bill without containers have a thread too.
    """
    ship = voyage.vessel if voyage else None
    name = (ship.mmsi or ship.imo) if ship else shipment.transport.mmsi or shipment.transport.imo
    number = voyage.number if voyage else shipment.transport.voyage
    packed = {packing.bill for packing in shipment.containers}
    bare = (bill.number for bill in shipment.bills if bill.number not in packed)
    ends = [*_packed(shipment), *((number, "", "") for number in bare)] or [("", "", "")]
    return tuple(Link(shipment.acid or "", *end, name, number) for end in ends)


def threads(links: Iterable[Link], key: str) -> tuple[Link, ...]:
    """Return the threads that run through an ACID, bill, container, seal, vessel or voyage."""
    return tuple(link for link in links if key and key in link)


def declared(voyage: Voyage) -> DeclaredVoyage:
    """Return the voyage as the rules about tracks read it, from ``mmsi:<number>``.

    Of more containers than one reading holds, those with seals are named first: rules about seals
    are what asks for them.

    Raises:
        VoyageError: it has no times or too many calls, or its vessel no MMSI under which AIS
            reports her.
    """
    begins = voyage.begins
    if begins is None:
        raise VoyageError(f"voyage {voyage.number}: give at least one call a planned time")
    if not _is(mmsi, voyage.vessel.mmsi):
        raise VoyageError(f"voyage {voyage.number}: give the vessel's MMSI, by which AIS knows her")
    if len(voyage.calls) > MAX_CALLS:
        raise VoyageError(f"voyage {voyage.number}: {len(voyage.calls)} calls, {MAX_CALLS} at most")
    aboard = sorted(voyage.containers, key=lambda each: not each.seals)
    boxes = (each.container for each in aboard if _is(container_number, each.container))
    acids = (each.acid for each in aboard if len(each.acid) == 19)  # noqa: PLR2004 - digits of an ACID
    return DeclaredVoyage(
        voyage=voyage.number,
        version=voyage.version,
        withdrawn=voyage.is_withdrawn,
        imo=int(voyage.vessel.imo) if voyage.vessel.imo.isdigit() else None,
        begins=begins,
        ends=voyage.ends,
        calls=tuple(_port_call(call) for call in voyage.calls),
        route=voyage.route,
        corridor_m=voyage.corridor_m,
        allowed_stops=voyage.allowed_stops,
        acids=_first(acids),
        containers=_first(boxes),
    )


def _first(names: Iterable[str]) -> tuple[str, ...]:
    """Return different names in order, as many as a reading holds."""
    return tuple(sorted(islice(dict.fromkeys(names), MAX_NAMED)))


def subject(voyage: Voyage) -> str:
    """Return what its declaration is filed under.

    >>> subject(Voyage(vessel=Vessel(mmsi="440006460"), number="042W"))
    'mmsi:440006460'
    """
    return f"mmsi:{voyage.vessel.mmsi}"


def _packed(shipment: Shipment) -> Iterator[tuple[str, str, str]]:
    for packing in shipment.containers:
        for seal in packing.seals or ("",):
            yield packing.bill, packing.container, seal


def _port_call(call: Call) -> PortCall:
    return PortCall(
        locode=call.port,
        name=call.name[:64],
        lat=call.lat,
        lon=call.lon,
        radius_m=call.radius_m,
        arrival=call.planned_arrival,
        departure=call.planned_departure,
    )


def _times(calls: Iterable[Call]) -> Iterator[Moment]:
    for call in calls:
        times = (call.planned_arrival, call.planned_departure, call.arrival, call.departure)
        yield from (at for at in times if at is not None)


def _is(check: Callable[[str], object], text: str) -> bool:
    try:
        check(text)
    except InvalidIdError:
        return False
    return True
