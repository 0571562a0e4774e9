"""Tells the platform what the cross-check holds against shipments, and when it does no more.

A verdict that differs from the one before is noted in the transaction that keeps the result, with
its time; it is told afterwards, and again if a crash came between. So none is lost, and one that is
told twice is the same reading.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from analytics.crosscheck.names import subjects
from analytics.crosscheck.register import Result, Stale
from analytics.crosscheck.verdicts import told
from haechi.cargo import CargoReason, CargoVerdict
from haechi.kept import Latest
from ingest.aci.database import Database
from ingest.aci.marks import chunks, marks
from ingest.aci.rows import microseconds, moment, text, value
from ingest.aci.telling import ROUND, Statement, Tell

_MOMENT: Final = timedelta(microseconds=1)


class _Row(NamedTuple):
    subject: str
    at: datetime
    verdict: CargoVerdict


class Verdicts:
    """The verdicts of one register, told to one platform."""

    def __init__(
        self, database: Database, tell: Tell, latest_of: Callable[[str], Latest | None]
    ) -> None:
        """Prepare.

        Args:
            database: The register's own, since both write in one transaction.
            tell: What keeps statements safe.
            latest_of: Where a vessel is.
        """
        self._database, self._tell, self._latest_of = database, tell, latest_of

    def note(self, judged: Sequence[tuple[Stale, Result]]) -> None:
        """Note what has changed, within the transaction that keeps these results."""
        known = self._known(stale.kept.shipment.reference for stale, _ in judged)
        for stale, result in judged:
            rows = known.get(stale.kept.shipment.reference, ())
            for row in self._changes(stale, result, rows):
                self._database.run(
                    "INSERT INTO verdicts VALUES (?, ?, ?, 1, ?) ON CONFLICT (subject) "
                    "DO UPDATE SET reference = excluded.reference, at = excluded.at, "
                    "is_due = 1, body = excluded.body",
                    *(row.subject, row.verdict.shipment, microseconds(row.at), text(row.verdict)),
                )

    def look(self) -> int:
        """Tell what waits; return how many verdicts that were."""
        rows = self._database.rows(
            "SELECT subject, at, body FROM verdicts WHERE is_due = 1 ORDER BY at, subject LIMIT ?",
            ROUND,
        )
        if not rows:
            return 0
        self._tell(
            [Statement(row.at, row.subject, row.verdict) for row in (_row(*each) for each in rows)]
        )
        with self._database.transaction():
            self._database.run_many(
                "UPDATE verdicts SET is_due = 0 WHERE subject = ? AND at = ?",
                [(subject, at) for subject, at, _ in rows],
            )
        return len(rows)

    def _known(self, references: Iterable[str]) -> dict[str, list[_Row]]:
        """Return the verdicts on shipments; there are none on the lawful ones."""
        found: dict[str, list[_Row]] = {}
        for chunk in chunks(references):
            rows = self._database.rows(
                "SELECT reference, subject, at, body FROM verdicts "  # noqa: S608 - only question marks
                f"WHERE reference IN ({marks(chunk)})",
                *chunk,
            )
            for reference, subject, at, body in rows:
                found.setdefault(reference, []).append(_row(subject, at, body))
        return found

    def _changes(self, stale: Stale, result: Result, known: Sequence[_Row]) -> Iterator[_Row]:
        """Yield the verdict if it is another one; a shipment with a new subject leaves the old."""
        now = told(result.reasons)
        before = {row.subject: row for row in known}
        subjects_now = {reason.subject: None for reason in result.reasons}
        for subject in (before | subjects_now) if now else before:
            row = before.get(subject)
            reasons = now if subject in subjects_now else ()
            if reasons != (row.verdict.reasons if row else ()):
                at = max(result.at, row.at + _MOMENT) if row else result.at
                yield _Row(subject, at, self._verdict(stale, reasons))

    def _verdict(self, stale: Stale, reasons: tuple[CargoReason, ...]) -> CargoVerdict:
        """Return a verdict, with where the vessel is if there is anything to look for."""
        shipment = stale.kept.shipment
        carrier = stale.voyage.vessel if stale.voyage else None
        about = subjects(shipment, carrier)
        vessel = next((name for name in about if name.startswith("mmsi:")), None)
        latest = self._latest_of(vessel) if vessel and reasons else None
        return CargoVerdict(
            shipment=shipment.reference,
            revision=stale.kept.revision,
            reasons=reasons,
            vessel=vessel,
            seen=(latest.lon, latest.lat) if latest else None,
        )


def _row(subject: str, at: int, body: str) -> _Row:
    return _Row(subject, moment(at), value(body, CargoVerdict))
