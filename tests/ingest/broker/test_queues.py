"""What Mosquitto holds for a session, and that it says so when it throws away."""

import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from haechi.messages import MAX_PAYLOAD_BYTES
from ingest.broker.configuration import DROPPED, IN_FLIGHT, QUEUE_MESSAGES, loopback
from ingest.broker.probe import answers
from ingest.broker.process import BrokerKind, start_broker
from tests.ingest.broker.rig import HOST, MOSQUITTO, Party

pytestmark = pytest.mark.skipif(not Path(MOSQUITTO).exists(), reason="mosquitto is not installed")
TOPIC = "haechi/v1/busan/cam-01/up/telemetry"
LARGE_WINDOW = 2 * IN_FLIGHT


def test_ingest_may_leave_more_unanswered_than_a_device(tmp_path: Path) -> None:
    """The subscriber's Receive Maximum counts, also above the broker's max_inflight_messages."""
    with (
        start_broker(tmp_path, kind=BrokerKind.MOSQUITTO) as broker,
        Party(broker.port, client_id="in", durable=True, receive_maximum=LARGE_WINDOW) as ingest,
        Party(broker.port, client_id="out") as device,
    ):
        ingest.subscribe("up")
        device.publish_many("up", b"x", LARGE_WINDOW + 100)
        assert len(ingest.seen()) == LARGE_WINDOW


def test_the_largest_payload_passes(tmp_path: Path) -> None:
    """The limit on packets leaves room for the topic, or such a message would be sent for ever."""
    with (
        start_broker(tmp_path, kind=BrokerKind.MOSQUITTO) as broker,
        Party(broker.port, client_id="one") as party,
    ):
        party.subscribe(TOPIC)
        party.publish(TOPIC, bytes(MAX_PAYLOAD_BYTES))
        assert party.received.get(timeout=10) == (TOPIC, bytes(MAX_PAYLOAD_BYTES))


def test_a_full_queue_is_seen(tmp_path: Path) -> None:
    """D11: each publish of an overflow is answered Success, but a counter tells how many fell."""
    with _narrow(tmp_path, 100) as (broker, port):
        with Party(port, client_id="in", durable=True) as ingest:
            ingest.subscribe(TOPIC)
        with Party(port, client_id="out") as device:
            assert {device.publish(TOPIC) for _ in range(300)} == {0}
            device.subscribe(DROPPED, 0)
            while (count := int(device.received.get(timeout=20)[1])) == 0:
                assert broker.poll() is None
            assert count == 200


def test_a_session_outlives_an_orderly_restart(tmp_path: Path) -> None:
    """What was queued for an absent ingest is delivered by the broker that comes after."""
    with start_broker(tmp_path, kind=BrokerKind.MOSQUITTO) as broker:
        with Party(broker.port, client_id="in", durable=True) as ingest:
            ingest.subscribe(TOPIC)
        with Party(broker.port, client_id="out") as device:
            device.publish(TOPIC, b"kept")
        broker.restart()
        with Party(broker.port, client_id="in", durable=True) as ingest:
            assert ingest.session_present
            assert ingest.received.get(timeout=10) == (TOPIC, b"kept")


@contextmanager
def _narrow(folder: Path, queue: int) -> Generator[tuple[subprocess.Popen[bytes], int]]:
    """Run the generated configuration with another length of queue."""
    with socket.create_server((HOST, 0)) as free:
        port: int = free.getsockname()[1]
    text = loopback(port, folder)
    narrowed = text.replace(f"max_queued_messages {QUEUE_MESSAGES}", f"max_queued_messages {queue}")
    assert narrowed != text
    (folder / "narrow.conf").write_text(narrowed)
    with subprocess.Popen([MOSQUITTO, "-c", folder / "narrow.conf"]) as broker:
        while not answers(HOST, port):
            assert broker.poll() is None
        try:
            yield broker, port
        finally:
            broker.terminate()
