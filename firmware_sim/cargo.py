"""Invented cargo: lawful voyages with all that is declared about them and all that is seen of them.

What is seen is plain data, named as the facts of the cross-check are: the simulator does not know
the rules it is used to test.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np

from firmware_sim.vessels import Vessel as Simulated
from haechi.aci.shipment import (
    Approval,
    Bill,
    BillKind,
    CarrierFile,
    Company,
    Document,
    Exporter,
    GoodsLine,
    Importer,
    Packing,
    Shipment,
    Transport,
)
from haechi.aci.states import State
from haechi.aci.voyage import Aboard, Call, Vessel, Voyage
from haechi.ids import container_check_digit, imo_check_digit

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
FIRST_LOADING: Final = datetime(2026, 3, 10, 6, tzinfo=UTC)
TARE_KG: Final = 3_900.0
OWNER: Final = "HXLU"
"""Invented; every container number has a right check digit."""

_DOCUMENTS: Final = ("INV", "BL", "PL", "COO")
_GOODS: Final = (
    ("520512", "cotton yarn", "BG"),
    ("040210", "milk powder", "BG"),
    ("390120", "polyethylene", "BG"),
    ("870899", "parts of vehicles", "CT"),
)
_PORTS: Final = {
    "KRPUS": ("Busan", 35.08, 128.8),
    "SGSIN": ("Singapore", 1.26, 103.8),
    "EGALY": ("Alexandria", 31.19, 29.87),
}
_ROUTE: Final = ((128.8, 35.08), (103.8, 1.26), (43.3, 12.6), (32.35, 31.27), (29.87, 31.19))


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that somebody saw."""

    kind: str
    """Name of the fact."""
    at: datetime
    source: str
    """Who says so: ``ais``, ``seal``, ``gate``, ``terminal``, ``scale``, ``carrier`` and others."""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Journey:
    """One shipment in one container on one voyage."""

    shipment: Shipment
    voyage: Voyage
    seen: tuple[Seen, ...]

    @property
    def loading(self) -> datetime:
        """When the container is planned to be loaded."""
        at = self.shipment.transport.planned_loading
        if at is None:
            raise ValueError(f"{self.shipment.reference}: a journey without a loading time")
        return at


def journeys(count: int, seed: int, ships: Sequence[Simulated] = ()) -> Iterator[Journey]:
    """Yield lawful journeys from Busan to Alexandria; companies and numbers are invented.

    Args:
        count: How many.
        seed: The same seed gives the same journeys.
        ships: Simulated vessels that carry them in turn; without any, they are invented too.
    """
    rng = np.random.default_rng(seed)
    for number in range(count):
        yield _journey(number, rng, ships[number % len(ships)] if ships else None)


def ship(number: int, simulated: Simulated | None = None) -> Vessel:
    """Return a ship as declarations name her; a simulated one without an IMO number gets one."""
    bare = f"{910_000 + number % 80_000}"
    numbered = (
        str(simulated.imo) if simulated and simulated.imo else f"{bare}{imo_check_digit(bare)}"
    )
    if simulated is None:
        mmsi, call_sign, name = f"{440_500_000 + number}", f"DT{number:05}", f"HAECHI {number}"
    else:
        mmsi, call_sign, name = str(simulated.mmsi), simulated.callsign, simulated.name
    return Vessel(name=name, imo=numbered, mmsi=mmsi, call_sign=call_sign)


def container_number(serial: int) -> str:
    """Return an invented container number.

    >>> container_number(12)
    'HXLU0000122'
    """
    bare = f"{OWNER}{serial % 1_000_000:06}"
    return f"{bare}{container_check_digit(bare)}"


def _journey(number: int, rng: np.random.Generator, simulated: Simulated | None) -> Journey:
    loading = FIRST_LOADING + HOUR * int(rng.integers(0, 24 * 90))
    vessel = ship(number, simulated)
    voyage_number = f"{number % 1000:03}W"
    tax_number = f"{int(rng.integers(100_000_000, 999_999_999))}"
    issued = loading - DAY * int(rng.integers(8, 20))
    acid = f"{tax_number}{issued:%Y%m}{number % 10_000:04}"
    box, seal, bill = container_number(number), f"H{7_000_000 + number}", f"HXLB{number:07}"
    importer = f"Nile Imports {number}"
    packages = int(rng.integers(50, 900))
    gross_kg = float(packages * int(rng.integers(20, 26)))
    hs, description, unit = _GOODS[int(rng.integers(len(_GOODS)))]
    shipment = Shipment(
        reference=f"S-{number}",
        acid=acid,
        state=State.ENVELOPE_RECEIVED,
        importer=Importer(tax_number=tax_number, name=importer),
        exporter=Exporter(number="KR-02-1168200276", name=f"Morning Exports {number}"),
        goods=(
            GoodsLine(
                line=1,
                hs=hs,
                description=description,
                quantity=Decimal(packages),
                unit=unit,
                packages=packages,
                gross_kg=gross_kg,
                duty=Decimal(1000),
            ),
        ),
        documents=tuple(_document(kind, acid, tax_number, loading) for kind in _DOCUMENTS),
        transport=_transport(vessel, voyage_number, loading),
        bills=(_bill(bill, acid, Company(name=importer, tax_number=tax_number), loading),),
        containers=(Packing(container=box, bill=bill, seals=(seal,), gross_kg=gross_kg),),
        carrier=CarrierFile(
            importer=tax_number,
            register=f"CR-{number}",
            data_at=loading - 3 * DAY,
            papers_at=loading - 11 * DAY,
        ),
        filed_at=loading - 5 * DAY,
        requested_at=issued - DAY,
        issued_at=issued,
        approval=Approval(by="officer.kim", at=issued, case=f"RV-{number}"),
    )
    voyage = _voyage(vessel, voyage_number, shipment)
    return Journey(shipment, voyage, tuple(_seen(shipment)))


