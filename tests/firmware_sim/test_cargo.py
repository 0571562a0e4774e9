"""Invented cargo against those who read and judge it: silent where lawful, found where not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files
from io import BytesIO

import pytest

from analytics.crosscheck import facts
from analytics.crosscheck.check import crosscheck
from analytics.crosscheck.facts import Observed, observe
from firmware_sim.cargo import Journey, Seen, journeys
from firmware_sim.cargo_faults import FAULTS, Fault
from firmware_sim.cargo_messages import bay_plan, cargo_report, loading_report
from firmware_sim.vessels import intruder
from haechi.aci.manifest import Document
from haechi.aci.policy import read_policies
from ingest.documents.reading import read

POLICY = read_policies((files("haechi") / "defaults" / "aci_policy.toml").read_text()).at(
    date(2026, 3, 1)
)
JOURNEYS = tuple(journeys(100, seed=4))
WORDS = {"role": facts.SealRole, "kind": facts.MoveKind}


def codes(journey: Journey) -> set[str]:
    """Return what the cross-check finds."""
    seen = observe(Observed(), *map(fact, journey.seen))
    return {
        reason.code.value for reason in crosscheck(journey.shipment, journey.voyage, seen, POLICY)
    }


def fact(seen: Seen) -> facts.AnyFact:
    """Return what was seen as the cross-check has it."""
    kind = getattr(facts, seen.kind)
    values = {
        name: WORDS[name](value) if name in WORDS else value for name, value in seen.values.items()
    }
    found: facts.AnyFact = kind(at=seen.at, source=facts.Source(seen.source), **values)
    return found


def taken(content: bytes) -> Document:
    """Return what is read of a message."""
    return read(BytesIO(content))


def test_lawful_journeys_raise_nothing() -> None:
    """With everything seen that can be seen."""
    assert [journey.shipment.reference for journey in JOURNEYS if codes(journey)] == []


@pytest.mark.slow
def test_10_000_lawful_journeys_raise_nothing() -> None:
    """Not one false finding."""
    assert [one.shipment.reference for one in journeys(10_000, seed=1) if codes(one)] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.check}-{fault.label}")
def test_each_fault_is_found_and_what_is_nearly_one_is_not(fault: Fault) -> None:
    """In each of twenty journeys."""
    for journey in JOURNEYS[:20]:
        assert fault.label in codes(fault.commit(journey))
        assert fault.label not in codes(fault.nearly(journey))


def test_every_check_has_a_fault() -> None:
    """Fifteen of them."""
    assert {fault.check for fault in FAULTS} == set(range(1, 16))


def test_the_same_seed_gives_the_same_journeys() -> None:
    """Another one gives others."""
    assert tuple(journeys(5, seed=4)) == JOURNEYS[:5]
    assert tuple(journeys(5, seed=5)) != JOURNEYS[:5]


def test_simulated_vessels_can_carry_the_cargo() -> None:
    """Under their own names and numbers."""
    ship = intruder(entry_s=60.0)
    (carried,) = journeys(1, seed=4, ships=[ship])
    assert (carried.voyage.vessel.mmsi, carried.voyage.vessel.name) == (str(ship.mmsi), ship.name)
    assert carried.shipment.transport.call_sign == ship.callsign


def aboard_one_ship() -> tuple[Journey, ...]:
    """Return journeys whose containers share the first one's voyage."""
    return tuple(replace(one, voyage=JOURNEYS[0].voyage) for one in JOURNEYS[:20])


@pytest.mark.parametrize("write", [bay_plan, cargo_report, loading_report])
def test_messages_are_read_without_a_problem(write: Callable[[Sequence[Journey]], bytes]) -> None:
    """All of the containers, and the ship by her numbers."""
    shared = aboard_one_ship()
    document = taken(write(shared))
    (manifest,) = document.manifests
    assert document.problems == ()
    assert manifest.containers == tuple(one.shipment.containers[0].container for one in shared)
    assert manifest.vessel.imo == shared[0].voyage.vessel.imo
    assert manifest.voyage == shared[0].voyage.number


def test_a_report_says_what_was_declared() -> None:
    """Bill, ACID, importer, packages and weight of each."""
    shared = aboard_one_ship()
    (manifest,) = taken(cargo_report(shared)).manifests
    for bill, journey in zip(manifest.consignments, shared, strict=True):
        shipment = journey.shipment
        consignee = bill.party("CN")
        assert consignee is not None
        assert bill.acids == (shipment.acid,)
        assert consignee.tax_number == shipment.importer.tax_number
        assert (bill.packages, bill.gross_kg) == (
            shipment.goods[0].packages,
            shipment.containers[0].gross_kg,
        )


def test_the_loading_report_says_when() -> None:
    """Each container an hour after the planned time."""
    shared = aboard_one_ship()
    (manifest,) = taken(loading_report(shared)).manifests
    loaded = [seen.at for one in shared for seen in one.seen if seen.values.get("kind") == "LOAD"]
    assert [event.at for event in manifest.events] == loaded[::2]
