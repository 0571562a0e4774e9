"""What another system publishes over MQTT, as a source."""

import queue
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Final

from edge.measured import Measured
from edge.sources import Keep
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session

LOOK_S: Final = 0.2
BATCH_LIMIT: Final = 500


class GuestError(ValueError):
    """A payload of another system that is not what its documentation says; the text is a reason."""


Read = Callable[[str, bytes], Measured | None]
"""Makes a reading of (topic, payload), or nothing of what is of no interest.

Raises ``GuestError``.
"""


class Mailbox:
    """A durable session with the other system's broker.

    A delivery is acknowledged when its reading is on disk, so what was published at QoS 1 is lost
    by no restart of ours; it may then be read twice, and rules take the same report once.
    """

    waits = True
    repeats = False

    def __init__(
        self, endpoint: Endpoint, name: str, filters: tuple[str, ...], read: Read, keep: Keep
    ) -> None:
        """Prepare; the session begins with ``batches``.

        Args:
            endpoint: The other system's broker.
            name: Of the session there.
            filters: Topics to subscribe to.
            read: Understands a payload.
            keep: Takes what is not understood.
        """
        self._arrived: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._read, self._keep = read, keep
        self._session = Session(
            endpoint, name, Callbacks(delivered=self._arrived.put), live_subscriptions=filters
        )

    def batches(self) -> Generator[list[Measured]]:
        """Return readings as they come, for ever."""
        self._session.start()
        try:
            while True:
                deliveries = self._waiting()
                yield [found for each in deliveries if (found := self._understood(each))]
                self._session.acknowledge_all(deliveries)
        finally:
            self._session.stop()

    def _waiting(self) -> list[Delivery]:
        deliveries: list[Delivery] = []
        try:
            deliveries.append(self._arrived.get(timeout=LOOK_S))
            while len(deliveries) < BATCH_LIMIT:
                deliveries.append(self._arrived.get_nowait())
        except queue.Empty:
            pass
        return deliveries

    def _understood(self, delivery: Delivery) -> Measured | None:
        try:
            return self._read(delivery.topic, delivery.payload)
        except GuestError as error:
            lines = (delivery.topic.encode(), delivery.payload)
            self._keep(lines, str(error), datetime.now(UTC))
            return None
