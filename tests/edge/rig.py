"""A real broker on loopback, and an ingest that keeps everything in a set."""

import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.measured import Measured
from edge.outbox import Outbox
from haechi.messages import Ack, DeviceState, decode_message, decode_state, encode
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.vessels import VesselPosition

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SITE, DEVICE = "busan", "ais-1"

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

Eventually = Callable[..., None]


def measured(count: int, *, start: int = 0, urgent: bool = False) -> list[Measured]:
    """Return readings that no two are alike, a second apart."""
    return [
        Measured(
            NOON + timedelta(seconds=i),
            f"mmsi:{219_000_000 + i % 7}",
            VesselPosition(lat=55.0, lon=12.0 + i / 1_000_000, speed_kn=12.5),
            urgent,
        )
        for i in range(start, start + count)
    ]


def outbox_in(directory: Path, boot: str = "boot-1", **limits: int) -> Outbox:
    """Open the outbox of the device of these tests."""
    return Outbox(directory, device=DEVICE, boot=boot, **limits)


def free_port() -> int:
    """Return a port that nobody uses.

    It is none that outgoing connections are given: it must still be free when a broker that was
    ended is begun again.
    """
    while True:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Broker:
    """A mosquitto with its own folder, which can be ended and begun again."""

    def __init__(self, folder: Path, settings: str = "allow_anonymous true") -> None:
        self.port = free_port()
        self.endpoint = Endpoint(port=self.port)
        folder.mkdir(parents=True, exist_ok=True)
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nuser root\npersistence true\n"
            f"persistence_location {folder}/\nautosave_interval 1800\n"
            f"set_tcp_nodelay true\nmax_queued_messages 100000\n{settings}\n"
        )
        self.start()

    def start(self) -> None:
        """Begin."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(MOSQUITTO), "-c", str(self._config)], stdout=output, stderr=output
            )

    def tell(self, what: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(what)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End."""
        self.tell(how)
        self._process.wait()


class Ingest:
    """Keeps every reading once, then acknowledges: what the real one does, in memory."""

    def __init__(self, endpoint: Endpoint, *, name: str = "ingest", answers: bool = True) -> None:
        self.kept: set[tuple[str, int]] = set()
        self.copies = Counter[tuple[str, int]]()
        self.messages: list[tuple[str, int]] = []
        """(channel, readings) of each message, in order of arrival."""
        self.states: list[DeviceState] = []
        self.answers = answers
        self._session = Session(
            endpoint,
            name,
            Callbacks(delivered=self._delivered),
            subscriptions=("haechi/v1/+/+/up/#", "haechi/v1/+/+/state"),
        )
        self._session.start()

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted it."""
        return self._session.is_connected

    def stop(self) -> None:
        """Disconnect."""
        self._session.stop()

    def _delivered(self, delivery: Delivery) -> None:
        if delivery.topic.endswith("/state"):
            self.states.append(decode_state(delivery.payload))
        else:
            self._keep(delivery)
        self._session.acknowledge(delivery)

    def _keep(self, delivery: Delivery) -> None:
        message = decode_message(delivery.payload)
        seqs = [reading.seq for reading in message.readings]
        self.messages.append((delivery.topic.rpartition("/")[2], len(seqs)))
        self.copies.update((message.boot, seq) for seq in seqs)
        self.kept.update((message.boot, seq) for seq in seqs)
        if self.answers:
            ack = Ack(boot=message.boot, kept=ranges(seqs))
            self._session.publish(f"haechi/v1/{SITE}/{message.device}/down/ack", encode(ack))


def ranges(seqs: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return inclusive ranges of ascending numbers."""
    found: list[tuple[int, int]] = []
    for seq in seqs:
        if found and found[-1][1] == seq - 1:
            found[-1] = (found[-1][0], seq)
        else:
            found.append((seq, seq))
    return tuple(found)


def everything(boot: str, count: int) -> set[tuple[str, int]]:
    """Return the names of the first readings of a boot."""
    return {(boot, seq) for seq in range(1, count + 1)}


def missing(outbox: Outbox, kept: set[tuple[str, int]]) -> int:
    """Return how many numbered readings are nowhere."""
    return sum(
        line.numbered
        - line.in_flight
        - line.thinned
        - sum(line.quarantined.values())
        - sum(boot == line.boot for boot, _ in kept)
        for line in outbox.accounts()
    )
