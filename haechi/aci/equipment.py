"""Numbers that name boxes, what locks them, and the places between which they go."""

import re
from enum import StrEnum
from typing import Final

from haechi.aci.checking import Checked, Doubt, checked, normalised
from haechi.aci.countries import COUNTRIES
from haechi.ids import InvalidIdError, container_check_digit, imo_check_digit

CHECK_DIGIT: Final = "CHECK_DIGIT"
"""Code of the doubt that the last digit does not follow from the others."""

_CONTAINER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_IMO = re.compile(r"(?:IMO ?)?(?P<number>[0-9]{7})")
_LOCODE = re.compile(r"(?P<country>[A-Z]{2}) ?(?P<place>[A-Z2-9]{3})")
_SEAL = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")


class SealClass(StrEnum):
    """Strength of a mechanical seal, the letter stamped on it (ISO 17712)."""

    INDICATIVE = "I"
    SECURITY = "S"
    HIGH_SECURITY = "H"


class SealSource(StrEnum):
    """Who put a seal on (DCSA)."""

    CARRIER = "CAR"
    SHIPPER = "SHI"
    VETERINARY = "VET"
    CUSTOMS = "CUS"
    PHYTOSANITARY = "PHY"


class SealType(StrEnum):
    """How a seal is made (DCSA)."""

    KEYLESS_PADLOCK = "KLP"
    BOLT = "BLT"
    WIRE = "WIR"


def container_number(text: str) -> Checked[str]:
    """Read a container number (ISO 6346); a wrong check digit is a doubt: 2 in 609 are wrong.

    >>> container_number("mskU9070323")
    Checked(value='MSKU9070323', doubts=())
    >>> container_number("MSKU9070324").doubts
    (Doubt(code='CHECK_DIGIT', text='the check digit of MSKU907032 is 3, not 4'),)
    """
    number = normalised(text).upper()
    if _CONTAINER.fullmatch(number) is None:
        raise InvalidIdError(f"not a container number (ISO 6346): {text[:80]!r}")
    return checked(number, (_digit_doubt(number, container_check_digit(number)),))


def imo_number(text: str) -> Checked[str]:
    """Read an IMO ship number, with or without the letters; a wrong check digit is a doubt.

    >>> imo_number("IMO 9074729").value
    '9074729'
    """
    match = _IMO.fullmatch(normalised(text).upper())
    if match is None:
        raise InvalidIdError(f"not an IMO number (7 digits): {text[:80]!r}")
    number = match["number"]
    return checked(number, (_digit_doubt(number, imo_check_digit(number)),))


def locode(text: str) -> Checked[str]:
    """Read a UN/LOCODE: two letters of the country, three signs of the place.

    >>> locode("EG EDK").value
    'EGEDK'
    """
    match = _LOCODE.fullmatch(normalised(text).upper())
    if match is None:
        raise InvalidIdError(f"not a UN/LOCODE (such as EGALY): {text[:80]!r}")
    country = match["country"]
    unknown = Doubt("LOCODE_COUNTRY", f"{country} is no country")
    return checked(country + match["place"], (None if country in COUNTRIES else unknown,))


def seal_number(text: str, *, seal_class: SealClass | None = None) -> Checked[str]:
    """Read the number printed on a seal; longer than DCSA allows or too weak is a doubt.

    >>> seal_number("h53175", seal_class=SealClass.HIGH_SECURITY)
    Checked(value='H53175', doubts=())
    """
    number = normalised(text).upper()
    if _SEAL.fullmatch(number) is None:
        raise InvalidIdError(f"not a seal number (2-20 of A-Z 0-9 -): {text[:80]!r}")
    is_weak = seal_class not in {None, SealClass.HIGH_SECURITY}
    weak = Doubt("SEAL_CLASS", f"class {seal_class} is below H, which containers need")
    long = Doubt("SEAL_LENGTH", f"{len(number)} signs, more than the 15 that DCSA messages carry")
    return checked(number, (weak if is_weak else None, long if len(number) > 15 else None))  # noqa: PLR2004 - DCSA's limit, named in the text


def _digit_doubt(number: str, right: int) -> Doubt | None:
    if int(number[-1]) == right:
        return None
    text = f"the check digit of {number[:-1]} is {right}, not {number[-1]}"
    return Doubt(CHECK_DIGIT, text)
