"""PUBLISH and PUBACK packets from and to bytes, the one part of MQTT that must be fast.

The driver takes about 50 µs for each packet, which is more than keeping and judging a reading.
Whatever is not a complete and ordinary PUBLISH of QoS 1 or PUBACK is left where it is, for the
driver.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct

_PUBLISH_QOS_1: Final = 0x32
_PUBACK: Final = 0x40
_DUP_AND_RETAIN: Final = 0x09
_MAX_LENGTH_BYTES: Final = 4
_MID_BYTES: Final = 2
_PUBACK_HEAD: Final = bytes((_PUBACK, _MID_BYTES))

_CONTENT_TYPE: Final = 0x03
_FIXED_BYTES: Final = {0x01: 1, 0x02: 4, 0x23: 2}
"""Payload format, message expiry and topic alias (MQTT 5.0, 3.3.2.3)."""
_STRINGS: Final = {0x03: 1, 0x08: 1, 0x09: 1, 0x26: 2}
"""Content type, response topic, correlation data, and the two of a user property."""
_SUBSCRIPTION_IDENTIFIER: Final = 0x0B


class Delivery(Struct, frozen=True, gc=False):
    """One PUBLISH that this client must answer for by ``Session.acknowledge``."""

    topic: str
    payload: bytes
    retain: bool
    content_type: str | None
    mid: int
    qos: int

    def __repr__(self) -> str:
        """Say how long the payload is: it may be anything."""
        return f"Delivery({self.topic!r}, {len(self.payload)} bytes, mid={self.mid})"


class Receipt(Struct, frozen=True, gc=False):
    """One PUBACK: what the broker says to one PUBLISH of ours."""

    mid: int
    reason: int
    """MQTT 5 reason code; 0 is success."""


def packets(data: bytes) -> tuple[list[Delivery | Receipt], int]:
    r"""Return the ordinary packets that ``data`` begins with, and how many bytes they are.

    Args:
        data: Begins with a packet.

    >>> packets(b"\x32\x08\x00\x01a\x00\x07\x00hi" b"\x40\x02\x00\x09" b"\xd0\x00")
    ([Delivery('a', 2 bytes, mid=7), Receipt(mid=9, reason=0)], 14)
    """
    found: list[Delivery | Receipt] = []
    start = 0
    try:
        while start < len(data):
            first = data[start]
            length, body = _varint(data, start + 1)
            end = body + length
            if end > len(data):
                break
            if first & ~_DUP_AND_RETAIN == _PUBLISH_QOS_1:
                found.append(_delivery(data, first, body, end))
            elif first == _PUBACK:
                found.append(_receipt(data, body, length))
            else:
                break
            start = end
    except (IndexError, ValueError):
        pass  # cut off, or malformed: the rest will come, or the driver will complain
    return found, start


def is_cut_off(data: bytes) -> bool:
    r"""Return whether ``data``, which begins with a packet, ends within it.

    >>> is_cut_off(b"\x32\x08\x00\x01a"), is_cut_off(b"\xd0\x00\x32"), is_cut_off(b"")
    (True, False, True)
    """
    try:
        length, body = _varint(data, 1)
    except IndexError:
        return True
    except ValueError:
        return False
    return body + length > len(data)


def publish(topic: bytes, payload: bytes, mid: int, *, retain: bool, content_type: bytes) -> bytes:
    r"""Return a PUBLISH packet of QoS 1.

    >>> packets(publish(b"a", b"hi", 7, retain=False, content_type=b"text/plain"))[0]
    [Delivery('a', 2 bytes, mid=7)]
    """
    kind = len(content_type).to_bytes(2) + content_type
    head = (
        len(topic).to_bytes(2) + topic + mid.to_bytes(2) + _length(len(kind) + 1) + b"\x03" + kind
    )
    return bytes((_PUBLISH_QOS_1 | retain,)) + _length(len(head) + len(payload)) + head + payload


def pubacks(mids: Iterable[int]) -> bytes:
    r"""Return PUBACK packets of success.

    >>> pubacks([7])
    b'@\x02\x00\x07'
    """
    return b"".join([_PUBACK_HEAD + mid.to_bytes(2) for mid in mids])


def _delivery(data: bytes, first: int, body: int, end: int) -> Delivery:
    topic_end = body + 2 + (data[body] << 8) + data[body + 1]
    topic = data[body + 2 : topic_end].decode()
    mid = (data[topic_end] << 8) + data[topic_end + 1]
    length, properties = _varint(data, topic_end + 2)
    payload = properties + length
    if payload > end or not topic or not mid:
        raise ValueError("not a PUBLISH that is ordinary")
    content_type = _content_type(data[properties:payload]) if length else None
    return Delivery(topic, data[payload:end], bool(first & 1), content_type, mid, 1)


def _receipt(data: bytes, body: int, length: int) -> Receipt:
    mid = (data[body] << 8) + data[body + 1]
    if length < _MID_BYTES or not mid:
        raise ValueError("not a PUBACK that is ordinary")
    return Receipt(mid, data[body + _MID_BYTES] if length > _MID_BYTES else 0)


@lru_cache(maxsize=64)
def _content_type(properties: bytes) -> str | None:
    """Return the content type among properties; any that is unknown is for the driver."""
    start = 0
    while start < len(properties):
        kind = properties[start]
        start += 1
        if kind == _CONTENT_TYPE:
            size = int.from_bytes(properties[start : start + 2])
            return properties[start + 2 : start + 2 + size].decode()
        if kind == _SUBSCRIPTION_IDENTIFIER:
            _, start = _varint(properties, start)
        elif kind in _FIXED_BYTES:
            start += _FIXED_BYTES[kind]
        else:
            for _ in range(_strings(kind)):
                start += 2 + int.from_bytes(properties[start : start + 2])
    return None


def _strings(kind: int) -> int:
    if kind not in _STRINGS:
        raise ValueError(f"no property {kind:#04x} of a PUBLISH")
    return _STRINGS[kind]


def _varint(data: bytes, start: int) -> tuple[int, int]:
    """Return a variable byte integer (MQTT 5.0, 1.5.5) and where it ends."""
    value = data[start]
    if value < 0x80:  # noqa: PLR2004 - the continuation bit
        return value, start + 1
    more = data[start + 1]
    if more < 0x80:  # noqa: PLR2004 - as above; nearly all end here
        return value - 0x80 + (more << 7), start + 2
    value = 0
    for place in range(_MAX_LENGTH_BYTES):
        byte = data[start + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:  # noqa: PLR2004 - as above
            return value, start + place + 1
    raise ValueError("a length of more than four bytes")


def _length(value: int) -> bytes:
    """Return a variable byte integer."""
    parts = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - what seven bits hold
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
