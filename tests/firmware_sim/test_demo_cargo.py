"""What the demonstration carries is lawful until its scenario begins to act."""

from datetime import UTC, datetime, timedelta

from analytics.crosscheck.check import crosscheck
from analytics.crosscheck.facts import Observed, SealOpened, Source, observe
from firmware_sim.demo_cargo import WAITING, WITHDRAWN, manifest
from haechi.aci.deadlines import Light, deadlines
from haechi.aci.identifiers import acid
from haechi.aci.lifecycle import ended
from haechi.aci.policy import read_policies
from haechi.aci.states import Step
from haechi.aci.voyage import declared, subject
from haechi.settings import DEFAULTS

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
POLICY = read_policies((DEFAULTS / "aci_policy.toml").read_text(encoding="utf-8")).at(NOW.date())


def test_the_vessels_boxes_and_seals_are_those_of_the_scenario() -> None:
    """So that a route that is left and a seal that is opened concern somebody's cargo."""
    voyages = manifest(NOW).voyages
    carried = {
        subject(voyage): {(each.container, *each.seals) for each in voyage.containers}
        for voyage in voyages
    }
    assert carried == {
        "mmsi:440123001": {("MSKU3907259", "H7000001")},
        "mmsi:622123101": {
            ("CSQU3054383", "EG-000101"),
            ("MSKU9070323", "EG-000102"),
            ("TCLU4265773", "H7000002"),
        },
    }
    hanbit = declared(voyages[0])
    assert (hanbit.voyage, hanbit.imo, hanbit.corridor_m) == ("0123W", 9811000, 5000)
    assert len(hanbit.route) > 2


def test_nothing_is_found_at_first() -> None:
    """Every number is sound, every duty done in time, and the cross-check silent."""
    said = manifest(NOW)
    sailing = [shipment for shipment in said.shipments if shipment.acid]
    assert len(sailing) == 4
    for shipment in sailing:
        assert acid(shipment.acid or "", this_year=NOW.year).codes == ()
        (voyage,) = (each for each in said.voyages if each.number == shipment.transport.voyage)
        assert crosscheck(shipment, voyage, Observed(), POLICY) == ()
        lights = {each.light(NOW, POLICY.amber) for each in deadlines(shipment, POLICY)}
        assert lights == {Light.DONE}


def test_a_seal_that_is_opened_now_was_opened_at_sea() -> None:
    """The carrier has said when it left, so the cross-check knows."""
    said = manifest(NOW)
    (shipment,) = (each for each in said.shipments if "EG-000101" in str(each.containers))
    opened = SealOpened(at=NOW, source=Source.SEAL, seal="EG-000101", container="CSQU3054383")
    reasons = crosscheck(shipment, said.voyages[1], observe(Observed(), opened), POLICY)
    assert [reason.code for reason in reasons] == ["seal_opened_at_sea"]


def test_an_acid_that_is_withdrawn_now_turns_its_shipment_red() -> None:
    """The authority can do so at this point of its life."""
    said = manifest(NOW)
    (shipment,) = (each for each in said.shipments if each.reference == WITHDRAWN)
    void = ended(shipment, Step.VOID, NOW, "officer", "false papers")
    (reason,) = crosscheck(void, said.voyages[1], Observed(), POLICY)
    assert (reason.code, reason.at) == ("acid_withdrawn", NOW)


def test_one_shipment_waits_ashore_and_must_be_filed_soon() -> None:
    """Its light is amber."""
    (waiting,) = (each for each in manifest(NOW).shipments if each.acid is None)
    (filing,) = (
        each for each in deadlines(waiting, POLICY) if each.code == "LATE_FILING" and each.is_hard
    )
    assert filing.left(NOW) == WAITING < timedelta(days=1)
    assert filing.light(NOW, POLICY.amber) is Light.AMBER
