"""Moves a shipment through its states, and refuses every step that the table does not have."""

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from haechi.aci.shipment import Approval, Departure, Lane, Passage, Shipment
from haechi.aci.states import TRANSITIONS, State, Step

RULES: Final = "rules"
"""Who acts where no person does."""


class StepRefusedError(ValueError):
    """The shipment cannot take this step; the text says why and what it could do."""


def requested(shipment: Shipment, at: datetime, by: str) -> Shipment:
    """Ask for the ACID; the time in which it must be decided begins."""
    return replace(_moved(shipment, Step.REQUEST, at, by), requested_at=at)


def screened(shipment: Shipment, at: datetime, by: str = RULES, score: str = "") -> Shipment:
    """Put a request before the risk review."""
    return _moved(shipment, Step.SCREEN, at, by, score)


def issued(shipment: Shipment, acid: str, approval: Approval) -> Shipment:
    """Issue the ACID on the authority's approval: there is no other way to one."""
    if not acid.startswith(shipment.importer.tax_number):
        raise StepRefusedError(
            f"{shipment.reference}: ACID {acid} does not begin with the importer's tax number "
            f"{shipment.importer.tax_number}"
        )
    moved = _moved(shipment, Step.ISSUE, approval.at, approval.by, approval.case)
    return replace(moved, acid=acid, approval=approval, issued_at=approval.at)


def rejected(shipment: Shipment, at: datetime, by: str, reason: str) -> Shipment:
    """Refuse the ACID; the importer can ask again."""
    return _moved(shipment, Step.REJECT, at, by, _given(shipment, Step.REJECT, reason))


def amended(shipment: Shipment, at: datetime, by: str, reason: str) -> Shipment:
    """Note an amendment, after which documents may have to be signed anew."""
    return _moved(shipment, Step.AMEND, at, by, reason)


def departed(shipment: Shipment, departure: Departure) -> Shipment:
    """Lock the declaration, since the carrier has left; an earlier report replaces a later one.

    A draft has no departure: nothing of it is lawfully aboard.
    """
    known = shipment.departed
    if known is not None:
        return replace(shipment, departed=min(known, departure, key=lambda each: each.at))
    if Step.DEPART not in TRANSITIONS[shipment.state]:
        return replace(shipment, departed=departure)
    moved = _moved(shipment, Step.DEPART, departure.at, RULES, departure.source)
    return replace(moved, departed=departure)


def enveloped(shipment: Shipment, at: datetime, by: str) -> Shipment:
    """Take in sealed documents, before or after the departure."""
    return _moved(shipment, Step.ENVELOPE, at, by)


def cosigned(shipment: Shipment, at: datetime, by: str) -> Shipment:
    """Note that the importer has signed every document."""
    return _moved(shipment, Step.COSIGN, at, by)


def filed(shipment: Shipment, at: datetime, by: str, lane: Lane, model: str) -> Shipment:
    """Enter the import declaration (form 46), which gives the shipment its lane."""
    return replace(_moved(shipment, Step.DECLARE, at, by), lane=lane, lane_model=model)


def held(shipment: Shipment, at: datetime, by: str, reason: str) -> Shipment:
    """Stop it from being released."""
    return _moved(shipment, Step.HOLD, at, by, _given(shipment, Step.HOLD, reason))


def lifted(shipment: Shipment, at: datetime, by: str, reason: str) -> Shipment:
    """End a hold."""
    return _moved(shipment, Step.LIFT, at, by, _given(shipment, Step.LIFT, reason))


def released(shipment: Shipment, at: datetime, by: str) -> Shipment:
    """Let the goods go."""
    return _moved(shipment, Step.RELEASE, at, by)


def ended(shipment: Shipment, step: Step, at: datetime, by: str, reason: str) -> Shipment:
    """Cancel, expire or void it: ``step`` is one of these."""
    return _moved(shipment, step, at, by, _given(shipment, step, reason))


def final(state: State) -> bool:
    """Return whether nothing leads on.

    >>> final(State.RELEASED), final(State.HOLD)
    (True, False)
    """
    return not TRANSITIONS[state]


def _moved(shipment: Shipment, step: Step, at: datetime, by: str, reason: str = "") -> Shipment:
    lawful = TRANSITIONS[shipment.state]
    if step not in lawful:
        could = ", ".join(lawful) or "nothing: this is an end"
        raise StepRefusedError(
            f"{shipment.reference}: no {step} in state {shipment.state}; possible: {could}"
        )
    after = lawful[step]
    passage = Passage(at=at, step=step, before=shipment.state, after=after, by=by, reason=reason)
    return replace(shipment, state=after, history=(*shipment.history, passage))


def _given(shipment: Shipment, step: Step, reason: str) -> str:
    if not reason.strip():
        raise StepRefusedError(f"{shipment.reference}: {step} needs a reason")
    return reason
