"""Asks a broker whether it really serves MQTT 5: an open port alone says nothing.

Written on a bare socket, because a client library would retry, and hide what is to be known.
"""

import socket
from secrets import token_hex
from typing import Final

CONNACK_ACCEPTED: Final = (0x20, 0x00)
"""Packet type of the answer (MQTT 5, 3.2.1) and the reason code Success (3.2.2.2)."""

_PINGREQ, _PINGRESP, _DISCONNECT = b"\xc0\x00", b"\xd0\x00", b"\xe0\x00"


def answers(host: str, port: int, *, within_s: float = 2) -> bool:
    """Return whether a broker accepts an MQTT 5 session there and answers a ping in it."""
    try:
        with socket.create_connection((host, port), within_s) as wire:
            wire.settimeout(within_s)
            return _greets(wire) and _pings(wire)
    except OSError:
        return False


def connect_packet(client_id: str, *, keepalive_s: int = 10) -> bytes:
    """Return a CONNECT with Clean Start and no properties (MQTT 5, 3.1); at most 100 characters.

    >>> connect_packet("probe").hex(" ")
    '10 12 00 04 4d 51 54 54 05 02 00 0a 00 00 05 70 72 6f 62 65'
    """
    name = client_id.encode()
    body = (
        b"\x00\x04MQTT\x05\x02"
        + keepalive_s.to_bytes(2, "big")
        + b"\x00"
        + len(name).to_bytes(2, "big")
        + name
    )
    return bytes((0x10, len(body))) + body


def is_admitted(wire: socket.socket) -> bool:
    """Return whether the CONNACK that comes next says Success; raises ``OSError`` if none does."""
    kind, length = _exactly(wire, 2)
    if length > 127:  # noqa: PLR2004 - a one-byte length; a longer CONNACK would be a stranger's
        return False
    answer = _exactly(wire, length)
    return (kind, answer[1] if length > 1 else -1) == CONNACK_ACCEPTED


def _greets(wire: socket.socket) -> bool:
    wire.sendall(connect_packet(f"probe-{token_hex(8)}"))
    return is_admitted(wire)


def _pings(wire: socket.socket) -> bool:
    wire.sendall(_PINGREQ)
    answered = _exactly(wire, 2) == _PINGRESP
    wire.sendall(_DISCONNECT)
    return answered


def _exactly(wire: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        part = wire.recv(count - len(received))
        if not part:
            raise ConnectionError("the broker closed the connection")
        received += part
    return received
