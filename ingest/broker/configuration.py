"""What the brokers are told: text made from checked names only, and nothing read or written here.

Server rules name each device with its site instead of using a pattern: who is not enrolled may do
nothing, a device cannot speak for another site, and a device that is struck out is silenced on its
live connection as soon as the broker reads the rules again (ADR 0008).
"""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from haechi.ids import InvalidIdError
from haechi.messages import MAX_PAYLOAD_BYTES
from ingest.broker.names import Enrolment, account_name, address, path_text, service_name

LOOPBACK: Final = "127.0.0.1"
DROPPED: Final = "$SYS/broker/publish/messages/dropped"
"""Messages the broker has thrown away since it started: the sign of a full queue."""

PACKET_BYTES: Final = MAX_PAYLOAD_BYTES + 4096
"""Largest packet: the largest payload, with room for its topic and properties."""

QUEUE_MESSAGES: Final = 100_000
"""Held for one session that is absent or behind. Above it the newest are dropped and counted, and
devices send them again.

It must not be 0 with a bound in bytes instead: Mosquitto 2.0.11 then disconnects whoever publishes
what it may not, instead of saying so."""

IN_FLIGHT: Final = 1000
"""Publishes a device may have unanswered (the Receive Maximum the broker states). What the broker
sends to ingest is bounded by the Receive Maximum that ingest states, which may be larger; with a
queue Mosquitto 2.0 sends more, which ``ingest.inbox`` takes."""

SESSION_DAYS: Final = 14
"""A durable session is forgotten after this absence."""

AUTOSAVE_S: Final = 30
"""How often sessions and queues are written down. Each time all of them are, hence not oftener."""

Rules = Mapping[str, tuple[str, ...]]
NOBODY: Final[Rules] = {"alerts": ("deny #",)}
"""A rule for a name that no device may have. Mosquitto 2.0.11 takes an empty list of rules for
none, and then fails a SUBSCRIBE with an error of its own instead of judging it."""

SERVICES: Final[Rules] = {
    "svc-ingest": (
        "read haechi/v1/+/+/up/#",
        "read haechi/v1/+/+/state",
        "write haechi/v1/+/+/down/ack",
        f"read {DROPPED}",
    ),
    "svc-command": (
        "write haechi/v1/+/+/down/command",
        "read haechi/v1/+/+/up/event",  # confirmations and results
    ),
    "svc-console": (
        "readwrite haechi/v1/+/alerts/#",  # it sends the pushes
        "write haechi/v1/+/cargo/up/event",  # and what is held against shipments
        "write haechi/v1/+/cargo/state",
        "read haechi/v1/+/cargo/down/ack",
    ),
    "svc-registrar": ("deny #",),  # it only ends connections, by taking their client id
}
"""The whole of what each part of the platform may do at the broker."""

_QUEUES = f"""\
max_queued_messages {QUEUE_MESSAGES}
max_inflight_messages {IN_FLIGHT}
max_packet_size {PACKET_BYTES}
# The packets are small, and an alert must not wait for the one before it to be acknowledged.
set_tcp_nodelay true
"""


def loopback(port: int, directory: Path, *, host: str = LOOPBACK) -> str:
    """Return Mosquitto's configuration for development and demonstrations: one machine, no keys.

    Args:
        port: Where to listen, 1 to 65535.
        directory: Where its database goes; absolute.
        host: A loopback address, ``127.0.0.0/8``.

    Raises:
        InvalidIdError: an argument that would change the meaning of the text, or an address that
            other machines can reach: anybody may connect, so nobody else may be able to.
    """
    return f"""\
# Written at each start: changes are lost. Anybody on this machine may connect, nobody else can.
listener {_port(port)} {loopback_address(host)}
allow_anonymous true
# Only if root starts it, whose folder this then is: another account could not read it.
user root
{_QUEUES}{_persistence(directory)}sys_interval 1
log_dest stderr
log_type error
log_type warning
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


def demo(port: int, *, host: str = LOOPBACK) -> str:
    """Return iotcore's configuration: one MQTT 5 listener and a log of ten megabytes in memory.

    Raises:
        InvalidIdError: as for ``loopback``. This broker accepts any client certificate and has no
            access rules, so it is never given another address.
    """
    return f"""\
# Written at each start: changes are lost. No TLS client check, no access rules, nothing on disk.
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = {2**20}
max_segment_count = 10

