"""One transaction on a register: every table that a write touches is named here."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

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
    Terms,
    keys,
    subjects,
)
from haechi.aci.shipment import Role
from haechi.aci.voyage import Voyage
from haechi.text import plain
from ingest.aci.database import Database
from ingest.aci.finding_voyages import voyage_of
from ingest.aci.marks import chunks, marks
from ingest.aci.rows import fact_row, microseconds, text

_CHANGED: Final = "UPDATE shipments SET changes = changes + 1 WHERE reference = ?"


class SqlWriting:
    """Fulfils ``analytics.crosscheck.register.Writing``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_shipment(self, kept: KeptShipment, act: Act, terms: Terms) -> int:
        """Write a shipment over the revision that was read; return the new one."""
        shipment, revision = kept.shipment, kept.revision + 1
        columns = _shipment_columns(kept, terms)
        self._put("shipments", "reference", shipment.reference, kept.revision, columns)
        self._database.run(
            "INSERT INTO shipment_versions VALUES (?, ?, ?, ?)",
            *(shipment.reference, revision, text(act), text(shipment)),
        )
        self._tie(kept)
        return revision

    def put_voyage(self, kept: KeptVoyage) -> int:
        """Write a voyage over the revision that was read; return the new one."""
        self._put("voyages", "id", kept.id, kept.revision, _voyage_columns(kept))
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

    def _put(
        self, table: str, key: str, name: str, revision: int, columns: dict[str, object]
    ) -> None:
        """Insert a row as revision 1, or write over the revision that was read."""
        if revision == 0:
            row = {key: name, "revision": 1, **columns}
            statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks(row)})"  # noqa: S608 - names are ours
            self._database.run(statement, *row.values())
            return
        sets = ", ".join(f"{column} = ?" for column in columns)
        changed = self._database.run(
            f"UPDATE {table} SET {sets}, revision = revision + 1 WHERE {key} = ? AND revision = ?",  # noqa: S608 - names are ours
            *(*columns.values(), name, revision),
        )
        if not changed:
            raise ConflictError(f"{name}: revision {revision} has been replaced")

    def _tie(self, kept: KeptShipment) -> None:
        """Note who may see a shipment, what it is found by, and which facts are about it."""
        shipment = kept.shipment
        voyage = voyage_of(self._database, shipment)
        found = subjects(shipment, voyage)
        parties = (
            (Role.IMPORTER.value, shipment.importer.tax_number),
            (Role.EXPORTER.value, plain(shipment.exporter.number)),
            (Role.CARRIER.value, kept.carrier),
        )
        reference = shipment.reference
        self._database.run(_CHANGED, reference)
        for table, rows in (
            ("access", [(*party, reference) for party in parties if party[1]]),
            ("keys", [(key, reference) for key in keys(shipment)]),
            ("subjects", [(plain(subject, 300), reference) for subject in found]),
        ):
            self._database.run(f"DELETE FROM {table} WHERE reference = ?", reference)  # noqa: S608 - names are ours
            if rows:
                statement = f"INSERT INTO {table} VALUES ({marks(rows[0])})"  # noqa: S608 - names are ours
                self._database.run_many(statement, dict.fromkeys(rows))

    def _carry(self, voyage: Voyage) -> None:
        """Let what is known of the vessel concern the shipments that name this voyage."""
        found = self._database.rows(
            "SELECT reference FROM shipments WHERE voyage = ? AND "
            "((mmsi <> '' AND mmsi = ?) OR (imo <> '' AND imo = ?))",
            *(plain(voyage.number), plain(voyage.vessel.mmsi), plain(voyage.vessel.imo)),
        )
        for (reference,) in found:
            self._database.run(_CHANGED, reference)
            if voyage.vessel.mmsi:
                self._database.run(
                    "INSERT INTO subjects VALUES (?, ?) ON CONFLICT DO NOTHING",
                    *(f"mmsi:{plain(voyage.vessel.mmsi)}", reference),
                )


def _shipment_columns(kept: KeptShipment, terms: Terms) -> dict[str, object]:
    shipment, journey = kept.shipment, kept.shipment.transport
    insert = {"severity": UNTROUBLED, "changes": 0, "judged": 0} if kept.revision == 0 else {}
    return {
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
        **insert,
        "body": text(shipment),
    }


def _voyage_columns(kept: KeptVoyage) -> dict[str, object]:
    voyage = replace(kept.voyage, version=kept.revision + 1)
    ship = voyage.vessel
    return {
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
