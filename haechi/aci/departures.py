"""When the carrier has left the port of loading: whoever says so first locks the declaration."""

from collections.abc import Iterable
from datetime import datetime

from haechi.aci.shipment import Departure, DepartureSource


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
    )
    return first(Departure(at=at, source=source) for at, source in said if at is not None)


def first(departures: Iterable[Departure]) -> Departure | None:
    """Return the earliest; of equal ones the carrier's own."""
    order = [*DepartureSource]
    return min(departures, key=lambda each: (each.at, order.index(each.source)), default=None)
