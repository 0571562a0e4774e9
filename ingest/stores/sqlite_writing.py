"""One transaction on the SQLite store."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from haechi.alarms import Alarm, AlarmEvent
from haechi.findings import Finding
from haechi.messages import DeviceState
from haechi.observations import Observation
from haechi.pushes import Push, PushStatus
from haechi.units import microseconds
from ingest.ports import DeadLetter
from ingest.stores.merging import Known, describes, known_after, state_after
from ingest.stores.sqlite_aside import Connection
from ingest.stores.sqlite_block import INSERT, INSERT_ROW, block, rows

MAX_DEAD_LETTERS: Final = 10_000
MAX_DEAD_LETTER_BYTES: Final = 64 * 2**20

_encoded = msgspec.json.Encoder().encode
_known_decoder: msgspec.msgpack.Decoder[Known] = msgspec.msgpack.Decoder(Known)
_known_encoded = msgspec.msgpack.Encoder().encode
_state_decoder: msgspec.json.Decoder[DeviceState] = msgspec.json.Decoder(DeviceState)

_NONE: Final[Counter[int]] = Counter()
_MAX_NAMES: Final = 200_000
_MANY: Final = 50
"""Fewer observations are added sooner row by row than another thread is woken."""


class Boot(msgspec.Struct):
    """What of a boot's row must be known to keep its readings."""

    id: int
    highest_seq: int
    refused: int


class Names:
    """Numbers of names that repeat, remembered between transactions."""

    def __init__(self) -> None:
        self.boots: dict[tuple[str, str], Boot] = {}
        self.subjects: dict[str, int] = {}
        self.sites: dict[str, int] = {}

    def forget(self) -> None:
        """Drop everything: after a rollback some of it is not in the file."""
        self.boots.clear()
        self.subjects.clear()
        self.sites.clear()


