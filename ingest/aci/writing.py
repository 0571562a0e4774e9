"""One transaction on a register: every table that a write touches is named here."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from analytics.crosscheck.names import keys, subjects
from analytics.crosscheck.register import (
    UNTROUBLED,
    About,
    Act,
    Answer,
    ConflictError,
    Import,
    Judged,
    KeptShipment,
    KeptVoyage,
    NextVersion,
    Terms,
)
from haechi.aci.shipment import Role
from haechi.aci.voyage import Vessel, Voyage
from haechi.text import plain
from ingest.aci.database import Database
from ingest.aci.finding_voyages import journey_of, vessels_of
from ingest.aci.marks import chunks, marks
from ingest.aci.rows import fact_row, microseconds, text
from ingest.failpoint import passing

_IMPORTER, _EXPORTER, _CARRIER = Role.IMPORTER.value, Role.EXPORTER.value, Role.CARRIER.value
_CHANGED: Final = "UPDATE shipments SET changes = changes + 1 WHERE reference = ?"


class SqlWriting:
    """Fulfils ``analytics.crosscheck.register.Writing``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_shipment(self, kept: KeptShipment, act: Act, terms: Terms) -> int:
        """Write a shipment over the revision that was read; return the new one."""
        self.put_shipments([NextVersion(kept, act, terms)])
        return kept.revision + 1

    def put_shipments(self, versions: Sequence[NextVersion]) -> None:
        """Write many, several versions of one in their order; a few statements for all of them."""
        self._put("shipments", [_shipment_row(each) for each in versions])
        self._database.run_many(
            "INSERT INTO shipment_versions VALUES (?, ?, ?, ?)",
            [
                (kept.shipment.reference, kept.revision + 1, text(act), text(kept.shipment))
                for kept, act, _ in versions
            ],
        )
        self._tie({each.kept.shipment.reference: each.kept for each in versions}.values())

    def put_voyage(self, kept: KeptVoyage) -> int:
        """Write a voyage over the revision that was read; return the new one."""
        self._put("voyages", [_voyage_row(kept)])
        self._carry(kept.voyage)
        self._database.run(
            "INSERT INTO declarations VALUES (?, ?, 0, '', '') "
            "ON CONFLICT (voyage) DO UPDATE SET due = excluded.due",
            *(kept.id, kept.revision + 1),
        )
        return kept.revision + 1

    def put_import(self, done: Import) -> None:
        """Insert or replace an import."""
        self._database.run("DELETE FROM imports WHERE id = ?", done.id)
        self._database.run(
            "INSERT INTO imports VALUES (?, ?, ?, ?, ?)",
            *(done.id, done.owner.role.value, done.owner.id, microseconds(done.at), text(done)),
        )
        passing("import_written")

    def add_facts(self, facts: Iterable[About]) -> int:
        """Add facts that are not there yet; return how many."""
        added = 0
        for chunk in chunks(map(fact_row, facts)):
            new = self._database.run_many(
                "INSERT INTO facts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", chunk
            )
            if new:
                self.touch({subject for _, subject, *_ in chunk})
            added += new
        return added

    def put_results(self, judged: Sequence[Judged]) -> None:
        """Replace what was found; shipments are stale no more unless they have changed since."""
        self._database.run_many(
            "INSERT INTO results VALUES (?, ?) "
            "ON CONFLICT (reference) DO UPDATE SET body = excluded.body",
            [(each.reference, text(each.result)) for each in judged],
        )
        self._database.run_many(
            "UPDATE shipments SET severity = ?, judged = ? WHERE reference = ?",
            [(each.result.rank, each.changes, each.reference) for each in judged],
        )

    def put_answer(self, key: str, answer: Answer, at: datetime) -> None:
        """Keep an answer."""
        self._database.run(
            "INSERT INTO answers VALUES (?, ?, ?)", key, microseconds(at), text(answer)
        )

    def touch(self, subjects: Collection[str]) -> None:
        """Make the shipments stale that any of these concern."""
        for chunk in chunks(sorted(subjects)):
            self._database.run(
                "UPDATE shipments SET changes = changes + 1 WHERE reference IN "  # noqa: S608 - only question marks
                f"(SELECT reference FROM subjects WHERE name IN ({marks(chunk)}))",
                *chunk,
            )

    def put_position(self, name: str, position: int) -> None:
        """Remember how far somebody has read."""
        self._database.run(
            "INSERT INTO positions VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET position = excluded.position",
            *(name, position),
        )

    def _put(self, table: str, rows: Sequence["_Row"]) -> None:
        """Insert each row as revision 1, or write it over the revision that was read."""
        new = [row for row in rows if not row.revision]
        old = [row for row in rows if row.revision]
        if new:
            columns = new[0].inserted
            self._database.run_many(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)})",  # noqa: S608 - names are ours
                [[*row.inserted.values()] for row in new],
            )
        if old:
            columns = old[0].updated
            sets = ", ".join(f"{column} = ?" for column in columns)
            changed = self._database.run_many(
                f"UPDATE {table} SET {sets}, revision = revision + 1 "  # noqa: S608 - names are ours
                f"WHERE {old[0].key} = ? AND revision = ?",
                [(*row.updated.values(), row.name, row.revision) for row in old],
            )
            if changed != len(old):
                first = f"{old[0].name}: revision {old[0].revision} has been replaced"
                raise ConflictError(first if len(old) == 1 else f"one of {len(old)} has changed")

    def _tie(self, written: Collection[KeptShipment]) -> None:
        """Note who may see shipments, what they are found by, and which facts are about them."""
        self._database.run_many(_CHANGED, [(kept.shipment.reference,) for kept in written])
        journeys = {kept.shipment.reference: journey_of(kept.shipment) for kept in written}
        vessels = vessels_of(self._database, {*journeys.values()})
        carried = [(kept, vessels.get(journeys[kept.shipment.reference])) for kept in written]
        old = [(kept.shipment.reference,) for kept in written if kept.revision]
        for table, names_of in _TIES.items():
            if old:
                self._database.run_many(f"DELETE FROM {table} WHERE reference = ?", old)  # noqa: S608 - names are ours
            rows = dict.fromkeys(
                (*names, kept.shipment.reference)
                for kept, carrier in carried
                for names in names_of(kept, carrier)
            )
            if rows:
                statement = f"INSERT INTO {table} VALUES ({marks(next(iter(rows)))})"  # noqa: S608 - names are ours
                self._database.run_many(statement, rows)

    def _carry(self, voyage: Voyage) -> None:
        """Let what is known of the vessel concern the shipments that name this voyage."""
        found = self._database.rows(
            "SELECT reference FROM shipments WHERE voyage = ? AND "
            "((mmsi <> '' AND mmsi = ?) OR (imo <> '' AND imo = ?))",
            *(plain(voyage.number), plain(voyage.vessel.mmsi), plain(voyage.vessel.imo)),
        )
        if not found:
            return
        self._database.run_many(_CHANGED, found)
        if voyage.vessel.mmsi:
            vessel = f"mmsi:{plain(voyage.vessel.mmsi)}"
            self._database.run_many(
                "INSERT INTO subjects VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(vessel, reference) for (reference,) in found],
            )


