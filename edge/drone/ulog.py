"""PX4's log on board, as the messages it would have sent."""
# mypy: disable-error-code="import-untyped,no-untyped-call"
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# The driver has no types; what leaves this module has them.

import struct
from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from math import asin, atan2
from pathlib import Path
from typing import Any, Final

from pyulog import ULog
from pyulog.exceptions import ULogException

from edge.drone import phrases
from edge.drone.mavlink import PX4, Message

Row = Mapping[str, Any]
"""One record of a topic."""

_CRITICAL, _ACTIVE = 5, 4
_ARMED: Final = 2
_LEAST_SEVERE: Final = 7

NAVIGATION_STATES: Final = {
    0: (1, 0),
    1: (2, 0),
    2: (3, 0),
    3: (4, 4),
    4: (4, 3),
    5: (4, 5),
    10: (5, 0),
    14: (6, 0),
    15: (7, 0),
    17: (4, 2),
    18: (4, 6),
    19: (4, 8),
    20: (4, 9),
}
"""PX4 ``vehicle_status.nav_state`` as main mode and sub-mode of ``px4_custom_mode.h``."""

_BREAKS: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, struct.error)
"""What a damaged log makes of the driver."""

_GPS: Final = ("vehicle_gps_position", "sensor_gps")
"""Newer logs have both, with other field names than older ones."""
_FUSED: Final = "vehicle_global_position"
_LOCAL: Final = "vehicle_local_position"
_PLACES: Final = (_FUSED, _LOCAL, *_GPS)


class FlightLogError(ValueError):
    """The log cannot be read, or does not say when it was made."""


def said(path: Path) -> Iterator[tuple[float, Message]]:
    """Yield (seconds since 1970, message), in order of time, dated by the GNSS receiver.

    Positions are those of the estimator where the log has them, else the receiver's.

    Raises:
        FlightLogError: it is no ULog, or its receiver never knew the time.
    """
    log = _opened(path)
    rows = {name: _rows(log, name) for name in (*TOPICS, *_PLACES)}
    gps = rows[_GPS[0]] or rows[_GPS[1]]
    begin_us = _begin_us(path, gps)
    ground_m = rows["home_position"][0]["alt"] if rows["home_position"] else _place(gps[0])[2]
    streams = [_stream(rows[name], make) for name, make in TOPICS.items()]
    streams.append(_stream(gps, _receiver))
    positions = list(_moving(rows[_FUSED], rows[_LOCAL])) or gps
    streams.append(_stream(positions, lambda row: _position(row, ground_m)))
    streams.append((int(text.timestamp), _words(text)) for text in log.logged_messages)
    for at_us, message in merge(*streams, key=lambda pair: pair[0]):
        yield (begin_us + at_us) / 1e6, message


def _opened(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return ULog(file, [*TOPICS, *_PLACES])
    except (ULogException, *_BREAKS) as error:
        raise FlightLogError(f"{path}: not a sound ULog: {error}") from error


def _rows(log: Any, name: str) -> list[Row]:
    for topic in log.data_list:
        if (topic.name, topic.multi_id) == (name, 0):
            columns = [values.tolist() for values in topic.data.values()]
            return [dict(zip(topic.data, row, strict=True)) for row in zip(*columns, strict=True)]
    return []


def _stream(rows: list[Row], make: Callable[[Row], Message]) -> Iterator[tuple[int, Message]]:
    return ((row["timestamp"], make(row)) for row in rows)


def _moving(rows: list[Row], local: list[Row]) -> Iterator[Row]:
    """Add to positions of the estimator the velocity that it last stated, which stands apart."""
    velocities = iter(local)
    coming = next(velocities, None)
    velocity: dict[str, float] = {}
    for row in rows:
        while coming is not None and coming["timestamp"] <= row["timestamp"]:
            velocity = {
                f"vel_{axis}_m_s": coming[f"v{to}"] for axis, to in zip("ned", "xyz", strict=True)
            }
            coming = next(velocities, None)
        yield {**row, **velocity}


def _begin_us(path: Path, gps: list[Row]) -> int:
    """Return when the clock of the log stood at 0, in microseconds since 1970."""
    for row in gps:
        if row["time_utc_usec"]:
            return int(row["time_utc_usec"]) - int(row["timestamp"])
    raise FlightLogError(f"{path}: its GNSS receiver never knew the time")


def _place(row: Row) -> tuple[int, int, float]:
    """Return latitude and longitude in 1e-7 degrees and metres above the sea, of either age."""
    if "latitude_deg" in row:
        lat, lon = row["latitude_deg"], row["longitude_deg"]
        return round(lat * 1e7), round(lon * 1e7), row["altitude_msl_m"]
    if isinstance(row["lat"], int):
        return row["lat"], row["lon"], row["alt"] / 1000
    return round(row["lat"] * 1e7), round(row["lon"] * 1e7), row["alt"]


def _position(row: Row, ground_m: float) -> Message:
    lat, lon, altitude_m = _place(row)
    north, east, down = (row.get(f"vel_{axis}_m_s", 0.0) for axis in "ned")
    return phrases.position(lat, lon, altitude_m, altitude_m - ground_m, (north, east, down))


def _receiver(row: Row) -> Message:
    return phrases.receiver(row["fix_type"], row["satellites_used"], error_m=row["eph"])


def _attitude(row: Row) -> Message:
    w, x, y, z = (row[f"q[{n}]"] for n in range(4))
    return phrases.attitude(
        atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
        asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))),
        atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
    )


def _battery(row: Row) -> Message:
    share = row["remaining"]
    return phrases.power(row["voltage_v"], round(share * 100) if 0 <= share <= 1 else -1)


def _status(row: Row) -> Message:
    main, sub = NAVIGATION_STATES.get(row["nav_state"], (0, 0))
    return phrases.heartbeat(
        PX4,
        main << 16 | sub << 24,
        armed=row["arming_state"] == _ARMED,
        status=_CRITICAL if row["failsafe"] else _ACTIVE,
    )


def _home(row: Row) -> Message:
    return phrases.home(round(row["lat"] * 1e7), round(row["lon"] * 1e7), row["alt"])


def _landed(row: Row) -> Message:
    return phrases.landed(is_landed=bool(row["landed"]))


def _words(text: Any) -> Message:
    severity = text.log_level - ord("0")
    return phrases.words(max(0, min(severity, _LEAST_SEVERE)), text.message)


TOPICS: Final[Mapping[str, Callable[[Row], Message]]] = {
    "vehicle_status": _status,
    "vehicle_attitude": _attitude,
    "battery_status": _battery,
    "home_position": _home,
    "vehicle_land_detected": _landed,
}
"""Topics that are read, beside positions."""
