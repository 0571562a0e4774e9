"""A shipment from a cargo document that has no declaration yet: a draft for its importer."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from analytics.crosscheck.linking import consignee, linked
from analytics.crosscheck.register import Party
from haechi.aci.manifest import Consignment, Equipment, Manifest
from haechi.aci.shipment import Exporter, GoodsLine, Importer, Packing, Role, Shipment

MAKERS: Final = frozenset({Role.IMPORTER, Role.CUSTOMS, Role.OPERATOR})
"""Who begins shipments."""
_TAX_NUMBER: Final = re.compile(r"[0-9]{9}", re.ASCII)


def hindrance(bill: Consignment, party: Party) -> str:
    """Return why a party cannot begin a shipment for a bill; empty if it can."""
    named = consignee(bill)
    number = named.tax_number if named else ""
    if party.role not in MAKERS:
        return f"no shipment names it, and one is begun by its importer, not by the {party.role}"
    if _TAX_NUMBER.fullmatch(number) is None:
        return "it gives no importer's tax number of 9 digits"
    if party.role is Role.IMPORTER and number != party.id:
        return f"importer {party.id} cannot declare for importer {number}"
    return ""


def draft(
    reference: str, manifest: Manifest, bill: Consignment, boxes: Mapping[str, Equipment]
) -> Shipment:
    """Return a draft with all that a document says; what is missing is for its importer to add."""
    named, shipper = consignee(bill), bill.party("CZ")
    bare = Shipment(
        reference=reference,
        importer=Importer(
            tax_number=named.tax_number if named else "", name=named.name if named else ""
        ),
        exporter=Exporter(
            number=shipper.number if shipper else "", name=shipper.name if shipper else ""
        ),
        goods=tuple(_goods(bill)),
    )
    shipment = linked(bare, manifest, bill, boxes).shipment
    weights = _weights(bill)
    packings = (_weighed(packing, weights) for packing in shipment.containers)
    return replace(shipment, containers=tuple(packings))


def lacking(shipment: Shipment) -> Iterator[str]:
    """Yield what a draft needs before its ACID can be asked for, in words."""
    if not shipment.exporter.number:
        yield "the exporter's number is missing"
    if not shipment.goods or any(not line.quantity for line in shipment.goods):
        yield "the quantity of goods is missing"
    if shipment.transport.planned_loading is None:
        yield "the planned loading is missing"


def _goods(bill: Consignment) -> Iterator[GoodsLine]:
    for number, goods in enumerate(bill.goods, 1):
        yield GoodsLine(
            line=number,
            hs=goods.hs_code,
            description=goods.description,
            quantity=Decimal(goods.packages or 0),
            unit=goods.package_kind,
            packages=goods.packages,
            gross_kg=goods.gross_kg,
        )


def _weights(bill: Consignment) -> dict[str, float]:
    """Return what the goods in each container weigh, where each line of them is in one alone."""
    found: dict[str, float] = {}
    unknown: set[str] = set()
    for goods in bill.goods:
        if goods.gross_kg is None or len(goods.containers) != 1:
            unknown.update(goods.containers)
        else:
            (number,) = goods.containers
            found[number] = found.get(number, 0.0) + goods.gross_kg
    return {number: weight for number, weight in found.items() if number not in unknown}


def _weighed(packing: Packing, weights: Mapping[str, float]) -> Packing:
    return replace(packing, gross_kg=weights.get(packing.container))
