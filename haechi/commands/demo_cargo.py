"""The demonstration's cargo, declared before its scenario begins to act."""

from datetime import UTC, datetime
from typing import Final

from analytics.crosscheck.register import (
    Act,
    KeptShipment,
    KeptVoyage,
    Party,
    Register,
    Writing,
    terms_of,
)
from haechi.aci.shipment import Role, Shipment
from haechi.aci.voyage import Voyage
from haechi.commands import cargo
from haechi.commands.progress import note
from haechi.settings import Settings

DEMO: Final = Party(Role.OPERATOR, "demo")


def declare(settings: Settings) -> None:
    """Write the invented shipments and voyages, over those of an earlier demonstration."""
    from firmware_sim.demo_cargo import manifest  # noqa: PLC0415 - a process holds only what it runs

    now = datetime.now(UTC)
    said, kept = manifest(now), cargo.register(settings)
    try:
        with kept.writing() as writing:
            for voyage in said.voyages:
                _put_voyage(kept, writing, voyage)
            for shipment in said.shipments:
                _put_shipment(kept, writing, shipment, now)
    finally:
        kept.close()
    note(f"cargo    {len(said.shipments)} invented shipments: see Shipments beside the map")


def _put_voyage(kept: Register, writing: Writing, voyage: Voyage) -> None:
    name = f"demo-{voyage.number}"
    known = kept.voyage(name)
    revision = known.revision if known else 0
    writing.put_voyage(KeptVoyage(id=name, owner=DEMO, voyage=voyage, revision=revision))


def _put_shipment(kept: Register, writing: Writing, shipment: Shipment, now: datetime) -> None:
    known = kept.shipment(shipment.reference)
    revision = known.revision if known else 0
    day = shipment.rules_date or now.date()
    writing.put_shipment(
        KeptShipment(shipment=shipment, revision=revision),
        Act(party=DEMO, by="demo", at=now, what="declare"),
        terms_of(shipment, cargo.policies().at(day, shipment.transport.mode)),
    )
