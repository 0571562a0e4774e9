"""What an uplink needs of a session with the broker: the seam at which tests stand in for it."""

from collections.abc import Callable
from typing import Protocol

from haechi.mqtt import KEEPALIVE_S, Callbacks, Delivery, Endpoint, Session
from haechi.topics import Channel, Direction, Topic


class Link(Protocol):
    """The part of ``haechi.mqtt.Session`` that is used; meanings are there."""

    @property
    def window(self) -> int:
        """Unacknowledged publishes allowed."""
        ...

    @property
    def max_packet_bytes(self) -> int:
        """Largest packet allowed."""
        ...

    def set_will(self, topic: str, payload: bytes) -> None:
        """Replace the last will."""
        ...

    def start(self) -> None:
        """Connect, and keep trying."""
        ...

    def stop(self) -> None:
        """Disconnect."""
        ...

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> int | None:
        """Send."""
        ...

    def acknowledge(self, delivery: Delivery) -> None:
        """Let the broker forget a delivery."""
        ...


Connect = Callable[[Callbacks, tuple[str, bytes]], Link]
"""Makes a link from callbacks and a last will (topic, payload)."""


def over_mqtt(
    endpoint: Endpoint, site: str, device: str, keepalive_s: int = KEEPALIVE_S
) -> Connect:
    """Return what connects a device to a broker; the device's name is the session's."""

    def connect(callbacks: Callbacks, will: tuple[str, bytes]) -> Session:
        return Session(
            endpoint,
            device,
            callbacks,
            subscriptions=(str(Topic(site, device, Direction.DOWN, Channel.ACK)),),
            will=will,
            keepalive_s=keepalive_s,
        )

    return connect
