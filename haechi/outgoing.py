"""What is published at QoS 1 and not answered yet: no more at once than the broker allows.

The driver's own account of this costs about 90 µs a message, and while anything is in it the driver
reads every packet that comes in its own slow way.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from haechi.frames import publish
from haechi.messages import JSON

MOST: Final = 60_000
"""Unanswered and waiting together; there are 65,535 packet ids."""

_JSON: Final = JSON.encode()
_LONGEST_TOPIC: Final = 65_535


class Outgoing:
    """The account of one connection; its owner sends what it returns, and lets one thread in."""

    def __init__(self, new_id: Callable[[], int]) -> None:
        """Prepare.

        Args:
            new_id: Gives the next packet id, 1 to 65,535, of those of this connection.
        """
        self._new_id = new_id
        self._window = 0
        self._open: set[int] = set()
        self._waiting: deque[tuple[int, bytes]] = deque()

    def begin(self, window: int) -> None:
        """Forget everything: a connection begins, on which so many may be unanswered."""
        self._window = window
        self._open.clear()
        self._waiting.clear()

    def put(self, topic: str, payload: bytes, *, retain: bool) -> tuple[int, bytes] | None:
        """Return the packet id and what to send now, which is nothing while the window is full.

        ``None`` if too many wait already.

        Raises:
            ValueError: no topic to publish on.
        """
        name = topic.encode()
        if "+" in topic or "#" in topic or not 0 < len(name) <= _LONGEST_TOPIC:
            raise ValueError(f"nothing can be published on {topic[:120]!r}")
        if len(self._open) + len(self._waiting) >= MOST:
            return None
        mid = self._free_id()
        packet = publish(name, payload, mid, retain=retain, content_type=_JSON)
        if len(self._open) >= self._window:
            self._waiting.append((mid, packet))
            return mid, b""
        self._open.add(mid)
        return mid, packet

    def answered(self, mids: Iterable[int]) -> tuple[set[int], bytes]:
        """Return those of these that were open, and what may be sent in their stead."""
        done = self._open.intersection(mids)
        self._open -= done
        packets: list[bytes] = []
        while self._waiting and len(self._open) < self._window:
            mid, packet = self._waiting.popleft()
            self._open.add(mid)
            packets.append(packet)
        return done, b"".join(packets)

    def _free_id(self) -> int:
        """Return an id that nothing unanswered has; those that wait were given theirs in turn."""
        while (mid := self._new_id()) in self._open:
            pass
        return mid
