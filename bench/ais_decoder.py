"""How fast AIS is read, against other decoders: CPU time per message, all in one process.

``python -m bench.ais_decoder [RECORDING]``; each decoder reads the same lines in turn, five times,
and the median counts. Decoders that are not installed are left out. The work differs, and is said:
ours checks checksums, reads times and dates each message; pyais gets the AIS sentences alone and
does neither; aiscat does not join parts; libais only reads bodies of payloads.
"""

import gzip
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from pyais.bit_vector import bit_vector
from pyais.exceptions import AISBaseException
from pyais.messages import MSG_CLASS
from pyais.stream import IterMessages

from edge.ais.bits import unarmour
from edge.ais.decoding import decode
from edge.ais.nmea import Sentence, UndecodableError, parse
from edge.ais.reading import NmeaReader

ROUNDS: Final = 5
STATION_RATE: Final = 50
"""Messages a second that a busy shore station hears."""

STATIONS: Final = 50
START: Final = datetime(2020, 1, 1, tzinfo=UTC)
RECORDING: Final = Path(__file__).resolve().parents[2] / "shared/data/ais/ais-sample.txt.gz"

Run = Callable[[], int]
"""Reads everything once and returns how many messages it understood."""


def whole_path(lines: list[bytes]) -> Run:
    """Lines to readings, as the agent does it."""

    def run() -> int:
        reader = NmeaReader(start=START)
        for line in lines:
            reader.feed(line)
        return reader.counts.readings

    return run


def pyais_path(lines: list[bytes]) -> Run:
    """Lines to message objects, by the library's own stream."""
    sentences = [line[line.index(b"!") :] for line in lines if b"!" in line]

    def run() -> int:
        return sum(_understood(message.decode) for message in IterMessages(sentences))

    return run


def own_payloads(payloads: list[tuple[bytes, int]]) -> Run:
    """Payloads of one sentence to content."""
    return lambda: sum(_understood(partial(decode, *each, ())) for each in payloads)


def pyais_payloads(payloads: list[tuple[bytes, int]]) -> Run:
    """The same payloads to the library's message objects."""

    def one(payload: bytes, fill: int) -> object:
        bits = bit_vector(payload, fill)
        kind: Any = MSG_CLASS[bits.get(0, 6)]
        return kind.from_vector(bits)

    return lambda: sum(_understood(partial(one, *each)) for each in payloads)


def other(name: str, payloads: list[tuple[bytes, int]], lines: list[bytes]) -> Run | None:
    """Return another decoder if it is installed: libais (bodies) or aiscat (sentences)."""
    try:
        module: Any = importlib.import_module(name)
    except ImportError:
        return None
    if name == "ais":
        texts = [(payload.decode("ascii"), fill) for payload, fill in payloads]
        return lambda: sum(_understood(partial(module.decode, *each)) for each in texts)
    sentences = [line.decode("ascii", "replace").strip() for line in lines if line[:1] == b"!"]
    return lambda: sum(_understood(partial(module.decode, each)) for each in sentences)


def measure(runs: dict[str, Run]) -> dict[str, tuple[float, int]]:
    """Return CPU seconds (median) and messages of each, taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    messages: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            begun = time.process_time()
            messages[name] = run()
            seconds[name].append(time.process_time() - begun)
    return {name: (statistics.median(each), messages[name]) for name, each in seconds.items()}


def main(path: Path = RECORDING) -> None:
    """Print a table, and what share of a core the agreed load takes."""
    contents = path.read_bytes()
    lines = (gzip.decompress(contents) if path.suffix == ".gz" else contents).splitlines()
    payloads = _payloads(lines)
    runs: dict[str, Run | None] = {
        "ours, line to reading": whole_path(lines),
        "pyais, line to message": pyais_path(lines),
        "ours, payload to content": own_payloads(payloads),
        "pyais, payload to message": pyais_payloads(payloads),
        "libais, payload to dictionary": other("ais", payloads, lines),
        "aiscat, sentence to dictionary": other("aiscat", payloads, lines),
    }
    found = measure({name: run for name, run in runs.items() if run})
    for name, (seconds, messages) in found.items():
        print(f"{name:32} {messages / seconds:10,.0f} messages per CPU second")
    seconds, messages = found["ours, line to reading"]
    share = STATIONS * STATION_RATE * seconds / messages
    print(f"{STATIONS} stations of {STATION_RATE} messages/s take {share:.1%} of a core")


def _payloads(lines: list[bytes]) -> list[tuple[bytes, int]]:
    found: list[tuple[bytes, int]] = []
    for line in lines:
        try:
            parsed = parse(line)
        except UndecodableError:
            continue
        if isinstance(parsed, Sentence) and parsed.total == 1 and unarmour(parsed.payload, 0).value:
            found.append((parsed.payload, parsed.fill))
    return found


def _understood(read: Callable[[], object]) -> bool:
    try:
        read()
    except (UndecodableError, AISBaseException, ValueError, KeyError):
        return False
    return True


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
