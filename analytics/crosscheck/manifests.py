"""What an imported cargo message contributes to the facts about a shipment."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from analytics.crosscheck.facts import (
    AnyFact,
    CarrierCheck,
    ManifestLine,
    Move,
    MoveKind,
    SealRole,
    SealSeen,
    Source,
    Weighing,
)
from haechi.aci.manifest import Consignment, Equipment, Event, EventType, Manifest

HAPPENED: Final = "ACT"
RESEALED: Final = "RSEA"
_GATES: Final = frozenset({MoveKind.GATE_IN, MoveKind.GATE_OUT})


def facts(manifest: Manifest, *, at: datetime, reference: str = "") -> tuple[AnyFact, ...]:
    """Return what one message says about containers, as facts.

    Args:
        manifest: The message; numbers with a wrong check digit are as they were written.
        at: When it came, for messages that do not say when they were made.
        reference: Name of the message, for whoever wants to look.
    """
    made = manifest.source.made_at or at
    return (
        *_lines(manifest, made, reference),
        *_scales(manifest, made, reference),
        *carrier_checks(manifest.consignments, made, reference),
        *_moves(manifest, reference),
        *_seals(manifest, reference),
    )


def _lines(manifest: Manifest, at: datetime, reference: str) -> Iterator[ManifestLine]:
    """Return one line for each container, from the bills that name it or from the list of boxes."""
    bills = {number: one for one in manifest.consignments for number in one.containers}
    boxes = {unit.container: unit for unit in manifest.equipment}
    for number in dict.fromkeys((*boxes, *bills)):
        bill, box = bills.get(number), boxes.get(number)
        yield ManifestLine(
            at=at,
            source=Source.MANIFEST,
            reference=reference,
            container=number,
            imo=manifest.vessel.imo,
            call_sign=manifest.vessel.call_sign,
            voyage=manifest.voyage,
            load_port=_port("load_port", bill, box),
            discharge_port=_port("discharge_port", bill, box),
            gross_kg=_gross_kg(bill, box),
        )


def _port(field: str, bill: Consignment | None, box: Equipment | None) -> str:
    said: list[str] = [getattr(one, field) for one in (bill, box) if one is not None]
    return next(filter(None, said), "")


def _gross_kg(bill: Consignment | None, box: Equipment | None) -> float | None:
    """Return the weight of the goods, where the bill fills this box alone or the box states it."""
    if bill is not None and len(bill.containers) == 1 and bill.gross_kg is not None:
        return bill.gross_kg
    return box.gross_kg if box is not None and bill is not None else None


def _scales(manifest: Manifest, at: datetime, reference: str) -> Iterator[Weighing]:
    for unit in manifest.equipment:
        if unit.vgm_kg is not None:
            yield Weighing(
                at=at,
                source=Source.CARRIER,
                reference=reference,
                container=unit.container,
                kg=unit.vgm_kg,
            )


def carrier_checks(
    bills: Iterable[Consignment], at: datetime, reference: str
) -> Iterator[CarrierCheck]:
    """Yield the importers that the carrier has on its bills: consignee, or notify if to order."""
    for bill in bills:
        consignee = bill.party("CN")
        named = bill.party("N1") if consignee is None or consignee.is_to_order else consignee
        if named is not None and named.tax_number:
            yield CarrierCheck(
                at=at,
                source=Source.CARRIER,
                reference=reference,
                importer=named.tax_number,
                kind=MoveKind.LOADED,
            )


def _moves(manifest: Manifest, reference: str) -> Iterator[Move]:
    for event in _happened(manifest):
        if event.code in {*MoveKind}:
            yield Move(
                at=event.at,
                source=_who(event),
                reference=event.id or reference,
                container=event.container,
                kind=MoveKind(event.code),
                port=event.place,
            )


def _seals(manifest: Manifest, reference: str) -> Iterator[SealSeen]:
    for event in _happened(manifest):
        for seal in event.seals:
            yield SealSeen(
                at=event.at,
                source=_who(event),
                reference=event.id or reference,
                container=event.container,
                seal=seal.number,
                role=SealRole.RESEALED if event.code == RESEALED else SealRole.GATE,
            )


def _happened(manifest: Manifest) -> Iterator[Event]:
    for event in manifest.standing_events:
        is_move = event.type is EventType.EQUIPMENT and event.classifier == HAPPENED
        if is_move and event.container:
            yield event


def _who(event: Event) -> Source:
    return Source.GATE if event.code in _GATES else Source.TERMINAL