class _Row(NamedTuple):
    """One row of a table whose rows have revisions."""

    key: str
    name: str
    revision: int
    """That was read; 0 if there is none."""
    updated: dict[str, object]
    begun: dict[str, object]
    """Columns that only the first revision sets."""

    @property
    def inserted(self) -> dict[str, object]:
        return {self.key: self.name, "revision": 1, **self.begun, **self.updated}


def _access(kept: KeptShipment, _: Vessel | None) -> Iterator[tuple[str, ...]]:
    shipment = kept.shipment
    parties = (
        (_IMPORTER, shipment.importer.tax_number),
        (_EXPORTER, plain(shipment.exporter.number)),
        (_CARRIER, kept.carrier),
    )
    return (party for party in parties if party[1])


_TIES: Final[Mapping[str, Callable[[KeptShipment, Vessel | None], Iterator[tuple[str, ...]]]]] = {
    "access": _access,
    "keys": lambda kept, _: ((name,) for name in keys(kept.shipment)),
    "subjects": lambda kept, carrier: (
        (plain(name, 300),) for name in subjects(kept.shipment, carrier)
    ),
}
"""Tables that lead to shipments, and what stands before the reference in each of their rows."""


def _shipment_row(version: NextVersion) -> _Row:
    kept, _, terms = version
    shipment, journey = kept.shipment, kept.shipment.transport
    begun: dict[str, object] = {"severity": UNTROUBLED, "changes": 0, "judged": 0}
    columns: dict[str, object] = {
        "acid": shipment.acid,
        "state": shipment.state.value,
        "importer": shipment.importer.tax_number,
        "exporter": plain(shipment.exporter.number),
        "carrier": kept.carrier,
        "mmsi": plain(journey.mmsi),
        "imo": plain(journey.imo),
        "voyage": plain(journey.voyage),
        "vessel": plain(journey.vessel, 256),
        "expires": microseconds(terms.expires_at),
        "due": terms.due and microseconds(terms.due.at),
        "due_code": terms.due and terms.due.code,
        "body": text(shipment),
    }
    return _Row("reference", shipment.reference, kept.revision, columns, begun)


def _voyage_row(kept: KeptVoyage) -> _Row:
    voyage = replace(kept.voyage, version=kept.revision + 1)
    ship = voyage.vessel
    columns: dict[str, object] = {
        "role": kept.owner.role.value,
        "party": kept.owner.id,
        "vessel": plain(ship.mmsi or ship.imo or ship.name, 256),
        "mmsi": plain(ship.mmsi),
        "imo": plain(ship.imo),
        "number": plain(voyage.number),
        "is_withdrawn": int(voyage.is_withdrawn),
        "begins": microseconds(voyage.begins),
        "ends": microseconds(voyage.ends),
        "body": text(voyage),
    }
    return _Row("id", kept.id, kept.revision, columns, {})
