"""Reads advance cargo from a database; what writes it is in ``ingest.aci.writing``."""

from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from analytics.crosscheck.facts import AnyFact
from analytics.crosscheck.names import key
from analytics.crosscheck.register import (
    UNTROUBLED,
    Act,
    Answer,
    Due,
    Import,
    KeptShipment,
    KeptVoyage,
    Party,
    Question,
    Result,
    Stale,
    Standing,
    Summary,
    Version,
    Writing,
)
from haechi.aci.shipment import Role, Shipment
from haechi.aci.states import State
from haechi.aci.voyage import Vessel, Voyage
from haechi.findings import Severity
from haechi.text import plain
from ingest.aci.database import Database, Row
from ingest.aci.finding_voyages import voyage_of, voyages_of
from ingest.aci.marks import chunks, marks
from ingest.aci.rows import facts, microseconds, moment, value
from ingest.aci.writing import SqlWriting

T = TypeVar("T")

MARGIN: Final = timedelta(days=14)
"""A vessel may come before the first and stay after the last time of her voyage by so much."""
_MINE: Final = "reference IN (SELECT reference FROM access WHERE role = ? AND party = ?)"
_ONE_OF_MINE: Final = (
    "EXISTS (SELECT 1 FROM access a WHERE a.role = ? AND a.party = ? AND a.reference = s.reference)"
)
_FAR: Final = 2**62
"""Later than any deadline: shipments without one come last."""
_SEVERITIES: Final = [*Severity]
_STATES: Final = {state.value: state for state in State}


class _Company(Struct):
    name: str = ""


class _Named(Struct):
    """So much of a shipment's body as a list needs: the rest is not read."""

    importer: _Company
    exporter: _Company