def _transport(vessel: Vessel, voyage: str, loading: datetime) -> Transport:
    return Transport(
        vessel=vessel.name,
        imo=vessel.imo,
        mmsi=vessel.mmsi,
        call_sign=vessel.call_sign,
        voyage=voyage,
        load_port="KRPUS",
        discharge_port="EGALY",
        planned_loading=loading,
        etd=loading + DAY,
        eta=loading + 25 * DAY,
    )


def _bill(number: str, acid: str, consignee: Company, loading: datetime) -> Bill:
    return Bill(
        number=number,
        kind=BillKind.DIRECT,
        issued_on=(loading - DAY).date(),
        acids=(acid,),
        consignee=consignee,
    )


def _document(kind: str, acid: str, tax_number: str, loading: datetime) -> Document:
    return Document(
        id=kind,
        type=kind,
        digest=hashlib.sha256(f"{acid} {kind}".encode()).hexdigest(),
        acid=acid,
        importer=tax_number,
        exporter="KR-02-1168200276",
        transferred_at=loading - 5 * DAY,
    )


def _voyage(vessel: Vessel, number: str, shipment: Shipment) -> Voyage:
    journey, (packing,) = shipment.transport, shipment.containers
    times: dict[str, dict[str, Any]] = {
        "KRPUS": {"planned_departure": journey.etd},
        "SGSIN": {"planned_arrival": journey.etd and journey.etd + 7 * DAY},
        "EGALY": {"planned_arrival": journey.eta},
    }
    calls = (
        Call(port=port, name=name, lat=lat, lon=lon, **times[port])
        for port, (name, lat, lon) in _PORTS.items()
    )
    aboard = Aboard(
        container=packing.container,
        acid=shipment.acid or "",
        bill=packing.bill,
        seals=packing.seals,
        gross_kg=packing.gross_kg,
        load_port=journey.load_port,
        discharge_port=journey.discharge_port,
    )
    return Voyage(
        vessel=vessel, number=number, calls=tuple(calls), route=_ROUTE, containers=(aboard,)
    )


def _seen(shipment: Shipment) -> Iterator[Seen]:
    """Yield all that sensors, terminals and the carrier see of a lawful journey, in no order."""
    journey, (packing,) = shipment.transport, shipment.containers
    loading, departure, arrival = journey.planned_loading, journey.etd, journey.eta
    if loading is None or departure is None or arrival is None:
        return
    box, seal = packing.container, packing.seals[0]
    ship_ids = {"imo": journey.imo, "call_sign": journey.call_sign}
    importer = shipment.importer.tax_number
    landed = arrival + 8 * HOUR
    yield Seen("ShipSeen", loading, "ais", {"mmsi": journey.mmsi, **ship_ids})
    for at, source, role in ((loading - DAY, "seal", "armed"), (loading - HOUR, "gate", "gate")):
        yield Seen("SealSeen", at, source, {"container": box, "seal": seal, "role": role})
    weight = (packing.gross_kg or 0.0) + TARE_KG
    yield Seen(
        "Weighing", loading - HOUR, "scale", {"container": box, "kg": weight, "tare_kg": TARE_KG}
    )
    line = {
        **ship_ids,
        "container": box,
        "voyage": journey.voyage,
        "load_port": journey.load_port,
        "discharge_port": journey.discharge_port,
        "gross_kg": packing.gross_kg,
    }
    yield Seen("ManifestLine", loading - HOUR, "manifest", line)
    for at, source, kind, port in (
        (loading - HOUR, "gate", "GTIN", "KRPUS"),
        (loading + HOUR, "terminal", "LOAD", "KRPUS"),
        (landed, "terminal", "DISC", "EGALY"),
    ):
        yield Seen("Move", at, source, {"container": box, "kind": kind, "port": port})
    for at, kind in ((loading + HOUR, "LOAD"), (landed, "DISC")):
        yield Seen("CarrierCheck", at, "carrier", {"importer": importer, "kind": kind})
    yield Seen("LoadingComplete", departure - HOUR, "terminal", {"port": "KRPUS"})
    yield Seen("PortVisit", loading - DAY, "ais", {"port": "KRPUS", "left": departure})
    strait = departure + 7 * DAY
    yield Seen("PortVisit", strait, "ais", {"port": "SGSIN", "left": strait + DAY})
    yield Seen("EtaReport", strait + DAY, "ais", {"port": "EGALY", "eta": arrival + 2 * HOUR})
    yield Seen("PortVisit", arrival, "ais", {"port": "EGALY"})
    yield Seen("SealOpened", landed + HOUR, "seal", {"seal": seal, "container": box})
    yield Seen("Landing", landed, "terminal", {"quantity": shipment.goods[0].quantity})
    for document in shipment.documents:
        values = {"digest": document.digest, "acid": shipment.acid or ""}
        yield Seen("DocumentUse", loading - 5 * DAY, "document", values)
