"""A voyage from a cargo document: what carriers list, and when their vessels came and went."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from analytics.crosscheck.linking import LOCODE
from haechi.aci.manifest import Call as Said
from haechi.aci.manifest import Equipment, EventType, Manifest
from haechi.aci.voyage import Aboard, Call, Vessel, Voyage

_SIGNS: Final = re.compile(r"[^A-Za-z0-9._-]+")
_HAPPENED: Final = {"ARRI": "arrival", "DEPA": "departure"}
_TIMES: Final = {
    "planned_arrival": "arrival_planned",
    "planned_departure": "departure_planned",
    "arrival": "arrival_actual",
    "departure": "departure_actual",
}


def voyage_id(manifest: Manifest) -> str:
    """Return under which id a voyage is kept that is known from documents alone.

    >>> from haechi.aci.manifest import Source, Vessel
    >>> ship = Vessel(name="BLUE CEDAR", imo="9074729")
    >>> voyage_id(Manifest(source=Source(format="CSV"), vessel=ship, voyage="026/W"))
    '9074729-026-W'
    """
    ship = manifest.vessel.imo or manifest.vessel.call_sign or manifest.vessel.name
    return _SIGNS.sub("-", f"{ship}-{manifest.voyage}")[:40]


def sailing(manifest: Manifest, mmsi: str = "") -> Voyage:
    """Return the voyage that a document is about.

    Args:
        manifest: The message.
        mmsi: Under which number AIS knows the vessel, if shipments on her say so.
    """
    ship = manifest.vessel
    return Voyage(
        vessel=Vessel(name=ship.name, imo=ship.imo, mmsi=mmsi, call_sign=ship.call_sign),
        number=manifest.voyage,
        calls=tuple(_calls(manifest)),
        containers=tuple(_aboard(manifest)),
    )


def merged(known: Voyage, said: Voyage) -> Voyage:
    """Return a voyage with what a document adds: containers, and times of calls it already has.

    A call that was not declared is left out: that she was there is for AIS to show.
    """
    times = {call.port: call for call in said.calls}
    boxes = {each.container: each for each in said.containers}
    filled = [_filled(each, boxes.pop(each.container, None)) for each in known.containers]
    return replace(
        known,
        vessel=replace(known.vessel, mmsi=known.vessel.mmsi or said.vessel.mmsi),
        calls=tuple(_timed(call, times.get(call.port)) for call in known.calls) or said.calls,
        containers=(*filled, *boxes.values()),
    )


def _calls(manifest: Manifest) -> Iterator[Call]:
    """Yield each port once, with all times that are stated of it."""
    found: dict[str, Call] = {}
    for said in (one for one in manifest.calls if LOCODE.fullmatch(one.place)):
        found[said.place] = _with_times(found.get(said.place) or Call(port=said.place), said)
    for port, field, at in _happened(manifest):
        call = found.get(port) or Call(port=port)
        found[port] = replace(call, **{field: at})
    yield from found.values()


def _with_times(call: Call, said: Said) -> Call:
    fields = {
        mine: getattr(said, theirs)
        for mine, theirs in _TIMES.items()
        if getattr(call, mine) is None
    }
    return replace(call, name=call.name or said.name, **fields)


def _happened(manifest: Manifest) -> Iterator[tuple[str, str, datetime]]:
    """Yield port, field and time of the arrivals and departures that events report."""
    for event in manifest.standing_events:
        is_actual = event.type is EventType.TRANSPORT and event.classifier == "ACT"
        if is_actual and event.code in _HAPPENED and LOCODE.fullmatch(event.place):
            yield event.place, _HAPPENED[event.code], event.at


def _aboard(manifest: Manifest) -> Iterator[Aboard]:
    boxes = {unit.container: unit for unit in manifest.equipment}
    packed: dict[str, Aboard] = {}
    for bill in manifest.consignments:
        acid = bill.acids[0] if len({*bill.acids}) == 1 else ""
        for number in bill.containers:
            packed[number] = Aboard(
                container=number,
                acid=acid,
                bill=bill.bill,
                load_port=_place(bill.load_port),
                discharge_port=_place(bill.discharge_port),
            )
    for number in dict.fromkeys((*boxes, *packed)):
        yield _stowed(packed.get(number) or Aboard(container=number), boxes)


def _stowed(aboard: Aboard, boxes: Mapping[str, Equipment]) -> Aboard:
    unit = boxes.get(aboard.container)
    if unit is None:
        return aboard
    return replace(
        aboard,
        seals=tuple(seal.number for seal in unit.seals),
        gross_kg=unit.gross_kg,
        load_port=aboard.load_port or _place(unit.load_port),
        discharge_port=aboard.discharge_port or _place(unit.discharge_port),
    )


def _filled(known: Aboard, said: Aboard | None) -> Aboard:
    if said is None:
        return known
    fields = _missing(
        known, said, ("acid", "bill", "seals", "gross_kg", "load_port", "discharge_port")
    )
    return replace(known, **fields)


def _timed(known: Call, said: Call | None) -> Call:
    return known if said is None else replace(known, **_missing(known, said, _TIMES))


def _missing(known: object, said: object, fields: Iterable[str]) -> dict[str, object]:
    """Return what one says of the fields that the other leaves empty."""
    return {
        field: getattr(said, field)
        for field in fields
        if getattr(known, field) in {None, "", ()} and getattr(said, field)
    }


def _place(text: str) -> str:
    return text if LOCODE.fullmatch(text) else ""
