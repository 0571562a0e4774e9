"""Changes to what was declared: by whom, until when, and never without a trace.

A change is two versions of a shipment. What differs decides which rights are needed; the rights
are the ``[[amendment]]`` tables of the policy.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from haechi.aci import lifecycle
from haechi.aci.policy import Policy
from haechi.aci.policy_tables import AmendmentRow, Group, Phase
from haechi.aci.shipment import Amendment, Change, GoodsLine, Role, Shipment
from haechi.aci.states import State

GROUPS: Final[dict[str, Group]] = {
    "importer": Group.PARTIES,
    "exporter": Group.PARTIES,
    "goods": Group.GOODS,
    "transport": Group.CARRIAGE,
    "bills": Group.CARRIAGE,
    "containers": Group.CARRIAGE,
    "carrier": Group.CARRIAGE,
    "documents": Group.DOCUMENTS,
}
"""Fields that people declare; all others follow from what happens."""

PHASES: Final[dict[State, Phase]] = {
    State.DRAFT: Phase.DRAFT,
    State.REJECTED: Phase.DRAFT,
    State.REQUESTED: Phase.REQUESTED,
    State.RISK_REVIEW: Phase.REQUESTED,
}
"""All other states follow the issue."""


class AmendmentRefusedError(ValueError):
    """This person may not change this now; the text says what to do instead."""


def phase(shipment: Shipment) -> Phase:
    """Return how far the shipment has come, as far as amendments care.

    Nothing that has been asked for may change after the departure, issued or not.
    """
    before = PHASES.get(shipment.state, Phase.ISSUED)
    return Phase.DEPARTED if shipment.departed and before is not Phase.DRAFT else before


def changes(old: Shipment, new: Shipment) -> tuple[Change, ...]:
    """Return which declared fields differ, with both values as JSON."""
    return tuple(_changes(old, new))


def amended(
    old: Shipment,
    new: Shipment,
    policy: Policy,
    *,
    at: datetime,
    role: Role,
    by: tuple[str, ...],
    reason: str = "",
) -> Shipment:
    """Return ``old`` with the declared fields of ``new``, as its next version.

    Args:
        old: The shipment as it stands.
        new: The same with changes; only declared fields are looked at.
        policy: The rules of its day.
        at: When.
        role: In whose name.
        by: The persons; an operator's correction after the departure takes two.
        reason: Why; may be left out in a draft, but never for a changed value.

    Raises:
        AmendmentRefusedError: the change is not theirs to make, or not in this way.
    """
    made = changes(old, new)
    if not made:
        return old
    rights = [policy.amendments[group, phase(old)] for group in _groups(made)]
    version = old.version + 1
    record = Amendment(version=version, at=at, role=role, by=by, reason=reason, changes=made)
    for complaint in _complaints(old, new, rights, record):
        raise AmendmentRefusedError(f"{old.reference}: {complaint}")
    fields = {change.field: getattr(new, change.field) for change in made}
    kept = replace(old, **fields, version=version, amendments=(*old.amendments, record))
    return _consequences(kept, rights, record)


def _changes(old: Shipment, new: Shipment) -> Iterator[Change]:
    for field in GROUPS:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Change(field=field, before=_json(before), after=_json(after))


def _groups(made: tuple[Change, ...]) -> list[Group]:
    return sorted({GROUPS[change.field] for change in made})


def _complaints(
    old: Shipment, new: Shipment, rights: list[AmendmentRow], record: Amendment
) -> Iterator[str]:
    has_reason = bool(record.reason.strip()) and all(record.by)
    for right in rights:
        yield from _refusals(right, record)
        if right.needs_reason and not has_reason:
            yield f"a change of {right.group} when {right.phase} needs an author and a reason"
        if right.needs_envelope and not _is_new_envelope(old, new):
            yield "sealed documents never change: send a new envelope with the new version"
    if lifecycle.final(old.state):
        yield f"state {old.state} is an end"
    if _revalues(old, new) and not has_reason:
        yield "a changed value needs an author and a reason"


def _refusals(right: AmendmentRow, record: Amendment) -> Iterator[str]:
    if record.role not in right.by:
        instead = (
            f": {right.remedy}" if right.remedy else f"; it is for the {' or '.join(right.by)}"
        )
        law = f" ({right.legal_ref})" if right.legal_ref else ""
        yield f"the {record.role} may not change {right.group} when {right.phase}{law}{instead}"
    elif len({name for name in record.by if name}) < right.persons:
        alone = right.persons == 1
        yield "this needs an author" if alone else f"{right.persons} persons must do this together"


def _is_new_envelope(old: Shipment, new: Shipment) -> bool:
    """Return whether all that was sealed is still there, and what is new has its own version."""
    sealed = {document for document in old.documents if document.transferred_at}
    versions = [(document.id, document.version) for document in new.documents]
    return sealed <= {*new.documents} and len({*versions}) == len(versions)


def _revalues(old: Shipment, new: Shipment) -> bool:
    before = {line.line: _valuation(line) for line in old.goods}
    return any(before.get(line.line, _valuation(line)) != _valuation(line) for line in new.goods)


def _valuation(line: GoodsLine) -> tuple[object, ...]:
    return (line.value, line.currency, line.duty, line.other_taxes)


def _consequences(shipment: Shipment, rights: list[AmendmentRow], record: Amendment) -> Shipment:
    """Pass the life's own step, and let the issuing time begin again where that is the rule."""
    if all(right.group is Group.DOCUMENTS for right in rights) or phase(shipment) is Phase.DRAFT:
        return shipment
    moved = lifecycle.amended(shipment, record.at, " and ".join(record.by), record.reason)
    restarts = any(right.restarts_issuing for right in rights)
    return replace(moved, requested_at=record.at) if restarts else moved


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
