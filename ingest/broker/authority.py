"""The smallest certificate authority that the server configuration needs. No file, no clock.

Three authorities, so that a key that leaks from one world opens no door in another: one for
devices, one for the platform's own services, one for the broker. Keys are EC P-256 (NIST FIPS
186-5); the extensions are those RFC 5280 requires of their kind.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ingest.broker.names import CERTIFICATE_DAYS, device_name, server_name, service_name
from ingest.broker.register import Withdrawn

AUTHORITY_DAYS: Final = 3650
BACKDATED: Final = timedelta(hours=1)
"""Clocks differ; a new certificate must not be from the future for the one who checks it."""


class Kind(StrEnum):
    """Whose certificate it is."""

    DEVICE = "device"
    SERVICE = "service"
    SERVER = "server"


CHECKED: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.DEVICE: device_name,
    Kind.SERVICE: service_name,
    Kind.SERVER: server_name,
}
"""Who may be named in which certificate."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its private key, of an authority or of anybody else."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as files hold it."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key, not encrypted: what holds it must be readable by its owner only."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @classmethod
    def parse(cls, certificate_pem: bytes, key_pem: bytes) -> "Credential":
        """Invert ``certificate_pem`` and ``key_pem``.

        Raises:
            ValueError: not PEM, not an elliptic-curve key, or not the key of the certificate.
        """
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = load_pem_private_key(key_pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("not an elliptic-curve key")  # noqa: TRY004 - wrong content, not type
        if key.public_key() != certificate.public_key():
            raise ValueError("the key does not belong to the certificate")
        return cls(certificate, key)


def make_authority(name: str, now: datetime) -> Credential:
    """Return a new authority that signs for ``AUTHORITY_DAYS`` and below which there is none."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _named(name)
    builder = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Credential(builder.sign(key, SHA256()), key)


def issue(
    authority: Credential,
    common_name: str,
    kind: Kind,
    now: datetime,
    *,
    days: int = CERTIFICATE_DAYS,
) -> Credential:
    """Return a new key and its certificate, which proves ``common_name`` and nothing else.

    Raises:
        InvalidIdError: ``common_name`` is not a name of that kind.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certify(authority, key.public_key(), common_name, kind, now, days=days)
    return Credential(certificate, key)


def certify(
    authority: Credential,
    key: ec.EllipticCurvePublicKey,
    common_name: str,
    kind: Kind,
    now: datetime,
    *,
    days: int = CERTIFICATE_DAYS,
) -> x509.Certificate:
    """Return a certificate for a key, which proves ``common_name`` and nothing else.

    Raises:
        InvalidIdError: ``common_name`` is not a name of that kind.
    """
    name = CHECKED[kind](common_name)
    builder = (
        _builder(_named(name), authority.certificate.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_PURPOSES[kind]]), critical=False)
        .add_extension(_signed_by(authority), critical=False)
    )
    if kind is Kind.SERVER:
        builder = builder.add_extension(_alternative(name), critical=False)
    return builder.sign(authority.key, SHA256())


def requested_key(request: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key of a certification request (PKCS 10, DER), which proves its owner.

    Nothing else of the request counts: the name is decided by the platform.

    Raises:
        ValueError: not a request, not signed by its own key, or not a key on P-256.
    """
    asked = x509.load_der_x509_csr(request)
    key = asked.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("the key is not on the curve P-256")  # noqa: TRY004 - wrong content
    if not asked.is_signature_valid:
        raise ValueError("the request is not signed by its own key")
    return key


def revocations(
    authority: Credential,
    now: datetime,
    withdrawn: Iterable[Withdrawn] = (),
    *,
    earlier: bytes | None = None,
) -> bytes:
    """Return the authority's list of certificates to refuse, PEM.

    It stays valid as long as the authority: it is written where it is read, so its age says
    nothing, and a list that runs out would shut out every device at once.

    Args:
        authority: Who signs.
        now: When it is issued.
        withdrawn: What stands in it.
        earlier: The list before, PEM, for the number after its own; ``None`` for the first one.
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - BACKDATED)
        .next_update(authority.certificate.not_valid_after_utc)
        .add_extension(x509.CRLNumber(_next_number(earlier)), critical=False)
        .add_extension(_signed_by(authority), critical=False)
    )
    for each in withdrawn:
        builder = builder.add_revoked_certificate(_entry(each))
    return builder.sign(authority.key, SHA256()).public_bytes(Encoding.PEM)


_PURPOSES: Final = {
    Kind.DEVICE: ExtendedKeyUsageOID.CLIENT_AUTH,
    Kind.SERVICE: ExtendedKeyUsageOID.CLIENT_AUTH,
    Kind.SERVER: ExtendedKeyUsageOID.SERVER_AUTH,
}


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed_by(authority: Credential) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def _alternative(name: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(name)])


def _next_number(earlier: bytes | None) -> int:
    if earlier is None:
        return 1
    extensions = x509.load_pem_x509_crl(earlier).extensions
    return extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1


def _entry(withdrawn: Withdrawn) -> x509.RevokedCertificate:
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(withdrawn.serial)
        .revocation_date(withdrawn.at)
    )
    if withdrawn.on_hold:
        hold = x509.CRLReason(x509.ReasonFlags.certificate_hold)
        entry = entry.add_extension(hold, critical=False)
    return entry.build()
