"""What is done about devices: each act changes the register and the files that follow from it.

The broker must be told to read again, and ingest whom to deny: ``ingest.broker.expulsion``.
"""

import hmac
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from ingest.broker.authority import Kind, certify, issue, requested_key
from ingest.broker.files import FolderError, alone, authority, ending, put
from ingest.broker.folder import Clock, now_utc, read_register, write_register
from ingest.broker.names import CERTIFICATE_DAYS, Enrolment
from ingest.broker.register import (
    Act,
    Device,
    Invitation,
    Issued,
    NotLawfulError,
    Register,
    State,
    acted,
    given,
    retired,
)

CODE_BYTES: Final = 20
"""160 bits from the system's generator: nobody guesses it, whatever the rate."""

OVERLAP: Final = timedelta(days=1)
"""For how long the certificate before is still good, unless another time is asked for."""

CODE_LIFE: Final = timedelta(hours=24)

_NO_DIGEST: Final = "0" * 64


class InvitationError(Exception):
    """The code or certificate opens nothing; the text tells a stranger nothing."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an invited device is told: who it is, and the secret that lets it in once.

    Raises:
        InvalidIdError: not ``site/device/secret``.
    """

    who: Enrolment
    secret: str

    def __str__(self) -> str:
        return f"{self.who}/{self.secret}"


def enroll(
    directory: Path, who: Enrolment, *, days: int = CERTIFICATE_DAYS, clock: Clock = now_utc
) -> Path:
    """Let a device speak for a site, and make its key and certificate.

    Returns:
        The certificate; the key is beside it. Hand both over with ``tls/server-ca.crt``.

    Raises:
        NotLawfulError: it is enrolled already, here or at another site.
        FolderError: the folder cannot do that.
    """
    return _equip(directory, who, Act.ENROLL, overlap=timedelta(), days=days, clock=clock)


def rotate(
    directory: Path,
    who: Enrolment,
    *,
    overlap: timedelta = OVERLAP,
    days: int = CERTIFICATE_DAYS,
    clock: Clock = now_utc,
) -> Path:
    """Make a device a new key and certificate; those before are good for the overlap.

    Raises:
        NotLawfulError: the device is not active.
        FolderError: it has a key of its own, so only itself can ask for a new certificate.
    """
    base = directory.absolute() / "devices" / who.device
    if ending(base, "crt").exists() and not ending(base, "key").exists():
        raise FolderError(
            f"{who} made its key itself: run haechi agent renew there, "
            "or revoke it and invite it again"
        )
    return _equip(directory, who, Act.ROTATE, overlap=overlap, days=days, clock=clock)


def suspend(directory: Path, who: Enrolment, *, clock: Clock = now_utc) -> None:
    """Put a device's certificates on hold; raises ``NotLawfulError``."""
    _change(directory, who, Act.SUSPEND, clock)


def resume(directory: Path, who: Enrolment, *, clock: Clock = now_utc) -> None:
    """Make the certificates of a suspended device good again; raises ``NotLawfulError``."""
    _change(directory, who, Act.RESUME, clock)


def revoke(directory: Path, who: Enrolment, *, clock: Clock = now_utc) -> None:
    """Withdraw all that a device was given, for ever; raises ``NotLawfulError``."""
    _change(directory, who, Act.REVOKE, clock)
    for end in ("key", "crt"):
        ending(directory.absolute() / "devices" / who.device, end).unlink(missing_ok=True)


def retire(directory: Path, *, clock: Clock = now_utc) -> list[str]:
    """Revoke certificates whose overlap is over; return the devices that had one."""
    root = directory.absolute()
    with alone(root):
        before, now = read_register(root), clock()
        after = {name: retired(device, now) for name, device in before.items()}
        changed = [name for name in sorted(before) if after[name] != before[name]]
        if changed:
            write_register(root, after, clock)
    return changed


def invite(
    directory: Path, who: Enrolment, *, life: timedelta = CODE_LIFE, clock: Clock = now_utc
) -> Code:
    """Give a device the right to one certificate for a key that it makes itself.

    Returns:
        The code, which is kept nowhere; inviting again makes another and spoils this one.

    Raises:
        NotLawfulError: it is enrolled already.
    """
    code = Code(who, b32encode(token_bytes(CODE_BYTES)).decode().lower())
    root = directory.absolute()
    with alone(root):
        register, now = read_register(root), clock()
        invited = acted(register.get(who.device), who, Act.INVITE, now)
        invitation = Invitation(_digest(code.secret), now + life)
        register[who.device] = replace(invited, invitation=invitation)
        write_register(root, register, clock)
    return code


