"""DCSA bookings and transport documents (eBL 3) both ways, as far as advance cargo needs them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec.structs import replace

from haechi.aci.manifest import (
    Call,
    Consignment,
    Equipment,
    Goods,
    Manifest,
    Pair,
    Party,
    ProblemKind,
    SealClaim,
    Source,
    Vessel,
)
from ingest.documents.claims import prose
from ingest.documents.limits import MAX_PARTS
from ingest.documents.nodes import Node, sequence
from ingest.documents.problems import DocumentRefusedError

PARTIES: Final = {
    "shipper": "CZ",
    "consignee": "CN",
    "endorsee": "END",
    "notifyParties": "N1",
    "issuingParty": "MS",
}
"""Field of ``documentParties`` to UN/EDIFACT 3035."""

NUMBERS: Final = ("transportDocumentReference", "shippingInstructionsReference")
BOOKINGS: Final = ("carrierBookingReference", "carrierBookingRequestReference")
_ALL_NUMBERS: Final = (*NUMBERS, *BOOKINGS)
ACID: Final = "ACID"
IMPORTER: Final = "Egyptian Importer VAT Number"
EXPORTER: Final = "Exporter Registration Number"


def is_bill(node: Node) -> bool:
    """Whether an object is a booking or a bill rather than an event."""
    return any(node.node(field) for field in _ALL_NUMBERS)


def read_bill(bill: Node) -> Manifest:
    """Return a bill of lading, shipping instruction or booking."""
    number = next((stated for field in _ALL_NUMBERS if (stated := bill.code(field))), "")
    transports = bill.node("transports") or bill
    load, discharge = (_port(transports, field) for field in ("portOfLoading", "portOfDischarge"))
    voyage = next(transports.nodes("vesselVoyages"), transports.node("vesselVoyage"))
    units = tuple(_unit(stated, number) for stated in _bounded(bill, "utilizedTransportEquipments"))
    consignment = Consignment(
        bill=number,
        acids=tuple(_acids(bill)),
        load_port=load,
        discharge_port=discharge,
        parties=tuple(_parties(bill)),
        goods=tuple(_goods(bill)),
        references=tuple(_bookings(bill, number)),
    )
    if bill.code("transportDocumentReference") and len(consignment.acids) != 1:
        bill.claims.note(
            ProblemKind.IDENTIFIER,
            bill.at,
            "customsReferences",
            f"bill {number} states {len(consignment.acids)} ACIDs; one is the rule",
            kept="all kept",
        )
    return Manifest(
        source=Source(format="DCSA bill"),
        vessel=_vessel(voyage),
        voyage=voyage.code("carrierExportVoyageNumber"),
        carrier=bill.name("carrierCode"),
        calls=tuple(_calls(transports, load, discharge)),
        consignments=(consignment,),
        equipment=_weighed(units, consignment),
    )


def _port(transports: Node, field: str) -> str:
    place = transports.node(field)
    stated = place.text("UNLocationCode") or place.node("location").text("UNLocationCode")
    return place.claims.place(stated, place.at, place.path) if stated else ""


def _calls(transports: Node, load: str, discharge: str) -> Iterator[Call]:
    for place, role, field in (
        (load, "loading", "plannedDepartureDate"),
        (discharge, "discharge", "plannedArrivalDate"),
    ):
        stated = transports.text(field)
        at = transports.claims.moment(stated, transports.at, field) if stated else None
        if place and role == "loading":
            yield Call(place=place, role=role, departure_planned=at)
        elif place:
            yield Call(place=place, role=role, arrival_planned=at)


def _vessel(voyage: Node) -> Vessel:
    number = voyage.text("vesselIMONumber")
    return Vessel(
        name=voyage.name("vesselName"),
        imo=voyage.claims.imo(number, voyage.at, voyage.path) if number else "",
    )


def _acids(bill: Node) -> Iterator[str]:
    """Yield the ACIDs of the bill and of its parts, each once."""
    holders = [bill]
    for item in _bounded(bill, "consignmentItems"):
        holders += (item, *_bounded(item, "cargoItems"))
    holders += _bounded(bill, "utilizedTransportEquipments")
    seen: set[str] = set()
    for holder in holders:
        for stated in _bounded(holder, "customsReferences"):
            if (stated.text("type"), stated.text("countryCode")) != (ACID, "EG"):
                continue
            for value in _values(stated)[:MAX_PARTS]:
                number = stated.claims.acid(str(value), stated.at, stated.path)
                if number not in seen:
                    seen.add(number)
                    yield number


def _parties(bill: Node) -> Iterator[Party]:
    parties = bill.node("documentParties")
    for field, role in PARTIES.items():
        for stated in _bounded(parties, field):
            address = stated.node("address")
            parts = ("street", "streetNumber", "city", "postCode", "countryCode")
            taxes = {tax.text("type"): tax.code("value") for tax in _taxes(stated)}
            yield Party(
                role=role,
                name=stated.name("partyName"),
                address=", ".join(filter(None, map(address.name, parts)))[:256],
                number=taxes.get(EXPORTER, ""),
                tax_number=taxes.get(IMPORTER, ""),
            )


def _taxes(party: Node) -> Iterator[Node]:
    yield from _bounded(party, "taxLegalReferences")
    yield from _bounded(party, "taxAndLegalReferences")


def _goods(bill: Node) -> Iterator[Goods]:
    for item in _bounded(bill, "consignmentItems"):
        for cargo in _bounded(item, "cargoItems"):
            packaging, weight = cargo.node("outerPackaging"), cargo.node("cargoGrossWeight")
            box = cargo.text("equipmentReference")
            claims, at = cargo.claims, cargo.at
            yield Goods(
                description=prose(_described(item)),
                hs_code=_first_hs(item),
                packages=claims.pieces(packaging.text("numberOfPackages"), at, packaging.path),
                package_kind=packaging.code("packageCode"),
                gross_kg=claims.kilograms(
                    weight.text("value"), weight.text("unit"), at, weight.path
                ),
                containers=(claims.container(box, at, cargo.path),) if box else (),
            )


def _described(item: Node) -> str:
    stated = item.node("descriptionOfGoods").value
    return " ".join(map(str, sequence(stated) or [stated or ""]))


def _first_hs(item: Node) -> str:
    text = str(next(iter(sequence(item.node("HSCodes").value)), ""))
    return item.claims.hs_code(text, item.at, f"{item.path}.HSCodes") if text else ""


def _values(reference: Node) -> Sequence[Any]:
    """Return the values of a customs reference: a list, in older messages one text."""
    return sequence(reference.node("values").value) or [reference.text("value")]


def _bookings(bill: Node, number: str) -> Iterator[Pair]:
    for field, kind in (*((field, "BKG") for field in BOOKINGS), (NUMBERS[1], "SHI")):
        stated = bill.code(field)
        if stated and stated != number:
            yield kind, stated
    for reference in _bounded(bill, "references"):
        yield reference.code("type"), reference.name("value")


def _unit(stated: Node, bill: str) -> Equipment:
    equipment, claims = stated.node("equipment"), stated.claims
    text = equipment.text("equipmentReference") or stated.text("equipmentReference")
    seals = (
        SealClaim(number=number, source=seal.code("source"))
        for seal in _bounded(stated, "seals")
        if (number := claims.seal(seal.text("number"), seal.at, seal.path))
    )
    return Equipment(
        container=claims.container(text, stated.at, stated.path),
        iso_type=equipment.code("ISOEquipmentCode"),
        seals=tuple(seals),
        bills=(bill,),
    )


def _weighed(units: tuple[Equipment, ...], bill: Consignment) -> tuple[Equipment, ...]:
    """State for each container the weight of the goods in it."""
    weights: dict[str, float] = {}
    for item in bill.goods:
        for box in item.containers:
            weights[box] = weights.get(box, 0.0) + (item.gross_kg or 0.0)
    return tuple(replace(unit, gross_kg=weights.get(unit.container)) for unit in units)


def _bounded(node: Node, key: str) -> Iterator[Node]:
    for place, found in enumerate(node.nodes(key)):
        if place >= MAX_PARTS:
            raise DocumentRefusedError(f"{found.path}: more than {MAX_PARTS} of them")
        yield found


def written_bill(manifest: Manifest, bill: Consignment) -> dict[str, Any]:
    """Return one bill of a manifest as a DCSA transport document, with what is known of it."""
    boxes = {
        unit.container: unit for unit in manifest.equipment if unit.container in bill.containers
    }
    document: dict[str, Any] = {
        "transportDocumentReference": bill.bill,
        "transports": _written_transports(manifest, bill),
        "documentParties": _written_parties(bill),
        "consignmentItems": [_written_goods(item) for item in bill.goods],
        "utilizedTransportEquipments": [_written_unit(unit) for unit in boxes.values()],
    }
    if bill.acids:
        document["customsReferences"] = [
            {"type": ACID, "countryCode": "EG", "values": list(bill.acids)}
        ]
    return document


def _written_transports(manifest: Manifest, bill: Consignment) -> dict[str, Any]:
    voyage = {
        "vesselName": manifest.vessel.name,
        "vesselIMONumber": manifest.vessel.imo,
        "carrierExportVoyageNumber": manifest.voyage,
    }
    stated: dict[str, Any] = {
        "portOfLoading": {"UNLocationCode": bill.load_port},
        "portOfDischarge": {"UNLocationCode": bill.discharge_port},
        "vesselVoyages": [{key: value for key, value in voyage.items() if value}],
    }
    for call in manifest.calls:
        if call.place == bill.load_port and call.departure_planned:
            stated["plannedDepartureDate"] = call.departure_planned.date().isoformat()
        if call.place == bill.discharge_port and call.arrival_planned:
            stated["plannedArrivalDate"] = call.arrival_planned.date().isoformat()
    return stated


def _written_parties(bill: Consignment) -> dict[str, Any]:
    fields = {role: field for field, role in PARTIES.items()}
    stated: dict[str, Any] = {}
    for party in bill.parties:
        if (field := fields.get(party.role)) is None:
            continue
        told: dict[str, Any] = {"partyName": party.name}
        taxes = [
            {"type": kind, "countryCode": "EG", "value": value}
            for kind, value in ((IMPORTER, party.tax_number), (EXPORTER, party.number))
            if value
        ]
        if taxes:
            told["taxLegalReferences"] = taxes
        if field == "notifyParties":
            stated.setdefault(field, []).append(told)
        else:
            stated[field] = told
    return stated


def _written_goods(item: Goods) -> dict[str, Any]:
    cargo: dict[str, Any] = {}
    if item.containers:
        cargo["equipmentReference"] = item.containers[0]
    if item.gross_kg is not None:
        cargo["cargoGrossWeight"] = {"value": item.gross_kg, "unit": "KGM"}
    if item.packages is not None:
        packaging = {"numberOfPackages": item.packages, "packageCode": item.package_kind}
        cargo["outerPackaging"] = {key: value for key, value in packaging.items() if value != ""}
    stated: dict[str, Any] = {"descriptionOfGoods": [item.description], "cargoItems": [cargo]}
    if item.hs_code:
        stated["HSCodes"] = [item.hs_code]
    return stated


def _written_unit(unit: Equipment) -> dict[str, Any]:
    equipment = {"equipmentReference": unit.container, "ISOEquipmentCode": unit.iso_type}
    return {
        "equipment": {key: value for key, value in equipment.items() if value},
        "seals": [
            {"number": seal.number, **({"source": seal.source} if seal.source else {})}
            for seal in unit.seals
        ],
    }
