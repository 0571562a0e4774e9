"""Deadlines to the second: exactly in time is in time."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from haechi.aci.deadlines import Deadline, Light, deadlines, expiry, is_expired
from haechi.aci.policy_tables import Anchor
from haechi.aci.shipment import Departure, DepartureSource, Passage, Shipment
from haechi.aci.states import State, Step
from tests.haechi.aci.cargo import DEPARTURE, ISSUED, LOADING, SHIPMENT
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
ETD_POLICY = POLICIES.using({"filing_anchor": "etd", "carrier_papers": "hard"}).at(NOW)
HOURS_48 = timedelta(hours=48)
SECOND = timedelta(seconds=1)
AMBER = timedelta(hours=24)


def one(shipment: Shipment, code: str, anchor: Anchor | None = None) -> Deadline:
    """Return the deadline of a code, and of an anchor where there are two."""
    found = [each for each in deadlines(shipment, POLICY) if each.code == code]
    (chosen,) = [each for each in found if anchor in {None, each.anchor}]
    return chosen


@pytest.mark.statement("N4", "T1")
@pytest.mark.parametrize(
    ("anchor", "moment"), [(Anchor.PLANNED_LOADING, LOADING), (Anchor.ETD, DEPARTURE)]
)
@pytest.mark.parametrize(
    ("before", "is_late"),
    [(HOURS_48 + SECOND, False), (HOURS_48, False), (HOURS_48 - SECOND, True)],
)
def test_filing_exactly_48_hours_before_passes_in_both_anchors(
    anchor: Anchor,
    moment: datetime,
    before: timedelta,
    is_late: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """48:00:00 is in time, 47:59:59 is late."""
    shipment = replace(SHIPMENT, filed_at=moment - before)
    assert one(shipment, "LATE_FILING", anchor).is_late is is_late


@pytest.mark.statement("N4", "T1", "T3")
def test_the_anchor_that_was_not_chosen_is_shown_as_advice() -> None:
    """Both are there under either choice."""

    def hard(shown: tuple[Deadline, ...], code: str) -> list[tuple[Anchor, bool]]:
        return [(each.anchor, each.is_hard) for each in shown if each.code == code]

    strict, lenient = deadlines(SHIPMENT, POLICY), deadlines(SHIPMENT, ETD_POLICY)
    assert hard(strict, "LATE_FILING") == [(Anchor.PLANNED_LOADING, True), (Anchor.ETD, False)]
    assert hard(lenient, "LATE_FILING") == [(Anchor.PLANNED_LOADING, False), (Anchor.ETD, True)]
    assert hard(strict, "CARRIER_PAPERS_LATE") == [(Anchor.ETD, False)]
    assert hard(lenient, "CARRIER_PAPERS_LATE") == [(Anchor.ETD, True)]


@pytest.mark.statement("N7", "T3")
@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("CARRIER_DATA_LATE", LOADING - timedelta(hours=24)),
        ("CARRIER_PAPERS_LATE", DEPARTURE - timedelta(days=10)),
    ],
)
def test_the_carrier_has_data_24_hours_and_papers_10_days_before(
    code: str, limit: datetime
) -> None:
    """Each under its own code, exact to the second."""
    for late in (False, True):
        at = limit + SECOND * late
        carrier = replace(SHIPMENT.carrier, data_at=at, papers_at=at)
        assert one(replace(SHIPMENT, carrier=carrier), code).is_late is late


@pytest.mark.statement("T2")
@pytest.mark.parametrize("late", [False, True])
def test_the_envelope_goes_out_before_the_carrier_does(late: bool) -> None:  # noqa: FBT001 - the case
    """The actual departure counts once it is known; a replaced document does not make it late."""
    at = DEPARTURE - timedelta(days=1)
    departed = Departure(at=at, source=DepartureSource.AIS)
    first = tuple(replace(each, transferred_at=at + SECOND * late) for each in SHIPMENT.documents)
    again = replace(first[2], version=2, transferred_at=at + timedelta(days=3))
    shipment = replace(SHIPMENT, departed=departed, documents=(*first, again))
    assert one(shipment, "LATE_ENVELOPE").due == at
    assert one(shipment, "LATE_ENVELOPE").is_late is late


@pytest.mark.statement("N4")
def test_a_draft_bill_is_taken_and_must_be_final_by_the_departure() -> None:
    """A final one has no such deadline."""
    assert [each for each in deadlines(SHIPMENT, POLICY) if each.code == "DRAFT_BILL"] == []
    drafted = replace(SHIPMENT, bills=(replace(SHIPMENT.bills[0], is_draft=True),))
    final = one(drafted, "DRAFT_BILL")
    assert not final.is_missed(DEPARTURE)
    assert final.is_missed(DEPARTURE + SECOND)


@pytest.mark.statement("N9", "T4")
@pytest.mark.parametrize("answer", [State.ISSUED, State.REJECTED])
@pytest.mark.parametrize(
    ("after", "is_missed"),
    [(HOURS_48 - SECOND, False), (HOURS_48, False), (HOURS_48 + SECOND, True)],
)
def test_a_request_is_answered_within_48_hours(
    answer: State,
    after: timedelta,
    is_missed: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """Issued or rejected; while nobody answers, the clock runs."""
    asked = replace(SHIPMENT, state=State.REQUESTED, requested_at=LOADING, issued_at=None)
    assert one(asked, "SLA_BREACH").is_missed(LOADING + after) is is_missed
    at = LOADING + after
    passage = Passage(at=at, step=Step.ISSUE, before=State.RISK_REVIEW, after=answer, by="officer")
    answered = replace(asked, state=answer, history=(passage,))
    assert one(answered, "SLA_BREACH").is_late is is_missed


@pytest.mark.parametrize("end", [State.VOID, State.CANCELLED, State.EXPIRED])
def test_what_was_answered_stays_so_when_the_shipment_ends(end: State) -> None:
    """An ACID that is withdrawn was issued in time all the same."""
    assert one(replace(SHIPMENT, state=end), "SLA_BREACH").done == SHIPMENT.issued_at


@pytest.mark.statement("T1")
@pytest.mark.parametrize(
    ("left", "light"),
    [
        (AMBER + SECOND, Light.GREEN),
        (AMBER, Light.GREEN),
        (AMBER - SECOND, Light.AMBER),
        (timedelta(0), Light.AMBER),
        (-SECOND, Light.RED),
    ],
)
def test_less_than_24_hours_is_amber_and_missed_is_red(left: timedelta, light: Light) -> None:
    """What was done in time is done, and what was done late stays red."""
    open_one = one(replace(SHIPMENT, filed_at=None), "LATE_FILING", Anchor.ETD)
    now = open_one.due - left
    assert open_one.left(now) == left
    assert open_one.light(now, POLICY.amber) is light
    assert one(SHIPMENT, "LATE_FILING", Anchor.ETD).light(now, POLICY.amber) is Light.DONE
    late = one(replace(SHIPMENT, filed_at=LOADING), "LATE_FILING", Anchor.PLANNED_LOADING)
    assert late.light(LOADING, POLICY.amber) is Light.RED


@pytest.mark.statement("9.15")
def test_an_acid_holds_for_90_days_to_the_second() -> None:
    """Or for as long as the policy says."""
    until = ISSUED + timedelta(days=90)
    assert expiry(SHIPMENT, POLICY) == until
    assert not is_expired(SHIPMENT, POLICY, until)
    assert is_expired(SHIPMENT, POLICY, until + SECOND)
    longer = POLICIES.using({"validity": "180 days"}).at(NOW)
    assert not is_expired(SHIPMENT, longer, until + SECOND)
    assert not is_expired(
        replace(SHIPMENT, issued_at=None), POLICY, datetime(2050, 1, 1, tzinfo=UTC)
    )


def test_without_an_anchor_there_is_no_deadline() -> None:
    """A draft without a voyage is not late for anything; soonest first otherwise."""
    bare = replace(SHIPMENT, transport=type(SHIPMENT.transport)(), requested_at=None)
    assert deadlines(bare, POLICY) == ()
    dues = [each.due for each in deadlines(SHIPMENT, POLICY)]
    assert dues == sorted(dues)
