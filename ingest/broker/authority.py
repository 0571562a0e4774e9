"""The smallest certificate authority that the server configuration needs. No file, no clock.

Three authorities, so that a key that leaks from one world opens no door in another: one for
devices, one for the platform's own services, one for the broker. Keys are EC P-256 (NIST FIPS
186-5); the extensions are those RFC 5280 requires of their kind.
"""

from collections.abc import Callable
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
        _builder(subject, subject, key, now, AUTHORITY_DAYS)
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
    name = CHECKED[kind](common_name)
    usage = _PURPOSES[kind]
    builder = (
        _builder(_named(name), authority.certificate.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(_signed_by(authority), critical=False)
    )
    if kind is Kind.SERVER:
        builder = builder.add_extension(_alternative(name), critical=False)
    return Credential(builder.sign(authority.key, SHA256()), key)


def revocations(
    authority: Credential,
    now: datetime,
    *,
    earlier: bytes | None = None,
    revoked: x509.Certificate | None = None,
) -> bytes:
    """Return the authority's list of revoked certificates, PEM.

    It stays valid as long as the authority: it is written where it is read, so its age says
    nothing, and a list that runs out would shut out every device at once.

    Args:
        authority: Who signs.
        now: When it is issued and ``revoked`` loses its validity.
        earlier: The list before, PEM, whose entries are carried over; ``None`` for the first one.
        revoked: The certificate to add; ``None`` adds nothing.
    """
    before = [] if earlier is None else [*x509.load_pem_x509_crl(earlier)]
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - BACKDATED)
        .next_update(authority.certificate.not_valid_after_utc)
        .add_extension(x509.CRLNumber(_next_number(earlier)), critical=False)
        .add_extension(_signed_by(authority), critical=False)
    )
    for entry in before:
        builder = builder.add_revoked_certificate(entry)
    known = {entry.serial_number for entry in before}
    if revoked is not None and revoked.serial_number not in known:
        builder = builder.add_revoked_certificate(_revoked(revoked, now))
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
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
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


def _revoked(certificate: x509.Certificate, now: datetime) -> x509.RevokedCertificate:
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(certificate.serial_number)
        .revocation_date(now)
        .build()
    )
