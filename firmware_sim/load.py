"""Thousands of devices in one process, each with its own topic, boot, numbers and receipts.

They share three MQTT connections, which only a broker allows that takes whoever is on this machine:
a session costs a thread. What is real is all else: QoS 1, one message a reading, the window of the
broker, ingest's acknowledgement after its commit, and sending again what was not acknowledged.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import cos, pi, sin
from secrets import token_hex
from typing import Final, NamedTuple

from msgspec import Struct

from haechi.ground import VehiclePosition
from haechi.messages import Message, Reading, decode_ack, encode
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.topics import Channel, Direction, Topic

SENDERS: Final = 2
"""Connections that readings are sent over; one more hears what is acknowledged."""
AGAIN_S: Final = 20.0
"""What is not acknowledged within this is sent again, then after twice that, ..., as agents do."""
PATIENCE_S: Final = 60.0
"""After the last reading, and after each acknowledgement, the next is waited for as long."""
CONNECT_S: Final = 20.0
LOOK_S: Final = 0.01
"""What is due is sent this often, so a device may speak so late."""
AGAIN_EVERY_S: Final = 1.0


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


class _Sent(NamedTuple):
    """One reading that is not acknowledged yet."""

    device: int
    """Its number."""
    at: float
    patience_s: float
    payload: bytes


class Herd:
    """Devices that say where they are, evenly spread over the interval."""

    def __init__(
        self,
        endpoint: Endpoint,
        site: str,
        devices: int,
        rate_hz: float,
        *,
        again_s: float = AGAIN_S,
    ) -> None:
        """Prepare.

        Args:
            endpoint: The broker.
            site: Where the devices are.
            devices: How many.
            rate_hz: Readings a second of each.
            again_s: What is not acknowledged within this is sent again.
        """
        self._boot = f"load-{token_hex(4)}"
        self._names = [f"load-{number:05}" for number in range(devices)]
        self._topics = [
            str(Topic(site, name, Direction.UP, Channel.TELEMETRY)) for name in self._names
        ]
        self._rate_hz, self._again_s = rate_hz, again_s
        self._waiting: dict[tuple[str, int], _Sent] = {}
        """What is not acknowledged, by (device, seq)."""
        self._look_at = self._heard_at = 0.0
        self._lock = threading.Lock()
        self._acknowledged = self._refused = self._again = 0
        self._sessions = [
            Session(endpoint, f"load-{token_hex(4)}", Callbacks(), expiry_s=0)
            for _ in range(SENDERS)
        ]
        acks = f"haechi/v1/{site}/+/{Direction.DOWN}/{Channel.ACK}"
        hearing = Callbacks(delivered=self._on_ack)
        self._receipts = Session(
            endpoint,
            f"load-{token_hex(4)}",
            hearing,
            live_subscriptions=(acks,),
            receive_maximum=5000,
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
            self._connected(sessions, stopped)
            return self._run(seconds, stopped)
        finally:
            for session in sessions:
                session.stop()

    def _run(self, seconds: float, stopped: Callable[[], bool]) -> Tally:
        began, cpu = time.monotonic(), time.process_time()
        sent = self._send(began, seconds, stopped)
        ended = time.monotonic()
        while self._waiting and not stopped():
            if time.monotonic() > max(ended, self._heard_at) + PATIENCE_S:
                break
            self._send_again()
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
        while sent < int(seconds * a_second) and not stopped():
            due = int(min(time.monotonic() - began, seconds) * a_second)
            for number in range(sent, due):
                self._say(number % len(self._names), number // len(self._names) + 1)
            sent = due
            self._send_again()
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
            self._waiting[name, seq] = _Sent(device, time.monotonic(), self._again_s, payload)
        self._publish(device, payload)

    def _publish(self, device: int, payload: bytes) -> int | None:
        return self._sessions[device % SENDERS].publish(self._topics[device], payload)

    def _send_again(self) -> None:
        """Once in a while, send again what has waited too long, while there is a connection."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + AGAIN_EVERY_S
        if all(session.is_connected for session in self._sessions):
            for sent in self._late(now):
                self._again += self._publish(sent.device, sent.payload) is not None

    def _late(self, now: float) -> list[_Sent]:
        """Return what was sent too long ago, as sent now."""
        with self._lock:
            late = [
                (key, _Sent(sent.device, now, 2 * sent.patience_s, sent.payload))
                for key, sent in self._waiting.items()
                if now - sent.at > sent.patience_s
            ]
            self._waiting.update(late)
        return [sent for _, sent in late]

    def _on_ack(self, delivery: Delivery) -> None:
        self._receipts.acknowledge(delivery)
        ack, device = decode_ack(delivery.payload), delivery.topic.split("/")[3]
        if ack.boot != self._boot:
            return
        with self._lock:
            self._heard_at = time.monotonic()
            for first, last in ack.kept:
                for seq in range(first, last + 1):
                    self._acknowledged += self._waiting.pop((device, seq), None) is not None
            for refusal in ack.refused:
                self._refused += self._waiting.pop((device, refusal.seq), None) is not None

    @staticmethod
    def _connected(sessions: tuple[Session, ...], stopped: Callable[[], bool]) -> None:
        deadline = time.monotonic() + CONNECT_S
        while not stopped() and not all(session.is_connected for session in sessions):
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
