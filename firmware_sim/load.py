"""Thousands of devices in one process, each with its own topic, boot, numbers and receipts.

They share a few MQTT connections, which only a broker allows that takes whoever is on this machine:
a paho session costs a thread. What is real is all else: QoS 1, one message a reading, the window of
the broker, ingest's acknowledgement after its commit, and sending again what was not acknowledged.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import cos, pi, sin
from secrets import token_hex
from typing import Final

from msgspec import Struct

from haechi.ground import VehiclePosition
from haechi.messages import Message, Reading, decode_ack, encode
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.topics import Channel, Direction, Topic

CONNECTIONS: Final = 8
AGAIN_S: Final = 20.0
"""What is not acknowledged within this is sent again, as agents do."""
PATIENCE_S: Final = 60.0
"""After the last reading, acknowledgements are waited for as long."""
CONNECT_S: Final = 20.0
LOOK_S: Final = 0.005


class Tally(Struct, frozen=True, kw_only=True):
    """What became of the readings of all devices."""

    devices: int
    seconds: float
    """From the first reading to the last."""
    sent: int
    acknowledged: int
    """End to end: committed by ingest."""
    refused: int
    again: int
    """Messages sent a second time."""
    cpu_s: float
    """Of this process, from the first reading until all were acknowledged."""
    settled_s: float
    """From the last reading until all were acknowledged."""

    @property
    def lost(self) -> int:
        """Readings that nobody acknowledged."""
        return self.sent - self.acknowledged - self.refused


class Herd:
    """Devices that say where they are, evenly spread over the interval."""

    def __init__(self, endpoint: Endpoint, site: str, devices: int, rate_hz: float) -> None:
        """Prepare.

        Args:
            endpoint: The broker.
            site: Where the devices are.
            devices: How many.
            rate_hz: Readings a second of each.
        """
        self._boot = f"load-{token_hex(4)}"
        self._names = [f"load-{number:05}" for number in range(devices)]
        self._topics = [
            str(Topic(site, name, Direction.UP, Channel.TELEMETRY)) for name in self._names
        ]
        self._rate_hz = rate_hz
        self._waiting: dict[tuple[str, int], tuple[int, float, bytes]] = {}
        """Number of the device, when it was sent, and the payload, by (device, seq)."""
        self._lock = threading.Lock()
        self._acknowledged = self._refused = self._again = 0
        self._sessions = [
            Session(endpoint, f"load-{token_hex(4)}", Callbacks(), expiry_s=0)
            for _ in range(CONNECTIONS)
        ]
        acks = f"haechi/v1/{site}/+/{Direction.DOWN}/{Channel.ACK}"
        hearing = Callbacks(delivered=self._on_ack)
        self._receipts = Session(
            endpoint,
            f"load-{token_hex(4)}",
            hearing,
            live_subscriptions=(acks,),
            receive_maximum=1000,
            expiry_s=0,
        )

    def run(self, seconds: float, stopped: Callable[[], bool] = lambda: False) -> Tally:
        """Send for so long, wait for the receipts, and say what became of all.

        Raises:
            TimeoutError: there is no broker.
        """
        sessions = (self._receipts, *self._sessions)
        for session in sessions:
            session.start()
        try:
            self._connected(sessions)
            return self._run(seconds, stopped)
        finally:
            for session in sessions:
                session.stop()

    def _run(self, seconds: float, stopped: Callable[[], bool]) -> Tally:
        began, cpu = time.monotonic(), time.process_time()
        sent = self._send(began, seconds, stopped)
        ended = time.monotonic()
        while self._waiting and time.monotonic() < ended + PATIENCE_S and not stopped():
            self._repeat()
            time.sleep(LOOK_S)
        return Tally(
            devices=len(self._names),
            seconds=ended - began,
            sent=sent,
            acknowledged=self._acknowledged,
            refused=self._refused,
            again=self._again,
            cpu_s=time.process_time() - cpu,
            settled_s=time.monotonic() - ended,
        )

    def _send(self, began: float, seconds: float, stopped: Callable[[], bool]) -> int:
        """Send every reading when it is due; return how many there were."""
        a_second, sent = len(self._names) * self._rate_hz, 0
        looked = began
        while (now := time.monotonic()) < began + seconds and not stopped():
            due = int((now - began) * a_second)
            for number in range(sent, due):
                self._say(number % len(self._names), number // len(self._names) + 1)
            sent = max(sent, due)
            if now - looked > 1:
                looked = now
                self._repeat()
            time.sleep(LOOK_S)
        return sent

    def _say(self, device: int, seq: int) -> None:
        name = self._names[device]
        reading = Reading(
            seq=seq,
            at=datetime.now(UTC),
            subject=f"truck:{name}",
            content=_place(device, seq / self._rate_hz),
        )
        payload = encode(Message(device=name, boot=self._boot, readings=(reading,)))
        with self._lock:
            self._waiting[name, seq] = (device, time.monotonic(), payload)
        self._publish(device, payload)

    def _publish(self, device: int, payload: bytes) -> None:
        self._sessions[device % CONNECTIONS].publish(self._topics[device], payload)

    def _repeat(self) -> None:
        now = time.monotonic()
        with self._lock:
            late = [
                (key, device, payload)
                for key, (device, at, payload) in self._waiting.items()
                if now - at > AGAIN_S
            ]
            for key, device, payload in late:
                self._waiting[key] = (device, now, payload)
        for _, device, payload in late:
            self._again += 1
            self._publish(device, payload)

    def _on_ack(self, delivery: Delivery) -> None:
        self._receipts.acknowledge(delivery)
        ack, device = decode_ack(delivery.payload), delivery.topic.split("/")[3]
        if ack.boot != self._boot:
            return
        with self._lock:
            for first, last in ack.kept:
                for seq in range(first, last + 1):
                    self._acknowledged += self._waiting.pop((device, seq), None) is not None
            for refusal in ack.refused:
                self._refused += self._waiting.pop((device, refusal.seq), None) is not None

    @staticmethod
    def _connected(sessions: tuple[Session, ...]) -> None:
        deadline = time.monotonic() + CONNECT_S
        while not all(session.is_connected for session in sessions):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no broker within {CONNECT_S:.0f} s")
            time.sleep(LOOK_S)


def _place(device: int, elapsed_s: float) -> VehiclePosition:
    """Return where a device is that drives in a circle of its own, 40 km/h on 400 m."""
    angle = elapsed_s * 11 / 400 + device * 2 * pi / 97
    return VehiclePosition(
        lat=round(35.2 + device % 70 / 100 + 0.0036 * sin(angle), 6),
        lon=round(127.0 + device // 70 / 100 + 0.0044 * cos(angle), 6),
        speed_kn=21.4,
        course_deg=round((-angle * 180 / pi) % 360, 1) % 360,
    )
