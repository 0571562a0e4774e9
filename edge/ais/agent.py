"""The AIS receiver agent put together: which source an address names, and how it is carried on."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from edge.ais.reading import Keep, forget
from edge.ais.recording import Recording, SourceError
from edge.ais.sources import PipeSource, Source, TcpSource, UdpSource
from edge.measured import Measured

PENDING_LIMIT: Final = 20_000
"""Readings that wait in the outbox before a source that can wait is left waiting."""

STANDARD_INPUT: Final = "-"
_LOOK_S: Final = 0.05


class Outbox(Protocol):
    """What the agent needs of an outbox."""

    @property
    def pending(self) -> int:
        """Readings that wait."""
        ...

    def append(self, measured: Sequence[Measured], *, first: int | None = None) -> None:
        """Number readings and keep them; ``first`` is the number that the first must have."""
        ...


class Undecodable(Protocol):
    """What the agent needs of the place for what cannot be decoded."""

    def commit(self) -> None:
        """Write what was kept since the last time."""
        ...


def open_source(address: str, keep: Keep = forget) -> Source:
    """Return the source that an address names.

    Args:
        address: ``udp://127.0.0.1:10110`` (we listen), ``tcp://192.0.2.1:5631`` (we connect), ``-``
            for standard input, or a file.
        keep: Takes what cannot be decoded.

    Raises:
        SourceError: no such kind of source, no port, or the address cannot be had.
    """
    if address == STANDARD_INPUT:
        return PipeSource(keep=keep)
    if "://" not in address:
        return Recording([Path(address)], speed=1, keep=keep)
    parts = urlsplit(address)
    host, port = parts.hostname, _port(parts)
    if parts.scheme not in {"udp", "tcp"} or host is None or port is None:
        raise SourceError(f"{address}: not udp://HOST:PORT, tcp://HOST:PORT, - or a file")
    if parts.scheme == "udp":
        return UdpSource(host, port, keep=keep)
    return TcpSource(host, port, keep=keep)


def carry(
    source: Source,
    outbox: Outbox,
    undecodable: Undecodable,
    *,
    stopped: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], object] = time.sleep,
    pending_limit: int = PENDING_LIMIT,
) -> None:
    """Hand every reading of a source to the outbox until the source ends or somebody stops us.

    A source that repeats itself says which number each reading must have, so those that were
    numbered before a crash are passed over.
    """
    place = 1
    for batch in source.batches():
        if batch:
            outbox.append(batch, first=place if source.repeats else None)
        place += len(batch)
        undecodable.commit()
        while source.waits and outbox.pending > pending_limit and not stopped():
            sleep(_LOOK_S)
        if stopped():
            break
    undecodable.commit()


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None
