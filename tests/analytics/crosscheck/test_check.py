"""Fifteen questions: each finds its fault, to the second, and never its near miss."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analytics.cargo_words import CARGO_WORDS, SOURCES
from analytics.crosscheck.check import CHECKS, crosscheck, findings
from analytics.crosscheck.facts import (
    AnyFact,
    Landing,
    LoadingComplete,
    Meeting,
    Observed,
    PortVisit,
    SealOpened,
    Source,
    observe,
)
from analytics.crosscheck.reasons import Code, Reason
from analytics.crosscheck.verdicts import worded
from analytics.saying import spoken
from analytics.seal_words import SEAL_WORDS
from analytics.words import Language
from haechi.aci.shipment import Role
from haechi.findings import Severity, Status
from tests.analytics.crosscheck.attempts import (
    ETD_POLICY,
    PILOT,
    POLICY,
    TRIES,
    UNISSUED,
    Try,
    amended,
    boxed,
    more,
    opened,
)
from tests.analytics.crosscheck.sightings import (
    DAY,
    DISCHARGED_AT,
    HOUR,
    LAWFUL,
    OBSERVED,
    without,
)
from tests.haechi.aci.cargo import (
    ACID,
    DEPARTURE,
    SEAL,
    SHIPMENT,
    VOYAGE,
)


def reasons(attempt: Try) -> tuple[Reason, ...]:
    """Return what the cross-check says."""
    return crosscheck(attempt.shipment, attempt.voyage, attempt.observed, attempt.policy)


def named(attempt: Try) -> str:
    """Return the number of the check and what is expected."""
    return f"{attempt.number}-{'-'.join(sorted(attempt.codes)) or 'near-miss'}"


def test_a_lawful_voyage_raises_nothing() -> None:
    """With every kind of fact at hand, under either anchor."""
    assert crosscheck(SHIPMENT, VOYAGE, OBSERVED, POLICY) == ()
    assert crosscheck(SHIPMENT, VOYAGE, OBSERVED, ETD_POLICY) == ()
    assert crosscheck(SHIPMENT, None, Observed(), POLICY) == ()


@pytest.mark.statement(
    "9.1", "9.2", "9.3", "9.4", "9.5", "9.6", "9.7", "9.8", "9.9", "9.10", "9.11", "9.12", "9.13",
    "9.14", "9.15", "N6", "N8", "K15",
)  # fmt: skip
@pytest.mark.parametrize("attempt", TRIES, ids=named)
def test_each_fault_is_found_and_its_near_miss_is_not(attempt: Try) -> None:
    """Exactly the codes named, no more; deadlines exact to the second."""
    assert {reason.code for reason in reasons(attempt)} == attempt.codes


def test_each_of_the_fifteen_has_a_fault_and_a_near_miss() -> None:
    """The table above leaves none out."""
    numbers = {*range(1, len(CHECKS) + 1)}
    assert len(CHECKS) == 15
    assert {one.number for one in TRIES if one.codes} == numbers
    assert {one.number for one in TRIES if not one.codes} == numbers
    assert {code for one in TRIES for code in one.codes} == {*Code}


FACTS = (*LAWFUL, *{
    fact
    for one in TRIES
    for name in Observed.__struct_fields__
    for fact in getattr(one.observed, name)
})  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.permutations(sorted(FACTS, key=repr)))
def test_the_order_in_which_facts_arrive_does_not_matter(order: list[AnyFact]) -> None:
    """One by one in any order, some twice: the same facts, the same reasons."""
    observed = observe(Observed(), *order, *order[:5])
    assert observed == observe(Observed(), *FACTS)
    assert crosscheck(SHIPMENT, VOYAGE, observed, POLICY) == ALL_REASONS


ALL_REASONS = crosscheck(SHIPMENT, VOYAGE, observe(Observed(), *FACTS), POLICY)


@pytest.mark.statement("1F", "9.4")
def test_whoever_first_reports_the_departure_locks_the_declaration() -> None:
    """AIS is first here; without it the terminal, and then the carrier."""
    late = amended(DEPARTURE + 2 * HOUR, Role.IMPORTER, "goods")
    (by_ais,) = crosscheck(late, VOYAGE, OBSERVED, POLICY)
    (by_terminal,) = crosscheck(late, VOYAGE, without(PortVisit, Meeting, SealOpened), POLICY)
    assert (by_ais.declared.source, by_terminal.declared.source) == (Source.AIS, Source.TERMINAL)
    blind = without(PortVisit, Meeting, SealOpened, LoadingComplete)
    assert crosscheck(late, VOYAGE, blind, POLICY) == ()
    calls = (replace(VOYAGE.calls[0], departure=DEPARTURE + HOUR), *VOYAGE.calls[1:])
    (by_carrier,) = crosscheck(late, replace(VOYAGE, calls=calls), blind, POLICY)
    assert by_carrier.declared.source is Source.CARRIER


@pytest.mark.statement("N2")
def test_while_the_law_is_on_trial_a_missing_acid_is_a_warning() -> None:
    """And a mandatory one is critical."""
    trial = crosscheck(UNISSUED, VOYAGE, OBSERVED, PILOT)
    bound = crosscheck(UNISSUED, VOYAGE, OBSERVED, POLICY)
    assert {reason.severity for reason in trial} == {Severity.WARNING}
    assert {reason.severity for reason in bound} == {Severity.CRITICAL}


@pytest.mark.statement("T5", "9.9")
def test_a_shortage_comes_with_what_it_costs_by_law() -> None:
    """As a proposal among the values."""
    short = Landing(at=DISCHARGED_AT, source=Source.TERMINAL, quantity=Decimal(90))
    (reason,) = crosscheck(SHIPMENT, VOYAGE, more(short, instead=Landing), POLICY)
    assert (reason.values["exposed_duty"], reason.values["proposed_fine"]) == ("100.0", "50.00")
    assert reason.values["legal_ref"] == "Customs Law 207/2020 art. 73"


def test_a_reason_names_both_facts_and_who_says_them_in_three_languages() -> None:
    """Plain sentences, the same values in each."""
    (reason,) = crosscheck(SHIPMENT, VOYAGE, opened(DEPARTURE + DAY), POLICY)
    english, korean, arabic = (spoken(worded(reason), language) for language in Language)
    assert english == (
        "MSKU9070323: seal opened at sea: AIS says HAECHI STAR, 2026-03-11 06:00:00Z, "
        "electronic seal says H5317501, 2026-03-12 06:00:00Z"
    )
    assert "해상에서 봉인 개봉" in korean
    assert "فتح الختم في البحر" in arabic
    assert all(SEAL in text for text in (english, korean, arabic))


def test_every_code_and_source_has_its_words() -> None:
    """In each of the three languages, under names that no rule about seals has."""
    assert CARGO_WORDS.keys().isdisjoint(SEAL_WORDS)
    rows = [row for pair in CARGO_WORDS.values() for row in pair] + [*SOURCES.values()]
    assert set(CARGO_WORDS) == {code.value for code in Code}
    assert set(SOURCES) == {*Source}
    assert all(len(row) == 3 and all(row) for row in rows)


def test_a_reason_becomes_a_finding_that_keeps_its_name() -> None:
    """The same id when the time is learnt more exactly; open until it no longer follows."""
    first = crosscheck(SHIPMENT, VOYAGE, opened(DEPARTURE + DAY), POLICY)
    again = crosscheck(SHIPMENT, VOYAGE, opened(DEPARTURE + DAY - HOUR), POLICY)
    (before,), (after,) = findings(first), findings(again)
    assert before.id == after.id
    assert before.since != after.since
    assert (before.subject, before.kind) == (f"acid:{ACID}", "seal_opened_at_sea")
    assert (before.status, before.until) == (Status.OPEN, None)
    assert before.values["declared_by"] == "ais"


@pytest.mark.statement("9.11")
def test_a_wrong_container_number_goes_to_those_who_mend_data() -> None:
    """It alone."""
    (reason,) = crosscheck(boxed(container="GLDU2028920"), VOYAGE, Observed(), POLICY)
    assert (reason.is_data_quality, reason.severity) == (True, Severity.INDETERMINATE)
    assert not any(one.is_data_quality for one in ALL_REASONS)


def test_a_shipment_without_an_acid_is_known_by_its_reference() -> None:
    """Until it has one."""
    draft = replace(UNISSUED, acid=None)
    found = crosscheck(draft, VOYAGE, OBSERVED, POLICY)
    assert {reason.subject for reason in found} == {"shipment:S-1"}
