"""What a cargo document adds to a shipment: what is missing is filled in, nothing is replaced.

What differs stays as it was declared and is told: to hold the two against each other is the
business of the cross-check, and a document that could overwrite a declaration would silence it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict, replace

from haechi.aci.manifest import Consignment, Equipment, Manifest
from haechi.aci.manifest import Party as Named
from haechi.aci.shipment import Bill, BillKind, Company, Packing, Shipment, Transport
from haechi.text import plain

LOCODE: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
_PLACES: Final = frozenset({"load_port", "discharge_port"})
_WORDS: Final = {
    "vessel": "vessel",
    "imo": "IMO number",
    "call_sign": "call sign",
    "voyage": "voyage",
    "load_port": "port of loading",
    "discharge_port": "port of discharge",
    "etd": "departure",
    "eta": "arrival",
}


class Linked(Struct, frozen=True):
    """A part of a declaration after a document was held against it."""

    shipment: Shipment
    added: tuple[str, ...]
    """What was missing, in words."""
    left: tuple[str, ...]
    """What differs or cannot be taken, in words."""


Told = Callable[[str], object]


def linked(
    shipment: Shipment, manifest: Manifest, bill: Consignment, boxes: Mapping[str, Equipment]
) -> Linked:
    """Return a shipment with what one bill adds: bill, containers, seals, vessel and voyage.

    Args:
        shipment: As declared.
        manifest: The message, for the vessel, the voyage and her times.
        bill: The bill, which is about this shipment.
        boxes: Every container of the message by its number.
    """
    added: list[str] = []
    left: list[str] = []
    with_all = replace(
        shipment,
        transport=_journey(shipment.transport, carriage(manifest, bill), added.append, left.append),
        bills=_bills(shipment.bills, bill, added.append),
        containers=_packings(shipment.containers, bill, boxes, added.append, left.append),
    )
    return Linked(with_all, tuple(added), tuple(left))


def consignee(bill: Consignment) -> Named | None:
    """Return who receives the goods: of a bill to order, who is notified."""
    named = bill.party("CN")
    return bill.party("N1") if named is None or named.is_to_order else named


def carriage(manifest: Manifest, bill: Consignment) -> Transport:
    """Return the journey as a document has it."""
    said = Transport(
        vessel=manifest.vessel.name,
        imo=manifest.vessel.imo,
        call_sign=manifest.vessel.call_sign,
        voyage=manifest.voyage,
        load_port=bill.load_port,
        discharge_port=bill.discharge_port,
    )
    leaves = (one.departure_planned for one in manifest.calls if one.place == said.load_port)
    arrives = (one.arrival_planned for one in manifest.calls if one.place == said.discharge_port)
    return replace(
        said,
        etd=next((at for at in leaves if at is not None), None),
        eta=next((at for at in arrives if at is not None), None),
    )


def company(named: Named | None) -> Company:
    """Return a company as a bill has it."""
    return Company() if named is None else Company(name=named.name, tax_number=named.tax_number)


def _journey(declared: Transport, said: Transport, add: Told, leave: Told) -> Transport:
    fields: dict[str, Any] = {}
    for field, value, known in _pairs(declared, said):
        if field in _PLACES and not LOCODE.fullmatch(value):
            leave(f"{_WORDS[field]} {value}: no UN/LOCODE")
        elif not known:
            fields[field] = value
            add(f"{_WORDS[field]} {_shown(value)}")
        elif field not in {"etd", "eta"} and _plain(value) != _plain(known):
            leave(f"{_WORDS[field]} {_shown(value)}: declared is {_shown(known)}")
    return replace(declared, **fields)


def _pairs(declared: Transport, said: Transport) -> Iterator[tuple[str, Any, Any]]:
    """Yield what a document says, with what was declared."""
    values = asdict(said)
    for field in _WORDS:
        if values[field]:
            yield field, values[field], getattr(declared, field)


def _bills(declared: tuple[Bill, ...], bill: Consignment, add: Told) -> tuple[Bill, ...]:
    if any(_plain(one.number) == _plain(bill.bill) for one in declared):
        return declared
    add(f"bill {bill.bill}")
    new = Bill(
        number=bill.bill,
        kind=BillKind.HOUSE if bill.master_bill else BillKind.DIRECT,
        acids=bill.acids,
        consignee=company(bill.party("CN")),
        notify=company(bill.party("N1")),
    )
    return (*declared, new)


def _packings(
    declared: tuple[Packing, ...],
    bill: Consignment,
    boxes: Mapping[str, Equipment],
    add: Told,
    leave: Told,
) -> tuple[Packing, ...]:
    packed = {packing.container: packing for packing in declared}
    for number in bill.containers:
        known = packed.get(number)
        if known is None:
            add(f"container {number}")
            known = Packing(container=number, bill=bill.bill)
        seals = tuple(seal.number for seal in boxes[number].seals) if number in boxes else ()
        if seals and not known.seals:
            add(f"{number}: seal {', '.join(seals)}")
            known = replace(known, seals=seals)
        elif {*seals} - {*known.seals}:
            leave(f"{number}: seal {', '.join(seals)}: declared is {', '.join(known.seals)}")
        if not known.bill:
            add(f"{number}: bill {bill.bill}")
            known = replace(known, bill=bill.bill)
        packed[number] = known
    return tuple(packed.values())


def _plain(text: str) -> str:
    return plain(text, 256).upper().strip()


def _shown(value: str | datetime) -> str:
    return f"{value:%Y-%m-%d %H:%MZ}" if isinstance(value, datetime) else value
