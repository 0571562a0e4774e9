"""The folder from which a server's broker runs: everything it reads, and the authorities it trusts.

Derived files (configuration, access rules) are written anew each time; keys never are.

    enrolled            one ``site/device`` a line: the devices that may speak
    mosquitto.conf      device.acl  service.acl      derived
    tls/                what the broker reads: server key, authorities' certificates, revocations
    data/               what the broker writes
    authority/          the authorities' private keys; the broker never reads them
    services/ devices/  credentials to hand over; the broker never reads them
    revoked/            certificates that were withdrawn, by serial number
"""

import os
import pwd
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from cryptography import x509

from ingest.broker.authority import (
    Credential,
    Kind,
    issue,
    make_authority,
    revocations,
)
from ingest.broker.configuration import SERVICES, device_rules, server, service_rules
from ingest.broker.names import CERTIFICATE_DAYS, Enrolment, device_name, server_name

Clock = Callable[[], datetime]


class FolderError(Exception):
    """The folder is not in a state to do that; the text says what to do."""


def now_utc() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(UTC)


def write_server_folder(
    directory: Path,
    name: str,
    *,
    bind: str | None = None,
    device_port: int = 8883,
    service_port: int = 8884,
    clock: Clock = now_utc,
) -> Path:
    """Make a folder from which ``mosquitto -c`` runs, or bring an existing one up to date.

    Args:
        directory: Made if absent, for this account only. The broker must run as this account.
        name: Host name or IP address that devices connect to.
        bind: Address to listen on; ``None`` is all of them.
        device_port: For devices.
        service_port: For the platform's own services.
        clock: The time, for new certificates.

    Returns:
        The path of the configuration.

    Raises:
        InvalidIdError: an argument that cannot stand in a configuration or a certificate.
        FolderError: the folder belongs to another server name, or lacks half of a credential.
    """
    root, host = directory.absolute(), server_name(name)
    account = pwd.getpwuid(os.geteuid()).pw_name
    text = server(
        root, account=account, bind=bind, device_port=device_port, service_port=service_port
    )
    for part in ("", "tls", "data", "authority", "services", "devices", "revoked"):
        (root / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep_authorities(root, clock)
    _keep_server(root, host, clock)
    for service in SERVICES:
        _keep(root / "services" / service, partial(_issued, root, service, Kind.SERVICE, clock))
    (root / "enrolled").touch(mode=0o600)
    _replace(root / "service.acl", service_rules())
    _write_device_rules(root, enrolled(root))
    _replace(root / "mosquitto.conf", text)
    return root / "mosquitto.conf"


def enrolled(directory: Path) -> frozenset[Enrolment]:
    """Return the devices that may speak.

    Raises:
        InvalidIdError: a line that is not ``site/device``.
    """
    lines = (directory / "enrolled").read_text().splitlines()
    return frozenset(Enrolment.parse(line) for line in lines if line)


def enrol(
    directory: Path, enrolment: Enrolment, *, days: int = CERTIFICATE_DAYS, clock: Clock = now_utc
) -> Path:
    """Let a device speak for a site: give it a certificate and an access rule.

    The broker must be told to read its rules again (SIGHUP).

    Returns:
        The certificate; the key is beside it. Hand both over with ``tls/server-ca.crt``.

    Raises:
        InvalidIdError: the device is enrolled at another site.
        FolderError: the device has a credential already: revoke it first.
    """
    root = directory.absolute()
    admitted = enrolled(root) | {enrolment}
    device_rules(admitted)
    base = root / "devices" / enrolment.device
    if _file(base, "crt").exists():
        raise FolderError(f"{enrolment.device} has a certificate already: revoke it first")
    _keep(base, lambda: _issued(root, enrolment.device, Kind.DEVICE, clock, days=days))
    _write_enrolled(root, admitted)
    return _file(base, "crt")


def revoke(directory: Path, device: str, *, clock: Clock = now_utc) -> None:
    """Withdraw what a device was given: its access rule, and its certificate for ever.

    The broker must be told to read its rules again (SIGHUP). Then it refuses new connections, and
    what the device sends on a connection it already has goes nowhere.

    Raises:
        FolderError: the device has no certificate here.
    """
    root = directory.absolute()
    held, key = (_file(root / "devices" / device_name(device), end) for end in ("crt", "key"))
    if not held.exists():
        raise FolderError(f"{device} has no certificate in {held.parent}")
    certificate = x509.load_pem_x509_certificate(held.read_bytes())
    listed = root / "tls" / "device.crl"
    authority = _authority(root, Kind.DEVICE)
    updated = revocations(authority, clock(), earlier=listed.read_bytes(), revoked=certificate)
    _replace(listed, updated.decode())
    _write_enrolled(root, {each for each in enrolled(root) if each.device != device})
    key.unlink(missing_ok=True)
    held.rename(root / "revoked" / f"{certificate.serial_number:x}.crt")


_ENDINGS: Final = ("crt", "key")


def _keep_authorities(root: Path, clock: Clock) -> None:
    for kind in Kind:
        published = root / "tls" / f"{kind}-ca.crt"
        if not published.exists():
            _keep(root / "authority" / kind, partial(make_authority, f"Haechi {kind}s", clock()))
        authority = _authority(root, kind)
        _replace(published, authority.certificate_pem.decode())
        listed = root / "tls" / f"{kind}.crl"
        if kind is not Kind.SERVER and not listed.exists():
            _replace(listed, revocations(authority, clock()).decode())


def _keep_server(root: Path, name: str, clock: Clock) -> None:
    base = root / "tls" / "server"
    _keep(base, lambda: _issued(root, name, Kind.SERVER, clock))
    subject = _credential(base).certificate.subject.rfc4514_string()
    if subject != f"CN={name}":
        raise FolderError(
            f"{base}.crt is for {subject}, not {name}: remove it and its key to have a new one"
        )


def _issued(
    root: Path, name: str, kind: Kind, clock: Clock, *, days: int = CERTIFICATE_DAYS
) -> Credential:
    return issue(_authority(root, kind), name, kind, clock(), days=days)


def _authority(root: Path, kind: Kind) -> Credential:
    base = root / "authority" / kind
    if not _file(base, "key").exists():
        raise FolderError(f"the private key of the {kind} authority is not here: bring {base}.key")
    return _credential(base)


def _credential(base: Path) -> Credential:
    certificate, key = (_file(base, ending).read_bytes() for ending in _ENDINGS)
    return Credential.parse(certificate, key)


def _keep(base: Path, make: Callable[[], Credential]) -> None:
    """Make a credential if there is none; never write over half of one."""
    present = [_file(base, ending) for ending in _ENDINGS if _file(base, ending).exists()]
    if len(present) == len(_ENDINGS):
        return
    if present:
        raise FolderError(
            f"{present[0]} is half of a credential: bring the other half or remove it"
        )
    made = make()
    _write_new(_file(base, "key"), made.key_pem)
    _write_new(_file(base, "crt"), made.certificate_pem)


def _write_enrolled(root: Path, admitted: frozenset[Enrolment] | set[Enrolment]) -> None:
    _replace(root / "enrolled", "".join(f"{each}\n" for each in sorted(admitted)))
    _write_device_rules(root, admitted)


def _write_device_rules(root: Path, admitted: frozenset[Enrolment] | set[Enrolment]) -> None:
    _replace(root / "device.acl", device_rules(admitted))


def _file(base: Path, ending: str) -> Path:
    return base.with_name(f"{base.name}.{ending}")


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    """Write whole or not at all: the broker may read at any moment."""
    written = path.with_name(f".{path.name}.new")
    written.unlink(missing_ok=True)
    _write_new(written, text.encode())
    written.replace(path)
