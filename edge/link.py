"""What an uplink needs of a session with the broker: the seam at which tests stand in for it."""

from collections.abc import Callable
from typing import Final, Protocol

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

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Send."""
        ...

    def acknowledge(self, delivery: Delivery) -> None:
        """Let the broker forget a delivery."""
        ...


MOST_UNANSWERED: Final = 20
"""Publishes a device has on their way: its window is of readings, and is smaller."""

Connect = Callable[[Callbacks, tuple[str, bytes]], Link]
"""Makes a link from callbacks and a last will (topic, payload)."""


def over_mqtt(
    endpoint: Endpoint,
    site: str,
    device: str,
    keepalive_s: int = KEEPALIVE_S,
    *,
    takes_commands: bool = False,
) -> Connect:
    """Return what connects a device to a broker; the device's name is the session's.

    Commands wait at the broker, as long as the session does, for one that takes them.
    """
    wanted = (Channel.ACK, Channel.COMMAND) if takes_commands else (Channel.ACK,)

    def connect(callbacks: Callbacks, will: tuple[str, bytes]) -> Session:
        return Session(
            endpoint,
            device,
            callbacks,
            subscriptions=tuple(str(Topic(site, device, Direction.DOWN, each)) for each in wanted),
            will=will,
            max_inflight=MOST_UNANSWERED,
            keepalive_s=keepalive_s,
        )

    return connect
