"""What units are in other units, and how stores keep time."""

from datetime import UTC, datetime, timedelta
from math import radians
from typing import Final

EARTH_RADIUS: Final = 6_371_008.8
"""Metres: mean radius R1 of the GRS 80 ellipsoid (IUGG)."""

METRES_PER_DEGREE: Final = radians(1) * EARTH_RADIUS
"""Length of a degree of latitude, and an upper bound for a degree of longitude."""

METRES_PER_NAUTICAL_MILE: Final = 1852.0
"""International nautical mile, exact (First International Extraordinary Hydrographic
Conference, 1929)."""

KNOT_IN_METRES_PER_SECOND: Final = METRES_PER_NAUTICAL_MILE / 3600

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Return whole microseconds since 1970-01-01 UTC, the form in which stores keep time.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC))
    1000005
    """
    return (at - EPOCH) // _MICROSECOND


def moment(since_epoch_us: int) -> datetime:
    """Invert ``microseconds``.

    >>> moment(1000005)
    datetime.datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=datetime.timezone.utc)
    """
    return EPOCH + timedelta(microseconds=since_epoch_us)
