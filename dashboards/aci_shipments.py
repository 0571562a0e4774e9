"""Changes of shipments: each reads, asks the life cycle, and writes in the same transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from secrets import token_hex
from typing import Final

from msgspec.structs import asdict, replace

from analytics.crosscheck.drafting import MAKERS
from analytics.crosscheck.facts import AmendmentTried, Source
from analytics.crosscheck.register import (
    About,
    Act,
    KeptShipment,
    Party,
    Register,
    Writing,
    terms_of,
)
from dashboards.aci_requests import DOERS, Amend, Asked, Draft, RefusedError, Take, dated, matched
from haechi.aci import lifecycle
from haechi.aci.amendments import GROUPS, amended
from haechi.aci.policy import Policies, Policy
from haechi.aci.shipment import Approval, Role, Shipment
from haechi.aci.states import Step

LAST_SERIAL: Final = 9999
"""An ACID has four digits for it."""


def policy_of(policies: Policies, shipment: Shipment, now: datetime) -> Policy:
    """Return the rules of a shipment's day; of today while it has none."""
    return policies.at(shipment.rules_date or now.date(), shipment.transport.mode)


def mine(register: Register, reference: str, party: Party) -> KeptShipment:
    """Return a shipment that is open to a party; of others not even the existence is told."""
    kept = register.shipment(reference) if register.is_party(reference, party) else None
    if kept is None:
        raise RefusedError(404, f"there is no shipment {reference} that is open to {party}")
    return kept


class Shipments:
    """What can be done to shipments, under the rules of their days."""

    def __init__(self, register: Register, policies: Policies) -> None:
        self._register, self._policies = register, policies

    def create(self, writing: Writing, asked: Asked, draft: Draft, now: datetime) -> KeptShipment:
        """Begin a shipment."""
        party = asked.party
        if party.role not in MAKERS:
            raise RefusedError(403, f"a shipment is begun by its importer, not by the {party.role}")
        if party.role is Role.IMPORTER and draft.importer.tax_number != party.id:
            raise RefusedError(403, f"importer {party.id} cannot declare for another importer")
        fields = {name: getattr(draft, name) for name in GROUPS}
        shipment = Shipment(reference=f"S-{token_hex(8)}", **fields)
        kept = KeptShipment(shipment=shipment, carrier=draft.open_to_carrier)
        return self._put(writing, kept, Act(party=party, by=draft.by, at=now, what="create"))

    def amend(
        self, writing: Writing, asked: Asked, reference: str, wanted: Amend, now: datetime
    ) -> KeptShipment:
        """Change what was declared."""
        kept = mine(self._register, reference, asked.party)
        matched(asked, kept.revision)
        stated = {name: value for name, value in asdict(wanted).items() if value is not None}
        fields = {name: stated[name] for name in GROUPS.keys() & stated.keys()}
        changed = amended(
            kept.shipment,
            replace(kept.shipment, **fields),
            policy_of(self._policies, kept.shipment, now),
            at=now,
            role=asked.party.role,
            by=tuple(filter(None, (wanted.by, wanted.and_by))),
            reason=wanted.reason,
        )
        carrier = kept.carrier if wanted.open_to_carrier is None else wanted.open_to_carrier
        if carrier != kept.carrier and asked.party.role not in MAKERS:
            raise RefusedError(403, "which carrier may see it is for the importer to say")
        act = Act(party=asked.party, by=wanted.by, at=now, what="amend", reason=wanted.reason)
        return self._put(writing, replace(kept, shipment=changed, carrier=carrier), act)

    def note_refusal(self, reference: str, party: Party, wanted: Amend, now: datetime) -> None:
        """Keep that somebody tried to change a shipment whose carrier has departed."""
        kept = mine(self._register, reference, party)
        if kept.shipment.departed is None:
            return
        fields = tuple(name for name in GROUPS if getattr(wanted, name) is not None)
        tried = AmendmentTried(at=now, source=Source.DECLARATION, role=party.role, fields=fields)
        with self._register.writing() as writing:
            writing.add_facts([About(f"shipment:{reference}", tried)])

    def take(
        self,
        writing: Writing,
        asked: Asked,
        reference: str,
        step: Step,
        *,
        how: Take,
        now: datetime,
    ) -> KeptShipment:
        """Take a step of a shipment's life."""
        kept = mine(self._register, reference, asked.party)
        matched(asked, kept.revision)
        doers = DOERS.get(step)
        if doers is None:
            raise RefusedError(404, f"{step} is not taken here; there are {', '.join(DOERS)}")
        if asked.party.role not in doers:
            raise RefusedError(403, f"{step} is for the {' or the '.join(sorted(doers))}")
        moved = self._moved(kept.shipment, step, how, now)
        act = Act(party=asked.party, by=how.by, at=now, what=step, reason=how.reason)
        return self._put(writing, replace(kept, shipment=moved), act)

    def _moved(self, shipment: Shipment, step: Step, how: Take, now: datetime) -> Shipment:
        if step is Step.ISSUE:
            acid = how.acid or self._next_acid(shipment.importer.tax_number, now)
            return lifecycle.issued(shipment, acid, Approval(by=how.by, at=now, case=how.case))
        return STEPS[step](shipment, now, how)

    def _next_acid(self, importer: str, now: datetime) -> str:
        prefix = f"{importer}{now:%Y%m}"
        last = self._register.last_acid(prefix)
        serial = int(last[-4:]) + 1 if last else 1
        if serial > LAST_SERIAL:
            raise RefusedError(409, f"importer {importer} has all numbers of this month: give one")
        return f"{prefix}{serial:04}"

    def _put(self, writing: Writing, kept: KeptShipment, act: Act) -> KeptShipment:
        journey = kept.shipment.transport
        dated(journey.planned_loading, journey.etd, journey.eta)
        policy = policy_of(self._policies, kept.shipment, act.at)
        revision = writing.put_shipment(kept, act, terms_of(kept.shipment, policy))
        return replace(kept, revision=revision)


def _enveloped(shipment: Shipment, at: datetime, how: Take) -> Shipment:
    """Take in the sealed documents: with the data they make the filing complete."""
    moved = lifecycle.enveloped(shipment, at, how.by)
    sealed = tuple(
        document if document.transferred_at else replace(document, transferred_at=at)
        for document in moved.documents
    )
    return replace(moved, documents=sealed, filed_at=moved.filed_at or at)


def _ends(step: Step) -> Callable[[Shipment, datetime, Take], Shipment]:
    return lambda shipment, at, how: lifecycle.ended(shipment, step, at, how.by, how.reason)


STEPS: Final[Mapping[Step, Callable[[Shipment, datetime, Take], Shipment]]] = {
    Step.REQUEST: lambda shipment, at, how: lifecycle.requested(shipment, at, how.by),
    Step.SCREEN: lambda shipment, at, how: lifecycle.screened(shipment, at, how.by),
    Step.REJECT: lambda shipment, at, how: lifecycle.rejected(shipment, at, how.by, how.reason),
    Step.ENVELOPE: _enveloped,
    Step.COSIGN: lambda shipment, at, how: lifecycle.cosigned(shipment, at, how.by),
    Step.HOLD: lambda shipment, at, how: lifecycle.held(shipment, at, how.by, how.reason),
    Step.LIFT: lambda shipment, at, how: lifecycle.lifted(shipment, at, how.by, how.reason),
    Step.RELEASE: lambda shipment, at, how: lifecycle.released(shipment, at, how.by),
    Step.CANCEL: _ends(Step.CANCEL),
    Step.VOID: _ends(Step.VOID),
    Step.EXPIRE: _ends(Step.EXPIRE),
}
