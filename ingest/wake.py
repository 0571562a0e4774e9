"""A bell between processes: alarms have changed, look at the store.

Each listener binds a Unix datagram socket of its own in one folder; the bell sends an empty
datagram to all of them. A datagram that is lost costs a listener the time to its next poll,
nothing else, so every error here is silence.
"""

import contextlib
import os
import socket
from pathlib import Path
from typing import Final

SUFFIX: Final = ".wake"


class Bell:
    """Tells all listeners of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)

    def ring(self) -> None:
        """Wake everybody; nobody is waited for."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._folder):
                if entry.name.endswith(SUFFIX):
                    self._tell(entry.path)

    def close(self) -> None:
        """Release the socket."""
        self._socket.close()

    def _tell(self, path: str) -> None:
        try:
            self._socket.sendto(b"", path)
        except ConnectionRefusedError:  # its owner died
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - a path that scandir gave
        except OSError:
            pass  # its queue is full, so it will look anyway


class Listener:
    """Hears the bell. ``fileno`` is for a selector or an event loop.

    Raises:
        OSError: the folder's path is longer than a Unix socket allows (107 bytes): poll instead.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}-{os.getpid()}{SUFFIX}"
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.bind(str(self._path))

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the bell rings."""
        return self._socket.fileno()

    def drain(self) -> bool:
        """Take all that was rung; return whether it was."""
        rung = False
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)
                rung = True
        return rung

    def close(self) -> None:
        """Unbind."""
        self._socket.close()
        self._path.unlink(missing_ok=True)