class SqlRegister:
    """Fulfils ``analytics.crosscheck.register.Register`` over any ``Database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Open a transaction; leaving it commits, an exception rolls back."""
        with self._database.transaction():
            yield SqlWriting(self._database)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def shipment(self, reference: str) -> KeptShipment | None:
        """Return a shipment by the platform's own number."""
        return self._shipment("reference", reference)

    def shipment_of(self, acid: str) -> KeptShipment | None:
        """Return a shipment by its ACID."""
        return self._shipment("acid", acid)

    def versions(self, reference: str) -> list[Version]:
        """Return every writing of a shipment, oldest first."""
        rows = self._database.rows(
            "SELECT revision, act, body FROM shipment_versions WHERE reference = ? "
            "ORDER BY revision",
            reference,
        )
        return [
            Version(revision=number, act=value(act, Act), shipment=value(body, Shipment))
            for number, act, body in rows
        ]

    def is_party(self, reference: str, party: Party) -> bool:
        """Return whether a shipment is open to a party."""
        if party.sees_all:
            return bool(
                self._database.rows("SELECT 1 FROM shipments WHERE reference = ?", reference)
            )
        return bool(
            self._database.rows(
                "SELECT 1 FROM access WHERE role = ? AND party = ? AND reference = ?",
                *(party.role.value, party.id, reference),
            )
        )

    def shipments(self, question: Question) -> list[Summary]:
        """Return the shipments that are open to the party, most urgent first."""
        wanted = _clauses(question)
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        rows = self._database.rows(
            "SELECT reference, acid, state, importer, exporter, vessel, voyage, revision, "  # noqa: S608 - clauses are ours
            f"severity, due, due_code, judged FROM shipments s {where} "
            "ORDER BY severity, coalesce(due, ?), reference LIMIT ? OFFSET ?",
            *(each for values in wanted.values() for each in values),
            *(_FAR, question.limit, question.offset),
        )
        names = self._names([row[0] for row in rows])
        return [_summary(row, *names[row[0]]) for row in rows]

    def found_by(self, names: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return which shipments are found by each of these; one query for each thousand."""
        found = defaultdict[str, set[str]](set)
        for chunk in chunks(names):
            rows = self._database.rows(
                f"SELECT value, reference FROM keys WHERE value IN ({marks(chunk)})",  # noqa: S608 - only question marks
                *chunk,
            )
            for name, reference in rows:
                found[name].add(reference)
        return {name: frozenset(references) for name, references in found.items()}

    def standing(self, acids: Sequence[str]) -> dict[str, Standing]:
        """Return what is known of ACIDs; unknown ones are absent. One query for each thousand."""
        found: dict[str, Standing] = {}
        for chunk in chunks(acids):
            rows = self._database.rows(
                "SELECT acid, state, importer, exporter, expires FROM shipments "  # noqa: S608 - only question marks
                f"WHERE acid IN ({marks(chunk)})",
                *chunk,
            )
            for acid, state, importer, exporter, expires in rows:
                found[acid] = Standing(
                    acid=acid,
                    state=_STATES[state],
                    importer=importer,
                    exporter=exporter,
                    expires_at=moment(expires),
                )
        return found

    def last_acid(self, prefix: str) -> str | None:
        """Return the highest ACID that begins so."""
        ((found,),) = self._database.rows(
            "SELECT max(acid) FROM shipments WHERE acid >= ? AND acid < ?", prefix, f"{prefix}:"
        )
        return None if found is None else str(found)

    def stale(self, limit: int) -> list[Stale]:
        """Return shipments whose result is older than what it rests on.

        First those to which most has happened since: where all are to be judged anew, one that an
        alarm is about besides need not wait for the others.
        """
        rows = self._database.rows(
            "SELECT reference, changes, revision, carrier, body FROM shipments "
            "WHERE changes > judged ORDER BY changes - judged DESC, reference LIMIT ?",
            limit,
        )
        voyages = voyages_of(self._database, [reference for reference, *_ in rows])
        return [
            Stale(
                kept=KeptShipment(
                    shipment=value(body, Shipment), revision=revision, carrier=carrier
                ),
                voyage=voyages.get(reference),
                changes=changes,
            )
            for reference, changes, revision, carrier, body in rows
        ]

    def result(self, reference: str) -> Result | None:
        """Return what was last found."""
        return self._one("SELECT body FROM results WHERE reference = ?", reference, Result)

    def facts(self, subjects: Collection[str]) -> list[AnyFact]:
        """Return all facts about any of these, in the order of time."""
        found = chain.from_iterable(self.facts_by_subject(subjects).values())
        return sorted(found, key=lambda one: one.at)

    def facts_by_subject(self, subjects: Collection[str]) -> dict[str, list[AnyFact]]:
        """Return all facts about each of these, in no order. One query for each thousand."""
        found = defaultdict[str, list[AnyFact]](list)
        for chunk in chunks(sorted(subjects)):
            rows = self._database.rows(
                f"SELECT subject, kind, body FROM facts WHERE subject IN ({marks(chunk)})",  # noqa: S608 - only question marks
                *chunk,
            )
            for subject, each in facts(rows):
                found[subject].append(each)
        return {**found}

    def voyage(self, voyage: str) -> KeptVoyage | None:
        """Return a voyage by its id."""
        found = self._voyages("WHERE id = ?", voyage)
        return found[0] if found else None

    def voyage_of(self, shipment: Shipment) -> Voyage | None:
        """Return the voyage that a shipment names by number and vessel, unless withdrawn."""
        return voyage_of(self._database, shipment)

    def voyage_named(self, vessel: Vessel, number: str) -> KeptVoyage | None:
        """Return the voyage of this number and vessel, by any of her numbers, else by her name."""
        found = self._voyages(
            "WHERE number = ? AND ((mmsi <> '' AND mmsi = ?) OR (imo <> '' AND imo = ?) "
            "OR (vessel <> '' AND vessel = ?)) ORDER BY id LIMIT 1",
            *(plain(number), plain(vessel.mmsi), plain(vessel.imo), plain(vessel.name, 256)),
        )
        return found[0] if found else None

    def voyages(self, party: Party, limit: int) -> list[KeptVoyage]:
        """Return the voyages that a party may see, latest first."""
        latest = "ORDER BY coalesce(begins, 0) DESC, id LIMIT ?"
        if party.sees_all:
            return self._voyages(latest, limit)
        mine = f"WHERE role = ? AND party = ? {latest}"
        return self._voyages(mine, party.role.value, party.id, limit)

    def voyages_at_sea(self, mmsi: str, at: datetime) -> list[Voyage]:
        """Return a vessel's voyages that are not withdrawn and may be under way at a time."""
        found = self._voyages(
            "WHERE mmsi = ? AND is_withdrawn = 0 AND begins <= ? AND coalesce(ends, ?) >= ?",
            *(mmsi, microseconds(at + MARGIN), _FAR, microseconds(at - MARGIN)),
        )
        return [kept.voyage for kept in found]

    def import_(self, number: str) -> Import | None:
        """Return an import by its id."""
        return self._one("SELECT body FROM imports WHERE id = ?", number, Import)

    def imports(self, party: Party, limit: int) -> list[Import]:
        """Return a party's imports, latest first; all for those who see all."""
        every = "SELECT body FROM imports {} ORDER BY at DESC, id LIMIT ?"
        if party.sees_all:
            rows = self._database.rows(every.format(""), limit)
        else:
            mine = every.format("WHERE role = ? AND party = ?")
            rows = self._database.rows(mine, party.role.value, party.id, limit)
        return [value(body, Import) for (body,) in rows]

    def answer(self, key: str) -> Answer | None:
        """Return what was said to a request before."""
        return self._one("SELECT body FROM answers WHERE key = ?", key, Answer)

    def position(self, name: str) -> int:
        """Return how far somebody has read, 0 at first."""
        rows = self._database.rows("SELECT position FROM positions WHERE name = ?", name)
        return int(rows[0][0]) if rows else 0

    def _names(self, references: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return what importer and exporter of shipments are called."""
        found: dict[str, tuple[str, str]] = {}
        for chunk in chunks(references):
            rows = self._database.rows(
                f"SELECT reference, body FROM shipments WHERE reference IN ({marks(chunk)})",  # noqa: S608 - only question marks
                *chunk,
            )
            for reference, body in rows:
                named = value(body, _Named)
                found[reference] = plain(named.importer.name, 256), plain(named.exporter.name, 256)
        return found

    def _shipment(self, column: str, name: str) -> KeptShipment | None:
        rows = self._database.rows(
            f"SELECT body, revision, carrier FROM shipments WHERE {column} = ?",  # noqa: S608 - one of two names
            name,
        )
        for body, revision, carrier in rows:
            return KeptShipment(shipment=value(body, Shipment), revision=revision, carrier=carrier)
        return None

    def _voyages(self, clauses: str, *values: object) -> list[KeptVoyage]:
        rows = self._database.rows(
            f"SELECT id, role, party, revision, body FROM voyages {clauses}",  # noqa: S608 - clauses are ours
            *values,
        )
        return [
            KeptVoyage(
                id=number,
                owner=Party(Role(role), party),
                revision=revision,
                voyage=replace(value(body, Voyage), version=revision),
            )
            for number, role, party, revision, body in rows
        ]

    def _one(self, statement: str, name: str, kind: type[T]) -> T | None:
        rows = self._database.rows(statement, name)
        return value(rows[0][0], kind) if rows else None


def _clauses(question: Question) -> dict[str, tuple[object, ...]]:
    """Return conditions with their values."""
    found: dict[str, tuple[object, ...]] = {}
    party = () if question.party.sees_all else (question.party.role.value, question.party.id)
    if question.key:
        found["reference IN (SELECT reference FROM keys WHERE value = ?)"] = (key(question.key),)
    if party:  # by a key few are found: each is looked at, not all that the party may see
        found[_ONE_OF_MINE if question.key else _MINE] = party
    if question.states:
        states = tuple(state.value for state in question.states)
        found[f"state IN ({marks(states)})"] = states
    return found


def _summary(row: Row, importer_name: str, exporter_name: str) -> Summary:
    severity: int = row[8]
    due: int | None = row[9]
    return Summary(
        reference=row[0],
        acid=row[1],
        state=State(row[2]),
        importer=row[3],
        importer_name=importer_name,
        exporter=row[4],
        exporter_name=exporter_name,
        vessel=row[5],
        voyage=row[6],
        revision=row[7],
        severity=None if severity >= UNTROUBLED else _SEVERITIES[severity],
        is_judged=row[11] > 0,
        due=None if due is None else Due(moment(due), row[10]),
    )
