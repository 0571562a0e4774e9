"""Live sources: receivers that send over UDP or TCP, and standard input.

All of them are pulled: a loop asks for the next batch and gets an empty one, within a fraction of
a second, when there is nothing; only connecting takes longer. So one thread serves a receiver and
everything beside it.
"""

import os
import random
import select
import socket
import time
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from typing import Final, Protocol

from edge.ais.lines import Lines
from edge.ais.nmea import MAX_LINE
from edge.ais.reading import Counts, LineReader, NmeaReader
from edge.measured import Measured
from edge.outage import Outage
from edge.sources import Keep, SourceError, datagrams_at, forget, utc_now

WAIT_S: Final = 0.2
"""How long an empty batch takes."""

BATCH_LINES: Final = 500
"""Lines from which on a batch of datagrams is large enough; each may hold thousands."""

CONNECT_LIMIT_S: Final = 5.0
FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 30.0

SILENCE_LIMIT_S: Final = 300.0
"""A connection that is silent for so long is taken for dead: the other end may be gone without a
word. A receiver at sea alone pays a reconnection for it."""

_CHUNK: Final = 65_536

Batches = Generator[list[Measured], None, None]
"""Can be closed, which ends the source."""


class Source(Protocol):
    """Where readings come from."""

    waits: bool
    """Whether it can be left waiting while the outbox is full; else the outbox must choose."""
    repeats: bool
    """Whether it gives the same readings in the same order when it is begun again."""
    counts: Counts

    @property
    def failures(self) -> int:
        """How often it broke off or could not be opened, and was tried again."""
        ...

    def batches(self) -> Iterator[list[Measured]]:
        """Return readings as they come; an empty batch means "nothing at the moment"."""
        ...


MakeReader = Callable[[Keep, Counts], LineReader]
"""Makes what understands the lines of a source."""


def nmea_reader(keep: Keep, counts: Counts) -> LineReader:
    """Return what understands AIS receivers."""
    return NmeaReader(keep=keep, counts=counts)


class _Live:
    """What live sources share: a reader that dates undated lines with the time of arrival."""

    waits = False
    repeats = False

    def __init__(
        self,
        *,
        keep: Keep = forget,
        now: Callable[[], datetime] = utc_now,
        make: MakeReader = nmea_reader,
    ) -> None:
        self.counts = Counts()
        self._reader = make(keep, self.counts)
        self._now = now

    @property
    def failures(self) -> int:
        """How often it broke off or could not be opened so far."""
        return 0

    def _read(self, lines: list[bytes]) -> list[Measured]:
        received = self._now()
        return [reading for line in lines if (reading := self._reader.feed(line, received))]


class UdpSource(_Live):
    """Receivers that send datagrams to a port of ours; each holds whole lines."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 10110,
        *,
        keep: Keep = forget,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Bind; anybody who reaches the address can send, so the default is this machine only.

        Raises:
            SourceError: the address cannot be had.
        """
        super().__init__(keep=keep, now=now)
        try:
            self._socket = datagrams_at(host, port)
        except OSError as error:
            raise SourceError(f"udp://{host}:{port}: {error}") from error

    @property
    def port(self) -> int:
        """Where it listens; of use if it was asked for any free port."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def batches(self) -> Batches:
        """Return what arrives, without end."""
        with self._socket:
            while True:
                yield self._read(self._waiting_lines())

    def _waiting_lines(self) -> list[bytes]:
        select.select([self._socket], [], [], WAIT_S)
        lines: list[bytes] = []
        try:
            while len(lines) < BATCH_LINES:
                cut = Lines()
                lines += cut.feed(self._socket.recv(_CHUNK)) + cut.close()
        except BlockingIOError:
            pass
        return lines


class TcpSource(_Live):
    """A receiver or a feed that we connect to, again and again."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        keep: Keep = forget,
        now: Callable[[], datetime] = utc_now,
        jitter: Callable[[float, float], float] = random.uniform,
        clock: Callable[[], float] = time.monotonic,
        make: MakeReader = nmea_reader,
        line_limit: int = MAX_LINE,
    ) -> None:
        super().__init__(keep=keep, now=now, make=make)
        self._line_limit = line_limit
        self.connections = 0
        self._outage = Outage("source", clock=clock, address=f"tcp://{host}:{port}")
        self._address = (host, port)
        self._jitter = jitter
        self._clock = clock

    @property
    def failures(self) -> int:
        """How often the connection broke off or could not be made so far."""
        return self._outage.failures

    def batches(self) -> Batches:
        """Return what arrives, without end; while there is no connection, empty batches."""
        failures = 0
        while True:
            before = self.counts.lines
            try:
                yield from self._connection()
            except (OSError, UnicodeError) as error:  # the latter: a name that no resolver takes
                failures = 0 if self.counts.lines > before else failures + 1
                self._outage.fails(error)
            yield from self._pause(failures)

    def _connection(self) -> Iterator[list[Measured]]:
        lines, heard = Lines(self._line_limit), self._clock()
        with socket.create_connection(self._address, CONNECT_LIMIT_S) as connection:
            self.connections += 1
            while self._clock() - heard < SILENCE_LIMIT_S:
                if not select.select([connection], [], [], WAIT_S)[0]:
                    yield []
                    continue
                chunk = connection.recv(_CHUNK)
                heard = self._clock()
                yield self._read(lines.feed(chunk) if chunk else lines.close())
                if not chunk:
                    break
                self._outage.ends()
        raise ConnectionError("silent or closed")

    def _pause(self, failures: int) -> Iterator[list[Measured]]:
        """Wait longer after each failure, by chance, so that many agents do not come at once."""
        longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures, 10))
        until = self._clock() + self._jitter(0, longest)
        yield []
        while (wait := until - self._clock()) > 0:
            select.select([], [], [], min(wait, WAIT_S))
            yield []


class PipeSource(_Live):
    """Standard input, or any other file descriptor; it ends where the writer ends."""

    waits = True

    def __init__(
        self,
        descriptor: int = 0,
        *,
        keep: Keep = forget,
        now: Callable[[], datetime] = utc_now,
        make: MakeReader = nmea_reader,
        line_limit: int = MAX_LINE,
    ) -> None:
        super().__init__(keep=keep, now=now, make=make)
        self._line_limit = line_limit
        self._descriptor = descriptor

    def batches(self) -> Batches:
        """Return what arrives until the end."""
        lines = Lines(self._line_limit)
        while True:
            if not select.select([self._descriptor], [], [], WAIT_S)[0]:
                yield []
                continue
            chunk = os.read(self._descriptor, _CHUNK)
            if not chunk:
                break
            yield self._read(lines.feed(chunk))
        yield self._read(lines.close())
        self._reader.close()
