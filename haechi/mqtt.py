"""MQTT 5 sessions: the only module that imports the MQTT driver.

Version 3.1.1 is not offered: with it a refused publish is acknowledged as if it had succeeded.
Every session here is durable (Clean Start 0), since Mosquitto never persists one that began clean.
"""

import random  # noqa: TID251 - jitter only; nothing that is kept depends on it
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import current_thread
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from haechi.frames import Delivery, publishes
from haechi.messages import JSON, MAX_PAYLOAD_BYTES

__all__ = [
    "BLAMING",
    "BROKER_WINDOW",
    "KEEPALIVE_S",
    "NOT_AUTHORIZED",
    "NO_MATCHING_SUBSCRIBERS",
    "PACKET_TOO_LARGE",
    "QUOTA_EXCEEDED",
    "Callbacks",
    "Delivery",
    "Driver",
    "Endpoint",
    "ReadAhead",
    "Session",
]

NO_MATCHING_SUBSCRIBERS: Final = 0x10
NOT_AUTHORIZED: Final = 0x87
QUOTA_EXCEEDED: Final = 0x97
PACKET_TOO_LARGE: Final = 0x95

SESSION_EXPIRY_S: Final = 14 * 86_400
KEEPALIVE_S: Final = 20
READ_AHEAD_BYTES: Final = 65_536
BROKER_WINDOW: Final = 20
"""Mosquitto's default Receive Maximum: whoever has more unacknowledged publishes is thrown out."""

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
    """Called with the reason in words."""
    delivered: Callable[[Delivery], None] = _ignore
    published: Callable[[int, int], None] = _ignore
    """Called with (mid, MQTT 5 reason code of the PUBACK)."""
    blamed: Callable[[int], None] = _ignore
    """Called with the reason code, before ``disconnected``, if the broker ended the connection
    because of a packet of ours."""


class ReadAhead:
    """A socket that reads in large parts.

    The driver asks for a packet in three or four small reads. Each is a system call that gives up
    the interpreter lock, and gets it back late while another thread computes.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._ahead: bytes = b""
        self._at = 0

    def recv(self, size: int) -> bytes:
        """Return what was read ahead, or else read."""
        if self._at == len(self._ahead):
            received: bytes = self._inner.recv(READ_AHEAD_BYTES)
            self._ahead, self._at = received, 0
        part = self._ahead[self._at : self._at + size]
        self._at += len(part)
        return part

    def publishes(self) -> list[Delivery]:
        """Take the PUBLISH packets that are complete; the next byte must begin a packet."""
        self._ahead, self._at = self._ahead[self._at :], 0
        found, self._at = publishes(self._ahead)
        return found

    def pending(self) -> int:
        """Return how many bytes can be had without a look at the network."""
        inner = self._inner.pending() if isinstance(self._inner, ssl.SSLSocket) else 0
        return len(self._ahead) - self._at + inner

    def __getattr__(self, name: str) -> Any:
        """Be the socket in everything else."""
        return getattr(self._inner, name)


class Driver(paho.Client):
    """The driver, taking from the network as much as there is.

    Rests in three places on how paho-mqtt 2 works inside (``_create_socket``, ``_packet_queue``,
    ``_thread``); ``tests/haechi/test_frames.py`` and ``test_mqtt.py`` notice if that changes.
    """

    on_publishes: Callable[[list[Delivery]], None] = _ignore

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read a packet, then whatever else has come with it."""
        result = super().loop_read(max_packets)
        while result == MQTTErrorCode.MQTT_ERR_SUCCESS:
            ahead = self.socket()
            if not isinstance(ahead, ReadAhead) or not ahead.pending():
                break
            # Bytes are left only after a whole packet: of a part the driver takes all there is.
            self.on_publishes(ahead.publishes())
            result = super().loop_read(max_packets) if ahead.pending() else result
        return result

    def acknowledge(self, mids: Iterable[int]) -> None:
        """Send PUBACKs in one piece."""
        packets = b"".join(struct.pack("!BBH", paho.PUBACK, 2, mid) for mid in mids)
        if packets:
            self._packet_queue(paho.PUBACK, packets, 0, 1)

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
        max_inflight: int = BROKER_WINDOW,
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
            max_inflight: Unacknowledged publishes of ours; further ones wait in memory. With
                more than ``BROKER_WINDOW`` the owner must itself stay within ``window``.
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
        self._max_packet_bytes = UNANNOUNCED_PACKET_BYTES
        self._client = Driver(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        self._json = _properties(PacketTypes.PUBLISH)
        self._json.ContentType = JSON
        self._client.max_inflight_messages_set(max_inflight)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publishes = self._on_publishes
        self._client.on_publish = self._on_publish
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
        return self._client.is_connected()

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
        self._client.disconnect()
        self._client.loop_stop()

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> int | None:
        """Send; return the mid that ``published`` will name, or ``None`` if it was not taken.

        It is not taken while there is no connection.

        Raises:
            ValueError: the topic has wildcards or the payload is over the MQTT limit.
        """
        if not self.is_connected:
            return None
        sent = self._client.publish(topic, payload, qos, retain, self._json)
        return sent.mid if sent.rc == paho.MQTT_ERR_SUCCESS else None

    def acknowledge(self, delivery: Delivery) -> None:
        """Let the broker forget a delivery (PUBACK)."""
        self.acknowledge_all([delivery])

    def acknowledge_all(self, deliveries: Iterable[Delivery]) -> None:
        """Let the broker forget deliveries, in one piece."""
        self._client.acknowledge(each.mid for each in deliveries if each.qos == 1)

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
            self._callbacks.disconnected(f"refused: {reason}")
            return
        client.drop_out_messages()
        self._window = min(self._max_inflight, getattr(announced, "ReceiveMaximum", 65_535))
        self._max_packet_bytes = getattr(announced, "MaximumPacketSize", UNANNOUNCED_PACKET_BYTES)
        for topic, retained in self._subscriptions.items():
            client.subscribe(topic, options=SubscribeOptions(qos=1, retainHandling=retained))
        self._callbacks.connected(bool(flags.session_present))

    def _on_disconnect(
        self, client: paho.Client, _: object, flags: Any, reason: ReasonCode, __: object
    ) -> None:
        client.drop_out_messages()
        self._jitter()
        if flags.is_disconnect_packet_from_server and reason.value in BLAMING:
            self._callbacks.blamed(reason.value)
        self._callbacks.disconnected(str(reason))

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

    def _on_publishes(self, found: list[Delivery]) -> None:
        for delivery in found:
            self._callbacks.delivered(delivery)

    def _on_publish(
        self, _: paho.Client, __: object, mid: int, reason: ReasonCode, ___: object
    ) -> None:
        self._callbacks.published(mid, reason.value)


def _send_at_once(_: paho.Client, __: object, opened: Any) -> None:
    # Without this a small packet waits up to 40 ms for the broker's delayed TCP acknowledgement.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # the driver annotates no constructor
