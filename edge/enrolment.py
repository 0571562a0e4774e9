"""How a device gets its certificate: it makes its own key, and shows a code or what it has.

Speaks EST (RFC 7030) with the platform's enrolment desk. The key never leaves the machine, and
nobody is believed but a server whose certificate the given authority has signed.
"""

import os
import ssl
from base64 import b64decode, b64encode
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs7,
)
from cryptography.x509.oid import NameOID

from haechi.ids import InvalidIdError, device_id

ROOT: Final = "/.well-known/est"
IDENTITY: Final = "device.pem"
"""Key and certificate in one file, so that both change at once."""

PENDING: Final = "pending.key"
AUTHORITY: Final = "server-ca.crt"
TIMEOUT_S: Final = 20
MAX_ANSWER: Final = 65_536


class EnrolmentError(Exception):
    """No certificate was given; the text says why and what to do."""


def enroll(code: str, host: str, port: int, authority: Path, directory: Path) -> str:
    """Fetch a certificate for a new key; after a failure the same call may be made again.

    Args:
        code: ``site/device/secret``, as ``haechi device invite`` printed it.
        host: The desk; the name that stands in its certificate.
        port: Of the desk.
        authority: Who must have signed that certificate, PEM.
        directory: Made if absent, for this account only; holds key and certificate afterwards.

    Returns:
        ``site/device``.

    Raises:
        EnrolmentError: the desk is not there, not the right one, or refuses.
        InvalidIdError: the code is not one.
    """
    site, device, secret = _parts(code)
    if (directory / IDENTITY).exists():
        raise EnrolmentError(f"{directory / IDENTITY} is there already: renew it, or remove it")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    trusted = authority.read_bytes()
    login = b64encode(f"{site}/{device}:{secret}".encode()).decode()
    key = _pending_key(directory)
    given = _asked(
        (host, port),
        _context(trusted),
        "simpleenroll",
        _request(key, device),
        {"Authorization": f"Basic {login}"},
    )
    _put(directory / AUTHORITY, trusted)
    _keep(directory, key, given)
    return f"{site}/{device}"


def renew(host: str, port: int, directory: Path) -> None:
    """Change key and certificate for new ones, by showing the present one.

    Raises:
        EnrolmentError: there is none, or the desk is not there, not the right one, or refuses.
    """
    held = directory / IDENTITY
    if not held.exists():
        raise EnrolmentError(f"no certificate in {directory}: enroll first")
    device = x509.load_pem_x509_certificate(held.read_bytes()).subject
    (name,) = device.get_attributes_for_oid(NameOID.COMMON_NAME)
    context = _context((directory / AUTHORITY).read_bytes())
    context.load_cert_chain(held)
    key = _pending_key(directory)
    request = _request(key, str(name.value))
    _keep(directory, key, _asked((host, port), context, "simplereenroll", request, {}))


def _parts(code: str) -> tuple[str, str, str]:
    match code.strip().split("/", 2):
        case [site, device, secret]:
            return device_id(site), device_id(device), secret
        case _:
            raise InvalidIdError(
                "not a code: it is SITE/DEVICE/SECRET, as haechi device invite says"
            )


def _pending_key(directory: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key that waits for its certificate; the same until there is one."""
    path = directory / PENDING
    if path.exists():
        key = load_pem_private_key(path.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    made = ec.generate_private_key(ec.SECP256R1())
    _put(path, _pem(made))
    return made


def _request(key: ec.EllipticCurvePrivateKey, device: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    return b64encode(signed.public_bytes(Encoding.DER))


def _context(authority: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=authority.decode())
    return context


def _asked(
    desk: tuple[str, int],
    context: ssl.SSLContext,
    act: str,
    request: bytes,
    headers: dict[str, str],
) -> x509.Certificate:
    host, port = desk
    connection = HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    try:
        connection.request(
            "POST", f"{ROOT}/{act}", request, {"Content-Type": "application/pkcs10", **headers}
        )
        answer = connection.getresponse()
        status, body = answer.status, answer.read(MAX_ANSWER)
    except ssl.SSLCertVerificationError as error:
        raise EnrolmentError(
            f"{host}:{port} is not who it should be ({error.verify_message}): "
            "the wrong authority's certificate was given, or somebody is in between"
        ) from error
    except (OSError, HTTPException) as error:
        raise EnrolmentError(f"no answer from {host}:{port}: {error}") from error
    finally:
        connection.close()
    if status != 200:  # noqa: PLR2004 - HTTP: OK
        raise EnrolmentError(f"{host}:{port} refuses: {body.decode(errors='replace').strip()}")
    return _certificate(body, request)


def _certificate(body: bytes, request: bytes) -> x509.Certificate:
    try:
        (given,) = pkcs7.load_der_pkcs7_certificates(b64decode(body))
    except ValueError as error:
        raise EnrolmentError(f"the answer holds no certificate: {error}") from error
    if given.public_key() != x509.load_der_x509_csr(b64decode(request)).public_key():
        raise EnrolmentError("the answer is the certificate of another key")
    return given


def _keep(directory: Path, key: ec.EllipticCurvePrivateKey, given: x509.Certificate) -> None:
    _put(directory / IDENTITY, _pem(key) + given.public_bytes(Encoding.PEM))
    (directory / PENDING).unlink()


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _put(path: Path, content: bytes) -> None:
    """Write whole or not at all, onto the disk, for this account only."""
    written = path.with_name(f".{path.name}.new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
