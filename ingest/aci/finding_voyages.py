"""Which voyage carries a shipment: asked when one is written and when one is judged."""

from collections.abc import Iterable

from haechi.aci.shipment import Shipment
from haechi.aci.voyage import Voyage
from haechi.text import plain
from ingest.aci.database import Database
from ingest.aci.marks import chunks, marks
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


def voyages_of(database: Database, references: Iterable[str]) -> dict[str, Voyage]:
    """Return the same of many shipments as they are written, by reference. A query a thousand."""
    found: dict[str, Voyage] = {}
    read: dict[str, Voyage] = {}
    for chunk in chunks(references):
        rows = database.rows(
            "SELECT s.reference, v.id, v.body FROM shipments s JOIN voyages v "  # noqa: S608 - only question marks
            "ON v.number = s.voyage AND v.is_withdrawn = 0 AND "
            "((v.mmsi <> '' AND v.mmsi = s.mmsi) OR (v.imo <> '' AND v.imo = s.imo)) "
            f"WHERE s.reference IN ({marks(chunk)}) ORDER BY v.id DESC",
            *chunk,
        )
        for reference, number, body in rows:
            if number not in read:
                read[number] = value(body, Voyage)
            found[reference] = read[number]
    return found
