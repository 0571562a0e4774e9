"""The mission of a simulated drone: taken item by item, checked, flown step by step."""

from math import isnan
from typing import Final, NamedTuple

from edge.drone.mavlink import Message, message
from firmware_sim.lanes import LonLat

MOST: Final = 500
_ACCEPTED, _UNSUPPORTED_FRAME, _UNSUPPORTED, _NO_SPACE, _BAD_SEQUENCE = 0, 2, 3, 4, 13
_WAYPOINT, _STAY, _RETURN, _LAND, _TAKE_OFF, _SPEED = 16, 17, 20, 21, 22, 178
_NOTHING_TO_FLY: Final = frozenset({195, 197, 201, 2000, 2001, 2500, 2501, 1000, 205})
"""Camera and gimbal commands: taken, and done at once."""
_RELATIVE: Final = frozenset({3, 6})
_NO_FRAME: Final = 2
"""``MAV_FRAME_GLOBAL_RELATIVE_ALT`` and its ``INT``; ``MAV_FRAME_MISSION``."""


class Step(NamedTuple):
    """One item as it is flown."""

    place: LonLat | None = None
    """``None``: over where it is."""
    height_m: float | None = None
    """Above home; ``None``: nothing to fly."""
    speed_m_s: float | None = None
    returns: bool = False
    passes: bool = True
    """Whether the mission goes on once it is there."""


class Plan:
    """The mission, and a new one while it is being taken."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.current = 0
        self._items: list[Message] = []
        self._coming: list[Message] = []
        self._count = 0

    @property
    def step(self) -> Step | None:
        """What is flown now; ``None`` after the last."""
        return self.steps[self.current] if self.current < len(self.steps) else None

    def advance(self) -> None:
        """Go on to the next step."""
        self.current += 1

    def hear(self, heard: Message) -> list[Message]:
        """Take a message of the mission protocol; return the answer."""
        match heard.get_type():
            case "MISSION_COUNT":
                return self._begin(heard)
            case "MISSION_ITEM_INT" if self._count:
                return self._take(heard)
            case "MISSION_REQUEST_LIST":
                return [_answer(heard, "MISSION_COUNT", count=len(self._items))]
            case "MISSION_REQUEST_INT" if heard.seq < len(self._items):
                return [_answer(heard, "MISSION_ITEM_INT", **_stated(self._items[int(heard.seq)]))]
            case "MISSION_CLEAR_ALL":
                self._items.clear()
                self.steps.clear()
                self.current = 0
                return [_verdict(heard, _ACCEPTED)]
            case "MISSION_SET_CURRENT":
                self.current = min(heard.seq, len(self.steps))
            case _:
                pass
        return []

    def _begin(self, heard: Message) -> list[Message]:
        if heard.count > MOST:
            return [_verdict(heard, _NO_SPACE)]
        self._coming, self._count = [], heard.count
        return [_answer(heard, "MISSION_REQUEST_INT", seq=0)] if heard.count else []

    def _take(self, heard: Message) -> list[Message]:
        if heard.seq != len(self._coming):
            return [_verdict(heard, _BAD_SEQUENCE)]
        refusal = _refusal(heard)
        if refusal:
            self._count = 0
            return [_verdict(heard, refusal)]
        self._coming.append(heard)
        if len(self._coming) < self._count:
            return [_answer(heard, "MISSION_REQUEST_INT", seq=len(self._coming))]
        self._items, self._count, self.current = self._coming, 0, 0
        self.steps = [_step(item) for item in self._items]
        return [_verdict(heard, _ACCEPTED)]


def _refusal(item: Message) -> int:
    if item.command in _NOTHING_TO_FLY or item.command in {_SPEED, _RETURN}:
        return _ACCEPTED
    if item.command not in {_WAYPOINT, _STAY, _LAND, _TAKE_OFF}:
        return _UNSUPPORTED
    return _ACCEPTED if item.frame in _RELATIVE else _UNSUPPORTED_FRAME


def _step(item: Message) -> Step:
    match item.command:
        case 20:
            return Step(returns=True)
        case 178:
            return Step(speed_m_s=item.param2)
        case 22:
            return Step(height_m=item.z)
        case 16 | 17 | 21:
            height_m = 0.0 if item.command == _LAND or isnan(item.z) else item.z
            place = item.y / 1e7, item.x / 1e7
            return Step(place, height_m, passes=item.command != _STAY)
        case _:
            return Step()


def _stated(item: Message) -> dict[str, float]:
    """Return what an item says, without whom it was for."""
    names = ("seq", "frame", "command", "current", "autocontinue", "x", "y", "z")
    return {each: getattr(item, each) for each in (*names, *(f"param{n}" for n in range(1, 5)))}


def _answer(heard: Message, name: str, **fields: float) -> Message:
    return message(
        name,
        target_system=heard.get_srcSystem(),
        target_component=heard.get_srcComponent(),
        mission_type=getattr(heard, "mission_type", 0),
        **fields,
    )


def _verdict(heard: Message, result: int) -> Message:
    return _answer(heard, "MISSION_ACK", type=result)
