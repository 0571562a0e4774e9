"""Identifiers that carry their own rules."""

import re
from dataclasses import dataclass
from typing import Final

DEVICE_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{2,31}\Z"
r"""Names of devices and sites. ``\Z``, since ``$`` would let a trailing newline through."""

SUBJECT_PATTERN: Final = r"^[a-z]{2,12}:[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"
"""What a report is about: a kind and a key, such as ``mmsi:219000001``."""

BOOT_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{2,47}\Z"
"""One start of one device."""

_ACID = re.compile(r"(?P<importer>\d{9})(?P<year>\d{4})(?P<month>\d{2})(?P<serial>\d{4})", re.ASCII)
_DEVICE = re.compile(DEVICE_PATTERN)
_CONTAINER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_IMO = re.compile(r"[0-9]{7}")
_MMSI = re.compile(r"[0-9]{9}")
_SEAL = re.compile(r"[A-Z0-9][A-Z0-9-]{3,19}")


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

    Source:
        IMO resolution A.1117(30): the first six digits weighted 7 to 2 sum to a number that ends
        in the seventh.

    >>> imo("9074729")
    '9074729'
    """
    number = _checked(_IMO, text, "IMO number (7 digits)")
    total = sum(int(digit) * weight for digit, weight in zip(number, range(7, 1, -1), strict=False))
    if total % 10 != int(number[6]):
        raise InvalidIdError(f"IMO number with a wrong check digit: {text!r}")
    return number


def container(text: str) -> str:
    """Return ``text`` if it is a container number: owner, category, serial and check digit.

    Source:
        ISO 6346: letters count 10 to 38 without multiples of 11, position ``i`` weighs ``2**i``,
        and the sum modulo 11 modulo 10 is the check digit.

    >>> container("CSQU3054383")
    'CSQU3054383'
    """
    number = _checked(_CONTAINER, text, "container number (ISO 6346)")
    total = sum(_container_value(sign) << place for place, sign in enumerate(number[:10]))
    if total % 11 % 10 != int(number[10]):
        raise InvalidIdError(f"container number with a wrong check digit: {text!r}")
    return number


def seal(text: str) -> str:
    """Return ``text`` if it can be the number printed on a seal, 4 to 20 of ``A-Z 0-9 -``.

    >>> seal("EG-0012345")
    'EG-0012345'
    """
    return _checked(_SEAL, text, "seal number (4-20 of A-Z 0-9 -)")


@dataclass(frozen=True, slots=True, order=True)
class Acid:
    """Advance cargo information number: one per shipment, issued before loading."""

    importer: str
    year: int
    month: int
    serial: int

    @classmethod
    def parse(cls, text: str) -> "Acid":
        """Read the 19-digit form.

        Args:
            text: 9-digit importer tax number, 4-digit year, 2-digit month, 4-digit serial.

        Raises:
            InvalidIdError: ``text`` is not exactly 19 digits. An implausible year or month is not
                an error here: it is a warning for the caller to raise.

        Source:
            The worked example of the customs authority's ACI guide.

        >>> Acid.parse("4988470982020120017")
        Acid(importer='498847098', year=2020, month=12, serial=17)
        >>> str(Acid.parse("4988470982020120017"))
        '4988470982020120017'
        """
        match = _ACID.fullmatch(text)
        if match is None:
            raise InvalidIdError(f"not an ACID (19 digits): {text!r}")
        return cls(match["importer"], int(match["year"]), int(match["month"]), int(match["serial"]))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is implausible about the number, in plain words; empty if nothing is."""
        found: list[str] = []
        if not 1 <= self.month <= 12:  # noqa: PLR2004 - months
            found.append(f"month {self.month:02} does not exist")
        if self.year < 2020:  # noqa: PLR2004 - the law that introduced ACIDs is of 2020
            found.append(f"year {self.year} is before advance cargo information existed")
        return tuple(found)

    def __str__(self) -> str:
        return f"{self.importer}{self.year:04}{self.month:02}{self.serial:04}"


def _checked(pattern: re.Pattern[str], text: str, kind: str) -> str:
    if pattern.fullmatch(text) is None:
        raise InvalidIdError(f"not a {kind}: {text[:80]!r}")
    return text


def _container_value(sign: str) -> int:
    if sign.isdigit():
        return int(sign)
    place = ord(sign) - ord("A")
    return 10 + place + (place + 9) // 10
