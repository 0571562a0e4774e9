"""A seal gateway that says little delays no alarm: real sockets, broker, ingest, rules."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge import agent
from edge.lane import Pace
from edge.link import over_mqtt
from edge.outbox import Outbox
from edge.seal.keys import KeyFile, SharedSecret
from edge.seal.sources import SealSource
from edge.sources import forget
from edge.state_report import Speaker
from edge.uplink import Uplink
from firmware_sim.seals import Seal, key_file, secret_of, standing, transmissions
from haechi.messages import Message, Reading, encode
from haechi.vessels import VesselPosition
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.edge.rig import SITE, Broker, needs_mosquitto
from tests.ingest.agent import Agent
from tests.ingest.serving import by_default, serving

pytestmark = needs_mosquitto

NUMBER = "SIM-000001"
GATE = "seal-gate-1"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HASTE = 60
"""The uplink's seconds are so much shorter: its state comes twice a second."""


def after(seconds: float) -> datetime:
    """Return a moment of the test."""
    return BEGIN + timedelta(seconds=seconds)


class Gateway:
    """``haechi agent seal`` in a thread; the test moves its clock."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.now = after(300)
        keys = folder / "seals.keys"
        keys.touch(mode=0o600)
        keys.write_text(key_file([NUMBER], 7))
        self.source = SealSource(
            "udp://127.0.0.1:0", KeyFile(keys).keys_of, forget, now=lambda: self.now
        )
        uplink = Uplink(
            (outbox := Outbox(folder / GATE, device=GATE, boot="boot-1")),
            over_mqtt(broker.endpoint, SITE, GATE),
            Speaker(SITE, GATE),
            pace=Pace(first_s=HASTE, longest_s=10 * HASTE),
            clock=lambda: HASTE * time.monotonic(),
            now=lambda: self.now,
        )
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=agent.run, args=(self.source, outbox, uplink, self._stopped)
        )
        self._thread.start()

    def hear(self) -> None:
        """Let the seal send what it says just before now."""
        body = Seal(
            number=NUMBER,
            key=SharedSecret(secret_of(NUMBER, 7)),
            way=standing(35.1, 129.04),
            acts=(),
            begins_s=290,
            period_s=3600,
        )
        (sent,) = transmissions(body, BEGIN, 300)
        host, port = self.source.address.removeprefix("udp://").split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as seal:
            seal.sendto(sent.raw, (host, int(port)))

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self._thread.join()


@pytest.fixture
def gateway(tmp_path: Path, broker: Broker) -> Iterator[Gateway]:
    """Return a gateway at work."""
    gateway = Gateway(tmp_path, broker)
    yield gateway
    gateway.stop()


def reports(seqs: range, vessel: int) -> bytes:
    """Return positions under way, ten seconds apart."""
    readings = tuple(
        Reading(
            seq=seq,
            at=after(10 * place),
            subject=f"mmsi:{vessel}",
            content=VesselPosition(lat=35 + place / 3000, lon=129.2, speed_kn=12.0, ais_type=1),
        )
        for place, seq in enumerate(seqs)
    )
    return encode(Message(device="ais-1", boot="boot-1", readings=readings))


def test_a_silence_is_found_in_time_though_a_gateway_says_little(
    tmp_path: Path, broker: Broker, gateway: Gateway, eventually: Eventually
) -> None:
    """One vessel is last heard at 110 s, another goes on; the seal reports at 290 s and no more.

    By the default rules the silence is one at 715 s, and is found when the receiver has come the
    allowance (30 s) further: nobody waits for the gateway, though its report is not 10 min old.
    """
    with serving(by_default(tmp_path, broker.endpoint, SITE, clock=lambda: after(500))):
        receiver = Agent(broker.port)
        store = SqliteStore(tmp_path / "haechi.db")
        gateway.hear()
        eventually(lambda: store.history(f"seal:{NUMBER}", None), what="the seal's report")
        receiver.publish(reports(range(1, 13), 440000001))
        receiver.publish(reports(range(13, 89), 440000002))
        eventually(lambda: receiver.acknowledged >= set(range(1, 89)))
        assert [found for found in store.findings() if found.rule == "silence"] == []
        gateway.now = after(750)
        eventually(lambda: any(f.rule == "silence" for f in store.findings()), what="the silence")
        (silence,) = [found for found in store.findings() if found.rule == "silence"]
        assert (silence.subject, silence.since) == ("mmsi:440000001", after(110))
        store.close()
        receiver.stop()
