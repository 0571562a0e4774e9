"""Who is let in at all, on a real broker with real certificates."""

import ssl
from datetime import timedelta

import pytest

from ingest.broker.authority import Credential, Kind, issue, make_authority
from ingest.broker.enrolment import revoke
from ingest.broker.names import Enrolment
from tests.ingest.broker.rig import NOW, Party, Rig, admitted

YEAR = timedelta(days=365)
CAMERA = Enrolment("busan", "cam-01")
INGEST_SESSION = "svc-ingest.busan"
TELEMETRY = "haechi/v1/busan/cam-01/up/telemetry"


def strangers(rig: Rig) -> dict[str, Credential]:
    """Return credentials that must not open the devices' door, each wrong in one way."""
    devices = rig.authority(Kind.DEVICE)
    return {
        "another authority": issue(
            make_authority("Haechi devices", NOW), "cam-01", Kind.DEVICE, NOW
        ),
        "expired": issue(devices, "cam-01", Kind.DEVICE, NOW - YEAR, days=364),
        "not yet valid": issue(devices, "cam-01", Kind.DEVICE, NOW + YEAR),
        "a server's purpose": issue(devices, "cam-01", Kind.SERVER, NOW),
        "a service's authority": issue(rig.authority(Kind.SERVICE), "cam-01", Kind.DEVICE, NOW),
        "signed by a device": issue(
            Credential.parse(*(own(rig, end) for end in ("crt", "key"))), "cam-01", Kind.DEVICE, NOW
        ),
    }


def own(rig: Rig, ending: str) -> bytes:
    """Return half of the credential of the enrolled device."""
    return (rig.folder / "devices" / f"cam-01.{ending}").read_bytes()


def test_only_a_valid_certificate_of_the_device_authority_is_admitted(rig: Rig) -> None:
    """S3: no, foreign, expired, early and wrong-purpose certificates are all refused."""
    right = rig.enrol("busan", "cam-01")
    assert admitted(rig.device_port, right)
    assert not admitted(rig.device_port, rig.context(None))
    for what, credential in strangers(rig).items():
        assert not admitted(rig.device_port, rig.held(credential)), what
    assert admitted(rig.device_port, right)


@pytest.mark.parametrize("listener", ["device_port", "service_port"])
def test_nothing_older_than_tls_1_3_is_spoken(rig: Rig, listener: str) -> None:
    """Both listeners end the handshake of a client that has only TLS 1.2."""
    right = {"device_port": rig.enrol("busan", "cam-01"), "service_port": rig.service("svc-ingest")}
    assert admitted(getattr(rig, listener), right[listener])
    right[listener].maximum_version = ssl.TLSVersion.TLSv1_2
    assert not admitted(getattr(rig, listener), right[listener])


def test_a_service_is_not_admitted_as_a_device(rig: Rig) -> None:
    """S8: the doors do not open to each other's certificates."""
    assert admitted(rig.service_port, rig.service("svc-console"))
    assert not admitted(rig.device_port, rig.service("svc-console"))


def test_a_device_cannot_take_over_the_session_of_ingest(rig: Rig) -> None:
    """S8: neither on the services' listener, nor by claiming the client id on its own."""
    context = rig.enrol("busan", "cam-01")
    with Party(
        rig.service_port, tls=rig.service("svc-ingest"), client_id=INGEST_SESSION, durable=True
    ) as ingest:
        ingest.subscribe("haechi/v1/busan/+/up/#")
        assert not admitted(rig.service_port, context)
        with rig.device(context, client_id=INGEST_SESSION, durable=True) as thief:
            assert not thief.session_present
            assert thief.publish(TELEMETRY, b"still mine") == 0
        assert ingest.received.get(timeout=10) == (TELEMETRY, b"still mine")
        assert ingest.lost.empty()


def test_a_device_certificate_in_the_name_of_ingest_has_no_rights(rig: Rig) -> None:
    """S8: the issuer refuses such a name, and were one forged, each listener has its own rules."""
    forged = issue(rig.authority(Kind.DEVICE), "svc-ingest", Kind.SERVICE, NOW)
    with rig.device(rig.held(forged)) as thief, rig.author() as observer:
        observer.subscribe("#")
        assert thief.publish("haechi/v1/busan/cam-01/down/ack") == 0x87
        thief.subscribe("#")
        observer.publish(TELEMETRY, b"secret")
        assert thief.seen() == []


def test_a_revoked_device_is_out_even_while_connected(rig: Rig) -> None:
    """S2: after the broker reads again, it is not admitted, and its live connection is silenced."""
    first, other = rig.enrol("busan", "cam-01"), rig.enrol("busan", "cam-02")
    with rig.author() as observer, rig.device(first) as live:
        observer.subscribe("#")
        assert live.publish(TELEMETRY, b"before") == 0
        revoke(rig.folder, CAMERA)
        rig.reread()
        assert live.publish(TELEMETRY, b"after") == 0x87
        assert not admitted(rig.device_port, first)
        assert admitted(rig.device_port, other)
        assert observer.seen() == [(TELEMETRY, b"before")]


def test_a_device_enrolled_again_needs_its_new_certificate(rig: Rig) -> None:
    """S2: the old one stays revoked for ever."""
    before = rig.enrol("busan", "cam-01")
    revoke(rig.folder, CAMERA)
    after = rig.enrol("jeju", "cam-01")
    assert admitted(rig.device_port, after)
    assert not admitted(rig.device_port, before)
