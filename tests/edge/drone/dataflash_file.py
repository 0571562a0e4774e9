"""Writes a dataflash log as ArduPilot does: each kind of record is described by a record."""

import struct
from pathlib import Path
from typing import Final

_HEAD: Final = b"\xa3\x95"
_FORMAT: Final = 128
_SIZES: Final = {
    "B": 1,
    "H": 2,
    "I": 4,
    "L": 4,
    "Q": 8,
    "f": 4,
    "c": 2,
    "C": 2,
    "e": 4,
    "Z": 64,
    "M": 1,
}
_PACKED: Final = {"L": "i", "c": "h", "C": "H", "e": "i", "Z": "64s", "M": "B"}

RECORDS: Final = {
    "GPS": (130, "QBIHBcLLe", "TimeUS,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt"),
    "POS": (131, "QLLff", "TimeUS,Lat,Lng,Alt,RelHomeAlt"),
    "BAT": (132, "Qf", "TimeUS,Volt"),
    "MODE": (133, "QMB", "TimeUS,Mode,ModeNum"),
    "MSG": (134, "QZ", "TimeUS,Message"),
}
"""Name: number, format characters, columns."""


def dataflash_file(path: Path) -> Path:
    """Write a short flight of a plane; return the path."""
    parts = [_format(_FORMAT, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")]
    parts += [
        _format(number, name, signs, columns) for name, (number, signs, columns) in RECORDS.items()
    ]
    parts.append(_record("MSG", 1_000, b"ArduPlane V4.5.0"))
    for n in range(5):
        now = 1_000_000 * (n + 1)
        lat = 350_000_000 + n * 10_000
        parts.append(
            _record("GPS", now, 3, 100_000 + n * 1000, 2300, 14, 90, lat, 1_290_000_000, 0)
        )
        parts.append(_record("MODE", now, 15, 15))
        parts.append(_record("BAT", now, 15.5))
        parts.append(_record("POS", now + 1, lat, 1_290_000_000, 50.0 + n, float(n)))
    path.write_bytes(b"".join(parts))
    return path


def _format(number: int, name: str, signs: str, columns: str) -> bytes:
    length = 89 if number == _FORMAT else 3 + sum(_SIZES[sign] for sign in signs)
    body = (name.encode(), signs.encode(), columns.encode())
    return _HEAD + bytes([_FORMAT]) + struct.pack("<BB4s16s64s", number, length, *body)


def _record(name: str, *values: float | bytes) -> bytes:
    number, signs, _ = RECORDS[name]
    packed = "<" + "".join(_PACKED.get(sign, sign) for sign in signs)
    return _HEAD + bytes([number]) + struct.pack(packed, *values)
