"""The frame that a seal sends: a layout of our own for the data that ISO 18185 makes mandatory.

ISO 18185-1 and -2 want the seal's permanent identity, whether it is sealed, its battery, and the
time; ISO 18185-4 wants integrity, not secrecy. So everything travels in clear and the last bytes
sign all others. Big-endian; offsets are of a frame with a number of ``n`` characters:

=========  =====  ========================================================
offset     bytes  field
=========  =====  ========================================================
0          2      ``MARK``
2          1      version, 1
3          1      bytes of the whole frame
4          1      flags: what is true, and which optional fields follow
5          1      event, a place in ``EVENTS``
6          1      battery in half percent, 255 for unknown
7          4      counter: one more than in the frame before
11         2      openings: how often it was ever opened, stays at 65535
13         6      milliseconds since 1970-01-01 UTC, by the seal's clock
19         1      ``n``, 4 to 20
20         n      seal number, ASCII
20 + n     10     if flagged: latitude, longitude (1e-7 degree), 0.1 kn
..         2      if flagged: temperature in 0.01 degrees Celsius
..         11     if flagged: container number, ASCII
end        16/64  HMAC-SHA-256 cut to 16 bytes, or Ed25519
=========  =====  ========================================================

There is one frame for one content: what is decoded encodes to the same bytes.
"""

import re
import struct
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from typing import Final

from msgspec import Struct

from haechi.ids import InvalidIdError, seal
from haechi.seals import SealEventKind

MARK: Final = b"\xe5\x18"
VERSION: Final = 1
LENGTH_AT: Final = 3
"""Offset of the byte that holds the length."""
SHORTEST: Final = 40
"""Bytes of a frame with the shortest number, nothing optional and an HMAC."""
LONGEST: Final = 127
"""Bytes of one with the longest number, all that is optional and Ed25519."""
HMAC_BYTES: Final = 16
ED25519_BYTES: Final = 64
MOST_OPENINGS: Final = 0xFFFF

EVENTS: Final[tuple[SealEventKind, ...]] = (
    SealEventKind.STATUS,
    SealEventKind.ARMED,
    SealEventKind.LOCK,
    SealEventKind.UNLOCK,
    SealEventKind.DOOR,
    SealEventKind.TAMPERING,
    SealEventKind.REMOVING,
    SealEventKind.JAMMING,
    SealEventKind.LOW_BATTERY,
    SealEventKind.POWER_CUT,
    SealEventKind.TEMPERATURE,
    SealEventKind.DISARMED,
)
"""An event is sent as its place in this row; new ones are added at the end."""

_HEAD: Final = struct.Struct(">2sBBBBBIH6sB")
_PLACE: Final = struct.Struct(">iiH")
_CELSIUS: Final = struct.Struct(">h")
_CONTAINER: Final = re.compile(rb"[A-Z]{3}[UJZ][0-9]{7}")
_CONTAINER_BYTES: Final = 11
_NO_BATTERY: Final = 0xFF
_FULL_BATTERY: Final = 200
_NO_SPEED: Final = 0xFFFF
_FASTEST: Final = 11_000
_QUARTER_TURN: Final = 900_000_000
_HALF_TURN: Final = 1_800_000_000
_COLDEST, _HOTTEST = -10_000, 20_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


class _Flag(IntFlag):
    SEALED = 1
    ARMED = 2
    PLACE = 4
    TEMPERATURE = 8
    CONTAINER = 16
    ED25519 = 32


_KNOWN_FLAGS: Final = sum(_Flag)


class FrameError(ValueError):
    """The bytes are not a frame; the text says why."""


class Place(Struct, frozen=True):
    """Where the seal was, in whole units of the frame."""

    lat_e7: int
    lon_e7: int
    speed_dkn: int | None = None
    """Tenths of a knot."""


class Frame(Struct, frozen=True, kw_only=True):
    """What one frame says, in whole units of the frame, so that nothing is rounded."""

    number: str
    counter: int
    event: SealEventKind
    openings: int
    at: datetime
    """By the seal's clock, to the millisecond."""
    sealed: bool
    armed: bool
    battery_half_percent: int | None = None
    place: Place | None = None
    centicelsius: int | None = None
    container: str | None = None


class Signed(Struct, frozen=True):
    """A frame as it came: what it says, the bytes that are signed, and the signature."""

    frame: Frame
    body: bytes
    signature: bytes

    @property
    def raw(self) -> bytes:
        """The whole frame."""
        return self.body + self.signature


