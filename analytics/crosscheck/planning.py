"""What an import will write, worked out beside the register while others write to it.

A plan reads the register and holds back what it would write; it sees that itself, since two bills
of one file may be about one shipment. Then it is written in one short transaction, unless something
that it rests on has changed meanwhile: then it is worked out anew.
"""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from analytics.crosscheck.names import key
from analytics.crosscheck.register import (
    About,
    Act,
    ConflictError,
    Import,
    KeptShipment,
    KeptVoyage,
    NextVersion,
    Party,
    Register,
    Terms,
    Writing,
)
from haechi.aci.shipment import Shipment
from haechi.aci.voyage import Vessel


class Plan:
    """The register as it will be once the import is taken."""

    def __init__(self, register: Register, report: Import) -> None:
        """Prepare.

        Args:
            register: As it is.
            report: What is told of the import; it may be replaced until the plan is written.
        """
        self._register = register
        self.report = report
        self.facts: list[About] = []
        self._versions: list[NextVersion] = []
        self._sailings: list[KeptVoyage] = []
        self._shipments: dict[str, KeptShipment] = {}
        self._voyages: dict[str, KeptVoyage] = {}
        self._billed = defaultdict[str, set[str]](set)
        self._asked: tuple[str, ...] = ()
        self._known: dict[str, frozenset[str]] = {}

    def ask(self, bills: Iterable[str]) -> None:
        """Look these bills up, all of them at once: ``billed`` knows no others."""
        self._asked = tuple(dict.fromkeys(map(key, bills)))
        self._known = self._register.found_by(self._asked)

    def shipment_of(self, acid: str) -> KeptShipment | None:
        """Return a shipment by its ACID."""
        kept = self._register.shipment_of(acid)
        return kept and self._shipments.get(kept.shipment.reference, kept)

    def is_party(self, reference: str, party: Party) -> bool:
        """Return whether a shipment is open to a party; all that was planned is its maker's."""
        return reference in self._shipments or self._register.is_party(reference, party)

    def billed(self, bill: str, party: Party) -> list[KeptShipment]:
        """Return the shipments that are open to the party and found by a bill."""
        name = key(bill)
        references = sorted(self._known.get(name, frozenset()) | self._billed[name])
        found = (self._shipment(each) for each in references if self.is_party(each, party))
        return [kept for kept in found if kept is not None]

    def voyage(self, voyage: str) -> KeptVoyage | None:
        """Return a voyage by its id."""
        return self._voyages.get(voyage) or self._register.voyage(voyage)

    def voyage_named(self, vessel: Vessel, number: str) -> KeptVoyage | None:
        """Return the voyage of this number and vessel, by any of her numbers, else by her name."""
        kept = self._register.voyage_named(vessel, number)
        if kept is not None:
            return self._voyages.get(kept.id, kept)
        planned = (each for each in self._voyages.values() if each.voyage.number == number)
        return next((each for each in planned if _is_same(each.voyage.vessel, vessel)), None)

    def put_shipment(self, kept: KeptShipment, act: Act, terms: Terms) -> None:
        """Plan to write a shipment over the revision that was read."""
        self._versions.append(NextVersion(kept, act, terms))
        reference = kept.shipment.reference
        self._shipments[reference] = replace(kept, revision=kept.revision + 1)
        for number in _bills(kept.shipment):
            self._billed[number].add(reference)

    def put_voyage(self, kept: KeptVoyage) -> None:
        """Plan to write a voyage over the revision that was read."""
        self._sailings.append(kept)
        revision = kept.revision + 1
        told = replace(kept.voyage, version=revision)
        self._voyages[kept.id] = replace(kept, revision=revision, voyage=told)

    def write(self, register: Register, writing: Writing) -> None:
        """Write all of it.

        Args:
            register: In whose transaction we are.
            writing: The transaction.

        Raises:
            ConflictError: something that it rests on has changed since it was worked out.
        """
        if register.found_by(self._asked) != self._known:
            raise ConflictError("a shipment with one of these bills came meanwhile")
        writing.add_facts(self.facts)
        writing.put_shipments(self._versions)
        for kept in self._sailings:
            writing.put_voyage(kept)
        writing.put_import(self.report)

    def _shipment(self, reference: str) -> KeptShipment | None:
        return self._shipments.get(reference) or self._register.shipment(reference)


def _bills(shipment: Shipment) -> Iterable[str]:
    return (key(bill.number) for bill in shipment.bills)


def _is_same(known: Vessel, vessel: Vessel) -> bool:
    numbers = [(known.mmsi, vessel.mmsi), (known.imo, vessel.imo)]
    named = numbers if known.mmsi or known.imo else [(known.name, vessel.name)]
    return any(mine and mine == other for mine, other in named)
