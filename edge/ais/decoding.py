"""AIS payloads (ITU-R M.1371): which bits mean what, and which values mean "not available".

The layouts are tables of our own. The library's (pyais) put a default in the place of codes that
they do not know, round rates of turn, and read a field that is cut off as if it were whole.
``python -m bench.ais_decoder`` measures the speed of both.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from edge.ais.bits import Bits, Field, number, text, unarmour, unsigned
from edge.ais.nmea import UndecodableError
from haechi.text import plain
from haechi.vessels import AisContent, AisOther, VesselParticulars, VesselPosition, VesselStatic

Fields = Mapping[str, Field]
_NOTHING: Final[Fields] = MappingProxyType({})

_MMSI_LIMIT: Final = 1_000_000_000
_HEADER_BITS: Final = 38
_SPACE: Final = 32
_LAST_TYPE: Final = 28
"""M.1371-6 added type 28."""


class Layout(NamedTuple):
    """How one kind of message is laid out."""

    bits: int
    """The shortest that counts: the standard's length. Bits beyond it are ignored."""
    fields: Fields = _NOTHING
    particulars: Fields = _NOTHING


def decode(payload: bytes, fill: int, sentences: tuple[str, ...]) -> tuple[str, AisContent]:
    """Return the subject of one AIS message and what it says about it.

    Args:
        payload: The armoured payload, all parts joined.
        fill: Bits at its end that mean nothing.
        sentences: The whole sentences it came in, kept where the content is not understood.

    Raises:
        UndecodableError: empty or too short, a type that does not exist, or a value outside what
            the standard allows.

    >>> subject, position = decode(b"13mb9U0P00PRk8fT5nw>4?wj2006", 0, ())
    >>> subject, position.speed_kn, position.heading_deg, round(position.lat, 6)
    ('mmsi:257591700', 0.0, None, 63.074553)
    """
    bits = unarmour(payload, fill)
    if bits.length < _HEADER_BITS:
        raise UndecodableError("too short" if payload else "empty payload")
    kind, mmsi = number(bits, 0, 6), number(bits, 8, 30)
    if mmsi >= _MMSI_LIMIT:
        raise UndecodableError("MMSI of more than nine digits")
    if not 1 <= kind <= _LAST_TYPE:
        raise UndecodableError("unknown message type")
    return f"mmsi:{mmsi:09}", _content(kind, bits, sentences)


def _content(kind: int, bits: Bits, sentences: tuple[str, ...]) -> AisContent:
    if kind in POSITIONS:
        layout = _long_enough(POSITIONS[kind], bits)
        return VesselPosition(
            ais_type=kind,
            particulars=_particulars(layout, bits) if layout.particulars else None,
            **_read(layout.fields, bits),
        )
    if kind in STATICS:
        layout = _long_enough(_static_layout(kind, bits), bits)
        return VesselStatic(ais_type=kind, particulars=_particulars(layout, bits))
    layout = _long_enough(OTHERS.get(kind, _UNREAD), bits)
    return AisOther(ais_type=kind, sentences=sentences, **_read(layout.fields, bits))


def _read(fields: Fields, bits: Bits) -> dict[str, Any]:
    return {name: read(bits) for name, read in fields.items()}


def _particulars(layout: Layout, bits: Bits) -> VesselParticulars:
    return VesselParticulars(**_read(layout.particulars, bits))


def _long_enough(layout: Layout, bits: Bits) -> Layout:
    if bits.length < layout.bits:
        raise UndecodableError("too short")
    return layout


def _static_layout(kind: int, bits: Bits) -> Layout:
    """Type 24 has two parts; part B of an auxiliary craft names its mother ship, not a size."""
    if kind != _STATIC_DATA_REPORT:
        return STATICS[kind]
    part = number(bits, 38, 2)
    if part > 1:
        raise UndecodableError("unknown part of type 24")
    if part == 0:
        return _PART_A
    return _PART_B_AUXILIARY if number(bits, 8, 30) // 10_000_000 == _AUXILIARY_CRAFT else _PART_B


def _text(start: int, width: int) -> Field:
    """Read a text: ``@`` ends it, spaces around it are padding, and an empty one says nothing."""
    read = text(start, width)
    return lambda bits: plain(read(bits).partition("@")[0].strip()) or None


class Scale(NamedTuple):
    """A quantity: what one unit is in the message, which numbers count, and which says "none"."""

    name: str
    per_unit: int
    lowest: int
    highest: int
    unavailable: int

    def field(self, start: int, width: int) -> Field:
        """Return the field of this quantity; in two's complement if it can be negative."""
        name, per_unit, lowest, highest, unavailable = self
        end, mask, sign = start + width, (1 << width) - 1, 1 << (width - 1) if lowest < 0 else 0

        def read(bits: Bits) -> float | None:
            raw = ((bits[0] >> (bits[1] - end) & mask) ^ sign) - sign
            if lowest <= raw <= highest:
                return raw / per_unit
            if raw == unavailable:
                return None
            raise UndecodableError(f"{name} out of range")

        return read


def _turn(raw: int) -> float | None:
    """Degrees per minute, positive to starboard: the indicator sends 4.733 times the root of it.

    ±127 means "more than 5° in 30 s" from a vessel without an indicator: a direction, no rate.
    """
    indicated = raw - 256 if raw > 127 else raw  # noqa: PLR2004 - two's complement
    if abs(indicated) > 126:  # noqa: PLR2004 - see above; -128 is "not available"
        return None
    return math.copysign((indicated / 4.733) ** 2, indicated)


def _stated(raw: int) -> int | None:
    """Zero is "not available"."""
    return raw or None


