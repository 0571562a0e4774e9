"""Which voyage carries a shipment: asked when one is written and when one is judged."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from haechi.aci.shipment import Shipment
from haechi.aci.voyage import Aboard, Voyage
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
