"""Which of the vehicles on a link is ours, and whether it is only one."""

from collections import deque
from enum import Enum, auto
from typing import Final

from edge.drone.mavlink import AUTOPILOT_COMPONENT, Message

LOST_AFTER_S: Final = 5.0
"""Without a heartbeat for so long the link is lost: five of them (MAVLink, heartbeat service)."""

DOUBTFUL_S: Final = 15.0
"""So long after the last sign of a second vehicle neither is commanded."""

_BACK_MS: Final = 1000
"""A clock that goes back by more is another vehicle's, or that of one that has begun again."""
_JUMPS: Final = 3
"""Begun again once is a restart; three times within ``DOUBTFUL_S`` are two vehicles."""
_NO_AUTOPILOT: Final = 8
"""``MAV_AUTOPILOT_INVALID``: a ground station, a gimbal, a camera."""

Origin = tuple[str, int] | None
"""Address that a datagram came from; ``None`` on a stream."""


class Verdict(Enum):
    """What to do with a message."""

    OURS = auto()
    OTHER = auto()
    """Another vehicle's, or a ground station's."""
    SECOND = auto()
    """Of a second vehicle with our vehicle's system id."""


class Identity:
    """Holds to the first vehicle that speaks, and notices a second one with the same system id.

    Two vehicles with one id look like one that jumps, and both obey what is meant for one. They
    are told apart by where datagrams come from; on one stream by the clock since start that
    their messages carry, which of one vehicle never goes back again and again.
    """

    def __init__(self, system: int | None = None) -> None:
        """Prepare.

        Args:
            system: Our vehicle's system id; ``None`` takes the first autopilot that speaks.
        """
        self.system = system
        self.autopilot = 0
        self.origin: Origin = None
        self.others: set[int] = set()
        """System ids of other vehicles on the link."""
        self._bound = False
        self._heard_at = self._second_at = float("-inf")
        self._boot_ms = 0
        self._jumps: deque[float] = deque(maxlen=_JUMPS)

    @property
    def is_found(self) -> bool:
        """Whether our vehicle has spoken."""
        return self._bound

    def is_alive(self, now: float) -> bool:
        """Whether it was heard lately; ``now`` in seconds of a clock that never goes back."""
        return now - self._heard_at < LOST_AFTER_S

    def is_doubtful(self, now: float) -> bool:
        """Whether there may be two."""
        return now - self._second_at < DOUBTFUL_S

    def judge(self, message: Message, origin: Origin, now: float) -> Verdict:
        """Say whose message this is."""
        system = message.get_srcSystem()
        is_autopilot = _is_autopilot(message)
        if not self._bound and self._is_first(message):
            self._bound, self.system, self.origin = True, system, origin
        if not self._bound or system != self.system:
            if is_autopilot:
                self.others.add(system)
            return Verdict.OTHER
        if origin != self.origin:
            if self.is_alive(now):
                self._second_at = now
                return Verdict.SECOND
            self.origin = origin
        return self._judge_clock(message, now)

    def _is_first(self, message: Message) -> bool:
        if self.system is None:
            return _is_autopilot(message)
        return message.get_srcSystem() == self.system

    def _judge_clock(self, message: Message, now: float) -> Verdict:
        if _is_autopilot(message):
            self._heard_at, self.autopilot = now, message.autopilot
        boot_ms = getattr(message, "time_boot_ms", 0)
        if boot_ms and message.get_srcComponent() == AUTOPILOT_COMPONENT:
            if boot_ms < self._boot_ms - _BACK_MS:
                self._jumps.append(now)
            self._boot_ms = boot_ms
        if len(self._jumps) == _JUMPS and now - self._jumps[0] < DOUBTFUL_S:
            self._second_at = now
            return Verdict.SECOND
        return Verdict.OURS


def _is_autopilot(message: Message) -> bool:
    return message.get_type() == "HEARTBEAT" and message.autopilot != _NO_AUTOPILOT
