"""MQTT 5 sessions: the only module that imports the MQTT driver.

Version 3.1.1 is not offered: with it a refused publish is acknowledged as if it had succeeded.
Every session here is durable (Clean Start 0), since Mosquitto never persists one that began clean.
"""

import random  # noqa: TID251 - jitter only; nothing that is kept depends on it
import socket
import ssl
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import RLock, current_thread
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from haechi.frames import Delivery, Receipt, pubacks
from haechi.messages import MAX_PAYLOAD_BYTES
from haechi.outgoing import Outgoing
from haechi.readahead import ReadAhead

__all__ = [
    "BLAMING",
    "KEEPALIVE_S",
    "NOT_AUTHORIZED",
    "NO_MATCHING_SUBSCRIBERS",
    "PACKET_TOO_LARGE",
    "QUOTA_EXCEEDED",
    "Callbacks",
    "Delivery",
    "Driver",
    "Endpoint",
    "Session",
]

NO_MATCHING_SUBSCRIBERS: Final = 0x10
NOT_AUTHORIZED: Final = 0x87
QUOTA_EXCEEDED: Final = 0x97
PACKET_TOO_LARGE: Final = 0x95

SESSION_EXPIRY_S: Final = 14 * 86_400
KEEPALIVE_S: Final = 20

UNSTATED_WINDOW: Final = 65_535
"""The Receive Maximum of a broker that states none (MQTT 5.0, 3.2.2.3.3)."""

UNANNOUNCED_PACKET_BYTES: Final = 268_435_455
"""The largest packet that MQTT has (5.0, 2.1.4), where the broker announces no smaller one."""

BLAMING: Final = frozenset({0x81, 0x82, 0x90, 0x95, 0x99})
"""Reasons of a DISCONNECT that blame a packet of ours: malformed, protocol error, topic name
invalid, packet too large, payload format invalid (MQTT 5.0, 3.14.2.1)."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where the broker is and how to prove who one is. TLS unless it is this machine."""

    host: str = "127.0.0.1"
    port: int = 1883
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None

    def __post_init__(self) -> None:
        if self.ca_file is None and self.host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError(f"{self.host} is not this machine: give ca_file, so that TLS is used")


def _ignore(*_: object) -> None:
    """Default for callbacks that nobody wants."""


@dataclass(kw_only=True)
class Callbacks:
    """What a session tells its owner, always from the session's own thread."""

    connected: Callable[[bool], None] = _ignore
    """Called with whether the broker still had our session."""
    disconnected: Callable[[str], None] = _ignore
    """Called with the reason in words, also if no connection came about; while there is none,
    once for each reason."""
    delivered: Callable[[Delivery], None] = _ignore
    published: Callable[[int, int], None] = _ignore
    """Called with (mid, MQTT 5 reason code of the PUBACK)."""
    blamed: Callable[[int], None] = _ignore
    """Called with the reason code, before ``disconnected``, if the broker ended the connection
    because of a packet of ours."""


class Driver(paho.Client):
    """The driver, taking from the network as much as there is and giving it as much.

    Rests in four places on how paho-mqtt 2 works inside (``_create_socket``, ``_packet_queue``,
    ``_mid_generate``, ``_thread``); ``tests/haechi/test_frames.py`` and ``test_mqtt.py`` notice if
    that changes.
    """

    on_packets: Callable[[list[Delivery | Receipt]], None] = _ignore

    def __init__(self, client_id: str) -> None:
        """Prepare a session of this name."""
        self._gathering, self._is_awake = RLock(), False
        self._gathered: list[bytes] = []
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Take what has come; the driver itself reads what is neither PUBLISH nor PUBACK."""
        ahead = self.socket()
        if not isinstance(ahead, ReadAhead):
            return super().loop_read(max_packets)
        ahead.fill()
        self.on_packets(ahead.packets())
        while ahead.is_drivers_turn:
            result = super().loop_read(max_packets)
            if result != MQTTErrorCode.MQTT_ERR_SUCCESS or self.socket() is None:
                return result
            self.on_packets(ahead.packets())
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def loop_write(self) -> MQTTErrorCode:
        """Send what was gathered, in one piece."""
        self.flush()
        return super().loop_write()

    def send(self, packets: bytes) -> None:
        """Send whole packets, soon: waking the network thread for each would take longer."""
        with self._gathering:
            if self._is_awake:
                self._gathered.append(packets)
            else:
                self._is_awake = True
                self._packet_queue(paho.PUBACK, packets, 0, 1)

    def flush(self) -> None:
        """Put what was gathered before whatever is sent from now on."""
        with self._gathering:
            gathered, self._gathered, self._is_awake = b"".join(self._gathered), [], False
            if gathered:
                self._packet_queue(paho.PUBACK, gathered, 0, 1)

    def forget(self) -> None:
        """Send nothing of what was gathered: its connection is gone."""
        with self._gathering:
            self._gathered, self._is_awake = [], False

    def new_id(self) -> int:
        """Return the next packet id; the driver's own SUBSCRIBE takes from the same."""
        return self._mid_generate()

    def loop_stop(self) -> MQTTErrorCode:
        """End the network thread; it may end by itself, and be forgotten, at this very moment."""
        thread, self._thread_terminate = self._thread, True
        if thread is not None and thread is not current_thread():
            thread.join()
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _create_socket(self) -> Any:
        return ReadAhead(super()._create_socket())


