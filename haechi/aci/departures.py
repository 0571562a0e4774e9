"""When the carrier has left the port of loading: whoever says so first locks the declaration."""

from datetime import datetime
from operator import attrgetter

from haechi.aci.shipment import Departure, DepartureSource

_at = attrgetter("at")


def departure(
    *,
    carrier: datetime | None = None,
    coarri: datetime | None = None,
    ais: datetime | None = None,
) -> Departure | None:
    """Return the first departure that anybody reports, ``None`` while nobody does.

    Args:
        carrier: The carrier's actual time of departure.
        coarri: When the terminal reported that loading was complete.
        ais: When the vessel left the geofence of the port.

    >>> from datetime import UTC
    >>> departure(carrier=datetime(2026, 3, 2, tzinfo=UTC), ais=datetime(2026, 3, 1, tzinfo=UTC))
    Departure(at=datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc),\
 source=<DepartureSource.AIS: 'ais'>)
    """
    said = (
        (carrier, DepartureSource.CARRIER),
        (coarri, DepartureSource.COARRI),
        (ais, DepartureSource.AIS),
    )  # of equal ones the carrier's own
    known = [Departure(at=at, source=source) for at, source in said if at is not None]
    return min(known, key=_at, default=None)
