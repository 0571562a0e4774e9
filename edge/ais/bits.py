"""The bits of an AIS payload, and how to take fields out of them (ITU-R M.1371, annex 8).

Six bits travel in one character, as in Base64 but in another order; so two translations let the
standard library do the work on whole payloads and whole texts instead of single characters.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any, Final, NamedTuple

_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ARMOUR: Final = bytes([*range(ord("0"), ord("W") + 1), *range(ord("`"), ord("w") + 1)])
_SIX_BIT_ASCII: Final = bytes([*range(ord("@"), ord("_") + 1), *range(ord(" "), ord("?") + 1)])
_UNARMOUR: Final = bytes.maketrans(_ARMOUR, _BASE64)
_READABLE: Final = bytes.maketrans(_BASE64, _SIX_BIT_ASCII)


class Bits(NamedTuple):
    """A row of bits as one number, the first of them the most significant."""

    value: int
    length: int


Field = Callable[[Bits], Any]
"""Takes one field out; the bits are long enough for it."""


def unarmour(payload: bytes, fill: int) -> Bits:
    """Return the bits of a payload of armour characters, without the last ``fill`` of them.

    >>> unarmour(b"w0", 4)
    Bits(value=252, length=8)
    """
    length = 6 * len(payload)
    if fill > length:
        return Bits(0, 0)
    padding = -len(payload) % 4
    whole = a2b_base64(payload.translate(_UNARMOUR) + b"A" * padding)
    return Bits(int.from_bytes(whole, "big") >> (6 * padding + fill), length - fill)


def number(bits: Bits, start: int, width: int) -> int:
    """Return an unsigned field.

    >>> number(Bits(0b1011_0001, 8), 2, 3)
    6
    """
    return bits.value >> (bits.length - start - width) & ((1 << width) - 1)


def unsigned(start: int, width: int, convert: Callable[[int], Any] = int) -> Field:
    """Return a field that is a number, converted."""
    end, mask = start + width, (1 << width) - 1
    return lambda bits: convert(bits[0] >> (bits[1] - end) & mask)


def text(start: int, width: int) -> Callable[[Bits], str]:
    """Return a field of six-bit characters; one that is cut off at the end does not count.

    >>> text(0, 24)(unarmour(b"8;9P", 0))
    'HKI '
    """

    def read(bits: Bits) -> str:
        count = min(width, bits.length - start) // 6
        padding = -count % 4
        raw = number(bits, start, 6 * count) << 6 * padding
        encoded = b2a_base64(raw.to_bytes((count + padding) * 3 // 4, "big"), newline=False)
        return encoded.translate(_READABLE)[:count].decode("ascii")

    return read
