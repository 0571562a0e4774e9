"""Many invented lawful voyages raise nothing, and each fault put into one is found."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from analytics.crosscheck.check import crosscheck
from analytics.crosscheck.facts import (
    AnyFact,
    Meeting,
    MoveKind,
    Observed,
    PortVisit,
    SealOpened,
    Source,
    observe,
)
from analytics.crosscheck.reasons import Code
from haechi.aci.shipment import Shipment
from haechi.aci.states import State
from tests.analytics.crosscheck.invention import Invented
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
SEEDS = range(150)
SECOND = timedelta(seconds=1)


def codes(day: Invented, shipment: Shipment | None = None, *facts: AnyFact) -> set[Code]:
    """Return what is found when facts are added to a lawful voyage."""
    observed = observe(Observed(), *day.facts, *facts)
    found = crosscheck(shipment or day.shipment, day.voyage, observed, POLICY)
    return {reason.code for reason in found}


def declared(**fields: Any) -> Callable[[Invented], set[Code]]:
    """Return a fault in the declaration."""
    return lambda day: codes(day, replace(day.shipment, **fields))


def opened(day: Invented) -> set[Code]:
    """Open a seal at sea."""
    box = day.boxes[0]
    fact = SealOpened(at=day.at_sea, source=Source.SEAL, seal=box.seals[0], container=box.container)
    return codes(day, None, fact)


def met(day: Invented) -> set[Code]:
    """Meet another ship at sea."""
    at = day.at_sea
    until = at + timedelta(minutes=POLICY.tolerance.meeting_min)
    return codes(day, None, Meeting(at=at, source=Source.AIS, other="273000001", until=until))


def called(day: Invented) -> set[Code]:
    """Call at a port that was not declared."""
    at = day.at_sea
    return codes(day, None, PortVisit(at=at, source=Source.AIS, port="DJJIB", left=at + SECOND))


def filed_late(day: Invented) -> set[Code]:
    """File a second too late before the first loading."""
    first = min(fact.at for fact in day.facts if getattr(fact, "kind", "") is MoveKind.LOADED)
    late = first - timedelta(hours=48) + SECOND
    return codes(day, replace(day.shipment, filed_at=late))


def resealed(day: Invented) -> set[Code]:
    """Declare another seal."""
    boxes = (replace(day.boxes[0], seals=("X0001",)), *day.boxes[1:])
    return codes(day, replace(day.shipment, containers=boxes))


FAULTS: dict[Code, Callable[[Invented], set[Code]]] = {
    Code.LOADED_WITHOUT_ACID: declared(state=State.VOID),
    Code.DEPARTED_TOO_SOON: filed_late,
    Code.SEAL_OPENED_AT_SEA: opened,
    Code.MEETING_AT_SEA: met,
    Code.UNDECLARED_CALL: called,
    Code.SEAL_NOT_ON_BILL: resealed,
}


def test_lawful_voyages_raise_nothing() -> None:
    """Whatever their ports, times, boxes and weights."""
    assert [seed for seed in SEEDS if codes(Invented(seed))] == []


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_found_in_every_voyage(code: Code) -> None:
    """Faults that are made of times and places, which differ from voyage to voyage."""
    missed = [seed for seed in SEEDS if code not in FAULTS[code](Invented(seed))]
    assert missed == []
