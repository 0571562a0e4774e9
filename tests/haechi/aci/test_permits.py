"""Whether a carrier may load, what shortages and filings cost, and how many ACIDs a bill shows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from haechi.aci.permits import Refusal, bill_faults, load_permit
from haechi.aci.shipment import Mode, Shipment
from haechi.aci.shortages import shortage
from haechi.aci.states import State
from haechi.aci.tariffs import document_credits, filing_credits
from tests.haechi.aci.cargo import ACID, ISSUED, LOADING, SHIPMENT, TAX_NUMBER
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
PILOT = POLICIES.at(date(2021, 5, 1))


@pytest.mark.statement("N6", "N8", "9.15", "T6")
@pytest.mark.parametrize(
    ("shipment", "days", "consignee", "reasons"),
    [
        (SHIPMENT, 12, TAX_NUMBER, ()),
        (SHIPMENT, 90, TAX_NUMBER, ()),
        (SHIPMENT, 91, TAX_NUMBER, (Refusal.ACID_EXPIRED,)),
        (SHIPMENT, 12, "498847099", (Refusal.CARRIER_IMPORTER_MISMATCH,)),
        (replace(SHIPMENT, state=State.REQUESTED), 12, TAX_NUMBER, (Refusal.NO_ACID,)),
        (replace(SHIPMENT, state=State.VOID), 12, TAX_NUMBER, (Refusal.NO_ACID,)),
        (None, 12, TAX_NUMBER, (Refusal.NO_ACID,)),
    ],
)
def test_a_carrier_refuses_to_load_without_a_valid_acid(
    shipment: Shipment | None, days: int, consignee: str, reasons: tuple[Refusal, ...]
) -> None:
    """It is a refusal, not a fine."""
    at = ISSUED + timedelta(days=days)
    permit = load_permit(shipment, POLICY, at=at, consignee=consignee)
    assert (permit.is_permitted, permit.reasons) == (not reasons, reasons)


@pytest.mark.statement("N2", "N6")
def test_while_the_law_is_on_trial_a_missing_acid_is_a_warning() -> None:
    """Before it, nobody asks."""
    warned = load_permit(None, PILOT, at=LOADING)
    assert (warned.is_permitted, warned.reasons) == (True, (Refusal.NO_ACID,))
    before = load_permit(None, POLICIES.at(date(2021, 3, 31)), at=LOADING)
    assert (before.is_permitted, before.reasons) == (True, ())
    assert load_permit(None, POLICIES.at(NOW, Mode.AIR), at=LOADING).is_permitted is False


@pytest.mark.statement("T5")
def test_a_shortage_is_a_proposal_until_an_officer_finds_negligence() -> None:
    """100 units carry 1,000 of duty and 90 land: 100 is exposed, the fine is 50."""
    numbers = {"declared": Decimal(100), "duty": Decimal(1000), "other_taxes": Decimal(300)}
    proposal = shortage(POLICY, landed=Decimal(90), **numbers)
    assert proposal is not None
    amounts = (proposal.exposed_duty, proposal.fine, proposal.other_taxes)
    assert amounts == (Decimal(100), Decimal(50), Decimal(30))
    assert (proposal.payable, proposal.charged) == (Decimal(180), Decimal(0))
    assert replace(proposal, is_negligent_unjustified=True).charged == 180
    assert "art. 73" in proposal.legal_ref
    assert shortage(POLICY, landed=Decimal(100), **numbers) is None


@pytest.mark.statement("T8")
@pytest.mark.parametrize(
    ("acids", "codes"),
    [((ACID,), []), ((ACID, ACID), []), ((), ["BILL_ACIDS"]), ((ACID, "1" * 19), ["BILL_ACIDS"])],
)
def test_a_bill_shows_exactly_one_acid(acids: tuple[str, ...], codes: list[str]) -> None:
    """The same one printed twice is one."""
    bill = replace(SHIPMENT.bills[0], acids=acids)
    assert [fault.code for fault in bill_faults([bill], POLICY)] == codes


@pytest.mark.statement("T8")
def test_whether_bills_may_share_an_acid_is_a_setting() -> None:
    """The sources do not say; the default lets them."""
    bills = [SHIPMENT.bills[0], replace(SHIPMENT.bills[0], number="B-2")]
    strict = POLICIES.using({"bills_per_acid": "one"}).at(NOW)
    assert bill_faults(bills, POLICY) == ()
    assert [fault.code for fault in bill_faults(bills, strict)] == ["ACID_SHARED"] * 2


@pytest.mark.statement("X11")
@pytest.mark.parametrize(
    ("day", "documents", "before", "cost"),
    [
        (date(2021, 5, 1), 4, 0, 62),
        (date(2022, 6, 1), 7, 0, 65),
        (NOW, 7, 0, 175),
        (NOW, 1, 4, 3),
        (NOW, 5, 4, 3),
        (NOW, 1, 5, 0),
    ],
)
def test_what_filing_costs_on_its_day(day: date, documents: int, before: int, cost: int) -> None:
    """Published examples; a second filing of the same ACID has no second fee."""
    tariff = POLICIES.at(day).tariff
    assert tariff is not None
    assert filing_credits(tariff, documents, before=before) == cost


@pytest.mark.statement("X9", "X11")
def test_documents_are_capped_and_the_verification_fits_the_first_purchase() -> None:
    """Seven documents cost 15; of 150 credits 135 are left."""
    capped, first = (POLICIES.at(day).tariff for day in (date(2022, 6, 1), date(2021, 5, 1)))
    assert capped is not None
    assert first is not None
    assert document_credits(capped, 7) == 15
    assert first.first_purchase_credits - first.verification_credits == 135
