"""What has been delivered and waits for the loop: between the session's thread and ours."""

import threading
from collections import deque
from typing import Final, NamedTuple

from haechi.mqtt import Delivery

BATCH_BYTES: Final = 2 * 2**20
"""Payload in one transaction, about; so that nobody waits long behind a flood."""

WAITING_BYTES: Final = 64 * 2**20
"""Of memory, for what waits."""

_OVERHEAD_BYTES: Final = 400
"""A delivery takes so much memory beside its payload, about."""


class Batch(NamedTuple):
    """Deliveries taken together."""

    connection: int
    """Which connection they came over: on another their packet ids mean something else."""
    deliveries: list[Delivery]


class Inbox:
    """A bounded queue.

    The broker's Receive Maximum should keep it short. But Mosquitto 2.0 that has a queue for us
    answers a PUBACK with as many messages as the whole window has. To block the session's thread
    for those would also hold up what it has to send, PUBACKs and pings among it, until the broker
    ends the connection. So they wait here. Only a flood of ``WAITING_BYTES`` blocks, and so reaches
    the sender as TCP back-pressure.

    Args:
        bound: So many may wait however large they are.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._waiting: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._put_bytes = self._taken_bytes = 0
        """Since the beginning; each is written by one thread."""
        self._connection = 0
        self._is_closed = False

    @property
    def depth(self) -> int:
        """How many deliveries wait."""
        return len(self._waiting)

    @property
    def connection(self) -> int:
        """Number of the connection of what is put now."""
        return self._connection

    def put(self, delivery: Delivery) -> None:
        """Add one; called by the session's thread only."""
        while self._is_full and not self._is_closed:
            with self._changed:
                self._changed.wait(0.1)
        self._put_bytes += len(delivery.payload) + _OVERHEAD_BYTES
        self._waiting.append(delivery)
        if len(self._waiting) == 1:
            with self._changed:
                self._changed.notify_all()

    def renew(self) -> None:
        """Forget what waits: the connection ended, so the broker will deliver it again."""
        with self._changed:
            self._connection += 1
            self._waiting.clear()
            self._taken_bytes = self._put_bytes
            self._changed.notify_all()

    def take(self, limit: int, within_s: float) -> Batch:
        """Return all that is there, at most ``limit`` or about ``BATCH_BYTES``; wait for one."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(within_s)
            taken, size = list[Delivery](), 0
            while self._waiting and len(taken) < limit and size < BATCH_BYTES:
                delivery = self._waiting.popleft()
                taken.append(delivery)
                size += len(delivery.payload)
            self._taken_bytes += size + len(taken) * _OVERHEAD_BYTES
            self._changed.notify_all()
            return Batch(self._connection, taken)

    @property
    def _is_full(self) -> bool:
        waiting = self._put_bytes - self._taken_bytes
        return len(self._waiting) >= self._bound and waiting >= WAITING_BYTES

    def close(self) -> None:
        """Block nobody any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
