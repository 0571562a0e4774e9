"""What is said to an autopilot and answered: commands and mission upload, as state machines.

They read no clock and send nothing: time comes in, messages go out.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from edge.drone.mavlink import AUTOPILOT_COMPONENT, Message, entry, message
from edge.drone.mission import Item

PATIENCE_S: Final = 1.5
"""Without an answer for so long it is said again (MAVLink, mission protocol: 1500 ms)."""
TRIES: Final = 5
"""MAVLink, mission protocol: 5 retries."""
PROGRESS_S: Final = 30.0
"""An autopilot that says ``IN_PROGRESS`` has so long for its next word."""

_ACCEPTED: Final = 0
_IN_PROGRESS: Final = 5
_RELATIVE_HEIGHT: Final = 6
"""``MAV_FRAME_GLOBAL_RELATIVE_ALT_INT``."""


class Outcome(NamedTuple):
    """How it ended."""

    accepted: bool
    text: str


class Exchange(Protocol):
    """One thing asked of an autopilot."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; ``None`` until then."""
        ...

    def begin(self, now: float) -> list[Message]:
        """Return what to say first."""
        ...

    def hear(self, heard: Message, now: float) -> list[Message]:
        """Take a message of the vehicle; return what to say."""
        ...

    def wait(self, now: float) -> list[Message]:
        """Let time pass; return what to say again."""
        ...


class _Patient:
    """Says the last thing again, and gives up."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self._tries = 0
        self._due_at = 0.0

    def begin(self, now: float) -> list[Message]:
        """Return what to say first."""
        self._due_at = now + PATIENCE_S
        return self._said()

    def wait(self, now: float) -> list[Message]:
        """Let time pass; return what to say again."""
        if self.outcome is not None or now < self._due_at:
            return []
        self._tries += 1
        if self._tries >= TRIES:
            self.outcome = Outcome(accepted=False, text="the autopilot did not answer")
            return []
        self._due_at = now + PATIENCE_S
        return self._said()

    def _said(self) -> list[Message]:
        raise NotImplementedError


class Call(_Patient):
    """A command, answered by ``COMMAND_ACK``."""

    def __init__(self, system: int, command: int, *params: float) -> None:
        super().__init__()
        self._system, self._command = system, command
        self._params = (*params, *([0.0] * (7 - len(params))))

    def hear(self, heard: Message, now: float) -> list[Message]:
        """Take a message of the vehicle; say nothing."""
        if heard.get_type() == "COMMAND_ACK" and heard.command == self._command:
            if heard.result == _IN_PROGRESS:
                self._due_at = now + PROGRESS_S
            else:
                what = f"{entry('MAV_CMD', self._command)} {entry('MAV_RESULT', heard.result)}"
                self.outcome = Outcome(heard.result == _ACCEPTED, what)
        return []

    def _said(self) -> list[Message]:
        numbered = {f"param{n}": value for n, value in enumerate(self._params, 1)}
        return [
            message(
                "COMMAND_LONG",
                target_system=self._system,
                target_component=AUTOPILOT_COMPONENT,
                command=self._command,
                confirmation=self._tries,
                **numbered,
            )
        ]


class Upload(_Patient):
    """A mission, given item by item as the autopilot asks, answered by ``MISSION_ACK``."""

    def __init__(self, system: int, items: Sequence[Item]) -> None:
        super().__init__()
        self._system, self._items = system, items
        self._asked: int | None = None

    def hear(self, heard: Message, now: float) -> list[Message]:
        """Take a message of the vehicle; give it the item that it asks for."""
        kind = heard.get_type()
        if kind == "MISSION_ACK" and getattr(heard, "mission_type", 0) == 0:
            what = f"mission {entry('MAV_MISSION_RESULT', heard.type)}"
            self.outcome = Outcome(heard.type == _ACCEPTED, what)
        elif kind in {"MISSION_REQUEST_INT", "MISSION_REQUEST"} and heard.seq < len(self._items):
            self._asked, self._tries, self._due_at = heard.seq, 0, now + PATIENCE_S
            return self._said()
        return []

    def _said(self) -> list[Message]:
        if self._asked is None:
            return [self._message("MISSION_COUNT", count=len(self._items))]
        item = self._items[self._asked]
        numbered = {f"param{n}": value for n, value in enumerate(item.params, 1)}
        return [
            self._message(
                "MISSION_ITEM_INT",
                seq=self._asked,
                frame=_RELATIVE_HEIGHT,
                command=item.command,
                current=int(self._asked == 0),
                autocontinue=1,
                x=round(item.lat * 1e7),
                y=round(item.lon * 1e7),
                z=item.height_m,
                **numbered,
            )
        ]

    def _message(self, name: str, **fields: float) -> Message:
        return message(
            name,
            target_system=self._system,
            target_component=AUTOPILOT_COMPONENT,
            **fields,
        )
