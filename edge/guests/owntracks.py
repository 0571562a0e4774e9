"""OwnTracks: the phones of patrol officers become units on the map.

Source: the OwnTracks booklet, JSON payloads: ``location`` with latitude and longitude in degrees,
``tst`` the time of the fix in seconds since 1970, ``acc`` and ``alt`` in metres, ``vel`` in km/h,
``cog`` in degrees, ``batt`` in percent. All other types are of no interest here.
"""

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from edge.guests.mailbox import GuestError
from edge.measured import Measured
from haechi.ground import UnitPosition
from haechi.text import plain
from haechi.units import KNOT_IN_METRES_PER_SECOND

FILTERS: Final = ("owntracks/+/+",)
KMH_IN_KNOTS: Final = 1 / 3.6 / KNOT_IN_METRES_PER_SECOND
ENCRYPTED: Final = "encrypted payload: give the phones TLS to the broker instead of a shared secret"

_NAME = re.compile(r"owntracks/([A-Za-z0-9][A-Za-z0-9._-]{0,29})/([A-Za-z0-9._-]{1,30})")


class _Kind(msgspec.Struct, frozen=True):
    type: str = msgspec.field(name="_type", default="")


class _Location(msgspec.Struct, frozen=True):
    lat: float
    lon: float
    tst: float
    acc: float | None = None
    alt: float | None = None
    vel: float | None = None
    cog: float | None = None
    batt: float | None = None
    tid: str | None = None


_kind: msgspec.json.Decoder[_Kind] = msgspec.json.Decoder(_Kind)
_location: msgspec.json.Decoder[_Location] = msgspec.json.Decoder(_Location)


def read(topic: str, payload: bytes) -> Measured | None:
    """Return where a phone is, or nothing of what is no location.

    Raises:
        GuestError: not JSON, encrypted, a value out of range, or a name that is none here.
    """
    named = _NAME.fullmatch(topic)
    if named is None:
        raise GuestError(f"no user and device of letters, digits and ._- in {topic[:80]!r}")
    try:
        kind = _kind.decode(payload).type
        if kind == "encrypted":
            raise GuestError(ENCRYPTED)
        if kind != "location":
            return None
        return _measured(f"unit:{named[1]}-{named[2]}", _location.decode(payload))
    except (msgspec.DecodeError, OverflowError, OSError, ValueError) as error:
        raise GuestError(f"no owntracks location: {error}") from error


def _measured(subject: str, said: _Location) -> Measured:
    content = UnitPosition(
        lat=said.lat,
        lon=said.lon,
        accuracy_m=said.acc,
        altitude_m=said.alt,
        speed_kn=None if said.vel is None or said.vel < 0 else said.vel * KMH_IN_KNOTS,
        course_deg=None if said.cog is None or said.cog < 0 else said.cog % 360,
        battery_percent=said.batt,
        name=None if said.tid is None else plain(said.tid) or None,
    )
    checked = msgspec.convert(msgspec.to_builtins(content), UnitPosition)
    return Measured(datetime.fromtimestamp(said.tst, UTC), subject, checked)
