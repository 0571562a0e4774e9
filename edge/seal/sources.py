"""Where frames come from: UDP, TCP, a serial line, standard input or a file; one loop pulls."""

import os
import random
import select
import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from edge import serial_line
from edge.measured import Measured
from edge.outage import Outage
from edge.seal.keys import KeysOf
from edge.seal.latches import Latches
from edge.seal.orders import Orders
from edge.seal.reading import SealReader
from edge.seal.repeats import Repeats
from edge.seal.stream import Frames
from edge.sources import STANDARD_INPUT, Keep, SourceError, datagrams_at, utc_now

WAIT_S: Final = 0.2
"""How long an empty batch takes."""

BATCH_DATAGRAMS: Final = 500
CONNECT_LIMIT_S: Final = 5.0
LONGEST_PAUSE_S: Final = 30.0
SILENCE_LIMIT_S: Final = 3600.0
"""A connection silent for so long may be dead without a word; seals report far apart."""

BAUD: Final = 115_200
"""Of a serial line, unless the address says otherwise."""
KINDS: Final = "udp://HOST:PORT, tcp://HOST:PORT, serial:///dev/NAME?baud=115200, - or a file"

_CHUNK: Final = 65_536

Chunks = Generator[bytes | None, None, None]
"""Bytes as they come, empty for "nothing at the moment"; ``None`` where a stream breaks off."""


class SealSource:
    """Frames from one address, as ``edge.agent.Source`` has it."""

    repeats = False

    def __init__(
        self,
        address: str,
        keys_of: KeysOf,
        keep: Keep,
        repeats: Repeats | None = None,
        latches: Latches | None = None,
        *,
        orders: Orders | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Open it.

        Args:
            address: ``udp://HOST:PORT`` (we listen), ``tcp://HOST:PORT`` (we connect),
                ``serial:///dev/NAME?baud=115200``, ``-`` for standard input, or a file.
            keys_of: The keys of seals.
            keep: Takes what is no frame.
            repeats: What was reported lately; in memory unless given.
            latches: What is known of seals; nothing, and in memory, unless given.
            orders: What the gateway is told, if it takes commands.
            now: The gateway's clock.

        Raises:
            SourceError: no such kind of source, or it cannot be had.
        """
        self.reader: Final = SealReader(
            keys_of, keep, Repeats(time.monotonic) if repeats is None else repeats, latches
        )
        self.address, self._orders = address, orders
        self._outage = Outage("radio", address=address)
        self._now: Callable[[], datetime | None] = now
        self._is_datagrams = address.startswith("udp:")
        self.waits = "://" not in address
        if self.waits and address != STANDARD_INPUT:
            self._now = _never  # nobody knows when a file was heard
        try:
            self._chunks = self._opened(address)
        except OSError as error:
            raise SourceError(f"{address}: {error}") from error

    @property
    def failures(self) -> int:
        """How often the radio broke off or could not be opened so far."""
        return self._outage.failures

    def batches(self) -> Iterator[list[Measured]]:
        """Return readings as they come, once; an empty batch if none do."""
        with closing(self._chunks):
            for batch in self._from_datagrams() if self._is_datagrams else self._from_stream():
                self.reader.keep()
                # Behind the frames, whose numbers have just been noted.
                yield batch if self._orders is None else [*batch, *self._orders.answers()]

    def _from_stream(self) -> Iterator[list[Measured]]:
        frames = Frames()
        for chunk in self._chunks:
            pieces = frames.close() if chunk is None else frames.feed(chunk)
            yield self.reader.pieces(pieces, self._now())

    def _from_datagrams(self) -> Iterator[list[Measured]]:
        ready: list[Measured] = []
        for chunk in self._chunks:
            if chunk:
                ready += self.reader.datagram(chunk, self._now())
            else:
                yield ready
                ready = []

    def _opened(self, address: str) -> Chunks:
        if address == STANDARD_INPUT:
            return _pipe(0)
        if "://" not in address:
            return _pipe(os.open(Path(address), os.O_RDONLY))
        parts = urlsplit(address)
        if parts.scheme == "serial":
            return self._reopened(partial(serial_line.opened, parts.path, _speed(address)))
        host, port = parts.hostname, _port(address)
        if parts.scheme not in {"udp", "tcp"} or host is None or port is None:
            raise SourceError(f"{address}: not {KINDS}")
        if parts.scheme == "tcp":
            return self._reopened(partial(_connected, host, port))
        bound = datagrams_at(host, port)
        self.address = "udp://{}:{}".format(*bound.getsockname()[:2])
        return _datagrams(bound)

    def _reopened(self, opened: Callable[[], int]) -> Chunks:
        """Open again and again, later after each failure, by chance: many would come at once."""
        failures = 0
        while True:
            try:
                with os.fdopen(opened(), "rb", buffering=0) as stream:
                    failures = 0
                    self._outage.ends()
                    yield from _received(stream.fileno())
                error: Exception = ConnectionError("silent or closed")
            except (OSError, UnicodeError) as failure:  # the latter: a name that no resolver takes
                failures += 1
                error = failure
            self._outage.fails(error)
            yield None
            pause_s = min(LONGEST_PAUSE_S, 0.5 * 2 ** min(failures, 10))
            until = time.monotonic() + random.uniform(0, pause_s)  # noqa: S311 - no secret
            while (wait := until - time.monotonic()) > 0:
                select.select([], [], [], min(wait, WAIT_S))
                yield b""


def _never() -> None:
    """Return that the time is not known."""


def _speed(address: str) -> int:
    try:
        return serial_line.speed_of(urlsplit(address), BAUD)
    except ValueError as error:
        raise SourceError(f"{address}: {error}") from error


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError:
        return None


def _pipe(descriptor: int) -> Chunks:
    """Read to the end; a file is always ready."""
    with os.fdopen(descriptor, "rb", buffering=0, closefd=descriptor != 0):
        while True:
            if not select.select([descriptor], [], [], WAIT_S)[0]:
                yield b""
            elif chunk := os.read(descriptor, _CHUNK):
                yield chunk
            else:
                yield None
                return


def _datagrams(bound: socket.socket) -> Chunks:
    """Give one datagram after another, and a pause after all that wait, or many."""
    with bound:
        while True:
            select.select([bound], [], [], WAIT_S)
            with suppress(BlockingIOError):
                for _ in range(BATCH_DATAGRAMS):
                    yield bound.recv(_CHUNK)
            yield b""


def _connected(host: str, port: int) -> int:
    with socket.create_connection((host, port), CONNECT_LIMIT_S) as connection:
        connection.setblocking(False)  # noqa: FBT003 - the standard library's
        return connection.detach()


def _received(descriptor: int) -> Chunks:
    heard = time.monotonic()
    while time.monotonic() - heard < SILENCE_LIMIT_S:
        if not select.select([descriptor], [], [], WAIT_S)[0]:
            yield b""
            continue
        with suppress(BlockingIOError):
            chunk = os.read(descriptor, _CHUNK)
            if not chunk:
                return
            heard = time.monotonic()
            yield chunk
