"""The ways to a drone's radio: UDP, TCP and a serial line."""

import os
import select
import socket
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from edge import serial_line
from edge.drone.identity import Origin

CONNECT_S: Final = 5.0
_CHUNK: Final = 65_536
_DATAGRAMS: Final = 200
"""At most so many at once, so that a flood does not starve what else is to be done."""
_BAUD: Final = 57_600
"""Of telemetry radios, unless the address says otherwise."""

_NETWORKS: Final = frozenset({"udp", "udpout", "tcp"})
_KINDS: Final = (
    "udp://HOST:PORT, udpout://HOST:PORT, tcp://HOST:PORT, serial:///dev/NAME?baud=57600"
)

Received = list[tuple[bytes, Origin]]


class TransportError(Exception):
    """The address is none, or nothing answers there."""


class Transport(Protocol):
    """Bytes to and from a radio."""

    is_stream: bool
    """Whether messages may span what is received."""

    def receive(self, wait_s: float) -> Received:
        """Return what has come, waiting for it at most so long.

        Raises:
            OSError: the link is broken; open it again.
        """
        ...

    def send(self, data: bytes, to: Origin) -> None:
        """Send; what cannot go now is dropped, as on the air.

        Raises:
            OSError: the link is broken; open it again.
        """
        ...

    def close(self) -> None:
        """Release it."""
        ...


class Udp:
    """Datagrams: waits for a vehicle that knows our port, or speaks to one whose port we know."""

    is_stream = False

    def __init__(self, host: str, port: int, *, listens: bool) -> None:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(kind, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the standard library's
        self._peer: Origin = None if listens else (socket.gethostbyname(host), port)
        self._socket.bind((host, port) if listens else ("", 0))

    @property
    def port(self) -> int:
        """Where we listen."""
        return int(self._socket.getsockname()[1])

    def receive(self, wait_s: float) -> Received:
        """Return datagrams with where they came from."""
        select.select([self._socket], [], [], wait_s)
        found: Received = []
        while len(found) < _DATAGRAMS:
            try:
                data, origin = self._socket.recvfrom(_CHUNK)
            except (BlockingIOError, ConnectionRefusedError):
                break
            found.append((data, (origin[0], origin[1])))
        return found

    def send(self, data: bytes, to: Origin) -> None:
        """Send to a vehicle, or to the one whose port we know."""
        peer = to or self._peer
        if peer is not None:
            try:
                self._socket.sendto(data, peer)
            except (BlockingIOError, ConnectionRefusedError):
                return

    def close(self) -> None:
        """Release the port."""
        self._socket.close()


class Stream:
    """Bytes in order, from a file descriptor that does not block."""

    is_stream = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def receive(self, wait_s: float) -> Received:
        """Return what has come, as one part."""
        ready, _, _ = select.select([self._descriptor], [], [], wait_s)
        if not ready:
            return []
        data = os.read(self._descriptor, _CHUNK)
        if not data:
            raise ConnectionResetError("the other end has gone")
        return [(data, None)]

    def send(self, data: bytes, to: Origin) -> None:  # noqa: ARG002 - there is one other end
        """Send; a full line drops it."""
        try:
            os.write(self._descriptor, data)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Release the descriptor."""
        os.close(self._descriptor)


def open_transport(address: str) -> Transport:
    """Open a way to a radio.

    Args:
        address: ``udp://HOST:PORT`` listens, ``udpout://HOST:PORT`` speaks first,
            ``tcp://HOST:PORT`` connects, ``serial:///dev/ttyUSB0?baud=57600``.

    Raises:
        TransportError: no such address, or nothing answers; says what to do.
    """
    parts = urlsplit(address)
    try:
        return _opened(parts)
    except (OSError, ValueError) as error:
        raise TransportError(f"{address}: {error}") from error


def check_address(address: str) -> None:
    """Raise ``TransportError`` if it is none."""
    parts = urlsplit(address)
    try:
        is_known = (parts.scheme in _NETWORKS and bool(parts.port)) or (
            parts.scheme == "serial" and bool(serial_line.speed_of(parts, _BAUD))
        )
    except ValueError as error:
        raise TransportError(f"{address!r} is none of {_KINDS}: {error}") from error
    if not is_known:
        raise TransportError(f"{address!r} is none of {_KINDS}")


def _opened(parts: SplitResult) -> Transport:
    if parts.scheme == "serial":
        return Stream(serial_line.opened(parts.path, serial_line.speed_of(parts, _BAUD)))
    host, port = parts.hostname or "127.0.0.1", parts.port or 0
    if parts.scheme == "tcp":
        connection = socket.create_connection((host, port), CONNECT_S)
        return Stream(connection.detach())
    return Udp(host, port, listens=parts.scheme == "udp")
