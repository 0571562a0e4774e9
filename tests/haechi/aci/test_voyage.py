"""A voyage is what rules about tracks are told, and the threads from a number to a ship."""

import msgspec
import pytest
from msgspec.structs import replace

from haechi.aci.voyage import Aboard, Vessel, Voyage, VoyageError, declared, links, subject, threads
from haechi.declared import DeclaredVoyage
from haechi.messages import MAX_PAYLOAD_BYTES
from tests.haechi.aci.cargo import ACID, BILL, CONTAINER, DEPARTURE, SEAL, SHIPMENT, VOYAGE


@pytest.mark.parametrize("key", [ACID, BILL, CONTAINER, SEAL, "440006460", "042W"])
def test_every_number_leads_to_all_the_others(key: str) -> None:
    """ACID, bill, container, seal, vessel, voyage: one click from each to each."""
    (link,) = threads(links(SHIPMENT, VOYAGE), key)
    assert link == (ACID, BILL, CONTAINER, SEAL, "440006460", "042W")


def test_what_is_not_packed_yet_has_a_thread_too() -> None:
    """An unknown end is empty, and an empty key finds nothing."""
    unpacked = links(replace(SHIPMENT, containers=()))
    assert [link.bill for link in unpacked] == [BILL]
    assert [link.acid for link in links(replace(SHIPMENT, containers=(), bills=()))] == [ACID]
    assert threads(unpacked, "") == ()


def test_a_voyage_becomes_what_the_rules_read() -> None:
    """Also with a container whose check digit is wrong: it is aboard all the same."""
    odd = (*VOYAGE.containers, Aboard(container="GLDU2028920"), Aboard(container="?"))
    said = declared(replace(VOYAGE, containers=odd, version=3))
    assert (said.voyage, said.version, said.imo) == ("042W", 3, 9811000)
    assert (said.begins, said.ends) == (DEPARTURE, VOYAGE.calls[-1].planned_arrival)
    assert [call.locode for call in said.calls] == ["KRPUS", "SGSIN", "EGALY"]
    assert (said.acids, said.containers) == ((ACID,), ("GLDU2028920", CONTAINER))
    assert subject(VOYAGE) == "mmsi:440006460"


def test_a_large_vessel_fits_into_one_reading() -> None:
    """With the containers that have seals; the others are on her all the same."""
    boxes = (Aboard(container=f"HXLU{number:07}", acid=f"{number:019}") for number in range(20_000))
    said = declared(replace(VOYAGE, containers=(*boxes, *VOYAGE.containers)))
    assert (len(said.acids), len(said.containers)) == (5000, 5000)
    assert CONTAINER in said.containers
    body = msgspec.json.encode(said)
    assert len(body) < MAX_PAYLOAD_BYTES
    assert msgspec.json.decode(body, type=DeclaredVoyage) == said


@pytest.mark.parametrize(
    ("voyage", "lacking"),
    [
        (replace(VOYAGE, calls=()), "planned time"),
        (replace(VOYAGE, vessel=Vessel(imo="9811000")), "MMSI"),
        (replace(VOYAGE, calls=VOYAGE.calls * 22), "66 calls"),
    ],
)
def test_a_voyage_that_cannot_be_followed_says_what_it_lacks(voyage: Voyage, lacking: str) -> None:
    """Without times or an MMSI no track can be held against it."""
    with pytest.raises(VoyageError, match=lacking):
        declared(voyage)


def test_shipments_and_voyages_survive_their_json() -> None:
    """What is stored is what was declared."""
    assert msgspec.json.decode(msgspec.json.encode(VOYAGE), type=Voyage) == VOYAGE
    assert msgspec.json.decode(msgspec.json.encode(SHIPMENT), type=type(SHIPMENT)) == SHIPMENT
