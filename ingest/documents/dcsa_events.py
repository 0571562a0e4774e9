"""DCSA events both ways: Track & Trace 2 and 3, and IoT 1, with retractions.

Version 2 is flat; version 3 has ``metadata`` and ``payload``, and takes an event back by an event
without payload that names it. What is written is version 3 (event domain 3.2.0).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from haechi.aci.manifest import (
    Event,
    EventType,
    Manifest,
    Pair,
    ProblemKind,
    SealClaim,
    Source,
    Vessel,
)
from haechi.text import plain
from ingest.documents.limits import MAX_PARTS, MAX_UNITS
from ingest.documents.nodes import Node
from ingest.documents.problems import DocumentRefusedError, quoted

CODES: Final = {
    EventType.EQUIPMENT: "LOAD DISC GTIN GTOT STUF STRP PICK DROP INSP RSEA RMVD AVPU AVDO CUSS "
    "CUSI CUSR CROS WAYP",
    EventType.TRANSPORT: "ARRI DEPA",
    EventType.SHIPMENT: "RECE DRFT PENA PENU PENC REJE APPR ISSU SURR SUBM VOID CONF REQS CMPL "
    "HOLD RELS CANC",
    EventType.IOT: "DRO",
}
"""The codes DCSA knows."""

DOCUMENTS: Final = (
    "CBR BKG SHI TRD DEI DEO TRO CRO ARN VGM CAS CUC DGD OOG CQU INV HCE PCE VCE FCE ICE CEA CEO"
)
"""Kinds of documents DCSA knows; other references go by themselves."""

_FIELD: Final = {
    EventType.EQUIPMENT: "equipmentEventTypeCode",
    EventType.TRANSPORT: "transportEventTypeCode",
    EventType.SHIPMENT: "shipmentEventTypeCode",
    EventType.IOT: "iotEventCode",
}


_ID_SIGNS: Final = 100
"""Length of an event's id and of a call's reference."""


class Publisher(Struct, frozen=True, kw_only=True):
    """Who sends events, as DCSA asks."""

    carrier_code: str
    code_list: str = "SMDG"
    """``SMDG`` or ``NMFTA``."""
    role: str = "VSP"
    """``CA`` carrier, ``AG`` its agent, ``VSP`` visibility provider, ``SVP`` another."""


def read_events(items: Sequence[Node]) -> Manifest:
    """Return the events of a list; those that cannot be understood are reported."""
    if len(items) > MAX_UNITS:
        raise DocumentRefusedError(f"more than {MAX_UNITS} events: split the file")
    events = [event for item in items if (event := _event(item)) is not None]
    retracted = (plain(item.node("metadata").text("retractedEventID"), _ID_SIGNS) for item in items)
    return Manifest(
        source=Source(format="DCSA events"),
        events=tuple(events),
        retracted=tuple(dict.fromkeys(filter(None, retracted))),
    )


def _event(item: Node) -> Event | None:
    meta = item.node("metadata")
    if meta.text("retractedEventID"):
        return None
    meta, body = (meta, item.node("payload")) if meta else (item, item)
    kind, happened = _kind(body), body.text("eventDateTime")
    at = item.claims.moment(happened, item.at, "eventDateTime") if happened else None
    if kind is None or at is None:
        missing = "no code that is known" if kind is None else "no time"
        item.claims.note(
            ProblemKind.MISSING, item.at, item.path, f"an event with {missing}", kept="left out"
        )
        return None
    call, place = body.node("transportCall"), _place(body)
    created = meta.text("eventCreatedDateTime")
    lat, lon = _position(body)
    return Event(
        type=kind,
        code=body.code(_FIELD[kind]),
        at=at,
        classifier=body.code("eventClassifierCode") or "ACT",
        id=plain(meta.text("eventID"), _ID_SIGNS),
        created=item.claims.moment(created, item.at, "eventCreatedDateTime") if created else None,
        container=_container(body),
        is_empty={"EMPTY": True, "LADEN": False}.get(body.text("emptyIndicatorCode")),
        document=_document(body),
        place=item.claims.place(place.text("UNLocationCode"), item.at, place.path),
        facility=place.code("facilityCode"),
        lat=lat,
        lon=lon,
        voyage=call.code("carrierExportVoyageNumber") or call.code("carrierVoyageNumber"),
        vessel=_vessel(call.node("vessel")),
        seals=tuple(_seals(body)),
        references=tuple(_references(body)),
    )


def _kind(body: Node) -> EventType | None:
    for kind, field in _FIELD.items():
        if (stated := body.text(field)) and stated in CODES[kind].split():
            return kind
        if stated:
            body.node(field).complain(f"{quoted(stated)} is no code of DCSA")
    return None


def _container(body: Node) -> str:
    stated = body.text("equipmentReference")
    return body.claims.container(stated, body.at, "equipmentReference") if stated else ""


def _document(body: Node) -> Pair | None:
    number = body.code("documentReference") or body.code("documentID")
    return (body.code("documentTypeCode"), number) if number else None


def _place(body: Node) -> Node:
    """Return the place of the event, or else of the call."""
    return body.node("eventLocation") or body.node("transportCall").node("location")


def _position(body: Node) -> tuple[float | None, float | None]:
    stated = body.node("geoLocation") or _place(body).node("geoLocation") or _place(body)
    lat, lon = (
        _degrees(stated, key, limit) for key, limit in (("latitude", 90), ("longitude", 180))
    )
    return (None, None) if lat is None or lon is None else (lat, lon)


def _degrees(stated: Node, key: str, limit: float) -> float | None:
    text = stated.text(key)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = limit + 1
    if -limit <= value <= limit:
        return value
    stated.node(key).complain(f"{quoted(text)} is no position")
    return None


def _vessel(stated: Node) -> Vessel | None:
    if not stated:
        return None
    number = stated.text("vesselIMONumber")
    return Vessel(
        name=stated.name("name") or stated.name("vesselName"),
        call_sign=stated.code("callSign") or stated.code("vesselCallSignNumber"),
        imo=stated.claims.imo(number, stated.at, stated.path) if number else "",
        flag=stated.code("flag") or stated.code("vesselFlag"),
    )


def _seals(body: Node) -> Iterator[SealClaim]:
    for stated in _bounded(body, "seals"):
        text = stated.text("number") or stated.text("sealNumber")
        number = body.claims.seal(text, body.at, stated.path) if text else ""
        if number:
            yield SealClaim(
                number=number, source=stated.code("source") or stated.code("sealSource")
            )


def _references(body: Node) -> Iterator[Pair]:
    for field, kind, value in (
        ("relatedDocumentReferences", "type", "value"),
        ("references", "type", "value"),
        ("documentReferences", "documentReferenceType", "documentReferenceValue"),
        ("references", "referenceType", "referenceValue"),
    ):
        for stated in _bounded(body, field):
            if stated.text(value):
                yield stated.code(kind), stated.name(value)


def _bounded(body: Node, key: str) -> Iterator[Node]:
    for place, found in enumerate(body.nodes(key)):
        if place >= MAX_PARTS:
            raise DocumentRefusedError(f"item {body.at}: more than {MAX_PARTS} {key}")
        yield found


def written(manifest: Manifest, publisher: Publisher, at: datetime) -> list[dict[str, Any]]:
    """Return the events of a manifest as DCSA has them, and the retractions after them.

    Args:
        manifest: Whose events.
        publisher: Who sends them.
        at: When; the retractions are made then.

    Steps of clearance have no DCSA code and are left out. DCSA insists on three things that an
    event need not know: a container without a stated content is ``LADEN``, a call without a
    reference gets one made of voyage and port, a ship without an IMO number is left out.
    """
    known = {event.id: event.type for event in manifest.events if event.id}
    events = (event for event in manifest.events if event.type in _FIELD)
    return [
        *(_written(number, event, publisher) for number, event in enumerate(events, 1)),
        *(
            {"metadata": _retraction(taken_back, known, publisher, at)}
            for taken_back in manifest.retracted
        ),
    ]


def _written(number: int, event: Event, publisher: Publisher) -> dict[str, Any]:
    body: dict[str, Any] = {
        "eventClassifierCode": event.classifier,
        "eventDateTime": event.at.isoformat(),
        _FIELD[event.type]: event.code,
    }
    match event.type:
        case EventType.EQUIPMENT:
            body |= _equipment(event)
        case EventType.TRANSPORT:
            body["transportCall"] = _call(event)
        case EventType.SHIPMENT:
            kind, reference = event.document or ("", "")
            body |= {"documentTypeCode": kind, "documentReference": reference}
        case _:
            body |= {"iotEventTypeCode": "DETC", "equipmentReference": event.container}
            if event.lat is not None and event.lon is not None:
                body["geoLocation"] = _geo(event)
    for kind, value in event.references:
        field = "relatedDocumentReferences" if kind in DOCUMENTS.split() else "references"
        body.setdefault(field, []).append({"type": kind, "value": value})
    created = (event.created or event.at).isoformat()
    meta = _metadata(event.id or f"event-{number}", created, event.type, publisher)
    return {"metadata": meta, "payload": body}


def _retraction(
    taken_back: str, known: Mapping[str, EventType], publisher: Publisher, at: datetime
) -> dict[str, Any]:
    kind = known.get(taken_back, EventType.EQUIPMENT)
    meta = _metadata(f"retraction-{taken_back}"[:_ID_SIGNS], at.isoformat(), kind, publisher)
    return meta | {"retractedEventID": taken_back}


def _metadata(id_: str, created: str, kind: EventType, publisher: Publisher) -> dict[str, Any]:
    return {
        "eventID": id_,
        "eventCreatedDateTime": created,
        "eventType": kind.value,
        "publisher": {
            "carrierCode": publisher.carrier_code,
            "carrierCodeListProvider": publisher.code_list,
        },
        "publisherRole": publisher.role,
    }


def _equipment(event: Event) -> dict[str, Any]:
    body: dict[str, Any] = {"emptyIndicatorCode": "EMPTY" if event.is_empty else "LADEN"}
    if event.container:
        body["equipmentReference"] = event.container
    if event.voyage or event.vessel:
        body["transportCall"] = _call(event)
    elif location := _location(event):
        body["eventLocation"] = location
    if event.seals:
        body["seals"] = [
            {"number": seal.number, **({"source": seal.source} if seal.source else {})}
            for seal in event.seals
        ]
    return body


def _call(event: Event) -> dict[str, Any]:
    call: dict[str, Any] = {
        "transportCallReference": f"{event.voyage or '-'}/{event.place or '-'}"[:_ID_SIGNS],
        "modeOfTransport": "VESSEL",
    }
    if event.voyage:
        call["carrierExportVoyageNumber"] = event.voyage
    if event.vessel and event.vessel.imo:
        stated = {
            "vesselIMONumber": event.vessel.imo,
            "name": event.vessel.name,
            "flag": event.vessel.flag,
            "callSign": event.vessel.call_sign,
        }
        call["vessel"] = {key: value for key, value in stated.items() if value}
    if location := _location(event):
        call["location"] = location
    return call


def _location(event: Event) -> dict[str, Any] | None:
    if event.facility:
        return {
            "locationType": "FACI",
            "UNLocationCode": event.place,
            "facilityCode": event.facility,
            "facilityCodeListProvider": "SMDG",
        }
    if event.place:
        return {"locationType": "UNLO", "UNLocationCode": event.place}
    if event.lat is not None and event.lon is not None:
        return {"locationType": "GEOL", "geoLocation": _geo(event)}
    return None


def _geo(event: Event) -> dict[str, str]:
    return {"latitude": f"{event.lat}", "longitude": f"{event.lon}"}
