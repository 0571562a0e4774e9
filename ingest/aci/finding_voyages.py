"""Which voyage carries a shipment: asked when one is written and when one is judged."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec.structs import replace

from haechi.aci.shipment import Shipment
from haechi.aci.voyage import Aboard, Vessel, Voyage
from haechi.text import plain
from ingest.aci.database import Database
from ingest.aci.marks import chunks, marks
from ingest.aci.rows import value

_OF_JOURNEY: Final = (
    "FROM voyages WHERE number = ? AND is_withdrawn = 0 AND "
    "((mmsi <> '' AND mmsi = ?) OR (imo <> '' AND imo = ?)) ORDER BY id LIMIT 1"
)
Journey = tuple[str, str, str]
"""Number of a voyage, and MMSI and IMO number of its vessel, as they stand in the tables."""


def voyage_of(database: Database, shipment: Shipment) -> Voyage | None:
    """Return the voyage that a shipment names by number and vessel, unless withdrawn."""
    found = database.rows(f"SELECT body {_OF_JOURNEY}", *journey_of(shipment))
    return value(found[0][0], Voyage) if found else None


def journey_of(shipment: Shipment) -> Journey:
    """Return by what a shipment names its voyage."""
    journey = shipment.transport
    return plain(journey.voyage), plain(journey.mmsi), plain(journey.imo)


def vessels_of(database: Database, journeys: Iterable[Journey]) -> dict[Journey, Vessel]:
    """Return the vessel of each voyage that is declared, as far as her MMSI: not what she carries.

    A query for each: a document names few.
    """
    asked = {journey: database.rows(f"SELECT mmsi {_OF_JOURNEY}", *journey) for journey in journeys}
    return {journey: Vessel(mmsi=rows[0][0]) for journey, rows in asked.items() if rows}


def voyages_of(database: Database, references: Iterable[str]) -> dict[str, Voyage]:
    """Return the same of many shipments as they are written, by reference. A query a thousand.

    Each has the containers of its ACID alone: a vessel carries thousands of shipments.
    """
    found: dict[str, Voyage] = {}
    read: dict[str, _Sailing] = {}
    for chunk in chunks(references):
        rows = database.rows(
            "SELECT s.reference, s.acid, v.id FROM shipments s JOIN voyages v "  # noqa: S608 - only question marks
            "ON v.number = s.voyage AND v.is_withdrawn = 0 AND "
            "((v.mmsi <> '' AND v.mmsi = s.mmsi) OR (v.imo <> '' AND v.imo = s.imo)) "
            f"WHERE s.reference IN ({marks(chunk)}) ORDER BY v.id DESC",
            *chunk,
        )
        named = {reference: (number, acid) for reference, acid, number in rows}
        _read(database, {number for number, _ in named.values()} - read.keys(), read)
        for reference, (number, acid) in named.items():
            sailing = read[number]
            found[reference] = replace(sailing.bare, containers=sailing.aboard.get(acid or "-", ()))
    return found


class _Sailing(NamedTuple):
    bare: Voyage
    aboard: dict[str, tuple[Aboard, ...]]
    """Containers by ACID."""


def _read(database: Database, numbers: Iterable[str], into: dict[str, _Sailing]) -> None:
    for chunk in chunks(numbers):
        rows = database.rows(
            f"SELECT id, body FROM voyages WHERE id IN ({marks(chunk)})",  # noqa: S608 - only question marks
            *chunk,
        )
        for number, body in rows:
            voyage = value(body, Voyage)
            aboard: dict[str, list[Aboard]] = {}
            for each in voyage.containers:
                aboard.setdefault(each.acid, []).append(each)
            by_acid = {acid: tuple(boxes) for acid, boxes in aboard.items()}
            into[number] = _Sailing(replace(voyage, containers=()), by_acid)