def _sum_of_nine(raw: int) -> float | None:
    """Metres from the antenna to the bow and to the stern, nine bits each."""
    return float((raw >> 9) + (raw & 511)) or None


def _sum_of_six(raw: int) -> float | None:
    return float((raw >> 6) + (raw & 63)) or None


def _decimetres(raw: int) -> float | None:
    return raw / 10 or None


def _eta(raw: int) -> str | None:
    """As sent: hour 24 and minute 60 stand for "not available". Without a date it says nothing."""
    month, day, hour, minute = raw >> 16, raw >> 11 & 31, raw >> 6 & 31, raw & 63
    return f"{month:02}-{day:02} {hour:02}:{minute:02}" if month and day else None


def _aid_name(bits: Bits) -> str | None:
    """Twenty characters; where they do not end in ``@``, an extension may follow at the end."""
    name, last = _text(43, 120)(bits) or "", number(bits, 157, 6)
    if last == 0:
        return name or None
    space = " " if last == _SPACE else ""
    return f"{name}{space}{_text(272, 88)(bits) or ''}".strip() or None


def _place(per_degree: int, start: int, width: int) -> Fields:
    """Longitude, and latitude in one bit less behind it."""
    longitude = Scale(
        "longitude", per_degree, -180 * per_degree, 180 * per_degree, 181 * per_degree
    )
    latitude = Scale("latitude", per_degree, -90 * per_degree, 90 * per_degree, 91 * per_degree)
    return {
        "lon": longitude.field(start, width),
        "lat": latitude.field(start + width, width - 1),
    }


def _size(start: int) -> Fields:
    return {
        "length_m": unsigned(start, 18, _sum_of_nine),
        "beam_m": unsigned(start + 18, 12, _sum_of_six),
    }


_DECIKNOTS = Scale("speed", 10, 0, 1022, 1023)
_KNOTS = Scale("speed", 1, 0, 1022, 1023)
_SHORT_KNOTS = Scale("speed", 1, 0, 62, 63)
_DECIDEGREES = Scale("course", 10, 0, 3599, 3600)
_SHORT_DEGREES = Scale("course", 1, 0, 359, 511)
_HEADING = Scale("heading", 1, 0, 359, 511)
_ALTITUDE = Scale("altitude", 1, 0, 4094, 4095)
_TURN: Final = tuple(map(_turn, range(256)))

_CLASS_A: Fields = {
    "navigation_status": unsigned(38, 4),
    "turn_deg_min": unsigned(42, 8, _TURN.__getitem__),
    "speed_kn": _DECIKNOTS.field(50, 10),
    "accurate": unsigned(60, 1, bool),
    **_place(600_000, 61, 28),
    "course_deg": _DECIDEGREES.field(116, 12),
    "heading_deg": _HEADING.field(128, 9),
}
_CLASS_B: Fields = {
    "speed_kn": _DECIKNOTS.field(46, 10),
    "accurate": unsigned(56, 1, bool),
    **_place(600_000, 57, 28),
    "course_deg": _DECIDEGREES.field(112, 12),
    "heading_deg": _HEADING.field(124, 9),
}
_AIRCRAFT: Fields = {
    "altitude_m": _ALTITUDE.field(38, 12),
    "speed_kn": _KNOTS.field(50, 10),
    "accurate": unsigned(60, 1, bool),
    **_place(600_000, 61, 28),
    "course_deg": _DECIDEGREES.field(116, 12),
}
_LONG_RANGE: Fields = {
    "accurate": unsigned(38, 1, bool),
    "navigation_status": unsigned(40, 4),
    **_place(600, 44, 18),
    "speed_kn": _SHORT_KNOTS.field(79, 6),
    "course_deg": _SHORT_DEGREES.field(85, 9),
}
_SELF: Fields = {
    "name": _text(143, 120),
    "ship_type": unsigned(263, 8, _stated),
    **_size(271),
}
_VOYAGE: Fields = {
    "imo": unsigned(40, 30, _stated),
    "callsign": _text(70, 42),
    "name": _text(112, 120),
    "ship_type": unsigned(232, 8, _stated),
    **_size(240),
    "eta": unsigned(274, 20, _eta),
    "draught_m": unsigned(294, 8, _decimetres),
    "destination": _text(302, 120),
}
_STATION = Layout(168, _place(600_000, 79, 28))
_STATIC_DATA_REPORT: Final = 24
_AUXILIARY_CRAFT: Final = 98
_KIND_AND_CALL: Fields = {"ship_type": unsigned(40, 8, _stated), "callsign": _text(90, 42)}
_PART_A = Layout(160, particulars={"name": _text(40, 120)})
_PART_B = Layout(162, particulars={**_KIND_AND_CALL, **_size(132)})
_PART_B_AUXILIARY = Layout(162, particulars=_KIND_AND_CALL)
_UNREAD = Layout(_HEADER_BITS)

POSITIONS: Final = {
    1: Layout(168, _CLASS_A),
    2: Layout(168, _CLASS_A),
    3: Layout(168, _CLASS_A),
    9: Layout(168, _AIRCRAFT),
    18: Layout(168, _CLASS_B),
    19: Layout(312, _CLASS_B, _SELF),
    27: Layout(96, _LONG_RANGE),
}
STATICS: Final = {
    5: Layout(420, particulars=_VOYAGE),
    _STATIC_DATA_REPORT: _PART_A,
}
"""Type 5 has 424 bits; senders that forget the fill bits leave 420, which cuts only the last
character of the destination."""

OTHERS: Final = {
    4: _STATION,
    11: _STATION,
    17: Layout(80, _place(600, 40, 18)),
    21: Layout(272, {"name": _aid_name, **_place(600_000, 164, 28)}),
    28: Layout(99, _place(600_000, 44, 28)),
}
