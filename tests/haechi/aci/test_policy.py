"""Rules have dates: what was lawful on a day is looked up, and contradictions are choices."""

from datetime import date, timedelta

import pytest

from haechi.aci.policy import Policies, PolicyError, read_policies
from haechi.aci.policy_tables import Anchor, Obligation
from haechi.aci.shipment import Mode
from haechi.settings import DEFAULTS

TEXT = (DEFAULTS / "aci_policy.toml").read_text(encoding="utf-8")
POLICIES = read_policies(TEXT)
NOW = date(2026, 3, 1)


@pytest.mark.statement("N2", "N1")
@pytest.mark.parametrize(
    ("uses", "mode", "day", "status"),
    [
        ({}, Mode.SEA, date(2021, 3, 31), Obligation.NOT_REQUIRED),
        ({}, Mode.SEA, date(2021, 4, 1), Obligation.PILOT),
        ({}, Mode.SEA, date(2021, 6, 30), Obligation.PILOT),
        ({}, Mode.SEA, date(2021, 7, 1), Obligation.PILOT),
        ({"sea_start": "2021-07-01"}, Mode.SEA, date(2021, 6, 30), Obligation.PILOT),
        ({"sea_start": "2021-07-01"}, Mode.SEA, date(2021, 7, 1), Obligation.MANDATORY),
        ({}, Mode.SEA, date(2021, 9, 30), Obligation.PILOT),
        ({}, Mode.SEA, date(2021, 10, 1), Obligation.MANDATORY),
        ({}, Mode.AIR, date(2021, 10, 1), Obligation.NOT_REQUIRED),
        ({}, Mode.AIR, date(2022, 5, 15), Obligation.PILOT),
        ({}, Mode.AIR, date(2022, 10, 1), Obligation.PILOT),
        ({"air_start": "2022-10-01"}, Mode.AIR, date(2022, 10, 1), Obligation.MANDATORY),
        ({}, Mode.AIR, date(2025, 12, 31), Obligation.PILOT),
        ({}, Mode.AIR, date(2026, 1, 1), Obligation.MANDATORY),
    ],
)
def test_whether_an_acid_is_needed_depends_on_mode_and_day(
    uses: dict[str, str], mode: Mode, day: date, status: Obligation
) -> None:
    """Both published beginnings are kept; the later is the default."""
    assert POLICIES.using(uses).at(day, mode).obligation is status


@pytest.mark.statement("N1")
def test_every_row_says_from_when_it_holds_and_who_says_so() -> None:
    """And what is law names the law."""
    policy = POLICIES.at(NOW)
    assert policy.legal_ref == "Customs Law 207/2020 art. 39"
    assert policy.penalties["SHORTAGE"].legal_ref == "Customs Law 207/2020 art. 73"
    rows = [*POLICIES.obligation, *POLICIES.deadline, *POLICIES.tariff, *POLICIES.document]
    assert all(row.source and row.valid_from for row in rows)


@pytest.mark.statement("N14", "X9", "X10", "X11")
@pytest.mark.parametrize(
    ("day", "filing", "cap", "purchase", "card_from"),
    [
        (date(2021, 5, 1), 50, None, 150, None),
        (date(2021, 10, 13), 50, None, 150, None),
        (date(2021, 10, 14), 50, None, 400, 25),
        (date(2022, 6, 1), 50, 15, 400, 25),
        (NOW, 160, 15, 400, 25),
    ],
)
def test_an_old_case_is_judged_by_the_tariff_of_its_day(
    day: date, filing: int, cap: int | None, purchase: int, card_from: int | None
) -> None:
    """Five prices were published since the first guide."""
    tariff = POLICIES.at(day).tariff
    assert tariff is not None
    said = (tariff.filing_credits, tariff.document_cap_credits, tariff.first_purchase_credits)
    assert said == (filing, cap, purchase)
    assert tariff.card_from_credits == card_from


@pytest.mark.statement("N14", "D7")
def test_an_old_case_has_the_documents_of_its_day() -> None:
    """The bill of lading was BL, and is BLC by sea and AWBC by air; house bills never pass."""

    def mandatory(day: date, mode: Mode) -> set[str]:
        return {row.type for row in POLICIES.at(day, mode).documents if row.is_mandatory}

    assert mandatory(date(2021, 5, 1), Mode.SEA) == {"INV", "BL", "PL", "COO"}
    assert mandatory(NOW, Mode.SEA) == {"INV", "BLC", "PL", "COO"}
    assert mandatory(NOW, Mode.AIR) == {"INV", "AWBC", "PL", "COO"}
    assert {row.type for row in POLICIES.at(NOW).documents if row.is_forbidden} == {"HBL", "MBL"}


@pytest.mark.statement("N11")
def test_exporters_are_known_by_any_of_three_kinds_of_numbers() -> None:
    """The guide's two and the carriers' two, of which one is the same."""
    assert [row.code for row in POLICIES.at(NOW).id_types] == ["01", "02", "CARGOX"]


@pytest.mark.statement("N4", "T1", "T3")
def test_each_contradiction_is_a_choice_with_both_sides_and_their_sources() -> None:
    """Taking the other side changes what is hard, and nothing disappears."""

    def hard(policies: Policies) -> set[tuple[str, Anchor]]:
        return {(row.code, row.anchor) for row in policies.at(NOW).deadlines if row.is_hard}

    other = POLICIES.using({"filing_anchor": "etd", "carrier_papers": "hard"})
    assert hard(POLICIES) - hard(other) == {("LATE_FILING", Anchor.PLANNED_LOADING)}
    assert hard(other) - hard(POLICIES) == {
        ("LATE_FILING", Anchor.ETD),
        ("CARRIER_PAPERS_LATE", Anchor.ETD),
    }
    assert len(POLICIES.at(NOW).deadlines) == len(other.at(NOW).deadlines)
    assert all(option.source for choice in POLICIES.choice for option in choice.option)
    assert POLICIES.at(NOW).validity == timedelta(days=90)
    assert POLICIES.using({"validity": "180 days"}).at(NOW).validity == timedelta(days=180)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ("[[choice", "not TOML"),
        (TEXT.replace('use = "90 days"', 'use = "a week"'), "cannot use 'a week'"),
        (TEXT.replace('when = { validity = "90 days" }', 'when = { age = "90" }'), "choice 'age'"),
        (TEXT.replace('phase = "departed"', 'phase = "issued"'), "no .*amendment.* departed"),
        (TEXT.replace("days = 90", 'days = "90"'), "Expected `int`"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused_by_name(broken: str, complaint: str) -> None:
    """What, where and what would be right."""
    with pytest.raises(PolicyError, match=complaint):
        read_policies(broken)


def test_a_day_with_two_answers_or_none_is_an_error() -> None:
    """Rather than the first that comes."""
    with pytest.raises(PolicyError, match=r"0 tables .*validity.* hold on 1999-01-01"):
        POLICIES.at(date(1999, 1, 1))
    with pytest.raises(PolicyError, match="no choice 'colour'"):
        POLICIES.using({"colour": "red"})
