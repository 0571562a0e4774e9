"""What is said of two subjects at one time of the grid: the observations of the second stage.

They are made here, never sent: no device can claim one. ``distance_m`` is ``None`` in those that
take back what was said before of the same two at the same time, which rules must not heed.
"""

from typing import Final, NamedTuple

from msgspec import Struct

from haechi.observations import Identity

_BETWEEN: Final = "|"
"""Between the two in the name of a pair; no subject holds one."""


class Place(NamedTuple):
    """Latitude and longitude in degrees."""

    lat: float
    lon: float


NOWHERE: Final = Place(0.0, 0.0)


class Meeting(Struct, frozen=True, kw_only=True, tag="meeting", gc=False):
    """Two vessels that state their places, within ``MEETING_M`` and outside all shelters."""

    distance_m: float | None = None
    first: Place = NOWHERE
    second: Place = NOWHERE
    evidence: tuple[Identity, ...] = ()
    """The observations that the places lie between."""


class Company(Struct, frozen=True, kw_only=True, tag="company", gc=False):
    """A vessel, and close to it an object that a camera sees and no vessel says it is.

    The second of the pair is the camera, since its tracks break and begin anew.
    """

    distance_m: float | None = None
    first: Place = NOWHERE
    second: Place = NOWHERE
    """Of the object."""
    object: str = ""
    """The nearest one."""
    evidence: tuple[Identity, ...] = ()


class Carriage(Struct, frozen=True, kw_only=True, tag="carriage", gc=False):
    """An armed seal, and the vessel whose voyage declares the container that it was bound to."""

    distance_m: float | None = None
    first: Place = NOWHERE
    """Of the seal."""
    second: Place = NOWHERE
    container: str = ""
    voyage: str = ""
    registry: str = ""
    """Who bound it."""
    at_call: bool = False
    """The seal is at a port of the voyage."""
    evidence: tuple[Identity, ...] = ()


PairContent = Meeting | Company | Carriage
PAIR_CONTENTS: Final = (Meeting, Company, Carriage)


def pair_of(first: str, second: str) -> str:
    """Return the name of a pair, which is what the second stage calls a subject.

    >>> pair_of("mmsi:440000001", "mmsi:440000002")
    'mmsi:440000001|mmsi:440000002'
    """
    return f"{first}{_BETWEEN}{second}"


def is_pair(name: str) -> bool:
    """Return whether a name is not that of a single subject."""
    return _BETWEEN in name


def parts(pair: str) -> tuple[str, str]:
    """Return the two that a pair is about; the second is empty for a single subject."""
    first, _, second = pair.partition(_BETWEEN)
    return first, second
