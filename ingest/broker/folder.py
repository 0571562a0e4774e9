"""The folder from which a server's broker runs: everything it reads, and the authorities it trusts.

Derived files (configuration, access rules, revocations) are written anew; keys never are.

    register            one device a line: state, certificates, invitation (``broker.register``)
    mosquitto.conf      device.acl  service.acl      derived
    tls/                what the broker reads: server key, authorities' certificates, revocations
    data/               what the broker writes
    authority/          the authorities' private keys; the broker never reads them
    services/ devices/  credentials to hand over; the broker never reads them
"""

import os
import pwd
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ingest.broker.authority import Kind, issue, make_authority, revocations
from ingest.broker.configuration import SERVICES, device_rules, server, service_rules
from ingest.broker.files import FolderError, alone, authority, credential, ending, keep, put
from ingest.broker.names import server_name
from ingest.broker.register import Register, admitted, dump, parse, withdrawn

Clock = Callable[[], datetime]


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
    for part in ("", "tls", "data", "authority", "services", "devices"):
        (root / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(root):
        _keep_authorities(root, clock)
        _keep_server(root, host, clock)
        for service in SERVICES:
            named = partial(issue, authority(root, Kind.SERVICE), service, Kind.SERVICE, clock())
            keep(root / "services" / service, named)
        put(root / "service.acl", service_rules().encode())
        put(root / "device.acl", device_rules(admitted(read_register(root))).encode())
        put(root / "mosquitto.conf", text.encode())
    return root / "mosquitto.conf"


def read_register(root: Path) -> Register:
    """Return what is known of each device.

    Raises:
        FolderError: the folder is none of ours, or a line of the register is not a device.
    """
    path = root / "register"
    if not (root / "authority").is_dir():
        raise FolderError(f"{root} is not a broker's folder: haechi broker config makes one")
    try:
        return parse(path.read_bytes().splitlines()) if path.exists() else {}
    except ValueError as error:
        raise FolderError(f"{path}: {error}") from error


def write_register(root: Path, register: Register, clock: Clock = now_utc) -> None:
    """Keep the register, and write what the broker must be told (SIGHUP) to read again.

    Raises:
        FolderError: the key of the device authority is not here, to sign the revocations.
    """
    rules, listed = device_rules(admitted(register)).encode(), root / "tls" / "device.crl"
    signed = revocations(
        authority(root, Kind.DEVICE), clock(), withdrawn(register), earlier=listed.read_bytes()
    )
    put(root / "register", dump(register))
    put(listed, signed)
    put(root / "device.acl", rules)


def _keep_authorities(root: Path, clock: Clock) -> None:
    for kind in Kind:
        published = root / "tls" / f"{kind}-ca.crt"
        if not published.exists():
            keep(root / "authority" / kind, partial(make_authority, f"Haechi {kind}s", clock()))
        signs = authority(root, kind)
        put(published, signs.certificate_pem)
        listed = root / "tls" / f"{kind}.crl"
        if kind is not Kind.SERVER and not listed.exists():
            put(listed, revocations(signs, clock()))


def _keep_server(root: Path, name: str, clock: Clock) -> None:
    base = root / "tls" / "server"
    keep(base, lambda: issue(authority(root, Kind.SERVER), name, Kind.SERVER, clock()))
    subject = credential(base).certificate.subject.rfc4514_string()
    if subject != f"CN={name}":
        raise FolderError(
            f"{ending(base, 'crt')} is for {subject}, not {name}: "
            "remove it and its key to have a new one"
        )
