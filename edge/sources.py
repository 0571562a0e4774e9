"""What the sources of all agents share: their errors, their clock, and what they cannot read."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

STANDARD_INPUT: Final = "-"
"""The address of whatever is piped into an agent."""

RECEIVE_BUFFER_BYTES: Final = 4 * 2**20
"""So that a burst of datagrams is not lost while a batch goes to disk."""

Keep = Callable[[tuple[bytes, ...], str, datetime | None], None]
"""Takes what nobody could decode, as it came; the reason; and when it was, if known."""


class SourceError(ValueError):
    """The source cannot be read; the text says which and why."""


def forget(lines: tuple[bytes, ...], reason: str, at: datetime | None) -> None:
    """Keep nothing: for those who only count."""
    del lines, reason, at


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def datagrams_at(host: str, port: int) -> socket.socket:
    """Return a socket to which datagrams can be sent, and which never waits for one.

    Raises:
        OSError: the address cannot be had.
    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    bound = socket.socket(family, socket.SOCK_DGRAM)
    bound.settimeout(0)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
