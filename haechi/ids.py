"""Identifiers that carry their own rules."""

import re
from typing import Final

DEVICE_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{2,31}\Z"
r"""Names of devices and sites. ``\Z``, since ``$`` would let a trailing newline through."""

SUBJECT_PATTERN: Final = r"^[a-z]{2,12}:[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"
"""What a report is about: a kind and a key, such as ``mmsi:219000001``."""

BOOT_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{2,47}\Z"
"""One start of one device."""

CONTAINER_PATTERN: Final = r"^[A-Z]{3}[UJZ][0-9]{7}\Z"
"""Eleven signs as ISO 6346 has them, whatever the check digit."""

SEAL_PATTERN: Final = r"^[A-Z0-9][A-Z0-9-]{3,19}\Z"
"""What is printed on a seal."""

_DEVICE = re.compile(DEVICE_PATTERN)
_CONTAINER = re.compile(CONTAINER_PATTERN)
_IMO = re.compile(r"[0-9]{7}")
_MMSI = re.compile(r"[0-9]{9}")
_SEAL = re.compile(SEAL_PATTERN)


class InvalidIdError(ValueError):
    """The text is not a well-formed identifier of the stated kind."""


def device_id(text: str) -> str:
    """Return ``text`` if it names a device or a site.

    Raises:
        InvalidIdError: not 3 to 32 of ``a-z 0-9 -``, or it starts with ``-``. Such a name could
            change the meaning of a topic, an access rule or a file path.

    >>> device_id("ais-busan")
    'ais-busan'
    """
    return _checked(_DEVICE, text, "device or site name (3-32 of a-z 0-9 -)")


def mmsi(text: str) -> str:
    """Return ``text`` if it is a maritime mobile service identity, 9 digits (ITU-R M.585).

    >>> mmsi("219000001")
    '219000001'
    """
    return _checked(_MMSI, text, "MMSI (9 digits)")


def imo(text: str) -> str:
    """Return ``text`` if it is an IMO ship number: 7 digits, the last a check digit.

    >>> imo("9074729")
    '9074729'
    """
    number = _checked(_IMO, text, "IMO number (7 digits)")
    if imo_check_digit(number) != int(number[6]):
        raise InvalidIdError(f"IMO number with a wrong check digit: {text!r}")
    return number


def imo_check_digit(number: str) -> int:
    """Return what the seventh digit should be.

    Source:
        IMO resolution A.1117(30): the first six digits weighted 7 to 2 sum to a number that ends
        in the seventh.

    >>> imo_check_digit("907472")
    9
    """
    weights = range(7, 1, -1)
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % 10


def container(text: str) -> str:
    """Return ``text`` if it is a container number: owner, category, serial and check digit.

    >>> container("CSQU3054383")
    'CSQU3054383'
    """
    number = _checked(_CONTAINER, text, "container number (ISO 6346)")
    if container_check_digit(number) != int(number[10]):
        raise InvalidIdError(f"container number with a wrong check digit: {text!r}")
    return number


def container_check_digit(number: str) -> int:
    """Return what the eleventh sign should be.

    Source:
        ISO 6346: letters count 10 to 38 without multiples of 11, position ``i`` weighs ``2**i``,
        and the sum modulo 11 modulo 10 is the check digit.

    >>> container_check_digit("TASU117000")
    0
    """
    total = sum(_container_value(sign) << place for place, sign in enumerate(number[:10]))
    return total % 11 % 10


def seal(text: str) -> str:
    """Return ``text`` if it can be the number printed on a seal, 4 to 20 of ``A-Z 0-9 -``.

    >>> seal("EG-0012345")
    'EG-0012345'
    """
    return _checked(_SEAL, text, "seal number (4-20 of A-Z 0-9 -)")


def _checked(pattern: re.Pattern[str], text: str, kind: str) -> str:
    if pattern.fullmatch(text) is None:
        raise InvalidIdError(f"not a {kind}: {text[:80]!r}")
    return text


def _container_value(sign: str) -> int:
    if sign.isdigit():
        return int(sign)
    place = ord(sign) - ord("A")
    return 10 + place + (place + 9) // 10
