"""ArduPilot's log on board, as the messages it would have sent."""

from collections.abc import Callable, Iterator, Mapping
from math import radians
from pathlib import Path
from typing import Any, Final

from edge.drone import phrases
from edge.drone.mavlink import ARDUPILOT, Message, logged

_ACTIVE: Final = 4
_INFORMATION: Final = 6
_PLANE, _COPTER = 1, 2


def said(path: Path) -> Iterator[tuple[float, Message]]:
    """Yield (seconds since 1970, message), dated by the log's own GNSS receiver.

    Whether a mode's number is a plane's or a copter's is known once the firmware has said its
    name, which it does first.

    Raises:
        OSError: it cannot be read.
    """
    vehicle = _COPTER
    for at, record in logged(path):
        kind = record.get_type()
        if kind == "MSG" and record.Message.startswith("ArduPlane"):
            vehicle = _PLANE
        if kind == "MODE":
            yield at, _mode(record, vehicle)
        elif (make := RECORDS.get(kind)) is not None:
            yield at, make(record)


def _position(record: Any) -> Message:
    lat, lon = round(record.Lat * 1e7), round(record.Lng * 1e7)
    return phrases.position(lat, lon, record.Alt, record.RelHomeAlt)


def _attitude(record: Any) -> Message:
    return phrases.attitude(*(radians(angle) for angle in (record.Roll, record.Pitch, record.Yaw)))


def _receiver(record: Any) -> Message:
    return phrases.receiver(record.Status, record.NSats)


def _battery(record: Any) -> Message:
    return phrases.power(record.Volt, int(getattr(record, "RemPct", -1)))


def _words(record: Any) -> Message:
    return phrases.words(_INFORMATION, record.Message)


def _mode(record: Any, vehicle: int) -> Message:
    # A log on board is written while the motors may turn.
    number = record.ModeNum
    return phrases.heartbeat(ARDUPILOT, number, armed=True, status=_ACTIVE, vehicle=vehicle)


RECORDS: Final[Mapping[str, Callable[[Any], Message]]] = {
    "POS": _position,
    "ATT": _attitude,
    "GPS": _receiver,
    "BAT": _battery,
    "MSG": _words,
}
"""Records that are read, beside modes."""
