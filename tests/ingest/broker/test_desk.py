"""The enrolment desk over real TLS: who has the code gets one certificate, and nobody else any."""

import shutil
import socket
import ssl
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPSConnection
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from edge import enrolment as device
from edge.enrolment import IDENTITY, PENDING, EnrolmentError
from haechi.ids import InvalidIdError
from ingest.broker.desk import ROOT, TRIES, TRIES_WITHIN_S, Desk, Failures
from ingest.broker.enrolment import InvitationError, invite, redeem, revoke, rotate, suspend
from ingest.broker.enrolment import enroll as enroll_here
from ingest.broker.folder import read_register, write_server_folder
from ingest.broker.names import Enrolment
from tests.conftest import Eventually
from tests.ingest.broker.rig import HOST, NOW, Rig, admitted

CAMERA = Enrolment("busan", "cam-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a broker's folder."""
    write_server_folder(tmp_path / "broker", HOST)
    return tmp_path / "broker"


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    """Return a desk at work."""
    serving = Desk(folder, HOST, 0, admitted=lambda: None, retired=lambda _: None)
    thread = Thread(target=serving.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield serving
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


def enroll(desk: Desk, code: str, directory: Path, ca: Path | None = None) -> str:
    """Enroll as a device does."""
    authority = ca or desk.folder / "tls" / "server-ca.crt"
    return device.enroll(code, HOST, desk.server_port, authority, directory)


def raw(desk: Desk, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    """Post something, as a client of another make."""
    context = ssl.create_default_context(cafile=desk.folder / "tls" / "server-ca.crt")
    connection = HTTPSConnection(HOST, desk.server_port, context=context, timeout=10)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.status, answer.read()
    connection.close()
    return said


def login(who: str, secret: str) -> str:
    """Return how HTTP shows a name and a secret."""
    return "Basic " + b64encode(f"{who}:{secret}".encode()).decode()


def test_a_code_is_exchanged_for_a_certificate(desk: Desk, tmp_path: Path) -> None:
    """The key is made by the device, is readable by it alone, and the platform never has it."""
    code = invite(desk.folder, CAMERA)
    assert enroll(desk, str(code), tmp_path / "id") == "busan/cam-01"
    held = tmp_path / "id" / IDENTITY
    assert held.stat().st_mode & 0o077 == 0
    assert not (tmp_path / "id" / PENDING).exists()
    given = x509.load_pem_x509_certificate(held.read_bytes())
    assert given.subject.rfc4514_string() == "CN=cam-01"
    kept = {path.name for path in (desk.folder / "devices").iterdir()}
    assert kept == {"cam-01.crt"}
    (known,) = read_register(desk.folder).values()
    assert (known.state, len(known.certificates)) == ("active", 1)


def test_a_code_is_kept_as_a_hash_only(folder: Path) -> None:
    """Whoever reads the folder cannot enroll; and no two codes are the same."""
    codes = {invite(folder, CAMERA).secret for _ in range(3)}
    assert {len(code) * 5 for code in codes} == {160}
    assert len(codes) == 3
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not any(code.encode() in kept for code in codes)


def test_a_code_is_good_once(desk: Desk, tmp_path: Path) -> None:
    """Another key is refused, and told that somebody was there before."""
    code = str(invite(desk.folder, CAMERA))
    enroll(desk, code, tmp_path / "first")
    with pytest.raises(EnrolmentError, match="used by another: tell who invited you"):
        enroll(desk, code, tmp_path / "second")


def test_an_answer_that_was_lost_is_given_again(desk: Desk, tmp_path: Path) -> None:
    """The same key gets the same certificate: power may fail at any moment."""
    code, home = str(invite(desk.folder, CAMERA)), tmp_path / "id"
    enroll(desk, code, home)
    first = (home / IDENTITY).read_bytes()
    key, _, _ = first.partition(b"-----BEGIN CERTIFICATE")
    (home / PENDING).write_bytes(key)
    (home / IDENTITY).unlink()
    enroll(desk, code, home)
    assert (home / IDENTITY).read_bytes() == first


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("busan/cam-01/" + "a" * 32, "no such code"),
        ("jeju/cam-01/{secret}", "no such code"),
        ("busan/cam-02/{secret}", "no such code"),
        ("busan/alerts/{secret}", "no such code"),
    ],
)
def test_a_wrong_code_opens_nothing(desk: Desk, tmp_path: Path, wrong: str, why: str) -> None:
    """Whether there is such a device or not, the answer is the same."""
    code = invite(desk.folder, CAMERA)
    with pytest.raises(EnrolmentError, match=why):
        enroll(desk, wrong.format(secret=code.secret), tmp_path / "id")
    assert enroll(desk, str(code), tmp_path / "id") == "busan/cam-01"


def test_what_is_no_code_is_not_even_sent(desk: Desk, tmp_path: Path) -> None:
    """The device says so itself."""
    with pytest.raises(InvalidIdError):
        enroll(desk, "../etc/passwd", tmp_path / "id")


def test_a_code_ends(folder: Path) -> None:
    """At its hour; a code that was withdrawn ends at once."""
    code = invite(folder, CAMERA, life=timedelta(hours=1), clock=lambda: NOW)
    request = _csr()
    with pytest.raises(InvitationError, match="ended at"):
        redeem(folder, code, request, clock=lambda: NOW + timedelta(hours=1))
    revoke(folder, CAMERA)
    with pytest.raises(InvitationError, match="no such code"):
        redeem(folder, code, request, clock=lambda: NOW)


def test_a_server_that_another_authority_signed_is_told_nothing(desk: Desk, tmp_path: Path) -> None:
    """The authority is pinned: even the platform's own device authority will not do."""
    code = str(invite(desk.folder, CAMERA))
    with pytest.raises(EnrolmentError, match="not who it should be"):
        enroll(desk, code, tmp_path / "id", desk.folder / "tls" / "device-ca.crt")
    assert enroll(desk, code, tmp_path / "id") == "busan/cam-01"


def test_guessing_is_slow_and_success_is_not() -> None:
    """So many failures of one address, and it waits; others do not."""
    now = [0.0]
    failures = Failures(lambda: now[0])
    for _ in range(TRIES):
        assert not failures.too_many("a")
        failures.note("a")
    assert failures.too_many("a")
    assert not failures.too_many("b")
    now[0] = TRIES_WITHIN_S
    assert not failures.too_many("a")


def test_who_has_guessed_too_often_is_not_heard(desk: Desk) -> None:
    """429, even with the right code."""
    code = invite(desk.folder, CAMERA)
    wrong, right = login("busan/cam-01", "x"), login("busan/cam-01", code.secret)
    path, body = f"{ROOT}/simpleenroll", b64encode(_csr())
    said = [raw(desk, path, body, Authorization=wrong)[0] for _ in range(TRIES)]
    assert said == [401] * TRIES
    assert raw(desk, path, body, Authorization=right)[0] == 429


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/", b"x", 404),
        (f"{ROOT}/simpleenroll", b"", 400),
        (f"{ROOT}/simpleenroll", b"x" * 20_000, 400),
        (f"{ROOT}/simpleenroll", b"%%%", 400),
        (f"{ROOT}/simpleenroll", b64encode(b"not a request"), 400),
        (f"{ROOT}/simplereenroll", b64encode(b"not a request"), 401),
    ],
)
def test_nonsense_is_refused_and_the_desk_lives(
    desk: Desk, path: str, body: bytes, status: int
) -> None:
    """And the code is not used up by it."""
    code = invite(desk.folder, CAMERA)
    shown = login("busan/cam-01", code.secret)
    assert raw(desk, path, body, Authorization=shown)[0] == status
    assert raw(desk, f"{ROOT}/simpleenroll", b64encode(_csr()), Authorization=shown)[0] == 200


