"""Shipments and voyages from a document: made or linked as far as its sender may, each line told.

It writes to the plan of the import, so all that it makes is there together with the report, or
nothing is.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from analytics.crosscheck.drafting import draft, hindrance, lacking
from analytics.crosscheck.linking import consignee, linked
from analytics.crosscheck.names import key
from analytics.crosscheck.planning import Plan
from analytics.crosscheck.register import (
    Act,
    Import,
    KeptShipment,
    KeptVoyage,
    terms_of,
)
from analytics.crosscheck.reports import BillAnswer, Outcome, VoyageAnswer
from analytics.crosscheck.sailing import merged, sailing, voyage_id
from haechi.aci import lifecycle
from haechi.aci.amendments import AmendmentRefusedError, amended
from haechi.aci.lifecycle import StepRefusedError
from haechi.aci.manifest import Consignment, Equipment, Manifest
from haechi.aci.policy import Policies, Policy, PolicyError
from haechi.aci.shipment import Part, Role, Shipment, Transport
from haechi.aci.voyage import Voyage

P = TypeVar("P", bound=Part)

MAX_BILLS: Final = 10_000
"""In one document of which shipments are to be made: they are written at once."""
CARRIERS: Final = frozenset({Role.CARRIER, Role.CUSTOMS, Role.OPERATOR})
"""Who declares voyages."""
FIRST_YEAR, LAST_YEAR = 1970, 2200


class LineLeftError(Exception):
    """A line of which nothing is made; the text says why."""


class Creating:
    """Makes and links, line by line, in one plan."""

    def __init__(self, plan: Plan, policies: Policies, begun: Import, at: datetime) -> None:
        """Prepare.

        Args:
            plan: What is there already, and what comes to it.
            policies: The law: who may change what, and what is due when.
            begun: The import, in whose owner's name all is done.
            at: When.
        """
        self._plan, self._rules = plan, cache(policies.at)
        self._begun, self._at = begun, at
        self._by: Final = begun.by or str(begun.owner)
        self._mmsi: dict[str, str] = {}

    def bill(
        self,
        manifest: Manifest,
        bill: Consignment,
        boxes: Mapping[str, Equipment],
        said: BillAnswer,
    ) -> BillAnswer:
        """Make or link the shipment of one bill; return the answer with what came of it."""
        try:
            kept = self._known(bill)
            if kept is not None:
                return self._linked(kept, manifest, bill, boxes, said)
            return self._drafted(manifest, bill, boxes, said)
        except (LineLeftError, AmendmentRefusedError, StepRefusedError, PolicyError) as error:
            return replace(said, outcome=Outcome.LEFT, left=(str(error),))

    def voyage(self, manifest: Manifest) -> VoyageAnswer | None:
        """Make or complete the voyage of one message; ``None`` if it names none."""
        if not manifest.voyage or not any((manifest.vessel.imo, manifest.vessel.name)):
            return None
        said = sailing(manifest, self._mmsi.get(manifest.vessel.imo, ""))
        answer = VoyageAnswer(
            id=voyage_id(manifest), vessel=said.vessel.name or said.vessel.imo, number=said.number
        )
        try:
            return self._sailed(said, answer)
        except LineLeftError as error:
            return replace(answer, outcome=Outcome.LEFT, left=(str(error),))

    def _known(self, bill: Consignment) -> KeptShipment | None:
        """Return the shipment of a bill: by its ACID, else by its number."""
        acids = {*bill.acids}
        if len(acids) > 1:
            raise LineLeftError(f"{len(acids)} ACIDs where there must be one")
        kept = self._plan.shipment_of(acids.pop()) if acids else None
        if kept is None:
            return self._numbered(bill)
        if not self._plan.is_party(kept.shipment.reference, self._begun.owner):
            raise LineLeftError(
                f"the importer of its ACID has not opened it to {self._begun.owner}"
            )
        return kept

    def _numbered(self, bill: Consignment) -> KeptShipment | None:
        candidates = self._plan.billed(bill.bill, self._begun.owner)
        found = [each for each in candidates if _is_of(each.shipment, bill)]
        if len(found) > 1:
            raise LineLeftError(f"bill {bill.bill} is in {len(found)} shipments: name the ACID")
        return found[0] if found else None

    def _linked(
        self,
        kept: KeptShipment,
        manifest: Manifest,
        bill: Consignment,
        boxes: Mapping[str, Equipment],
        said: BillAnswer,
    ) -> BillAnswer:
        old = kept.shipment
        self._mmsi.setdefault(old.transport.imo, old.transport.mmsi)
        found = linked(old, manifest, bill, boxes)
        answer = replace(said, shipment=old.reference, left=found.left)
        if not found.added:
            return replace(answer, outcome=Outcome.UNCHANGED)
        policy, reason = self._policy(old), f"import {self._begun.id} {self._begun.name}".strip()
        new = amended(
            old,
            _sound(found.shipment),
            policy,
            at=self._at,
            role=self._begun.owner.role,
            by=(self._by,),
            reason=reason,
        )
        self._put(replace(kept, shipment=new), "amend", reason)
        return replace(answer, outcome=Outcome.LINKED, linked=found.added)

    def _drafted(
        self,
        manifest: Manifest,
        bill: Consignment,
        boxes: Mapping[str, Equipment],
        said: BillAnswer,
    ) -> BillAnswer:
        hinders = hindrance(bill, self._begun.owner)
        if hinders:
            raise LineLeftError(hinders)
        new = _sound(draft(self._reference(bill), manifest, bill, boxes))
        self._put(KeptShipment(shipment=new), "create", f"import {self._begun.id}")
        return replace(
            said, outcome=Outcome.CREATED, shipment=new.reference, left=tuple(lacking(new))
        )

    def _sailed(self, said: Voyage, answer: VoyageAnswer) -> VoyageAnswer:
        owner = self._begun.owner
        if owner.role not in CARRIERS:
            raise LineLeftError(f"a voyage is declared by its carrier, not by the {owner.role}")
        known = self._plan.voyage_named(said.vessel, said.number) or self._plan.voyage(answer.id)
        if known is None:
            new, outcome = said, Outcome.CREATED
        elif known.voyage.is_withdrawn or not (owner.sees_all or owner == known.owner):
            raise LineLeftError("it is withdrawn, or another carrier has declared it")
        else:
            new, outcome = merged(known.voyage, said), Outcome.LINKED
        if known is not None and new == known.voyage:
            return replace(answer, id=known.id, outcome=Outcome.UNCHANGED)
        _dated(new.begins, new.ends)
        kept = known or KeptVoyage(id=answer.id, owner=owner, voyage=new)
        self._plan.put_voyage(replace(kept, voyage=_sound(new)))
        more = len(new.containers) - (len(known.voyage.containers) if known else 0)
        return replace(answer, id=kept.id, outcome=outcome, containers=more)

    def _put(self, kept: KeptShipment, what: str, reason: str) -> None:
        act = Act(party=self._begun.owner, by=self._by, at=self._at, what=what, reason=reason)
        policy = self._policy(kept.shipment)
        self._plan.put_shipment(kept, act, terms_of(kept.shipment, policy))

    def _policy(self, shipment: Shipment) -> Policy:
        day = shipment.rules_date or self._at.date()
        return self._rules(day, shipment.transport.mode)

    def _reference(self, bill: Consignment) -> str:
        named = consignee(bill)
        said = f"{self._begun.id}|{bill.bill}|{named.tax_number if named else ''}"
        return f"S-{blake2b(said.encode(), digest_size=8).hexdigest()}"


def _is_of(shipment: Shipment, bill: Consignment) -> bool:
    """Return whether a shipment is still alive, has this bill, and the same importer."""
    named = consignee(bill)
    number = named.tax_number if named else ""
    has_bill = any(key(one.number) == key(bill.bill) for one in shipment.bills)
    is_same = number in {"", shipment.importer.tax_number}
    return has_bill and is_same and not lifecycle.final(shipment.state)


def _sound(made: P) -> P:
    """Return what was made of a document if it could have been declared so by hand."""
    try:
        checked = msgspec.convert(msgspec.to_builtins(made), type(made))
    except msgspec.ValidationError as error:
        raise LineLeftError(str(error)) from error
    if isinstance(checked, Shipment):
        _planned(checked.transport)
    return checked


def _planned(journey: Transport) -> None:
    _dated(journey.planned_loading, journey.etd, journey.eta)


def _dated(*times: datetime | None) -> None:
    for at in times:
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise LineLeftError(f"{at:%Y-%m-%d} is not between {FIRST_YEAR} and {LAST_YEAR}")


def boxes_of(manifest: Manifest) -> dict[str, Equipment]:
    """Return every container of a message by its number."""
    return {unit.container: unit for unit in manifest.equipment}
