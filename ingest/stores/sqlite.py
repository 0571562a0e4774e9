"""SQLite behind the ``Store`` port: the embedded default, one file, no server."""

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from haechi.alarms import Alarm, AlarmEvent, AlarmKey
from haechi.findings import Finding, report_order
from haechi.ledger import Account
from haechi.messages import DeviceState
from haechi.observations import Observation
from haechi.pushes import Push
from haechi.units import microseconds, moment
from ingest.ports import DeadLetter, Latest, LogEntry, Snapshot, State, Writing
from ingest.stores.merging import Known, account, as_latest, evenly
from ingest.stores.sqlite_aside import Connection
from ingest.stores.sqlite_checkpoint import SPARE, Checkpoints
from ingest.stores.sqlite_complaints import complaints
from ingest.stores.sqlite_file import (
    BrokenFileError,
    begin,
    connect,
    errors_translated,
    set_aside,
)
from ingest.stores.sqlite_forgetting import forget
from ingest.stores.sqlite_rows import CHANGED, LATEST, OBSERVATION, observation_of
from ingest.stores.sqlite_writing import Names, SqliteWriting

T = TypeVar("T")

_FIRST: Final = -(2**63)
_LAST: Final = (
    "coalesce((SELECT last_id FROM log WHERE position <= ? AND last_id > 0 "
    "ORDER BY position DESC LIMIT 1), 0)"
)
_NAMES: Final = 1000
"""In one statement."""

_finding: msgspec.json.Decoder[Finding] = msgspec.json.Decoder(Finding)
_alarm: msgspec.json.Decoder[Alarm] = msgspec.json.Decoder(Alarm)
_alarm_event: msgspec.json.Decoder[AlarmEvent] = msgspec.json.Decoder(AlarmEvent)
_push: msgspec.json.Decoder[Push] = msgspec.json.Decoder(Push)
_letter: msgspec.json.Decoder[DeadLetter] = msgspec.json.Decoder(DeadLetter)
_state: msgspec.json.Decoder[DeviceState] = msgspec.json.Decoder(DeviceState)
_known: msgspec.msgpack.Decoder[Known] = msgspec.msgpack.Decoder(Known)


