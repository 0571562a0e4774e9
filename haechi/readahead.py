"""A socket before the driver: large reads, and what is ordinary taken out of them."""

import ssl
from typing import Any, Final

from haechi.frames import Delivery, Receipt, is_cut_off, packets

READ_AHEAD_BYTES: Final = 65_536


class ReadAhead:
    """A socket that reads in large parts, and gives the driver only what it leaves, whole.

    The driver asks for a packet in three or four small reads. Each is a system call that gives up
    the interpreter lock, and gets it back late while another thread computes.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._ahead: bytes = b""
        self._at = 0
        self._has_ended = False

    def fill(self) -> None:
        """Read once, if there is something; the driver is told later if that was the end."""
        try:
            received: bytes = self._inner.recv(READ_AHEAD_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            received = b""
        self._has_ended = not received
        self._ahead, self._at = self._ahead[self._at :] + received, 0

    def packets(self) -> list[Delivery | Receipt]:
        """Take the ordinary packets that are complete; the next byte must begin a packet."""
        self._ahead = self._ahead[self._at :]
        found, self._at = packets(self._ahead)
        return found

    @property
    def is_drivers_turn(self) -> bool:
        """Whether what comes next is whole and not ordinary, or the end."""
        return self._has_ended or not is_cut_off(self._ahead[self._at :])

    def recv(self, size: int) -> bytes:
        """Return what was read ahead."""
        part = self._ahead[self._at : self._at + size]
        self._at += len(part)
        if not part and not self._has_ended:
            raise BlockingIOError
        return part

    def pending(self) -> int:
        """Return how many bytes can be had that no look at the network would show."""
        return self._inner.pending() if isinstance(self._inner, ssl.SSLSocket) else 0

    def __getattr__(self, name: str) -> Any:
        """Be the socket in everything else."""
        return getattr(self._inner, name)