def test_who_says_nothing_does_not_stop_others(desk: Desk, tmp_path: Path) -> None:
    """Connections without a handshake wait in threads of their own."""
    code = str(invite(desk.folder, CAMERA))
    silent = [socket.create_connection((HOST, desk.server_port)) for _ in range(8)]
    try:
        assert enroll(desk, code, tmp_path / "id") == "busan/cam-01"
    finally:
        for each in silent:
            each.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_client_of_another_make_can_enroll(desk: Desk, tmp_path: Path) -> None:
    """A request that OpenSSL made, an answer that OpenSSL reads (RFC 7030)."""
    make = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=any"
    command = [*make.split(), "-keyout", str(tmp_path / "k"), "-outform", "DER"]
    request = subprocess.run(command, capture_output=True, check=True).stdout
    code = invite(desk.folder, CAMERA)
    shown = login("busan/cam-01", code.secret)
    status, body = raw(desk, f"{ROOT}/simpleenroll", b64encode(request), Authorization=shown)
    assert status == 200
    read = ["openssl", "pkcs7", "-inform", "DER", "-print_certs"]
    said = subprocess.run(read, input=b64decode(body), capture_output=True, check=True).stdout
    assert b"CN = cam-01" in said


def test_the_authorities_can_be_fetched(desk: Desk) -> None:
    """RFC 7030, 4.1."""
    context = ssl.create_default_context(cafile=desk.folder / "tls" / "server-ca.crt")
    connection = HTTPSConnection(HOST, desk.server_port, context=context, timeout=10)
    connection.request("GET", f"{ROOT}/cacerts")
    got = pkcs7.load_der_pkcs7_certificates(b64decode(connection.getresponse().read()))
    connection.close()
    names = {each.subject.rfc4514_string() for each in got}
    assert names == {"CN=Haechi servers", "CN=Haechi devices"}


