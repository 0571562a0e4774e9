"""MAVLink 2: the only module that imports its driver."""
# mypy: disable-error-code="import-untyped,no-untyped-call,no-any-return"
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportAttributeAccessIssue=false
# The driver is generated code without types; what leaves this module has them.

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Protocol

from pymavlink.dialects.v20 import ardupilotmega as dialect

GROUND_STATION: Final = 255
"""The system id that ground stations have by custom; no vehicle may have it."""

AUTOPILOT_COMPONENT: Final = 1
MAVLINK_VERSION: Final = 3
"""As a heartbeat states it, in both versions of the protocol."""

PX4: Final = 12
ARDUPILOT: Final = 3

ARMED_FLAG: Final = 128
"""``MAV_MODE_FLAG_SAFETY_ARMED``."""


class Message(Protocol):
    """One decoded message; its fields are attributes with the names of the specification."""

    def get_type(self) -> str:
        """Return its name."""
        ...

    def get_srcSystem(self) -> int:  # noqa: N802 - the driver's name
        """Return the system id of who sent it."""
        ...

    def get_srcComponent(self) -> int:  # noqa: N802 - the driver's name
        """Return the component id of who sent it."""
        ...

    def __getattr__(self, name: str) -> Any:
        """Return a field."""
        ...


class Reader:
    """From bytes to messages. What is no sound message is counted and passed over."""

    def __init__(self) -> None:
        self.unreadable = 0
        """Stretches of bytes that were no message."""
        self._parser = _parser()

    def stream(self, data: bytes) -> list[Message]:
        """Read a part of a stream; messages may span parts."""
        found = self._sound(self._parser.parse_buffer(data) or ())
        # The driver lets go of what it has read only where a part ends with a message.
        del self._parser.buf[: self._parser.buf_index]
        self._parser.buf_index = 0
        return found

    def datagram(self, data: bytes) -> list[Message]:
        """Read a datagram, which holds whole messages: what is cut off is not waited for."""
        found = self.stream(data)
        if self._parser.buf_len():
            self.unreadable += 1
            self._parser = _parser()
        return found

    def _sound(self, messages: Iterable[Any]) -> list[Message]:
        sound: list[Message] = []
        for message in messages:
            if message.get_type() == "BAD_DATA":
                self.unreadable += 1
            elif not message.get_type().startswith("UNKNOWN"):
                sound.append(message)
        return sound


class Writer:
    """Who speaks: numbers and packs messages."""

    def __init__(self, system: int, component: int) -> None:
        self._mav = dialect.MAVLink(None, srcSystem=system, srcComponent=component)

    def pack(self, message: Message) -> bytes:
        """Return the frame (MAVLink 2, unsigned)."""
        frame: bytes = message.pack(self._mav)  # pyright: ignore[reportAny]
        self._mav.seq = (self._mav.seq + 1) % 256
        return frame


def message(name: str, **fields: object) -> Message:
    """Make a message; ``name`` as in the specification.

    >>> message("MISSION_ACK", target_system=1, target_component=1, type=0).get_type()
    'MISSION_ACK'
    """
    made: Message = getattr(dialect, f"MAVLink_{name.lower()}_message")(**fields)
    return made


def entry(enumeration: str, value: int) -> str:
    """Return a value of an enumeration in words, without the prefix that all of them share.

    >>> entry("MAV_RESULT", 2), entry("MAV_MISSION_RESULT", 4), entry("MAV_RESULT", 99)
    ('denied', 'no space', '99')
    """
    known = dialect.enums[enumeration].get(value)
    if known is None:
        return str(value)
    prefix = {"MAV_MISSION_RESULT": "MAV_MISSION_"}.get(enumeration, f"{enumeration}_")
    name: str = known.name
    return name.removeprefix(prefix).replace("_", " ").lower()


def mode(heartbeat: Message) -> str:
    """Return the flight mode as the autopilot's own people call it.

    Source:
        ArduPilot: ``PLANE_MODE`` and its like in ``ardupilotmega.xml``. PX4: ``px4_custom_mode.h``,
        main mode in bits 16 to 23, sub-mode of AUTO in bits 24 to 31.
    """
    custom: int = heartbeat.custom_mode
    if heartbeat.autopilot == PX4:
        main, sub = custom >> 16 & 0xFF, custom >> 24 & 0xFF
        return _PX4_AUTO.get(sub, f"AUTO {sub}") if main == _PX4_AUTO_MAIN else _px4_main(main)
    table = _ARDUPILOT_MODES.get(_FRAMES.get(heartbeat.type, "COPTER"), "COPTER_MODE")
    known = dialect.enums[table].get(custom) if heartbeat.autopilot == ARDUPILOT else None
    return f"MODE {custom}" if known is None else known.name.removeprefix(f"{table}_")


def logged(path: Path) -> Iterator[tuple[float, Message]]:
    """Yield (seconds since 1970, message) of a ``.tlog`` or of a dataflash ``.BIN``.

    Messages of a dataflash log have names of their own (``GPS``, ``BAT``, ...).

    Raises:
        OSError: it cannot be read.
    """
    os.environ.setdefault("MAVLINK20", "1")  # the driver's way to be told the version
    from pymavlink import mavutil  # noqa: PLC0415 - takes a second and 60 MB; a live agent needs none of it

    log: Any = mavutil.mavlink_connection(str(path), dialect="ardupilotmega")
    with closing(log):
        while (found := log.recv_match()) is not None:
            yield found._timestamp, found  # noqa: SLF001 - the driver has no other name for it


def _parser() -> Any:
    parser = dialect.MAVLink(None)
    parser.robust_parsing = True
    return parser


def _px4_main(main: int) -> str:
    return _PX4_MAIN.get(main, f"MODE {main}")


_PX4_AUTO_MAIN: Final = 4
_PX4_MAIN: Final = {
    1: "MANUAL",
    2: "ALTCTL",
    3: "POSCTL",
    5: "ACRO",
    6: "OFFBOARD",
    7: "STABILIZED",
}
_PX4_AUTO: Final = {
    1: "READY",
    2: "TAKEOFF",
    3: "LOITER",
    4: "MISSION",
    5: "RTL",
    6: "LAND",
    8: "FOLLOW",
    9: "PRECLAND",
}
_FRAMES: Final = {1: "PLANE", 10: "ROVER", 11: "ROVER", 12: "SUB"} | dict.fromkeys(
    range(19, 26), "PLANE"
)
"""``MAV_TYPE`` of what is no copter."""
_ARDUPILOT_MODES: Final = {name: f"{name}_MODE" for name in ("PLANE", "COPTER", "ROVER", "SUB")}
