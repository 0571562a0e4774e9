"""Cargo reason: what verdicts hold against a shipment begins, is revised and ends."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analytics.crosscheck.facts import Source
from analytics.crosscheck.reasons import Claim, Code, Reason
from analytics.crosscheck.verdicts import summed_up, told
from analytics.engine import Engine
from analytics.fold import fold
from analytics.rule import Event
from analytics.rules.cargo_reason import CargoReasons, CargoReasonSettings
from analytics.rules.terms import Terms
from analytics.saying import english
from haechi.cargo import CargoReason, CargoVerdict, Side
from haechi.findings import Finding, Severity, Status
from haechi.observations import Observation
from tests.analytics.sailing import NOON, findings, seen

DEVICE = CargoReasonSettings().device
ACID = "acid:4988470982026030017"
SEA = (32.3, 31.4)
MINUTE = timedelta(minutes=1)


def reason(code: Code, about: str = "", **more: Any) -> Reason:
    """Return a reason of the cross-check."""
    usual: dict[str, Any] = {
        "severity": Severity.CRITICAL,
        "subject": ACID,
        "declared": Claim("LOTUS NILE", Source.AIS),
        "observed": Claim("EG-000101", Source.SEAL, NOON),
        "at": NOON,
    }
    return Reason(code=code, about=about, **{**usual, **more})


OPENED = reason(Code.SEAL_OPENED_AT_SEA, "CSQU3054383")
TWICE = reason(Code.SEAL_OPENED_AT_SEA, "MSKU9070323")
LATE = reason(Code.ETA_SLIP, severity=Severity.WARNING)


def verdict(seconds: float, *reasons: Reason) -> Observation:
    """Return what is held against the shipment after so many seconds."""
    content = CargoVerdict(shipment="S-1", revision=3, reasons=told(reasons), seen=SEA)
    return by(DEVICE, seen(seconds, content, subject=ACID))


def by(device: str, said: Observation) -> Observation:
    """Return what is said as another device's word."""
    return replace(said, device=device)


def found(*verdicts: Observation, **thresholds: Any) -> list[Finding]:
    """Return what the rule finds."""
    rule = CargoReasons(CargoReasonSettings(**thresholds), Terms("cargo_reason"))
    return findings(rule, list(verdicts))


def test_a_reason_begins_and_ends_with_the_verdicts_that_have_it() -> None:
    """Since when the facts disagree, until the verdict without it; where the vessel was."""
    slip, opened = found(verdict(60, OPENED), verdict(120, OPENED, LATE), verdict(180, OPENED))
    assert (opened.kind, opened.severity, opened.status) == (
        "seal_opened_at_sea", Severity.CRITICAL, Status.OPEN,
    )  # fmt: skip
    assert (opened.since, opened.lon, opened.lat) == (NOON, *SEA)
    assert "CSQU3054383: seal opened at sea: AIS says LOTUS NILE" in opened.text
    assert (slip.kind, slip.status, slip.until) == (
        "eta_slip", Status.ENDED, NOON + timedelta(seconds=180),
    )  # fmt: skip


def test_the_same_verdict_again_says_nothing_new() -> None:
    """After a crash it may be sent twice: one finding, and it rests on the first."""
    (once,) = found(verdict(60, OPENED))
    (twice,) = found(verdict(60, OPENED), verdict(61, OPENED))
    assert once == twice


def test_nobody_else_can_withdraw_a_reason() -> None:
    """Nor raise one: the device is named in the thresholds."""
    (opened,) = found(verdict(60, OPENED), by("ais-busan", verdict(120, LATE)))
    assert (opened.kind, opened.status) == ("seal_opened_at_sea", Status.OPEN)


def test_what_comes_again_after_its_end_is_another_finding() -> None:
    """Two episodes, two ids."""
    first, second = found(verdict(60, OPENED), verdict(120), verdict(180, OPENED))
    assert {first.status, second.status} == {Status.ENDED, Status.OPEN}
    assert first.id != second.id


