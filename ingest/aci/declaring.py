"""Tells the platform of stored voyages, so that the rules about tracks follow the register.

Each writing of a voyage is due in the transaction that makes it, and told afterwards: a crash in
between tells it again, which changes nothing, since a version counts once.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec import ValidationError, convert, to_builtins
from msgspec.structs import replace

from haechi.aci.voyage import Voyage, VoyageError, declared, subject
from haechi.declared import DeclaredVoyage
from ingest.aci.database import Database
from ingest.aci.rows import value
from ingest.aci.telling import ROUND, Statement, Tell


class _Due(NamedTuple):
    """A voyage as it stands, and under which names it was told before; empty if it was not."""

    id: str
    revision: int
    voyage: Voyage
    subject: str
    number: str


class Declaring:
    """The voyages of one register, told to one platform."""

    def __init__(self, database: Database, tell: Tell) -> None:
        self._database, self._tell = database, tell

    def look(self, now: datetime) -> list[str]:
        """Tell what is due; return what is wrong with voyages that cannot be told."""
        dues = self._due()
        if not dues:
            return []
        faults: list[str] = []
        stated = {due.id: _stated(due, now, faults) for due in dues}
        statements = [each for due in dues for each in _changes(due, stated[due.id], now)]
        if statements:
            self._tell(statements)
        with self._database.transaction():
            for due in dues:
                self._note(due, stated[due.id])
        return faults

    def _due(self) -> list[_Due]:
        rows = self._database.rows(
            "SELECT v.id, v.revision, v.body, d.subject, d.number FROM declarations d "
            "JOIN voyages v ON v.id = d.voyage WHERE d.due > d.told ORDER BY d.voyage LIMIT ?",
            ROUND,
        )
        return [
            _Due(number, revision, replace(value(body, Voyage), version=revision), *told)
            for number, revision, body, *told in rows
        ]

    def _note(self, due: _Due, said: Statement | None) -> None:
        names = (said.subject, due.voyage.number) if said else ("", "")
        self._database.run(
            "UPDATE declarations SET told = ?, subject = ?, number = ? WHERE voyage = ?",
            *(due.revision, *names, due.id),
        )


def declaration(voyage: Voyage, at: datetime) -> Statement:
    """Return what is said of a voyage at a time: how she sails, for rules ask nothing of her cargo.

    Raises:
        VoyageError: it has no times, its vessel no MMSI, or it is longer than a reading may be.
    """
    said = declared(replace(voyage, containers=()))
    try:
        return Statement(at, subject(voyage), convert(to_builtins(said), DeclaredVoyage))
    except ValidationError as error:
        raise VoyageError(f"voyage {voyage.number}: {error}") from error


def _stated(due: _Due, now: datetime, faults: list[str]) -> Statement | None:
    try:
        return declaration(due.voyage, now)
    except VoyageError as error:
        faults.append(str(error))
        return None


def _changes(due: _Due, said: Statement | None, now: datetime) -> Iterator[Statement]:
    """Yield the declaration, and before it the end of the one under a name that it has no more."""
    named = (said.subject, due.voyage.number) if said else None
    if due.subject and (due.subject, due.number) != named:
        over = DeclaredVoyage(
            voyage=due.number, version=due.revision, withdrawn=True, begins=now, ends=None
        )
        yield Statement(now, due.subject, over)
    if said is not None:
        yield said