class SqliteWriting:
    """What ``SqliteStore.writing`` gives; see ``ingest.ports.Writing``."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection, self._names = connection, names
        self._position = self._count_up("position", 1)
        self._first_id, self._last_id = 0, -1

    @property
    def position(self) -> int:
        """Its place in the log."""
        return self._position

    def keep(self, observations: Sequence[Observation]) -> list[Observation]:
        """Keep what is new, count further copies as duplicates, return the new in order."""
        if len(self._names.subjects) > _MAX_NAMES:
            self._names.forget()
        given: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for observation in observations:
            given[observation.device, observation.boot].append(observation.seq)
        repeated = {key: self._repeated(self._boot(*key), seqs) for key, seqs in given.items()}
        new = _without(observations, repeated)
        self._connection.executemany(
            "UPDATE boots SET kept = kept + ?, duplicate = duplicate + ?, highest_seq = ? "
            "WHERE id = ?",
            [self._counted(key, len(seqs), repeated[key]) for key, seqs in given.items()],
        )
        self._describe([each for each in new if describes(each)])
        if new:
            self._insert(new)
        return new

    def tick(self, site: str, watermark: datetime) -> None:
        """Append a tick to the log."""
        self._log(0)
        self._connection.execute(
            "INSERT INTO ticks VALUES (?, ?, ?)", (self._position, site, microseconds(watermark))
        )

    def set_aside(self, letters: Iterable[DeadLetter]) -> None:
        """Keep what was refused; a letter with a ``seq`` counts once in the ledger."""
        bodies = [_encoded(letter) for letter in letters if self._is_first(letter)]
        if not bodies:
            return
        self._connection.executemany(
            "INSERT INTO dead_letters (bytes, body) VALUES (?, ?)",
            [(len(body), body) for body in bodies],
        )
        self._set_counter("dead_letters", self._counter("dead_letters") + len(bodies))
        size = self._counter("dead_letter_bytes") + sum(map(len, bodies))
        self._set_counter("dead_letter_bytes", self._room_made(size))

    def device_state(self, site: str, state: DeviceState) -> None:
        """Keep the newest state of a boot."""
        boot = self._boot(state.device, state.boot)
        (old,) = self._connection.execute(
            "SELECT state FROM boots WHERE id = ?", (boot.id,)
        ).fetchone()
        newest = state_after(None if old is None else _state_decoder.decode(old), state)
        self._connection.execute(
            "UPDATE boots SET site = ?, state = ?, state_position = ? WHERE id = ?",
            (site, _encoded(newest), self._position, boot.id),
        )

    def report(self, findings: Iterable[Finding]) -> list[Finding]:
        """Insert or replace findings by id, keeping every revision; return what changed."""
        return [finding for finding in findings if self._report(finding)]

    def put_alarm(self, alarm: Alarm, event: AlarmEvent) -> None:
        """Insert or replace an alarm and append to its history."""
        self._connection.execute(
            "INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                alarm.id,
                self._position,
                alarm.key.site,
                alarm.key.rule,
                alarm.key.subject,
                alarm.key.zone or "",
                alarm.is_open,
                microseconds(alarm.raised_at),
                None if alarm.wake_at is None else microseconds(alarm.wake_at),
                _encoded(alarm),
            ),
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO alarm_events VALUES (?, ?, ?)",
            (event.alarm, event.number, _encoded(event)),
        )

    def put_push(self, push: Push) -> None:
        """Insert a push, or replace the one with its id."""
        self._connection.execute(
            "INSERT OR REPLACE INTO pushes VALUES (?, ?, ?, ?, ?, ?)", _row(push)
        )

    def add_push(self, push: Push) -> bool:
        """Insert a push unless its id is there; return whether it was new."""
        added = self._connection.execute(
            "INSERT OR IGNORE INTO pushes VALUES (?, ?, ?, ?, ?, ?)", _row(push)
        )
        return added.rowcount == 1

    def save_states(self, states: Mapping[str, bytes]) -> None:
        """Insert or replace engine states, as of this position."""
        self._connection.executemany(
            "INSERT INTO engine_states VALUES (?, ?, ?) ON CONFLICT (subject) "
            "DO UPDATE SET position = excluded.position, state = excluded.state",
            [(subject, self._position, packed) for subject, packed in states.items()],
        )

    def complete_snapshot(self, position: int) -> None:
        """Note that the states hold all of the log up to ``position``, each perhaps more."""
        self._set_counter("snapshot_position", position)

    def _repeated(self, boot: Boot, seqs: list[int]) -> Counter[int]:
        """Return how many copies of which seqs are too many; costs little if they are in order."""
        highest, boot.highest_seq = boot.highest_seq, max(boot.highest_seq, *seqs)
        if boot.refused:
            self._pardon(boot, seqs)
        if min(seqs) > highest and len(set(seqs)) == len(seqs):
            return _NONE
        possible = [seq for seq in seqs if seq <= highest]
        kept = self._connection.execute(
            "SELECT seq FROM observations "
            "WHERE boot = ? AND seq IN (SELECT value FROM json_each(?))",
            (boot.id, _encoded(possible).decode()),
        )
        return Counter(seqs) - Counter(dict.fromkeys(set(seqs) - {seq for (seq,) in kept}, 1))

    def _counted(
        self, key: tuple[str, str], given: int, repeated: Counter[int]
    ) -> tuple[int, int, int, int]:
        boot, copies = self._names.boots[key], repeated.total() if repeated else 0
        return given - copies, copies, boot.highest_seq, boot.id

    def _pardon(self, boot: Boot, seqs: list[int]) -> None:
        """Take readings that were refused once, and are acceptable now, off the refusals."""
        pardoned = self._connection.execute(
            "DELETE FROM refusals WHERE boot = ? AND seq IN (SELECT value FROM json_each(?))",
            (boot.id, _encoded(seqs).decode()),
        ).rowcount
        self._refused(boot, -pardoned)

    def _insert(self, observations: list[Observation]) -> None:
        """Add rows; SQLite goes on with many of them while the caller judges."""
        names, count = self._names, len(observations)
        first = self._count_up("observations", count) - count + 1
        self._log(count, first)
        numbers = {
            "boots": [names.boots[o.device, o.boot].id for o in observations],
            "sites": _numbers([o.site for o in observations], self._site),
            "subjects": _numbers([o.subject for o in observations], self._subject),
        }
        if count < _MANY:
            self._connection.executemany(INSERT_ROW, rows(observations, first=first, **numbers))
        else:
            self._connection.execute_aside(INSERT, block(observations, first=first, **numbers))

    def _log(self, added: int, first: int = 0) -> None:
        """Note what this transaction added, in one row however often it adds."""
        if added:
            self._first_id, self._last_id = self._first_id or first, first + added - 1
        self._connection.execute(
            "INSERT OR REPLACE INTO log VALUES (?, ?, ?)",
            (self._position, self._first_id, self._last_id),
        )

    def _describe(self, observations: list[Observation]) -> None:
        """Bring what subjects are known to be up to date."""
        for observation in observations:
            subject = self._subject(observation.subject)
            row = self._connection.execute(
                "SELECT body FROM particulars WHERE subject = ?", (subject,)
            ).fetchone()
            before = Known() if row is None else _known_decoder.decode(row[0])
            after = known_after(before, observation)
            if after != before:
                self._connection.execute(
                    "INSERT OR REPLACE INTO particulars VALUES (?, ?, ?)",
                    (subject, self._position, _known_encoded(after)),
                )

    def _is_first(self, letter: DeadLetter) -> bool:
        """Return whether a letter is new; a reading is refused once, and not counted if kept."""
        if not (letter.seq and letter.boot):
            return True
        boot = self._boot(letter.device, letter.boot)
        kept = self._connection.execute(
            "SELECT 1 FROM observations WHERE boot = ? AND seq = ?", (boot.id, letter.seq)
        ).fetchone()
        if kept:
            return True
        added = self._connection.execute(
            "INSERT OR IGNORE INTO refusals VALUES (?, ?, ?)",
            (boot.id, letter.seq, letter.reason.partition(":")[0]),
        ).rowcount
        self._refused(boot, added)
        return bool(added)

    def _refused(self, boot: Boot, more: int) -> None:
        if more:
            boot.refused += more
            self._connection.execute(
                "UPDATE boots SET refused = ? WHERE id = ?", (boot.refused, boot.id)
            )

    def _room_made(self, size: int) -> int:
        """Delete the oldest dead letters over the bounds; return the bytes that remain."""
        # Only the oldest is ever deleted, so ids have no gaps; to count the rows is to read them.
        (first, last) = self._connection.execute(
            "SELECT (SELECT min(id) FROM dead_letters), (SELECT max(id) FROM dead_letters)"
        ).fetchone()
        while last - first >= MAX_DEAD_LETTERS or size > MAX_DEAD_LETTER_BYTES:
            ((length,),) = self._connection.execute(
                "DELETE FROM dead_letters WHERE id = ? RETURNING bytes", (first,)
            ).fetchall()
            first, size = first + 1, size - length
        return size

    def _report(self, finding: Finding) -> bool:
        body = _encoded(finding)
        row = self._connection.execute(
            "SELECT body FROM findings WHERE id = ?", (finding.id,)
        ).fetchone()
        if row == (body,):
            return False
        self._connection.execute(
            "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?)",
            (finding.id, finding.subject, microseconds(finding.since), finding.rule, body),
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO finding_revisions VALUES (?, ?, ?)",
            (finding.id, finding.revision, body),
        )
        return True

    def _boot(self, device: str, boot: str) -> Boot:
        known = self._names.boots.get((device, boot))
        if known is None:
            self._connection.execute(
                "INSERT OR IGNORE INTO boots (device, boot) VALUES (?, ?)", (device, boot)
            )
            row = self._connection.execute(
                "SELECT id, highest_seq, refused FROM boots WHERE device = ? AND boot = ?",
                (device, boot),
            ).fetchone()
            known = self._names.boots[device, boot] = Boot(*row)
        return known

    def _subject(self, name: str) -> int:
        names = self._names.subjects
        return names.get(name) or names.setdefault(name, self._numbered("subjects", name))

    def _site(self, name: str) -> int:
        names = self._names.sites
        return names.get(name) or names.setdefault(name, self._numbered("sites", name))

    def _numbered(self, table: str, name: str) -> int:
        self._connection.execute(f"INSERT OR IGNORE INTO {table} (name) VALUES (?)", (name,))  # noqa: S608 - a word of ours
        row = self._connection.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()  # noqa: S608 - as above
        return int(row[0])

    def _counter(self, name: str) -> int:
        row = self._connection.execute(
            "SELECT value FROM counters WHERE name = ?", (name,)
        ).fetchone()
        return int(row[0])

    def _count_up(self, name: str, by: int) -> int:
        ((value,),) = self._connection.execute(
            "UPDATE counters SET value = value + ? WHERE name = ? RETURNING value", (by, name)
        ).fetchall()
        return int(value)

    def _set_counter(self, name: str, value: int) -> None:
        self._connection.execute("UPDATE counters SET value = ? WHERE name = ?", (value, name))


def _numbers(names: Sequence[str], number: Callable[[str], int]) -> list[int]:
    """Return the number of each name, asking once for each."""
    numbers = {name: number(name) for name in dict.fromkeys(names)}
    return [numbers[name] for name in names]


def _without(
    observations: Sequence[Observation], repeated: Mapping[tuple[str, str], Counter[int]]
) -> list[Observation]:
    """Return the first copies: of each seq that is repeated so often, the last so many go."""
    if not any(repeated.values()):
        return list(observations)
    left = {key: Counter(copies) for key, copies in repeated.items()}
    new: list[Observation] = []
    for observation in reversed(observations):
        copies = left[observation.device, observation.boot]
        if copies[observation.seq]:
            copies[observation.seq] -= 1
        else:
            new.append(observation)
    return new[::-1]


def _row(push: Push) -> tuple[str, str, bool, int, int, bytes]:
    return (
        push.id,
        push.alarm,
        push.status is PushStatus.PENDING,
        microseconds(push.created_at),
        microseconds(push.due_at),
        _encoded(push),
    )
