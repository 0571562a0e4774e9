"""What sensors say of cargo besides places reaches the shipments that it concerns, and no other."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from analytics.crosscheck.reasons import Code
from haechi.cameras import ContainerRead
from haechi.findings import Status
from haechi.seals import Authenticity, SealEventKind, SealOrder, SealOrderKind, SealReport
from haechi.vessels import VesselParticulars, VesselStatic
from ingest.aci.live import Live
from tests.haechi.aci.cargo import ARRIVAL, CONTAINER, DEPARTURE, LOADING, SEAL
from tests.ingest.aci.test_live import HOUR, POLICIES, QUAY, SEA, VESSEL, Port

OTHER = "mmsi:100000001"


@pytest.fixture
def port(tmp_path: Path) -> Port:
    """Return a port with one voyage and one shipment, whose vessel has sailed."""
    port = Port(tmp_path)
    port.declare()
    port.sail((LOADING, QUAY), (DEPARTURE, QUAY), (DEPARTURE + HOUR, SEA))
    assert port.result().reasons == ()
    return port


def codes(port: Port) -> set[Code]:
    """Return what is said of the shipment now."""
    return {reason.code for reason in port.result().reasons}


def typed(destination: str, eta: datetime | str) -> VesselStatic:
    """Return what a crew types in."""
    text = eta if isinstance(eta, str) else f"{eta:%m-%d %H:%M}"
    return VesselStatic(
        particulars=VesselParticulars(destination=destination, eta=text), ais_type=5
    )


@pytest.mark.statement("9.5")
@pytest.mark.parametrize(
    ("destination", "late", "is_slip"),
    [
        ("EG ALY", timedelta(hours=30), True),
        ("SGSIN>EGALY", timedelta(hours=30), True),
        ("EGALY", timedelta(hours=24), False),
        ("FISHING", timedelta(hours=30), False),
        ("EGALY>KRPUS", timedelta(hours=30), False),
    ],
)
def test_a_vessel_that_will_be_late_says_so_herself(
    port: Port, destination: str, late: timedelta, *, is_slip: bool
) -> None:
    """By more than a day, at the port of discharge, and as long as she says so."""
    port.say(VESSEL, DEPARTURE + 2 * HOUR, typed(destination, ARRIVAL + late))
    assert (Code.ETA_SLIP in codes(port)) is is_slip
    port.say(VESSEL, DEPARTURE + 3 * HOUR, typed("EGALY", ARRIVAL))
    assert codes(port) == set()


def test_an_arrival_that_is_repeated_is_kept_once(port: Port) -> None:
    """A vessel says it every six minutes, without a time it says nothing."""
    for minute in range(0, 30, 6):
        at = DEPARTURE + timedelta(minutes=minute)
        port.say(VESSEL, at, typed("EGALY", ARRIVAL))
        port.live.look(at)
    port.say(VESSEL, DEPARTURE + HOUR, typed("EGALY", "00-00 24:60"))
    port.live.look(DEPARTURE)
    kept = [type(fact).__name__ for fact in port.register.facts([VESSEL])]
    assert kept.count("EtaReport") == 1


@pytest.mark.statement("9.5")
@pytest.mark.parametrize("mine", [0, 1])
def test_a_meeting_at_sea_turns_the_cargo_of_both_red(port: Port, mine: int) -> None:
    """Whichever of the two it is filed under, also for a process that has just begun."""
    first, second = (VESSEL, OTHER) if mine == 0 else (OTHER, VESSEL)
    at = DEPARTURE + 5 * HOUR
    port.find(first, "encounter", at, other=second, until=at + HOUR, status=Status.ENDED)
    (reason,) = port.result().reasons
    assert (reason.code, reason.about) == (Code.MEETING_AT_SEA, OTHER)
    with port.register.writing() as writing:
        writing.touch([VESSEL])
    again = Live(port.platform, port.register, POLICIES)
    assert again.look(at) == ["S-1"]
    assert codes(port) == {Code.MEETING_AT_SEA}
    port.find(first, "encounter", at, other=second, status=Status.RETRACTED)
    assert codes(port) == set()


@pytest.mark.statement("9.5")
@pytest.mark.parametrize(("after", "minutes"), [(5, 29), (-2, 60)])
def test_a_short_meeting_or_one_in_port_is_none(port: Port, after: int, minutes: int) -> None:
    """The near misses: a minute less than the tolerance, and before she sailed."""
    at = DEPARTURE + after * HOUR
    until = at + timedelta(minutes=minutes)
    port.find(VESSEL, "encounter", at, other=OTHER, until=until, status=Status.ENDED)
    assert codes(port) == set()


def read(digit: int | None) -> ContainerRead:
    """Return what a camera reads off a container."""
    return ContainerRead(
        camera="cctv-gate",
        number=CONTAINER,
        check_digit_read=digit,
        score=0.9,
        frame="0" * 64,
    )


@pytest.mark.statement("9.1")
@pytest.mark.parametrize(
    ("device", "digit", "is_move"),
    [("cctv-gate", 3, True), ("cctv-elsewhere", 3, False), ("cctv-gate", None, False)],
)
def test_a_container_that_a_camera_sees_go_aboard_is_loaded(
    port: Port, device: str, digit: int | None, *, is_move: bool
) -> None:
    """At a crane, here of another port than declared, and if its check digit was read."""
    at = LOADING + 2 * HOUR
    for second in range(3):
        seen = at + timedelta(seconds=second)
        port.say(f"container:{CONTAINER}", seen, read(digit=digit), device)
    assert (Code.LOAD_PORT_MISMATCH in codes(port)) is is_move
    known = port.register.facts([f"container:{CONTAINER}"])
    assert sum(fact.at >= at for fact in known) == int(is_move)


@pytest.mark.statement("9.6")
@pytest.mark.parametrize(
    ("seal", "event", "device", "authenticity", "is_found"),
    [
        ("X9999999", SealEventKind.ARMED, "seals-1", Authenticity.VALID, True),
        ("X9999999", SealEventKind.STATUS, "cctv-gate", Authenticity.VALID, True),
        ("X9999999", SealEventKind.STATUS, "seals-1", Authenticity.VALID, False),
        ("X9999999", SealEventKind.ARMED, "seals-1", Authenticity.INVALID, False),
        (SEAL, SealEventKind.ARMED, "seals-1", Authenticity.VALID, False),
    ],
)
def test_another_seal_than_declared_is_seen_when_armed_and_at_gates(
    port: Port,
    seal: str,
    event: SealEventKind,
    device: str,
    authenticity: Authenticity,
    *,
    is_found: bool,
) -> None:
    """The declared one is lawful, a forger is not heard, and on the way nobody asks."""
    said = SealReport(event=event, counter=1, authenticity=authenticity, container=CONTAINER)
    port.say(f"seal:{seal}", LOADING + HOUR, said, device)
    assert (Code.SEAL_NOT_ON_BILL in codes(port)) is is_found


@pytest.mark.statement("9.6")
@pytest.mark.parametrize(("number", "is_found"), [(SEAL, False), ("H0000001", True)])
def test_a_seal_is_the_one_it_was_bound_as(port: Port, number: str, *, is_found: bool) -> None:
    """Whatever it calls itself, and although the order comes later than its first word."""
    said = SealReport(
        event=SealEventKind.ARMED, counter=1, authenticity=Authenticity.VALID, container=CONTAINER
    )
    port.say("seal:860000001", LOADING + HOUR, said, "seals-1")
    assert codes(port) == {Code.SEAL_NOT_ON_BILL}
    order = SealOrder(order="o-1", kind=SealOrderKind.BIND, container=CONTAINER, number=number)
    port.say("seal:860000001", LOADING, order, "registry")
    assert (Code.SEAL_NOT_ON_BILL in codes(port)) is is_found
