"""A shipment moves by the table and no other way; every step leaves a line."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product

import pytest
from msgspec.structs import replace

from haechi.aci import lifecycle
from haechi.aci.departures import departure
from haechi.aci.lifecycle import StepRefusedError
from haechi.aci.shipment import Approval, Departure, DepartureSource, Lane, Shipment
from haechi.aci.states import DCSA, HOLDS_ACID, TRANSITIONS, State, Step
from tests.haechi.aci.cargo import ACID, DEPARTURE, SHIPMENT

AT = datetime(2026, 2, 1, tzinfo=UTC)
DRAFT = replace(
    SHIPMENT, state=State.DRAFT, acid=None, issued_at=None, requested_at=None, approval=None
)
LEFT = Departure(at=DEPARTURE, source=DepartureSource.AIS)


TAKE: dict[Step, Callable[[Shipment], Shipment]] = {
    Step.REQUEST: partial(lifecycle.requested, at=AT, by="importer"),
    Step.SCREEN: partial(lifecycle.screened, at=AT),
    Step.ISSUE: partial(lifecycle.issued, acid=ACID, approval=Approval(by="officer", at=AT)),
    Step.REJECT: partial(lifecycle.rejected, at=AT, by="officer", reason="unknown exporter"),
    Step.AMEND: partial(lifecycle.amended, at=AT, by="importer", reason="typing error"),
    Step.DEPART: partial(lifecycle.departed, departure=LEFT),
    Step.ENVELOPE: partial(lifecycle.enveloped, at=AT, by="exporter"),
    Step.COSIGN: partial(lifecycle.cosigned, at=AT, by="importer"),
    Step.DECLARE: partial(lifecycle.filed, at=AT, by="importer", lane=Lane.YELLOW, model="risk-1"),
    Step.HOLD: partial(lifecycle.held, at=AT, by="officer", reason="seal to be looked at"),
    Step.LIFT: partial(lifecycle.lifted, at=AT, by="officer", reason="seal is right"),
    Step.RELEASE: partial(lifecycle.released, at=AT, by="officer"),
    **{
        step: partial(lifecycle.ended, step=step, at=AT, by="officer", reason="no longer needed")
        for step in (Step.CANCEL, Step.EXPIRE, Step.VOID)
    },
}
"""Each step by the function that is for it."""


@pytest.mark.statement("N9", "N24", "N25")
def test_the_whole_life_from_draft_to_release() -> None:
    """With each state's DCSA code; the lane and what chose it stay with the shipment."""
    steps = [Step.REQUEST, Step.SCREEN, Step.ISSUE, Step.AMEND, Step.DEPART, Step.ENVELOPE]
    steps += [Step.COSIGN, Step.DECLARE, Step.HOLD, Step.LIFT, Step.RELEASE]
    shipment, codes = DRAFT, [DCSA[State.DRAFT]]
    for step in steps:
        shipment = TAKE[step](shipment)
        codes.append(DCSA[shipment.state])
    assert " ".join(codes) == "DRFT REQS PENA ISSU ISSU ISSU RECE APPR SUBM HOLD SUBM RELS"
    assert [passage.step for passage in shipment.history] == steps
    assert (shipment.lane, shipment.lane_model) == (Lane.YELLOW, "risk-1")
    assert shipment.approval is not None
    assert shipment.acid == ACID


@pytest.mark.parametrize(("state", "step"), [*product(State, Step)])
def test_every_step_that_the_table_does_not_have_is_refused(state: State, step: Step) -> None:
    """And the refusal says what would be possible; a departure is noted in any state."""
    shipment = replace(SHIPMENT, state=state)
    if step in TRANSITIONS[state]:
        assert TAKE[step](shipment).state is TRANSITIONS[state][step]
    elif step is Step.DEPART:
        assert TAKE[step](shipment) == replace(shipment, departed=LEFT)
    else:
        with pytest.raises(StepRefusedError, match=f"no {step} in state {state}; possible: "):
            TAKE[step](shipment)


def test_the_envelope_may_come_before_the_departure_or_after_it() -> None:
    """Both ways end in the same state, with the declaration locked."""
    issued = replace(SHIPMENT, state=State.ISSUED)
    before = lifecycle.departed(lifecycle.enveloped(issued, AT, "exporter"), LEFT)
    after = lifecycle.enveloped(lifecycle.departed(issued, LEFT), AT, "exporter")
    assert before.state is after.state is State.ENVELOPE_RECEIVED
    assert before.departed == after.departed == LEFT


@pytest.mark.statement("1F")
def test_the_first_report_of_a_departure_counts_in_whatever_order_they_come() -> None:
    """Carrier, terminal and AIS; of equal ones the carrier's."""
    hour = timedelta(hours=1)
    said = departure(carrier=DEPARTURE, coarri=DEPARTURE - hour, ais=DEPARTURE - 2 * hour)
    assert said == Departure(at=DEPARTURE - 2 * hour, source=DepartureSource.AIS)
    assert departure(carrier=DEPARTURE, ais=DEPARTURE) == Departure(
        at=DEPARTURE, source=DepartureSource.CARRIER
    )
    assert departure() is None
    late = Departure(at=DEPARTURE + hour, source=DepartureSource.COARRI)
    orders = [[LEFT, late], [late, LEFT]]
    ends: list[Departure | None] = []
    for order in orders:
        shipment = SHIPMENT
        for each in order:
            shipment = lifecycle.departed(shipment, each)
        ends.append(shipment.departed)
    assert ends == [LEFT, LEFT]


@pytest.mark.statement("N9")
def test_there_is_no_acid_without_an_approval_and_none_of_another_importer() -> None:
    """Approval, issue and number are one step."""
    reviewed = replace(DRAFT, state=State.RISK_REVIEW)
    issued = lifecycle.issued(reviewed, ACID, Approval(by="officer", at=AT, case="RV-2"))
    assert (issued.acid, issued.issued_at, issued.has_acid) == (ACID, AT, True)
    with pytest.raises(StepRefusedError, match="does not begin with the importer's tax number"):
        lifecycle.issued(reviewed, "1" + ACID[1:], Approval(by="officer", at=AT))


def test_what_stops_or_ends_a_shipment_needs_a_reason() -> None:
    """Rejection, hold, lift, cancellation."""
    with pytest.raises(StepRefusedError, match="hold needs a reason"):
        lifecycle.held(replace(SHIPMENT, state=State.DECLARED_FORM46), AT, "officer", " ")
    with pytest.raises(StepRefusedError, match="void needs a reason"):
        lifecycle.ended(SHIPMENT, Step.VOID, AT, "officer", "")


def test_an_acid_that_was_withdrawn_stands_no_longer() -> None:
    """Its number stays in the record."""
    gone = lifecycle.ended(SHIPMENT, Step.VOID, AT, "officer", "forged invoice")
    assert (gone.acid, gone.has_acid) == (ACID, False)
    assert {State.DRAFT, State.REJECTED, State.EXPIRED}.isdisjoint(HOLDS_ACID)
