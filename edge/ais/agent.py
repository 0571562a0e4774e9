"""Which source an address names; ``edge.agent`` carries what it reads."""

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from edge.ais.recording import Recording
from edge.ais.sources import PipeSource, Source, TcpSource, UdpSource
from edge.sources import STANDARD_INPUT, Keep, SourceError, forget


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


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None
