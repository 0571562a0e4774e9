"""Who may change what, when: every cell of the table of rights, and the trace of each change."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from msgspec.structs import replace

from haechi.aci.amendments import AmendmentRefusedError, amended, changes, phase
from haechi.aci.policy_tables import Group, Phase
from haechi.aci.shipment import Departure, DepartureSource, Exporter, Role, Shipment
from haechi.aci.states import State
from tests.haechi.aci.cargo import DEPARTURE, SHIPMENT, document
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
AT = datetime(2026, 3, 8, tzinfo=UTC)
LEFT = Departure(at=DEPARTURE, source=DepartureSource.AIS)
STANDING: dict[Phase, Shipment] = {
    Phase.DRAFT: replace(SHIPMENT, state=State.DRAFT, acid=None, documents=()),
    Phase.REQUESTED: replace(SHIPMENT, state=State.REQUESTED, acid=None, documents=()),
    Phase.ISSUED: SHIPMENT,
    Phase.DEPARTED: replace(SHIPMENT, departed=LEFT),
}
RIGHTS: dict[tuple[Group, Phase], set[Role]] = {
    (Group.PARTIES, Phase.DRAFT): {Role.IMPORTER},
    (Group.PARTIES, Phase.REQUESTED): set(),
    (Group.PARTIES, Phase.ISSUED): set(),
    (Group.PARTIES, Phase.DEPARTED): set(),
    (Group.GOODS, Phase.DRAFT): {Role.IMPORTER},
    (Group.GOODS, Phase.REQUESTED): {Role.IMPORTER},
    (Group.GOODS, Phase.ISSUED): {Role.IMPORTER},
    (Group.GOODS, Phase.DEPARTED): set(),
    (Group.CARRIAGE, Phase.DRAFT): {Role.IMPORTER},
    (Group.CARRIAGE, Phase.REQUESTED): {Role.IMPORTER},
    (Group.CARRIAGE, Phase.ISSUED): {Role.IMPORTER, Role.CARRIER},
    (Group.CARRIAGE, Phase.DEPARTED): {Role.OPERATOR},
    (Group.DOCUMENTS, Phase.DRAFT): {Role.EXPORTER},
    (Group.DOCUMENTS, Phase.REQUESTED): {Role.EXPORTER},
    (Group.DOCUMENTS, Phase.ISSUED): {Role.EXPORTER},
    (Group.DOCUMENTS, Phase.DEPARTED): {Role.EXPORTER},
}
"""The table as the customs requirements print it."""


def changed(shipment: Shipment, group: Group) -> Shipment:
    """Return it with one lawful-looking change of one group."""
    match group:
        case Group.PARTIES:
            return replace(shipment, exporter=Exporter(number="KR-02-9999999999"))
        case Group.GOODS:
            line = replace(shipment.goods[0], quantity=Decimal(90))
            return replace(shipment, goods=(line,))
        case Group.CARRIAGE:
            return replace(shipment, transport=replace(shipment.transport, vessel="HAECHI MOON"))
        case Group.DOCUMENTS:
            again = replace(document("PL", "e"), version=2)
            return replace(shipment, documents=(*shipment.documents, again))


@pytest.mark.statement("1F")
@pytest.mark.parametrize(("group", "phase", "role"), [*product(Group, Phase, Role)])
def test_each_cell_of_the_table_of_rights(group: Group, phase: Phase, role: Role) -> None:
    """Allowed to exactly those named, with two persons and a reason at hand."""
    old = STANDING[phase]
    new = changed(old, group)
    by = (f"{role}.1", f"{role}.2")
    if role in RIGHTS[group, phase]:
        made = amended(old, new, POLICY, at=AT, role=role, by=by, reason="typing error")
        assert made.version == 2
        assert made.amendments[-1].changes == changes(old, new)
    else:
        with pytest.raises(AmendmentRefusedError, match=f"the {role} may not change {group}"):
            amended(old, new, POLICY, at=AT, role=role, by=by, reason="typing error")


@pytest.mark.statement("1F")
def test_the_parties_of_an_issued_acid_never_change_and_the_refusal_says_why() -> None:
    """With the law and what to do instead."""
    new = changed(SHIPMENT, Group.PARTIES)
    with pytest.raises(AmendmentRefusedError, match=r"Decree 38/2021 art. 3.*ask for a new ACID"):
        amended(SHIPMENT, new, POLICY, at=AT, role=Role.IMPORTER, by=("a",), reason="sold")


@pytest.mark.statement("1F", "N9")
def test_changed_goods_restart_the_issuing_time_of_a_request() -> None:
    """A change of the vessel does not."""
    old = STANDING[Phase.REQUESTED]
    by = ("importer.1",)
    goods = changed(old, Group.GOODS)
    ship = changed(old, Group.CARRIAGE)
    said = {"at": AT, "role": Role.IMPORTER, "by": by, "reason": "typing error"}
    assert amended(old, goods, POLICY, **said).requested_at == AT  # type: ignore[arg-type]  # one dict of keywords
    assert amended(old, ship, POLICY, **said).requested_at == old.requested_at  # type: ignore[arg-type]  # one dict of keywords


@pytest.mark.statement("1F")
def test_the_correction_after_departure_takes_two_different_operators() -> None:
    """One operator who signs twice is one."""
    old = STANDING[Phase.DEPARTED]
    new = changed(old, Group.CARRIAGE)
    with pytest.raises(AmendmentRefusedError, match="2 persons must do this together"):
        amended(old, new, POLICY, at=AT, role=Role.OPERATOR, by=("kim", "kim"), reason="typo")
    made = amended(old, new, POLICY, at=AT, role=Role.OPERATOR, by=("kim", "lee"), reason="typo")
    assert made.transport.vessel == "HAECHI MOON"


@pytest.mark.statement("1F", "D8", "D9")
def test_sealed_documents_are_replaced_by_new_versions_and_never_changed() -> None:
    """Taking one away or altering one in place is refused."""
    without = replace(SHIPMENT, documents=SHIPMENT.documents[1:])
    altered = replace(SHIPMENT, documents=(document("INV", "f"), *SHIPMENT.documents[1:]))
    for new in (without, altered):
        with pytest.raises(AmendmentRefusedError, match="sealed documents never change"):
            amended(SHIPMENT, new, POLICY, at=AT, role=Role.EXPORTER, by=("a",), reason="better")


@pytest.mark.statement("N3")
@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTED, State.ISSUED])
@pytest.mark.parametrize(("by", "reason"), [("importer.1", ""), ("", "discount")])
def test_a_value_never_changes_without_author_and_reason(
    state: State, by: str, reason: str
) -> None:
    """Not even in a draft; a quantity in a draft may."""
    old = replace(STANDING[Phase.DRAFT], state=state)
    new = replace(old, goods=(replace(old.goods[0], value=Decimal(1)),))
    with pytest.raises(AmendmentRefusedError, match="needs an author"):
        amended(old, new, POLICY, at=AT, role=Role.IMPORTER, by=(by,), reason=reason)
    draft = STANDING[Phase.DRAFT]
    quantity = changed(draft, Group.GOODS)
    assert amended(draft, quantity, POLICY, at=AT, role=Role.IMPORTER, by=("a",)).version == 2


def test_a_change_keeps_both_values_and_who_and_why() -> None:
    """As JSON, so that any field can be told."""
    new = changed(SHIPMENT, Group.GOODS)
    made = amended(SHIPMENT, new, POLICY, at=AT, role=Role.IMPORTER, by=("a",), reason="short")
    (record,) = made.amendments
    (change,) = record.changes
    assert (record.version, record.at, record.by, record.reason) == (2, AT, ("a",), "short")
    assert '"quantity":"100"' in change.before
    assert '"quantity":"90"' in change.after
    assert made.state is State.ENVELOPE_RECEIVED


def test_nothing_changed_is_no_version_and_an_end_stays_an_end() -> None:
    """A released shipment is history."""
    same = amended(SHIPMENT, SHIPMENT, POLICY, at=AT, role=Role.CUSTOMS, by=("a",))
    assert same is SHIPMENT
    old = replace(SHIPMENT, state=State.RELEASED)
    new = changed(old, Group.GOODS)
    with pytest.raises(AmendmentRefusedError, match="is an end"):
        amended(old, new, POLICY, at=AT, role=Role.IMPORTER, by=("a",), reason="late")


def test_a_rejected_request_is_a_draft_again_and_a_ship_that_left_locks_a_request() -> None:
    """Departure counts for whatever was asked for."""
    assert phase(replace(SHIPMENT, state=State.REJECTED)) is Phase.DRAFT
    assert phase(replace(SHIPMENT, state=State.REQUESTED, departed=LEFT)) is Phase.DEPARTED