class SqliteStore:
    """One connection to the file; a process has one, and uses it from one thread.

    Args:
        path: The file; made if it is not there.
        keeper: This process is the one that writes observations: it moves a broken file aside,
            starts a new one and complains, instead of failing for ever. The others follow it to
            the new file: what is open goes on being the old one, under its new name.
        durable: Whether its commits wait for the disk, and whoever writes meanwhile for them. What
            may be done again after a power cut need not; no crash of a process undoes it.

    Raises:
        SchemaTooNewError: a newer version of the software wrote the file.
        StoreUnavailableError: it cannot be opened now.
    """

    def __init__(self, path: Path, *, keeper: bool = False, durable: bool = True) -> None:
        self._path, self._keeper, self._durable = path, keeper, durable
        self._names = Names()
        self._unreadable: set[str] = set()
        self._connection = self._opened()
        self._checkpoints = Checkpoints(path) if keeper else None

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Open a transaction; leaving it commits, an exception rolls back."""
        with self._mended(), errors_translated(self._path):
            begin(self._connection)
            try:
                yield SqliteWriting(self._connection, self._names)
                self._connection.execute("COMMIT")
            except BaseException:
                self._names.forget()
                self._connection.rollback()
                raise

    def position(self) -> int:
        """Return the position of the last committed transaction, 0 at first."""
        return self._counter("position")

    def log_since(self, position: int) -> Iterator[LogEntry]:
        """Yield what was appended after ``position``, oldest first."""
        rows = self._rows("SELECT * FROM log WHERE position > ? ORDER BY position", position)
        for at, first, last in rows:
            ticks = self._rows("SELECT site, watermark FROM ticks WHERE position = ?", at)
            yield LogEntry(
                position=at,
                observations=tuple(
                    self._observations("WHERE o.id BETWEEN ? AND ? ORDER BY o.id", first, last)
                ),
                ticks=tuple((site, moment(watermark)) for site, watermark in ticks),
            )

    def said(self, kinds: Collection[str], after: int, until: int) -> list[Observation]:
        """Return what was added after one log position, up to another, of some kinds of content.

        Kinds are the tags on the wire; the order is that of arrival.
        """
        begun = [f'{{"type":"{kind}"'.encode() for kind in kinds]
        wanted = " OR ".join("substr(o.content, 1, ?) = ?" for _ in begun)
        return self._observations(
            f"WHERE o.id > {_LAST} AND o.id <= {_LAST} AND ({wanted}) ORDER BY o.id",
            *(after, until),
            *(value for each in begun for value in (len(each), each)),
        )

    def snapshot(self) -> Snapshot:
        """Return the engine states, and where in the log to go on from."""
        rows = self._rows("SELECT subject, position, state FROM engine_states")
        states = {subject: State(position, packed) for subject, position, packed in rows}
        return Snapshot(self._counter("snapshot_position"), states)

    def history(self, subject: str, since: datetime | None) -> list[Observation]:
        """Return a subject's observations at or after ``since``, in event-time order."""
        first = _FIRST if since is None else microseconds(since)
        found = self._observations("WHERE s.name = ? AND o.at >= ?", subject, first)
        return sorted(found, key=lambda observation: observation.order)

    def findings(
        self, *, subject: str | None = None, since: datetime | None = None
    ) -> list[Finding]:
        """Return findings in report order, retracted ones included."""
        wanted = {"subject = ?": subject, "since >= ?": since and microseconds(since)}
        asked = {clause: value for clause, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(asked)}" if asked else ""
        rows = self._rows(
            f"SELECT body FROM findings {where}",  # noqa: S608 - clauses from the table above
            *asked.values(),
        )
        return sorted((_finding.decode(body) for (body,) in rows), key=report_order)

    def findings_about(self, subjects: Collection[str], since: datetime | None) -> list[Finding]:
        """Return findings about any of these in report order, retracted ones included."""
        first = _FIRST if since is None else microseconds(since)
        names, found = [*subjects], list[Finding]()
        for place in range(0, len(names), _NAMES):
            some = names[place : place + _NAMES]
            marks = ", ".join("?" * len(some))
            found += self._decoded(
                _finding,
                f"SELECT body FROM findings WHERE subject IN ({marks}) AND since >= ?",  # noqa: S608 - only question marks
                *some,
                first,
            )
        return sorted(found, key=report_order)

    def finding_revisions(self, finding: str) -> list[Finding]:
        """Return every revision of one finding, oldest first."""
        rows = self._rows(
            "SELECT body FROM finding_revisions WHERE id = ? ORDER BY revision", finding
        )
        return [_finding.decode(body) for (body,) in rows]

    def latest(self, since_position: int = 0) -> list[Latest]:
        """Return subjects whose newest position or name changed after a log position."""
        if since_position == 0:
            return self._latest("")
        found = self._latest(CHANGED, since_position, since_position)
        return [each for each in found if each.position > since_position]

    def latest_of(self, subject: str) -> Latest | None:
        """Return one subject's newest position and name, if it has been seen anywhere."""
        found = self._latest("WHERE s.name = ?", subject)
        return found[0] if found else None

    def track(
        self, subject: str, since: datetime, until: datetime, limit: int
    ) -> list[Observation]:
        """Return positions of a subject in a time range, one an instant, thinned evenly."""
        instants = self._rows(
            "SELECT DISTINCT at FROM observations WHERE located AND at BETWEEN ? AND ? "
            "AND subject = (SELECT id FROM subjects WHERE name = ?) ORDER BY at",
            microseconds(since),
            microseconds(until),
            subject,
        )
        chosen = msgspec.json.encode(evenly([at for (at,) in instants], limit)).decode()
        found = self._observations(
            "WHERE s.name = ? AND o.located AND o.at IN (SELECT value FROM json_each(?))",
            subject,
            chosen,
        )
        found.sort(key=lambda observation: observation.order, reverse=True)
        return list(reversed({observation.at: observation for observation in found}.values()))

    def alarms(self, *, since_position: int = 0, open_only: bool = False) -> list[Alarm]:
        """Return alarms, changed after a log position, newest first."""
        return self._decoded(
            _alarm,
            "SELECT body FROM alarms WHERE position > ? AND is_open >= ? "
            "ORDER BY raised_at DESC, id",
            since_position,
            open_only,
        )

    def alarm(self, alarm: str) -> Alarm | None:
        """Return one alarm."""
        found = self._decoded(_alarm, "SELECT body FROM alarms WHERE id = ?", alarm)
        return found[0] if found else None

    def open_alarm(self, key: AlarmKey) -> Alarm | None:
        """Return the alarm of this key with ``is_open``, if any."""
        found = self._decoded(
            _alarm,
            "SELECT body FROM alarms WHERE is_open AND site = ? AND rule = ? AND subject = ? "
            "AND zone = ? ORDER BY raised_at DESC LIMIT 1",
            key.site,
            key.rule,
            key.subject,
            key.zone or "",
        )
        return found[0] if found else None

    def alarm_events(self, alarm: str) -> list[AlarmEvent]:
        """Return an alarm's history, oldest first."""
        return self._decoded(
            _alarm_event, "SELECT body FROM alarm_events WHERE alarm = ? ORDER BY number", alarm
        )

    def alarms_to_wake(self, now: datetime) -> list[Alarm]:
        """Return alarms with ``wake_at`` at or before ``now``, the earliest first."""
        return self._decoded(
            _alarm,
            "SELECT body FROM alarms WHERE wake_at <= ? ORDER BY wake_at, id",
            microseconds(now),
        )

    def due_pushes(self, now: datetime, limit: int) -> list[Push]:
        """Return pending pushes due at or before ``now``, oldest first."""
        return self._decoded(
            _push,
            "SELECT body FROM pushes WHERE pending AND due_at <= ? ORDER BY due_at, id LIMIT ?",
            microseconds(now),
            limit,
        )

    def pushes(self, alarm: str | None = None, *, since: datetime | None = None) -> list[Push]:
        """Return pushes, of one alarm or made at or after ``since``, oldest first."""
        return self._decoded(
            _push,
            "SELECT body FROM pushes WHERE (alarm = ? OR ? IS NULL) AND created_at >= ? "
            "ORDER BY created_at, id",
            alarm,
            alarm,
            _FIRST if since is None else microseconds(since),
        )

    def accounts(self) -> list[Account]:
        """Return the loss ledger, a line per device and boot."""
        refused: dict[int, dict[str, int]] = {}
        for boot, category, count in self._rows(
            "SELECT boot, category, count(*) FROM refusals GROUP BY boot, category"
        ):
            refused.setdefault(boot, {})[category] = count
        rows = self._rows(
            "SELECT id, device, boot, state, kept, duplicate FROM boots ORDER BY device, boot"
        )
        return [
            account(
                device,
                boot,
                None if state is None else _state.decode(state),
                kept=kept,
                duplicate=duplicate,
                refused=refused.get(number, {}),
            )
            for number, device, boot, state, kept, duplicate in rows
        ]

    def device_states(self) -> list[tuple[str, DeviceState]]:
        """Return (site, newest state) of every device."""
        rows = self._rows(
            "SELECT site, state, max(state_position) FROM boots WHERE state IS NOT NULL "
            "GROUP BY device ORDER BY device"
        )
        return [(site, _state.decode(state)) for site, state, _ in rows]

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Return what was set aside, newest first."""
        return self._decoded(
            _letter, "SELECT body FROM dead_letters ORDER BY id DESC LIMIT ?", limit
        )

    def dead_letter_count(self) -> int:
        """Return how many letters were ever set aside, also those that made room."""
        return self._counter("dead_letters")

    def forget(self, before: datetime) -> int:
        """Delete a few observations older than ``before``; call again until it is 0."""
        with self._mended(), errors_translated(self._path):
            return forget(self._connection, before)

    def complaints(self) -> list[str]:
        """Return what a person must see to."""
        log_error = None if self._checkpoints is None else self._checkpoints.error
        return list(complaints(self._path, log_error, self._unreadable))

    def close(self) -> None:
        """Release the files."""
        if self._checkpoints is not None:
            self._checkpoints.close()
        self._connection.close()

    def _opened(self) -> Connection:
        try:
            connection = connect(self._path, durable=self._durable)
        except BrokenFileError:
            if not self._keeper:
                raise
            set_aside(self._path)
            connection = connect(self._path, durable=self._durable)
        if self._keeper:
            connection.execute(f"PRAGMA wal_autocheckpoint = {SPARE}")
        self._inode = self._path.stat().st_ino
        return Connection(connection)

    @contextmanager
    def _mended(self) -> Generator[None]:
        """Let no caller meet a broken file twice: the keeper begins a new one, others follow."""
        if not self._connection.in_transaction:
            self._follow()
        connection = self._connection
        try:
            yield
        except BrokenFileError:
            if self._keeper and self._connection is connection:
                set_aside(self._path)
                self._follow()
            raise

    def _follow(self) -> None:
        """Change over to the new file where ours was moved aside; only the keeper makes one."""
        try:
            has_moved = self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            has_moved = self._keeper
        if has_moved:
            fresh = self._opened()
            self._connection.close()
            self._names.forget()
            self._connection = fresh

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._mended(), errors_translated(self._path):
            return self._connection.execute(query, values).fetchall()

    def _decoded(self, decoder: msgspec.json.Decoder[T], query: str, *values: object) -> list[T]:
        return [decoder.decode(body) for (body,) in self._rows(query, *values)]

    def _observations(self, where: str, *values: object) -> list[Observation]:
        rows = self._rows(OBSERVATION + where, *values)
        return [each for row in rows if (each := self._read(row)) is not None]

    def _read(self, row: Sequence[Any]) -> Observation | None:
        """Return a row as an observation; one that is damaged must not hide the others."""
        try:
            return observation_of(*row)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError):
            self._unreadable.add(" ".join(map(str, row[:3])))
            return None

    def _latest(self, where: str, *values: object) -> list[Latest]:
        """Return rows by subject; of positions of one moment the last in order counts."""
        fixes: dict[str, tuple[Observation, int, int | None, bytes | None]] = {}
        for *row, moved_at, named_at, body in self._rows(LATEST + where, *values):
            fix = self._read(row)
            if fix is None:
                continue
            if fix.subject not in fixes or fix.order > fixes[fix.subject][0].order:
                fixes[fix.subject] = (fix, moved_at, named_at, body)
        return [
            as_latest(
                max(moved_at, named_at or 0), fix, Known() if body is None else _known.decode(body)
            )
            for _, (fix, moved_at, named_at, body) in sorted(fixes.items())
        ]

    def _counter(self, name: str) -> int:
        rows = self._rows("SELECT value FROM counters WHERE name = ?", name)
        return int(rows[0][0])
