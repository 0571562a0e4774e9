"""Puts a device out at once: by ingest, at the broker's door, and off its live connection.

One act alone does not do it. A revocation list refuses new connections and leaves the live one; a
live one that is cut comes back; and what is in the broker's queues has passed both doors.
"""

import os
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.broker.files import alone, credential, ending, put
from ingest.broker.folder import read_register
from ingest.broker.probe import connect_packet, is_admitted
from ingest.broker.register import denied

REGISTRAR: Final = "svc-registrar"
WITHIN_S: Final = 3.0
"""For each step on the network; the whole is to take less than 5 s."""


@dataclass(frozen=True, slots=True)
class Done:
    """One act of three."""

    act: str
    error: str | None
    """``None`` if it was done; else what went wrong, and what to do."""
    after_s: float
    """Since the beginning."""


def expel(directory: Path, device: str, deny_file: Path) -> Iterator[Done]:
    """Do the three acts, each even if the one before failed; yield each when it is done.

    Args:
        directory: The broker's folder, whose register has the device suspended or revoked.
        device: Whose connection is ended.
        deny_file: Where ingest looks (``ingest.denied``).
    """
    root, began = directory.absolute(), time.monotonic()
    acts: dict[str, Callable[[], None]] = {
        "ingest denies it": lambda: deny(root, deny_file),
        "the broker reads its rules and revocations again": lambda: reread(root),
        "its live connection is cut": lambda: kick(root, device),
    }
    for name, act in acts.items():
        error = None
        try:
            act()
        except OSError as failure:
            error = str(failure)
        yield Done(name, error, time.monotonic() - began)


def deny(root: Path, deny_file: Path) -> None:
    """Tell ingest from whom to take nothing: all those that are suspended or revoked."""
    with alone(root):
        lines = (
            f"{d.device} {d.state} since {d.since:%Y-%m-%dT%H:%M:%SZ}\n"
            for d in denied(read_register(root))
        )
        deny_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put(deny_file, "".join(lines).encode())


def reread(root: Path) -> None:
    """Make the broker of this folder read its rules and revocations again (SIGHUP).

    Raises:
        OSError: it does not run on this machine.
    """
    path = root / "data" / "mosquitto.pid"
    try:
        pid = int(path.read_text())
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise ProcessLookupError(
            "no broker runs from this folder here; where it runs: kill -HUP its process"
        ) from None
    if name != "mosquitto":
        raise ProcessLookupError(f"{path} names a process that is {name}: start the broker")
    os.kill(pid, signal.SIGHUP)


def kick(root: Path, device: str) -> None:
    """End a device's live connection, by taking its client id on the services' listener.

    The broker has read its revocations before it answers: the handshake takes several turns of
    its loop, and it reads at the end of the first. So the device cannot come back in between.

    Raises:
        OSError: the listener does not answer, or refuses.
    """
    host, port = _service_listener(root)
    name = credential(root / "tls" / "server").certificate.subject.rfc4514_string()
    context = ssl.create_default_context(cafile=root / "tls" / "server-ca.crt")
    base = root / "services" / REGISTRAR
    if not ending(base, "crt").exists():
        raise FileNotFoundError(f"no certificate of {REGISTRAR}: repeat haechi broker config")
    context.load_cert_chain(ending(base, "crt"), ending(base, "key"))
    with (
        socket.create_connection((host, port), WITHIN_S) as plain,
        context.wrap_socket(plain, server_hostname=name.removeprefix("CN=")) as wire,
    ):
        wire.sendall(connect_packet(device))
        if not is_admitted(wire):
            raise ConnectionRefusedError(f"{host}:{port} refuses {REGISTRAR}")


def _service_listener(root: Path) -> tuple[str, int]:
    """Return where services connect: the second listener of the configuration."""
    lines = (root / "mosquitto.conf").read_text().splitlines()
    *_, last = (line.split()[1:] for line in lines if line.startswith("listener "))
    return (last[1] if len(last) > 1 else "localhost"), int(last[0])