class Session:
    """One durable MQTT 5 session that reconnects by itself, with jitter.

    What was published and has no PUBACK when the connection ends is forgotten here: the owner
    publishes it again if it still matters. So a packet that the broker cannot bear is not sent
    again by the driver for ever.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        client_id: str,
        callbacks: Callbacks,
        *,
        subscriptions: tuple[str, ...] = (),
        live_subscriptions: tuple[str, ...] = (),
        receive_maximum: int = 100,
        max_inflight: int = UNSTATED_WINDOW,
        will: tuple[str, bytes] | None = None,
        keepalive_s: int = KEEPALIVE_S,
        expiry_s: int = SESSION_EXPIRY_S,
    ) -> None:
        """Prepare; ``start`` connects.

        Args:
            endpoint: The broker.
            client_id: The session's name at the broker.
            callbacks: Who is told.
            subscriptions: Filters, at QoS 1, renewed at each connection.
            live_subscriptions: The same, for topics where nothing that was retained is wanted.
            receive_maximum: Unacknowledged deliveries the broker may have with us.
            max_inflight: Unacknowledged publishes of ours, if the broker allows as many; further
                ones wait in memory.
            will: Retained last will, topic and payload.
            keepalive_s: A dead link is noticed within twice this.
            expiry_s: How long the broker keeps the session after we have gone; 0 for one that asks
                once.
        """
        self._endpoint, self._callbacks = endpoint, callbacks
        self._subscriptions = {
            **dict.fromkeys(subscriptions, SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE),
            **dict.fromkeys(live_subscriptions, SubscribeOptions.RETAIN_DO_NOT_SEND),
        }
        self._keepalive_s, self._receive_maximum = keepalive_s, receive_maximum
        self._expiry_s = expiry_s
        self._max_inflight = self._window = max_inflight
        self._is_open = False
        self._cut_off_because = set[str]()
        self._sending = RLock()
        self._max_packet_bytes = UNANNOUNCED_PACKET_BYTES
        self._client = Driver(client_id)
        self._outgoing = Outgoing(self._client.new_id)
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_packets = self._on_packets
        self._client.on_socket_open = _send_at_once
        if will is not None:
            self.set_will(*will)
        if endpoint.ca_file is not None:
            self._client.tls_set(  # pyright: ignore[reportUnknownMemberType] - half typed driver
                endpoint.ca_file,
                endpoint.certificate_file,
                endpoint.key_file,
                tls_version=ssl.PROTOCOL_TLS_CLIENT,
            )

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted us and has not gone since."""
        return self._is_open and self._client.is_connected()

    @property
    def window(self) -> int:
        """Unacknowledged publishes that we and the broker both allow."""
        return self._window

    @property
    def max_packet_bytes(self) -> int:
        """Largest packet, topic and properties included, that the broker says it takes."""
        return self._max_packet_bytes

    def set_will(self, topic: str, payload: bytes) -> None:
        """Replace the retained last will, from the next connection on."""
        self._client.will_set(topic, payload, qos=1, retain=True)

    def start(self) -> None:
        """Connect in a thread of its own, and keep trying."""
        connect = _properties(PacketTypes.CONNECT)
        connect.SessionExpiryInterval = self._expiry_s
        connect.ReceiveMaximum = self._receive_maximum
        connect.MaximumPacketSize = MAX_PAYLOAD_BYTES + 65_536
        self._jitter()
        self._client.connect_async(
            self._endpoint.host,
            self._endpoint.port,
            # The driver looks at its timers once a second, twice until it gives up.
            keepalive=max(1, self._keepalive_s - 1),
            clean_start=False,
            properties=connect,
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect in order; the session stays at the broker."""
        self._client.flush()
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Send JSON; return the mid that ``published`` will name, or ``None`` if it was not taken.

        It is not taken while there is no connection, or far too much waits.

        Raises:
            ValueError: the topic has wildcards or is too long.
        """
        with self._sending:
            taken = self.is_connected and self._outgoing.put(topic, payload, retain=retain)
            if not taken:
                return None
            mid, packet = taken
            self._send(packet)
        return mid

    def acknowledge(self, delivery: Delivery) -> None:
        """Let the broker forget a delivery (PUBACK)."""
        self.acknowledge_all([delivery])

    def acknowledge_all(self, deliveries: Iterable[Delivery]) -> None:
        """Let the broker forget deliveries, in one piece."""
        packets = pubacks([each.mid for each in deliveries if each.qos == 1])
        with self._sending:
            self._send(packets)

    def _send(self, packets: bytes) -> None:
        if packets and self._is_open:
            self._client.send(packets)

    def _jitter(self) -> None:
        # Not for secrets: a fleet that lost its broker must not come back in step.
        self._client.reconnect_delay_set(
            min_delay=random.uniform(0.2, 1.0),  # type: ignore[arg-type] # noqa: S311 - the driver takes fractions, its annotation says int
            max_delay=random.uniform(2.0, 4.0),  # type: ignore[arg-type] # noqa: S311 - as above
        )

    def _on_connect(
        self, client: paho.Client, _: object, flags: Any, reason: ReasonCode, announced: object
    ) -> None:
        if reason.is_failure:
            self._cut_off(f"refused: {reason}")
            return
        self._cut_off_because.clear()
        self._window = min(
            self._max_inflight, getattr(announced, "ReceiveMaximum", UNSTATED_WINDOW)
        )
        self._max_packet_bytes = getattr(announced, "MaximumPacketSize", UNANNOUNCED_PACKET_BYTES)
        for topic, retained in self._subscriptions.items():
            client.subscribe(topic, options=SubscribeOptions(qos=1, retainHandling=retained))
        with self._sending:
            self._outgoing.begin(self._window)
            self._is_open = True
        self._callbacks.connected(bool(flags.session_present))

    def _on_disconnect(
        self, _: paho.Client, __: object, flags: Any, reason: ReasonCode, ___: object
    ) -> None:
        with self._sending:
            self._is_open = False
            self._client.forget()
        self._jitter()
        if flags.is_disconnect_packet_from_server and reason.value in BLAMING:
            self._callbacks.blamed(reason.value)
        by_broker = flags.is_disconnect_packet_from_server
        self._cut_off(f"the broker ended it: {reason}" if by_broker else "the connection ended")

    def _on_connect_fail(self, _: paho.Client, __: object) -> None:
        # The driver calls this while it handles the error, and does not pass it on.
        error = sys.exc_info()[1]
        self._cut_off(f"{self._endpoint.host}:{self._endpoint.port}: {error}")

    def _cut_off(self, reason: str) -> None:
        if reason not in self._cut_off_because:
            self._cut_off_because.add(reason)
            self._callbacks.disconnected(reason)

    def _on_message(self, _: paho.Client, __: object, message: paho.MQTTMessage) -> None:
        content_type = getattr(message.properties, "ContentType", None)
        self._callbacks.delivered(
            Delivery(
                message.topic,
                bytes(message.payload),
                message.retain,
                content_type,
                message.mid,
                message.qos,
            )
        )

    def _on_packets(self, found: list[Delivery | Receipt]) -> None:
        receipts = [each for each in found if isinstance(each, Receipt)]
        if receipts:
            self._on_receipts(receipts)
        for each in found:
            if isinstance(each, Delivery):
                self._callbacks.delivered(each)

    def _on_receipts(self, receipts: list[Receipt]) -> None:
        with self._sending:
            ours, packets = self._outgoing.answered([each.mid for each in receipts])
            self._send(packets)
        for mid, reason in [(each.mid, each.reason) for each in receipts if each.mid in ours]:
            self._callbacks.published(mid, reason)


def _send_at_once(_: paho.Client, __: object, opened: Any) -> None:
    # Without this a small packet waits up to 40 ms for the broker's delayed TCP acknowledgement.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # the driver annotates no constructor
