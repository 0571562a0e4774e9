"""By which names a shipment is looked for, and under which facts about it are filed."""

from typing import Final

from haechi.aci.shipment import Shipment
from haechi.aci.voyage import Vessel
from haechi.text import plain

SHORTEST_WORD: Final = 2
"""Of a name, by which a shipment is found: in Korean two signs are a name."""


def subjects(shipment: Shipment, carrier: Vessel | None = None) -> tuple[str, ...]:
    """Return everything that facts about a shipment are filed under.

    Args:
        shipment: As declared.
        carrier: The vessel of the voyage that it names, if that is declared.
    """
    vessel = (carrier.mmsi if carrier else "") or shipment.transport.mmsi
    boxes = (f"container:{packing.container}" for packing in shipment.containers)
    seals = (f"seal:{seal}" for packing in shipment.containers for seal in packing.seals)
    named = (
        f"shipment:{shipment.reference}",
        f"acid:{shipment.acid}" if shipment.acid else "",
        f"mmsi:{vessel}" if vessel else "",
    )
    return tuple(dict.fromkeys(filter(None, (*named, *boxes, *seals))))


def keys(shipment: Shipment) -> tuple[str, ...]:
    """Return what people look for when they look for this shipment, in capitals."""
    journey = shipment.transport
    found = (
        shipment.reference,
        shipment.acid or "",
        *(journey.vessel, journey.imo, journey.mmsi, journey.call_sign, journey.voyage),
        *(bill.number for bill in shipment.bills),
        *(packing.container for packing in shipment.containers),
        *(seal for packing in shipment.containers for seal in packing.seals),
        *_names(shipment.importer.name),
        *_names(shipment.exporter.name),
    )
    return tuple(dict.fromkeys(name for text in found if (name := key(text))))


def _names(name: str) -> tuple[str, ...]:
    """Return a company's name, and each word of it that tells it from others.

    >>> _names("Nile & Sons Spinning")
    ('Nile & Sons Spinning', 'Nile', 'Sons', 'Spinning')
    """
    return (name, *(word for word in name.split() if len(word) >= SHORTEST_WORD))


def key(text: str) -> str:
    """Return a text as it is looked for.

    >>> key("hnha2603001\u202e")
    'HNHA2603001'
    """
    return plain(text, 256).upper()
