"""Radio identities: what kind of station one names, and under which flag."""

import re
from typing import Final

from msgspec import Struct
from pyais.constants import COUNTRY_MAPPING

from haechi.aci.checking import Checked, Doubt, checked, normalised
from haechi.ids import InvalidIdError

_MMSI = re.compile(r"[0-9]{9}")

_FORMS: Final = (
    (re.compile(r"00([2-7]\d\d)"), "coast station"),
    (re.compile(r"0([2-7]\d\d)"), "group of ships"),
    (re.compile(r"111([2-7]\d\d)"), "search and rescue aircraft"),
    (re.compile(r"99([2-7]\d\d)"), "aid to navigation"),
    (re.compile(r"98([2-7]\d\d)"), "craft of a ship"),
    (re.compile(r"()970"), "search and rescue transmitter"),
    (re.compile(r"()972"), "man overboard device"),
    (re.compile(r"()974"), "emergency position beacon"),
    (re.compile(r"([2-7]\d\d)"), "ship"),
)
"""What it begins with, and where the country stands in it (ITU-R M.585)."""


class Station(Struct, frozen=True):
    """Whom a radio identity names."""

    mmsi: str
    kind: str
    """``ship``, ``coast station`` …; empty if it is none of them."""
    flag: str
    """ISO 3166-1; empty if unknown."""


def mmsi(text: str) -> Checked[Station]:
    """Read a maritime mobile service identity, 9 digits.

    An Egyptian tax number has the same form: that it passes here does not make it a ship.

    Source:
        The table of countries is that of pyais.

    >>> mmsi("440006460").value
    Station(mmsi='440006460', kind='ship', flag='KR')
    >>> mmsi("123456789").codes
    ('MMSI_KIND',)
    """
    number = normalised(text)
    if _MMSI.fullmatch(number) is None:
        raise InvalidIdError(f"not an MMSI (9 digits): {text[:80]!r}")
    matches = ((form.match(number), kind) for form, kind in _FORMS)
    match, kind = next(((match, kind) for match, kind in matches if match), (None, ""))
    digits = match[1] if match else ""
    flag = COUNTRY_MAPPING.get(int(digits), ("", ""))[0] if digits else ""
    station = Station(number, kind, flag)
    odd = Doubt("MMSI_KIND", f"no station has an identity that begins {number[:3]}")
    unknown = Doubt("MMSI_COUNTRY", f"no country has {digits}")
    return checked(station, (None if kind else odd, unknown if digits and not flag else None))