[v5.1]
name = "demo"
listen = "{loopback_address(host)}:{_port(port)}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = {PACKET_BYTES}
max_inflight_count = {IN_FLIGHT}
dynamic_filters = true
"""


def loopback_address(host: str) -> str:
    """Return ``host`` if only this machine can reach it.

    Raises:
        InvalidIdError: it is not in ``127.0.0.0/8``.
    """
    checked = ip_address(address(host))
    if checked.version != 4 or not checked.is_loopback:  # noqa: PLR2004 - IPv4
        raise InvalidIdError(
            f"{checked} can be reached from other machines, and this broker checks nobody: "
            f"use {LOOPBACK}, or set up a server (docs/broker.md)"
        )
    return str(checked)


def server(
    directory: Path,
    *,
    account: str,
    bind: str | None = None,
    device_port: int = 8883,
    service_port: int = 8884,
) -> str:
    """Return Mosquitto's configuration for a server folder (``ingest.broker.folder``).

    Args:
        directory: The folder, absolute.
        account: Who it runs as if it is started by root; it must be able to read ``tls/``.
        bind: Address to listen on; ``None`` is all of them.
        device_port: For certificates of the device authority. The name in the certificate is the
            user and the client id, so nobody can take over the session of another.
        service_port: For certificates of the service authority. Client ids are free here: ingest
            has one for each of its sessions, and a service can end a device's connection.

    Raises:
        InvalidIdError: an argument that would change the meaning of the text.
    """
    root = path_text(directory)
    where = "" if bind is None else f" {address(bind)}"
    return f"""\
# Generated: changes are lost when it is generated again. There is no websockets listener, since
# Mosquitto 2.0 binds it to every address whatever it is told.
per_listener_settings true
user {account_name(account)}
pid_file {root}/data/mosquitto.pid
{_QUEUES}{_persistence(directory / "data")}max_keepalive 120
sys_interval 10
log_dest stdout
log_timestamp_format %Y-%m-%dT%H:%M:%S

listener {_port(device_port)}{where}
{_tls(root, "device")}use_username_as_clientid true

listener {_port(service_port)}{where}
{_tls(root, "service")}"""


def device_rules(enrolments: Iterable[Enrolment]) -> str:
    """Return the access rules of the device listener.

    Raises:
        InvalidIdError: one device at two sites. Its certificate names the device only, so it
            would be heard at both.

    >>> print(device_rules([Enrolment("busan", "cam-01")]), end="")
    user alerts
    topic deny #
    <BLANKLINE>
    user cam-01
    topic write haechi/v1/busan/cam-01/up/+
    topic write haechi/v1/busan/cam-01/state
    topic read haechi/v1/busan/cam-01/down/+
    """
    rules: dict[str, tuple[str, ...]] = dict(NOBODY)
    for site, device in ((each.site, each.device) for each in sorted(set(enrolments))):
        if device in rules:
            raise InvalidIdError(f"device enrolled at two sites: {device!r}")
        root = f"haechi/v1/{site}/{device}"
        rules[device] = (f"write {root}/up/+", f"write {root}/state", f"read {root}/down/+")
    return _rules(rules)


def service_rules(services: Rules = SERVICES) -> str:
    """Return the access rules of the service listener.

    Raises:
        InvalidIdError: a name that is not a service's.
    """
    return _rules({service_name(name): topics for name, topics in services.items()})


def _rules(rules: Rules) -> str:
    return "\n".join(
        f"user {name}\n" + "".join(f"topic {topic}\n" for topic in topics)
        for name, topics in rules.items()
    )


def _tls(root: str, kind: str) -> str:
    return f"""\
cafile {root}/tls/{kind}-ca.crt
crlfile {root}/tls/{kind}.crl
certfile {root}/tls/server.crt
keyfile {root}/tls/server.key
tls_version tlsv1.3
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {root}/{kind}.acl
"""


def _persistence(directory: Path) -> str:
    return f"""\
# Sessions outlive an orderly restart. After a crash up to {AUTOSAVE_S} s of them are gone: devices
# delete nothing before ingest says that it is stored, and send it again.
persistence true
persistence_location {path_text(directory)}/
autosave_interval {AUTOSAVE_S}
persistent_client_expiration {SESSION_DAYS}d
"""


def _port(port: int) -> int:
    if not 1 <= port <= 65_535:  # noqa: PLR2004 - the range of TCP ports
        raise InvalidIdError(f"not a port: {port}")
    return port