def encode(frame: Frame, signature_bytes: int = HMAC_BYTES) -> bytes:
    """Return the body to be signed; the signature of that length is then put behind it.

    Raises:
        FrameError: the number is not a seal's.
        struct.error: a value does not fit its field.
    """
    number = _number(frame.number.encode())
    optional = _optional(frame)
    head = _HEAD.pack(
        MARK,
        VERSION,
        _HEAD.size + len(number) + len(optional) + signature_bytes,
        _flags(frame, signature_bytes),
        EVENTS.index(frame.event),
        _NO_BATTERY if frame.battery_half_percent is None else frame.battery_half_percent,
        frame.counter,
        frame.openings,
        ((frame.at - _EPOCH) // timedelta(milliseconds=1)).to_bytes(6, "big"),
        len(number),
    )
    return head + number.encode() + optional


def decode(raw: bytes) -> Signed:
    """Take a frame apart; whether it is genuine is for ``edge.seal.keys`` to say.

    Raises:
        FrameError: not exactly one whole frame of this version with values in range.
    """
    if not SHORTEST <= len(raw) <= LONGEST or raw[:2] != MARK:
        raise FrameError("not a frame")
    _, version, length, bits, event, battery, counter, openings, ms, size = _HEAD.unpack_from(raw)
    if version != VERSION or length != len(raw):
        raise FrameError("unknown version" if version != VERSION else "wrong length")
    if bits & ~_KNOWN_FLAGS or event >= len(EVENTS) or _FULL_BATTERY < battery < _NO_BATTERY:
        raise FrameError("unknown flag, event or battery")
    flags = _Flag(bits)
    end = length - (ED25519_BYTES if _Flag.ED25519 in flags else HMAC_BYTES)
    rest = _Rest(raw[_HEAD.size : end])
    frame = Frame(
        number=_number(rest.take(size)),
        counter=counter,
        event=EVENTS[int(event)],
        openings=openings,
        at=_time(int.from_bytes(ms, "big")),
        sealed=_Flag.SEALED in flags,
        armed=_Flag.ARMED in flags,
        battery_half_percent=None if battery == _NO_BATTERY else battery,
        place=_place(rest.take(_PLACE.size)) if _Flag.PLACE in flags else None,
        centicelsius=_celsius(rest.take(_CELSIUS.size)) if _Flag.TEMPERATURE in flags else None,
        container=_container(rest.take(_CONTAINER_BYTES)) if _Flag.CONTAINER in flags else None,
    )
    rest.close()
    return Signed(frame, raw[:end], raw[end:])


class _Rest:
    """What has not been read yet of a body."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def take(self, size: int) -> bytes:
        if len(self._raw) < size:
            raise FrameError("too short for its flags")
        taken, self._raw = self._raw[:size], self._raw[size:]
        return taken

    def close(self) -> None:
        if self._raw:
            raise FrameError("too long for its flags")


def _flags(frame: Frame, signature_bytes: int) -> int:
    stated = {
        _Flag.SEALED: frame.sealed,
        _Flag.ARMED: frame.armed,
        _Flag.PLACE: frame.place is not None,
        _Flag.TEMPERATURE: frame.centicelsius is not None,
        _Flag.CONTAINER: frame.container is not None,
        _Flag.ED25519: signature_bytes == ED25519_BYTES,
    }
    return sum(flag for flag, is_set in stated.items() if is_set)


def _optional(frame: Frame) -> bytes:
    parts: list[bytes] = []
    if frame.place is not None:
        speed = frame.place.speed_dkn
        place = (frame.place.lat_e7, frame.place.lon_e7, _NO_SPEED if speed is None else speed)
        parts.append(_PLACE.pack(*place))
    if frame.centicelsius is not None:
        parts.append(_CELSIUS.pack(frame.centicelsius))
    if frame.container is not None:
        parts.append(frame.container.encode())
    return b"".join(parts)


def _number(raw: bytes) -> str:
    try:
        return seal(raw.decode("ascii"))
    except (UnicodeDecodeError, InvalidIdError) as error:
        raise FrameError("not a seal number") from error


def _time(milliseconds: int) -> datetime:
    if milliseconds > _LATEST_MS:
        raise FrameError("time out of range")
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _place(raw: bytes) -> Place:
    lat, lon, speed = _PLACE.unpack(raw)
    if abs(lat) > _QUARTER_TURN or abs(lon) > _HALF_TURN or _FASTEST < speed < _NO_SPEED:
        raise FrameError("position out of range")
    return Place(lat, lon, None if speed == _NO_SPEED else speed)


def _celsius(raw: bytes) -> int:
    (hundredths,) = _CELSIUS.unpack(raw)
    if not _COLDEST <= hundredths <= _HOTTEST:
        raise FrameError("temperature out of range")
    return int(hundredths)


def _container(raw: bytes) -> str:
    if _CONTAINER.fullmatch(raw) is None:
        raise FrameError("not a container number")
    return raw.decode("ascii")
