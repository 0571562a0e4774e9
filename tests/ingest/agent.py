"""A minimal agent: publishes until ingest has acknowledged, end to end."""

import threading
from collections.abc import Iterable

from haechi.messages import DeviceState, decode_ack, encode
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.topics import state_topic
from tests.ingest.observed import NOON, payload


class Agent:
    """Remembers which readings ingest says it has."""

    def __init__(self, port: int, device: str = "ais-1") -> None:
        self.device, self.acknowledged, self.refused = device, set[int](), set[int]()
        self.refused_payloads: list[str] = []
        self._connected = threading.Event()
        self.session = Session(
            Endpoint(port=port),
            f"agent-{device}",
            Callbacks(connected=lambda _: self._connected.set(), delivered=self._on_delivered),
            subscriptions=(f"haechi/v1/busan/{device}/down/ack",),
            max_inflight=1000,
        )
        self.session.start()
        assert self._connected.wait(20)

    def send(self, seqs: Iterable[int], *, at_once: int = 1) -> None:
        """Publish readings, so many a message."""
        numbers = list(seqs)
        for start in range(0, len(numbers), at_once):
            self.publish(payload(numbers[start : start + at_once], device=self.device))

    def publish(self, body: bytes) -> None:
        """Publish anything at all."""
        self.session.publish(f"haechi/v1/busan/{self.device}/up/telemetry", body)

    def say(self, numbered: int) -> None:
        """Publish the state."""
        state = DeviceState(
            device=self.device, boot="boot-1", online=True, at=NOON, numbered=numbered
        )
        topic = state_topic("busan", self.device)
        self.session.publish(topic, encode(state), retain=True)

    def stop(self) -> None:
        """Leave."""
        self.session.stop()

    def _on_delivered(self, delivery: Delivery) -> None:
        ack = decode_ack(delivery.payload)
        for first, last in ack.kept:
            self.acknowledged.update(range(first, last + 1))
        self.refused.update(each.seq for each in ack.refused)
        self.refused_payloads += [each.digest for each in ack.refused_payloads]
        self.session.acknowledge(delivery)
