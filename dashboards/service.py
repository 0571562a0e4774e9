"""The console's process: an HTTP server on loopback, and the bell that ingest rings."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from dashboards.app import make_app
from dashboards.desk import Console
from dashboards.hub import Hub
from dashboards.security import check_bind

_LINGER_S: Final = 2
"""Seconds that open streams may finish in when the process is told to end."""

_LONGEST_SOCKET_PATH: Final = 107
"""``unix(7)``: 108 bytes with the final zero."""


def serve(
    console: Console,
    *,
    host: str,
    port: int,
    bell: Path,
    ready: Callable[[str], None],
) -> None:
    """Serve until told to end by a signal.

    Args:
        console: What to show.
        host: A loopback address.
        port: 0 is any free one.
        bell: Where to listen for wake-ups: a datagram socket made here, in the data directory.
        ready: Told the address to open, once.

    Raises:
        NotLoopbackError: other machines could reach ``host``.
        OSError: the port is taken.
    """
    check_bind(host)
    try:
        listening = socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        said = f"console_port {port}: {error.strerror}; end what uses it, or set another (0: any)"
        raise OSError(error.errno, said) from error
    address = f"http://{host}:{listening.getsockname()[1]}/"

    @asynccontextmanager
    async def attend(hub: Hub) -> AsyncGenerator[None]:
        loop = asyncio.get_running_loop()
        server.ending = lambda: loop.call_soon_threadsafe(hub.closing.set)
        async with _listening(bell, hub.ring):
            ready(address)  # connections wait at the socket until the server takes them
            yield

    config = uvicorn.Config(
        make_app(console, attend),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_LINGER_S,
    )
    server = _Server(config)
    server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells the streams, which never end by themselves, when the process is to end.

    A signal is not raised again after the end, as uvicorn's own answer has it: who serves has
    more to end.
    """

    ending: Callable[[], object] = staticmethod(lambda: None)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as it calls it
        """Answer a signal."""
        self.ending()
        self.should_exit = True


@asynccontextmanager
async def _listening(bell: Path, ring: Callable[[], None]) -> AsyncGenerator[None]:
    """Answer each datagram by ``ring``; whatever it says, it only means "look"."""
    if len(os.fsencode(bell)) > _LONGEST_SOCKET_PATH:
        yield  # the hub polls
        return
    _unlink(bell)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Ear(ring), local_addr=str(bell), family=socket.AF_UNIX
    )
    try:
        yield
    finally:
        transport.close()
        _unlink(bell)


def _unlink(bell: Path) -> None:
    bell.unlink(missing_ok=True)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - only a wake-up
        self._ring()