def redeem(
    directory: Path,
    code: Code,
    request: bytes,
    *,
    days: int = CERTIFICATE_DAYS,
    clock: Clock = now_utc,
) -> x509.Certificate:
    """Return the certificate that a code is good for, once; the same key may ask for it again.

    So an answer that was lost on the way costs nothing, and a code that somebody else saw is
    worth nothing once it was used.

    Args:
        directory: The broker's folder.
        code: As the device shows it.
        request: The device's certification request (PKCS 10, DER).
        days: The certificate's life.
        clock: The time.

    Raises:
        InvitationError: no such code, or it is used or over.
        ValueError: the request is not one.
        FolderError: the folder cannot do that.
    """
    root, key = directory.absolute(), requested_key(request)
    with alone(root):
        register, now = read_register(root), clock()
        invited, invitation = _invited(register, code, now)
        path = root / "devices" / f"{code.who.device}.crt"
        if invitation.key == _fingerprint(key):
            return x509.load_pem_x509_certificate(path.read_bytes())
        if invitation.key is not None:
            raise InvitationError("the code was used by another: tell who invited you")
        admitted = acted(invited, code.who, Act.ENROLL, now)
        signer = authority(root, Kind.DEVICE)
        made = certify(signer, key, code.who.device, Kind.DEVICE, now, days=days)
        put(path, made.public_bytes(Encoding.PEM))
        used = replace(admitted, invitation=replace(invitation, key=_fingerprint(key)))
        register[code.who.device] = given(used, _issued(made, now), others_retire_at=now)
        write_register(root, register, clock)
    return made


def renew(
    directory: Path,
    shown: x509.Certificate,
    request: bytes,
    *,
    overlap: timedelta = OVERLAP,
    days: int = CERTIFICATE_DAYS,
    clock: Clock = now_utc,
) -> x509.Certificate:
    """Return a new certificate for a device that proved with a good one who it is.

    Args:
        directory: The broker's folder.
        shown: The certificate of the device, which TLS has checked against the authority.
        request: The device's certification request (PKCS 10, DER).
        overlap: For how long ``shown`` is still good.
        days: The new certificate's life.
        clock: The time.

    Raises:
        InvitationError: the certificate is revoked, on hold, or not of this register.
        ValueError: the request is not one.
    """
    root, key = directory.absolute(), requested_key(request)
    with alone(root):
        register, now = read_register(root), clock()
        device = _bearer(register, shown)
        who = Enrolment(device.site, device.device)
        signer = authority(root, Kind.DEVICE)
        made = certify(signer, key, device.device, Kind.DEVICE, now, days=days)
        put(root / "devices" / f"{device.device}.crt", made.public_bytes(Encoding.PEM))
        ending(root / "devices" / device.device, "key").unlink(missing_ok=True)
        turned = acted(device, who, Act.ROTATE, now)
        register[device.device] = given(turned, _issued(made, now), others_retire_at=now + overlap)
        write_register(root, register, clock)
    return made


def _equip(
    directory: Path, who: Enrolment, act: Act, *, overlap: timedelta, days: int, clock: Clock
) -> Path:
    root = directory.absolute()
    with alone(root):
        register, now = read_register(root), clock()
        admitted = replace(acted(register.get(who.device), who, act, now), invitation=None)
        made = issue(authority(root, Kind.DEVICE), who.device, Kind.DEVICE, now, days=days)
        base = root / "devices" / who.device
        put(ending(base, "key"), made.key_pem)
        put(ending(base, "crt"), made.certificate_pem)
        issued = _issued(made.certificate, now)
        register[who.device] = given(admitted, issued, others_retire_at=now + overlap)
        write_register(root, register, clock)
    return ending(base, "crt")


def _change(directory: Path, who: Enrolment, act: Act, clock: Clock) -> None:
    root = directory.absolute()
    with alone(root):
        register = read_register(root)
        known = register.get(who.device)
        if known is not None and known.site != who.site:
            raise NotLawfulError(f"{who.device} belongs to {known.site}, not {who.site}")
        register[who.device] = acted(known, who, act, clock())
        write_register(root, register, clock)


def _invited(register: Register, code: Code, now: datetime) -> tuple[Device, Invitation]:
    """Return who is meant, in the same time whether there is such a device or not."""
    device = register.get(code.who.device)
    invitation = None if device is None or device.site != code.who.site else device.invitation
    digest = _NO_DIGEST if invitation is None else invitation.digest
    if not hmac.compare_digest(_digest(code.secret), digest) or not (device and invitation):
        raise InvitationError("no such code: ask for an invitation")
    if now >= invitation.expires_at:
        raise InvitationError(f"the code ended at {invitation.expires_at:%Y-%m-%d %H:%MZ}")
    return device, invitation


def _bearer(register: Register, shown: x509.Certificate) -> Device:
    serial = f"{shown.serial_number:x}"
    for device in register.values():
        if any(each.serial == serial and each.is_good() for each in device.certificates):
            if device.state is not State.ACTIVE:
                raise InvitationError(f"{device.device} is {device.state}")
            return device
    raise InvitationError("the certificate is revoked, or not of this platform")


def _issued(certificate: x509.Certificate, now: datetime) -> Issued:
    return Issued(f"{certificate.serial_number:x}", now, certificate.not_valid_after_utc)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
