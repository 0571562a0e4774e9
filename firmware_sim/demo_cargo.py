"""What the demonstration's two vessels carry: invented shipments, and their declared voyages.

Vessels, seals and boxes are those of the scenario, so that what it does to them concerns cargo.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar, cast

from msgspec import Struct
from msgspec.structs import asdict, replace

from firmware_sim import scenario
from firmware_sim.cargo import FIRST_LOADING, journeys
from firmware_sim.cast import Closure, Ship
from firmware_sim.scenario import Scenario
from haechi.aci.shipment import Departure, DepartureSource, Importer, Shipment
from haechi.aci.states import State
from haechi.aci.voyage import Aboard, Call, Vessel, Voyage
from haechi.fields import LonLat

T = TypeVar("T")

SCENARIO: Final = "busan-alexandria"
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
SAILED: Final = {"HANBIT STAR": 12 * HOUR, "LOTUS NILE": 24 * DAY}
"""How long ago each vessel left Busan."""
NUMBERS: Final = {"HANBIT STAR": "0123W", "LOTUS NILE": "0456W"}
BOX: Final = ("MSKU3907259", "H7000001")
"""What HANBIT STAR carries: a box whose seal has no radio."""
RECALLED: Final = ("TCLU4265773", "H7000002")
"""A like one aboard LOTUS NILE, whose ACID the authority withdraws while she lies at anchor."""
WITHDRAWN: Final = "DEMO-5"
"""Its shipment."""
ANCHORAGES: Final = {"LOTUS NILE": ("portsaid-anchorage",)}
"""Where a vessel may wait on her voyage."""
PASSAGE: Final = 25 * DAY
WAITING: Final = timedelta(hours=20)
"""Until the shipment that is still ashore must be filed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that is declared for the demonstration."""

    voyages: tuple[Voyage, ...]
    shipments: tuple[Shipment, ...]


def manifest(now: datetime) -> Manifest:
    """Return what was declared, as of ``now``: four boxes at sea and one that waits ashore."""
    day = scenario.find(SCENARIO)
    ships = {ship.name: ship for ship in day.vessel}
    lotus = ships["LOTUS NILE"]
    cargo = [(ships["HANBIT STAR"], *BOX), *_sealed(day, lotus), None, (lotus, *RECALLED)]
    plans = zip(journeys(len(cargo), seed=9), cargo, strict=True)
    shipments = [
        _sailing(number, journey.shipment, place, now)
        if place
        else _ashore(number, journey.shipment, now)
        for number, (journey, place) in enumerate(plans, start=1)
    ]
    (invented,) = journeys(1, seed=9)
    lane = invented.voyage.route
    voyages = (_voyage(ships[name], shipments, lane, now) for name in SAILED)
    return Manifest(voyages=tuple(voyages), shipments=tuple(shipments))


def _sealed(day: Scenario, ship: Ship) -> Iterator[tuple[Ship, str, str]]:
    """Yield the boxes aboard whose seals report."""
    seals: tuple[Closure, ...] = day.seal
    for seal in seals:
        if seal.aboard == f"mmsi:{ship.mmsi}" and seal.container:
            yield ship, seal.container, seal.number


def _sailing(
    number: int, invented: Shipment, place: tuple[Ship, str, str], now: datetime
) -> Shipment:
    """Return an invented shipment with its times moved so that she left when she did."""
    ship, box, seal = place
    departed = now - SAILED[ship.name]
    moved = _moved(invented, departed - (invented.transport.etd or FIRST_LOADING))
    issued = moved.issued_at or now
    acid = f"{moved.importer.tax_number}{issued:%Y%m}{number:04}"
    (packing,), (bill,) = moved.containers, moved.bills
    return replace(
        moved,
        reference=f"DEMO-{number}",
        acid=acid,
        importer=_named(moved.importer, number),
        transport=replace(moved.transport, **_names(ship), voyage=NUMBERS[ship.name]),
        containers=(replace(packing, container=box, seals=(seal,)),),
        bills=(replace(bill, acids=(acid,)),),
        documents=tuple(replace(each, acid=acid) for each in moved.documents),
        departed=Departure(at=departed, source=DepartureSource.CARRIER),
    )


def _ashore(number: int, invented: Shipment, now: datetime) -> Shipment:
    """Return a shipment whose ACID is asked for, and whose filing is due soon."""
    loading = now + WAITING + 48 * HOUR
    moved = _moved(invented, loading - (invented.transport.planned_loading or FIRST_LOADING))
    return Shipment(
        reference=f"DEMO-{number}",
        state=State.REQUESTED,
        importer=_named(moved.importer, number),
        exporter=moved.exporter,
        goods=moved.goods,
        transport=moved.transport,
        requested_at=now - HOUR,
    )


def _voyage(
    ship: Ship, shipments: list[Shipment], lane: tuple[LonLat, ...], now: datetime
) -> Voyage:
    departed = now - SAILED[ship.name]
    mine = [each for each in shipments if each.transport.mmsi == str(ship.mmsi)]
    return Voyage(
        vessel=Vessel(**_names(ship, "name")),
        number=NUMBERS[ship.name],
        calls=(
            Call(port="KRPUS", name="Busan", lat=35.08, lon=128.8, planned_departure=departed),
            Call(
                port="EGALY",
                name="Alexandria",
                lat=31.19,
                lon=29.87,
                planned_arrival=departed + PASSAGE,
            ),
        ),
        route=ship.voyage.route if ship.voyage else lane,
        corridor_m=ship.voyage.corridor_m if ship.voyage else 20_000,
        allowed_stops=ANCHORAGES.get(ship.name, ()),
        containers=tuple(_aboard(each) for each in mine),
    )


def _aboard(shipment: Shipment) -> Aboard:
    (packing,) = shipment.containers
    return Aboard(
        container=packing.container,
        acid=shipment.acid or "",
        bill=packing.bill,
        seals=packing.seals,
        gross_kg=packing.gross_kg,
        load_port=shipment.transport.load_port,
        discharge_port=shipment.transport.discharge_port,
    )


def _names(ship: Ship, name: str = "vessel") -> dict[str, str]:
    return {
        name: ship.name,
        "imo": str(ship.imo),
        "mmsi": str(ship.mmsi),
        "call_sign": ship.callsign,
    }


def _named(importer: Importer, number: int) -> Importer:
    return replace(importer, name=f"Nile Imports {number}")


def _moved(value: T, by: timedelta) -> T:
    """Return a value with every time in it moved."""
    moved: Any = value
    if isinstance(value, datetime | date):
        moved = value + by
    elif isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        moved = tuple(_moved(part, by) for part in parts)
    elif isinstance(value, Struct):
        moved = replace(value, **{name: _moved(part, by) for name, part in asdict(value).items()})
    return cast("T", moved)