def test_a_device_renews_its_own_certificate(desk: Desk, tmp_path: Path) -> None:
    """With another key; the old one gives way after the overlap. A suspended device may not."""
    home = tmp_path / "id"
    enroll(desk, str(invite(desk.folder, CAMERA)), home)
    before = (home / IDENTITY).read_bytes()
    device.renew(HOST, desk.server_port, home)
    after = (home / IDENTITY).read_bytes()
    assert before.splitlines()[1] != after.splitlines()[1]
    (known,) = read_register(desk.folder).values()
    assert [each.retires_at is None for each in known.certificates] == [False, True]
    suspend(desk.folder, CAMERA)
    with pytest.raises(EnrolmentError, match="cam-01 is suspended"):
        device.renew(HOST, desk.server_port, home)


def test_the_desk_retires_old_certificates_in_time(folder: Path, eventually: Eventually) -> None:
    """Nobody needs to remember the end of an overlap."""
    enroll_here(folder, CAMERA)
    rotate(folder, CAMERA, overlap=timedelta())
    retired: list[str] = []
    with Desk(folder, HOST, 0, admitted=lambda: None, retired=retired.append) as serving:
        thread = Thread(target=serving.serve_forever, args=(0.05,))
        thread.start()
        eventually(lambda: retired == ["cam-01"], what="the old certificate is retired")
        serving.shutdown()
        thread.join()
    (known,) = read_register(folder).values()
    assert [each.is_good() for each in known.certificates] == [False, True]


def test_the_broker_admits_who_was_enrolled_by_code(
    rig: Rig, tmp_path: Path, eventually: Eventually
) -> None:
    """From the code to a session at a real broker, without a hand at the broker."""
    with Desk(rig.folder, HOST, 0, admitted=rig.reread, retired=lambda _: None) as desk:
        thread = Thread(target=desk.serve_forever, args=(0.05,))
        thread.start()
        enroll(desk, str(invite(rig.folder, CAMERA)), tmp_path / "id")
        desk.shutdown()
        thread.join()
    context = ssl.create_default_context(cafile=tmp_path / "id" / "server-ca.crt")
    context.load_cert_chain(tmp_path / "id" / IDENTITY)
    eventually(lambda: admitted(rig.device_port, context), what="the device is let in")
    with rig.device(context) as live:
        assert live.publish("haechi/v1/busan/cam-01/up/telemetry") == 0x10
        assert live.publish("haechi/v1/busan/cam-02/up/telemetry") == 0x87


def _csr() -> bytes:
    """Return a request for a new key."""
    key = ec.generate_private_key(ec.SECP256R1())
    asked = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    return asked.public_bytes(Encoding.DER)
