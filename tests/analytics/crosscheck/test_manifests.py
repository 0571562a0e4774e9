"""A cargo message becomes facts, and the facts find what is wrong with it."""

import pytest
from msgspec.structs import replace

from analytics.crosscheck.check import crosscheck
from analytics.crosscheck.facts import Observed, observe
from analytics.crosscheck.manifests import facts
from analytics.crosscheck.reasons import Code
from haechi.aci.manifest import (
    Consignment,
    Equipment,
    Event,
    EventType,
    Goods,
    Manifest,
    Party,
    SealClaim,
    Source,
    Vessel,
)
from tests.analytics.crosscheck.sightings import LOADED_AT, OBSERVED
from tests.haechi.aci.cargo import BILL, CONTAINER, LOADING, SEAL, SHIPMENT, TAX_NUMBER, VOYAGE
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
LOAD = Event(
    type=EventType.EQUIPMENT,
    code="LOAD",
    at=LOADED_AT,
    id="e-1",
    container=CONTAINER,
    place="KRPUS",
    seals=(SealClaim(number=SEAL),),
)
MANIFEST = Manifest(
    source=Source(format="CUSCAR", made_at=LOADING),
    vessel=Vessel(name="HAECHI STAR", imo="9811000", call_sign="D7AB1"),
    voyage="042W",
    consignments=(
        Consignment(
            bill=BILL,
            load_port="KRPUS",
            discharge_port="EGALY",
            parties=(Party(role="CN", tax_number=TAX_NUMBER),),
            goods=(Goods(gross_kg=18_000, containers=(CONTAINER,)),),
        ),
    ),
    equipment=(Equipment(container=CONTAINER, vgm_kg=21_900),),
    events=(LOAD,),
)
TO_ORDER = Party(role="CN", name="TO ORDER OF SHIPPER")
NOTHING: set[Code] = set()
STRANGER = Party(role="N1", tax_number="498847099")


def codes(manifest: Manifest) -> set[Code]:
    """Return what the message gives rise to, beside all that is lawful."""
    observed = observe(OBSERVED, *facts(manifest, at=LOADING, reference="m-1"))
    return {reason.code for reason in crosscheck(SHIPMENT, VOYAGE, observed, POLICY)}


@pytest.mark.statement("9.2", "9.6", "9.8", "N8")
@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (MANIFEST, NOTHING),
        (replace(MANIFEST, voyage="043W"), {Code.VOYAGE_MISMATCH}),
        (replace(MANIFEST, vessel=Vessel(imo="9074729")), {Code.VESSEL_MISMATCH}),
        (
            replace(MANIFEST, equipment=(Equipment(container=CONTAINER, vgm_kg=31_900),)),
            {Code.WEIGHT_MISMATCH},
        ),
        (
            replace(MANIFEST, events=(replace(LOAD, seals=(SealClaim(number="H9"),)),)),
            {Code.SEAL_NOT_ON_BILL},
        ),
        (
            replace(MANIFEST, events=(replace(LOAD, place="KRINC"),)),
            {Code.LOAD_PORT_MISMATCH},
        ),
        (
            replace(MANIFEST, events=(replace(LOAD, place="KRINC"),), retracted=("e-1",)),
            NOTHING,
        ),
        (
            replace(MANIFEST, events=(replace(LOAD, place="KRINC", classifier="PLN"),)),
            NOTHING,
        ),
        (
            replace(
                MANIFEST,
                consignments=(replace(MANIFEST.consignments[0], parties=(TO_ORDER, STRANGER)),),
            ),
            {Code.CARRIER_IMPORTER_MISMATCH},
        ),
    ],
)
def test_what_a_message_says_is_held_against_the_declaration(
    manifest: Manifest, expected: set[Code]
) -> None:
    """Ports, vessel, weight, seal and importer; what was planned or taken back says nothing."""
    assert codes(manifest) == expected


def test_a_bill_over_two_boxes_says_nothing_of_the_weight_of_one() -> None:
    """Its sum is not theirs."""
    two = (Goods(gross_kg=36_000, containers=(CONTAINER, "CSQU3054383")),)
    shared = replace(MANIFEST, consignments=(replace(MANIFEST.consignments[0], goods=two),))
    observed = observe(Observed(), *facts(shared, at=LOADING))
    assert [line.gross_kg for line in observed.manifest] == [None, None]
    assert {line.at for line in observed.manifest} == {LOADING}