def test_one_check_of_several_containers_is_one_finding() -> None:
    """With how many there are, revised as they become more."""
    (both,) = found(verdict(60, OPENED), verdict(120, OPENED, TWICE))
    assert (both.values["about"], both.values["count"]) == ("CSQU3054383", 2)
    assert both.text.endswith(", and 1 more")
    assert len(both.evidence) == 2


def test_what_goes_on_is_said_again_when_another_is_withdrawn() -> None:
    """So that the alarm of the shipment speaks of it."""
    both = (verdict(60, OPENED), verdict(120, OPENED, LATE))
    assert [each.values["outlived"] for each in found(*both)] == [0, 0]
    after = {each.kind: each for each in found(*both, verdict(180, OPENED))}
    assert after["seal_opened_at_sea"].values["outlived"] == 1
    assert after["eta_slip"].status is Status.ENDED


@given(st.permutations(range(5)))
def test_the_order_of_arrival_changes_nothing(order: list[int]) -> None:
    """Verdicts that were held up at sea find their place."""
    said = ((OPENED,), (OPENED, LATE), (LATE,), (OPENED, TWICE), ())
    verdicts = [Event(verdict(60.0 * n, *reasons)) for n, reasons in enumerate(said, start=1)]
    rule = CargoReasons(CargoReasonSettings(), Terms("cargo_reason"))
    engine = Engine([rule], allowance=MINUTE, idle_limit=MINUTE)
    found: dict[str, Finding] = {}
    for place in order:
        found.update((each.id, each) for each in engine.feed([verdicts[place]]).findings)
    standing = [each for each in found.values() if each.status is not Status.RETRACTED]
    by_definition = fold(rule, verdicts, None).values()
    assert {(each.id, each.text, each.until) for each in standing} == {
        (each.id, each.text, each.until) for each in by_definition
    }


def test_data_quality_makes_no_finding() -> None:
    """A wrong container number is for those who mend data; a threshold says so."""
    wrong = reason(Code.CONTAINER_NUMBER, severity=Severity.INDETERMINATE)
    assert found(verdict(60, wrong)) == []
    (said,) = found(verdict(60, wrong), silent=())
    assert said.severity is Severity.INDETERMINATE


def test_the_severity_of_a_check_is_a_threshold() -> None:
    """Others keep theirs."""
    (slip,) = found(verdict(60, LATE), severity={Code.ETA_SLIP: Severity.MAJOR})
    (opened,) = found(verdict(60, OPENED), severity={Code.ETA_SLIP: Severity.MAJOR})
    assert (slip.severity, opened.severity) == (Severity.MAJOR, Severity.CRITICAL)


def test_while_the_law_is_on_trial_a_check_is_a_warning() -> None:
    """As the cross-check has it."""
    (said,) = found(verdict(60, reason(Code.NO_ACID, severity=Severity.WARNING)))
    assert said.severity is Severity.WARNING


def test_a_reason_without_a_time_is_dated_by_its_verdict() -> None:
    """And none begins later than the verdict that has it."""
    undated = reason(Code.TAX_NUMBER_MISMATCH, at=NOON.replace(year=1970))
    early = reason(Code.ETA_SLIP, at=NOON + timedelta(days=3))
    assert [each.since for each in found(verdict(60, undated, early))] == 2 * [
        NOON + timedelta(seconds=60)
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_a_check_of_a_later_version_is_said_all_the_same(count: int) -> None:
    """In the words that it came with, and as urgent as the rule is."""
    said = CargoReason(
        check="cold_chain",
        count=count,
        declared=Side("-18 C", "reefer"),
        observed=Side("4 C", "probe"),
    )
    content = CargoVerdict(shipment="S-1", revision=3, reasons=(said,))
    (one,) = found(by(DEVICE, seen(60, content, subject=ACID)))
    assert (one.kind, one.severity) == ("cold_chain", Severity.WARNING)
    assert one.text == english(summed_up(said))
    assert one.text.startswith("cold chain: reefer says -18 C, probe says 4 C")
