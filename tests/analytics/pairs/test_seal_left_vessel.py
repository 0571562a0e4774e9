"""A seal that should be aboard a vessel, and is not (feature N2)."""

from collections.abc import Callable, Sequence

import pytest

from analytics.rule import Event
from analytics.rules.seal_left_vessel import SealLeftVessel, SealLeftVesselSettings
from analytics.rules.terms import Terms
from haechi.declared import PortCall
from haechi.findings import Finding, Severity, Status
from tests.analytics.pairs.pairing import MINUTE, NOON, PairShell, order, seal, ship, voyage

RULE = SealLeftVessel(SealLeftVesselSettings(), Terms("seal_left_vessel", Severity.CRITICAL))
ABOARD = (order(0), voyage(-30, 1))
Way = Callable[[float], float]


def journey(of_seal: Way, of_vessel: Way, *, minutes: int = 120) -> list[Event]:
    """Return where both are over time, each by a function from minutes to metres north."""
    log: list[Event] = []
    for minute in range(2, minutes, 4):
        log += [
            seal(minute, of_seal(minute)),
            ship(minute + 1, 1, of_vessel(minute + 1), seq=7000 + minute),
        ]
    return log


def found(events: Sequence[Event]) -> list[Finding]:
    """Return what stands once all has arrived and time has passed."""
    shell = PairShell(rules=[RULE])
    shell.feed(*events, until=NOON + 400 * MINUTE)
    assert shell.said() == shell.folded()
    return shell.said()


def still(minute: float) -> float:
    """Lie where it is."""
    return 0.0 * minute


def elsewhere(minute: float) -> float:
    """Lie far away."""
    return 5000.0 + 0.0 * minute


def comes_back(minute: float) -> float:
    """Be away for half an hour."""
    return 4000.0 if 40 <= minute < 70 else 0.0


def sails(minute: float) -> float:
    """Go north from the 40th minute on, at 6 kn."""
    return max(0.0, minute - 40) * 185


def test_a_seal_that_leaves_its_vessel_is_found() -> None:
    """From the first time of the grid at which it was away, with container, voyage and vessel."""
    (gone,) = found([*ABOARD, *journey(sails, still)])
    assert (gone.kind, gone.subject, gone.other) == ("seal_left_vessel", "seal:EG-1", "mmsi:1")
    assert f"{gone.since:%H:%M}" == "12:45"
    assert (gone.values["container"], gone.values["voyage"]) == ("CSQU3054383", "V-1")
    assert gone.severity is Severity.CRITICAL
    assert gone.text.startswith("seal:EG-1 is not aboard mmsi:1 any more: container CSQU3054383")
    assert {each.device for each in gone.evidence} == {"ais-1", "registry"}


def test_a_vessel_that_sails_without_the_seal_is_told_so() -> None:
    """The seal stays where both were."""
    (gone,) = found([*ABOARD, *journey(still, sails)])
    assert gone.kind == "vessel_without_seal"


def both_sail(minute: float) -> float:
    """Go on, a ship's length apart at most."""
    return sails(minute) + 200


@pytest.mark.parametrize(
    "events",
    [
        [*ABOARD, *journey(sails, both_sail)],
        [voyage(-30, 1), *journey(sails, still)],
        [order(0), *journey(sails, still)],
        [order(0), voyage(-30, 1, containers=("MSKU9070323",)), *journey(sails, still)],
        [*ABOARD, voyage(1, 1, version=2, withdrawn=True, seq=9), *journey(sails, still)],
        [order(0), voyage(-30, 1, ends=NOON + 30 * MINUTE), *journey(sails, still)],
        [*ABOARD, order(30, withdraws=True), *journey(sails, still)],
        [*ABOARD, *journey(elsewhere, still)],
    ],
    ids=["aboard", "unbound", "undeclared", "other box", "withdrawn", "over", "unsealed", "never"],
)
def test_nothing_is_said_of(events: list[Event]) -> None:
    """Who is aboard, whom no order and no voyage binds, and who never was aboard."""
    assert found(events) == []


def test_what_is_unloaded_at_a_port_of_the_voyage_may_go() -> None:
    """Within its radius, and from there on, until it is aboard again."""
    call = PortCall(locode="EGPSD", lat=0.5, lon=0.5, radius_m=3000)
    events = [order(0), voyage(-30, 1, calls=(call,)), *journey(sails, still)]
    assert found(events) == []


def test_it_ends_when_the_seal_is_back() -> None:
    """And an order that comes late takes it back altogether."""
    shell = PairShell(rules=[RULE])
    shell.feed(*ABOARD, *journey(comes_back, still), until=NOON + 200 * MINUTE)
    (gone,) = shell.said()
    assert (gone.status, f"{gone.until:%H:%M}") == (Status.ENDED, "13:10")
    shell.feed(order(35, withdraws=True))
    assert shell.said() == []
    assert shell.revisions[-1].status is Status.RETRACTED
