"""Which voyage carries a shipment: asked when one is written and when one is judged."""

from haechi.aci.shipment import Shipment
from haechi.aci.voyage import Voyage
from haechi.text import plain
from ingest.aci.database import Database
from ingest.aci.rows import value


def voyage_of(database: Database, shipment: Shipment) -> Voyage | None:
    """Return the voyage that a shipment names by number and vessel, unless withdrawn."""
    journey = shipment.transport
    found = database.rows(
        "SELECT body FROM voyages WHERE number = ? AND is_withdrawn = 0 AND "
        "((mmsi <> '' AND mmsi = ?) OR (imo <> '' AND imo = ?)) ORDER BY id LIMIT 1",
        *(plain(journey.voyage), plain(journey.mmsi), plain(journey.imo)),
    )
    return value(found[0][0], Voyage) if found else None
