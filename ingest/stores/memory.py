"""A store for tests and for measuring: plain dicts, nothing outlives the process."""

from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from haechi.alarms import Alarm, AlarmEvent, AlarmKey
from haechi.findings import Finding, report_order
from haechi.ledger import Account
from haechi.messages import DeviceState
from haechi.observations import Identity, Observation
from haechi.pushes import Push, PushStatus
from ingest.ports import DeadLetter, Latest, LogEntry, Snapshot, State, Writing
from ingest.stores.merging import (
    Known,
    account,
    as_latest,
    describes,
    evenly,
    is_located,
    known_after,
    state_after,
)

Boot = tuple[str, str]
"""Device and boot."""


@dataclass
class Kept:
    """Everything kept. Values are frozen, so a copy of the dicts is a copy of all."""

    position: int = 0
    snapshot_position: int = 0
    letters_ever: int = 0
    observations: dict[Identity, Observation] = field(default_factory=dict[Identity, Observation])
    log: dict[int, LogEntry] = field(default_factory=dict[int, LogEntry])
    fixes: dict[str, tuple[int, Observation]] = field(
        default_factory=dict[str, tuple[int, Observation]]
    )
    known: dict[str, tuple[int, Known]] = field(default_factory=dict[str, tuple[int, Known]])
    kept: Counter[Boot] = field(default_factory=Counter[Boot])
    duplicates: Counter[Boot] = field(default_factory=Counter[Boot])
    refusals: dict[Identity, str] = field(default_factory=dict[Identity, str])
    states: dict[Boot, tuple[int, str, DeviceState]] = field(
        default_factory=dict[Boot, tuple[int, str, DeviceState]]
    )
    letters: list[DeadLetter] = field(default_factory=list[DeadLetter])
    findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    revisions: dict[tuple[str, int], Finding] = field(
        default_factory=dict[tuple[str, int], Finding]
    )
    alarms: dict[str, tuple[int, Alarm]] = field(default_factory=dict[str, tuple[int, Alarm]])
    alarm_events: dict[tuple[str, int], AlarmEvent] = field(
        default_factory=dict[tuple[str, int], AlarmEvent]
    )
    pushes: dict[str, Push] = field(default_factory=dict[str, Push])
    engine: dict[str, State] = field(default_factory=dict[str, State])

    def twin(self) -> "Kept":
        """Return what a rollback goes back to."""
        twin = copy(self)
        for name, part in vars(self).items():
            setattr(twin, name, copy(part))
        return twin


class MemoryWriting:
    """What ``MemoryStore.writing`` gives; see ``ingest.ports.Writing``."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        kept.position += 1

    @property
    def position(self) -> int:
        """Its place in the log."""
        return self._kept.position

    def keep(self, observations: Sequence[Observation]) -> list[Observation]:
        """Keep what is new, count further copies as duplicates, return the new in order."""
        held, new = self._kept, list[Observation]()
        for observation in observations:
            boot = (observation.device, observation.boot)
            if observation.identity in held.observations:
                held.duplicates[boot] += 1
                continue
            held.kept[boot] += 1
            held.refusals.pop(observation.identity, None)
            held.observations[observation.identity] = observation
            self._move(observation)
            new.append(observation)
        if new:
            self._log(observations=tuple(new))
        return new

    def tick(self, site: str, watermark: datetime) -> None:
        """Append a tick to the log."""
        self._log(ticks=((site, watermark),))

    def set_aside(self, letters: Iterable[DeadLetter]) -> None:
        """Keep what was refused; a letter with a ``seq`` counts once in the ledger."""
        new = [letter for letter in letters if self._is_first(letter)]
        self._kept.letters.extend(new)
        self._kept.letters_ever += len(new)

    def device_state(self, site: str, state: DeviceState) -> None:
        """Keep the newest state of a boot."""
        boot = (state.device, state.boot)
        old = self._kept.states.get(boot)
        newest = state_after(None if old is None else old[2], state)
        self._kept.states[boot] = (self.position, site, newest)

    def report(self, findings: Iterable[Finding]) -> list[Finding]:
        """Insert or replace findings by id, keeping every revision; return what changed."""
        held, changed = self._kept, list[Finding]()
        for finding in findings:
            if held.findings.get(finding.id) != finding:
                held.findings[finding.id] = finding
                held.revisions[finding.id, finding.revision] = finding
                changed.append(finding)
        return changed

    def put_alarm(self, alarm: Alarm, event: AlarmEvent) -> None:
        """Insert or replace an alarm and append to its history."""
        self._kept.alarms[alarm.id] = (self.position, alarm)
        self._kept.alarm_events[event.alarm, event.number] = event

    def put_push(self, push: Push) -> None:
        """Insert a push, or replace the one with its id."""
        self._kept.pushes[push.id] = push

    def add_push(self, push: Push) -> bool:
        """Insert a push unless its id is there; return whether it was new."""
        return self._kept.pushes.setdefault(push.id, push) is push

    def save_states(self, states: Mapping[str, bytes]) -> None:
        """Insert or replace engine states, as of this position."""
        for subject, packed in states.items():
            self._kept.engine[subject] = State(self.position, packed)

    def complete_snapshot(self, position: int) -> None:
        """Note that the states hold all of the log up to ``position``, each perhaps more."""
        self._kept.snapshot_position = position

    def _move(self, observation: Observation) -> None:
        """Bring what is known of a subject up to date; late reports move nothing back."""
        held, subject = self._kept, observation.subject
        if is_located(observation) and (
            subject not in held.fixes or observation.order > held.fixes[subject][1].order
        ):
            held.fixes[subject] = (self.position, observation)
        if describes(observation):
            _, before = held.known.get(subject, (0, Known()))
            held.known[subject] = (self.position, known_after(before, observation))

    def _log(
        self,
        observations: tuple[Observation, ...] = (),
        ticks: tuple[tuple[str, datetime], ...] = (),
    ) -> None:
        held = self._kept.log.get(self.position, LogEntry(position=self.position))
        self._kept.log[self.position] = LogEntry(
            position=self.position,
            observations=held.observations + observations,
            ticks=held.ticks + ticks,
        )

    def _is_first(self, letter: DeadLetter) -> bool:
        reading = Identity(letter.device, letter.boot, letter.seq)
        if not (letter.seq and letter.boot) or reading in self._kept.observations:
            return True
        if reading in self._kept.refusals:
            return False
        self._kept.refusals[reading] = letter.reason.partition(":")[0]
        return True


class MemoryStore:
    """The ``Store`` port over dicts. A transaction copies them: for small amounts only."""

    def __init__(self) -> None:
        self._kept = Kept()

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Open a transaction; leaving it commits, an exception rolls back."""
        before = self._kept.twin()
        try:
            yield MemoryWriting(self._kept)
        except BaseException:
            self._kept = before
            raise

    def position(self) -> int:
        """Return the position of the last committed transaction, 0 at first."""
        return self._kept.position

    def log_since(self, position: int) -> Iterator[LogEntry]:
        """Yield what was appended after ``position``, oldest first."""
        for at, entry in sorted(self._kept.log.items()):
            if at > position:
                there = (o for o in entry.observations if o.identity in self._kept.observations)
                yield LogEntry(position=at, observations=tuple(there), ticks=entry.ticks)

    def said(self, kinds: Collection[str], after: int, until: int) -> list[Observation]:
        """Return what was added after one log position, up to another, of some kinds of content.

        Kinds are the tags on the wire; the order is that of arrival.
        """
        return [
            observation
            for entry in self.log_since(after)
            for observation in entry.observations
            if entry.position <= until and observation.content.__struct_config__.tag in kinds
        ]

    def snapshot(self) -> Snapshot:
        """Return the engine states, and where in the log to go on from."""
        return Snapshot(self._kept.snapshot_position, dict(self._kept.engine))

    def history(self, subject: str, since: datetime | None) -> list[Observation]:
        """Return a subject's observations at or after ``since``, in event-time order."""
        about = [o for o in self._kept.observations.values() if o.subject == subject]
        return sorted(
            (o for o in about if since is None or o.at >= since), key=lambda each: each.order
        )

    def findings(
        self, *, subject: str | None = None, since: datetime | None = None
    ) -> list[Finding]:
        """Return findings in report order, retracted ones included."""
        found = [
            finding
            for finding in self._kept.findings.values()
            if subject in {None, finding.subject} and (since is None or finding.since >= since)
        ]
        return sorted(found, key=report_order)

    def findings_about(self, subjects: Collection[str], since: datetime | None) -> list[Finding]:
        """Return findings about any of these in report order, retracted ones included."""
        return [each for each in self.findings(since=since) if each.subject in subjects]

    def finding_revisions(self, finding: str) -> list[Finding]:
        """Return every revision of one finding, oldest first."""
        return [each for (id_, _), each in sorted(self._kept.revisions.items()) if id_ == finding]

    def latest(self, since_position: int = 0) -> list[Latest]:
        """Return subjects whose newest position or name changed after a log position."""
        found = (self.latest_of(subject) for subject in sorted(self._kept.fixes))
        return [each for each in found if each is not None and each.position > since_position]

    def latest_of(self, subject: str) -> Latest | None:
        """Return one subject's newest position and name, if it has been seen anywhere."""
        if subject not in self._kept.fixes:
            return None
        moved_at, fix = self._kept.fixes[subject]
        named_at, known = self._kept.known.get(subject, (0, Known()))
        return as_latest(max(moved_at, named_at), fix, known)

    def track(
        self, subject: str, since: datetime, until: datetime, limit: int
    ) -> list[Observation]:
        """Return positions of a subject in a time range, one an instant, thinned evenly."""
        instants = dict[datetime, Observation]()
        for observation in self.history(subject, since):
            if observation.at <= until and is_located(observation):
                instants.setdefault(observation.at, observation)
        return evenly(list(instants.values()), limit)

    def alarms(self, *, since_position: int = 0, open_only: bool = False) -> list[Alarm]:
        """Return alarms, changed after a log position, newest first."""
        found = [
            alarm
            for at, alarm in self._kept.alarms.values()
            if at > since_position and (alarm.is_open or not open_only)
        ]
        found.sort(key=lambda alarm: alarm.id)
        return sorted(found, key=lambda alarm: alarm.raised_at, reverse=True)

    def alarm(self, alarm: str) -> Alarm | None:
        """Return one alarm."""
        return self._kept.alarms.get(alarm, (0, None))[1]

    def open_alarm(self, key: AlarmKey) -> Alarm | None:
        """Return the alarm of this key with ``is_open``, if any."""
        return next((alarm for alarm in self.alarms(open_only=True) if alarm.key == key), None)

    def alarm_events(self, alarm: str) -> list[AlarmEvent]:
        """Return an alarm's history, oldest first."""
        return [
            event for (id_, _), event in sorted(self._kept.alarm_events.items()) if id_ == alarm
        ]

    def alarms_to_wake(self, now: datetime) -> list[Alarm]:
        """Return alarms with ``wake_at`` at or before ``now``, the earliest first."""
        wishes = [(alarm.wake_at, alarm.id, alarm) for _, alarm in self._kept.alarms.values()]
        due = [(at, id_, alarm) for at, id_, alarm in wishes if at is not None and at <= now]
        return [alarm for _, _, alarm in sorted(due, key=lambda each: each[:2])]

    def due_pushes(self, now: datetime, limit: int) -> list[Push]:
        """Return pending pushes due at or before ``now``, oldest first."""
        pending = (p for p in self._kept.pushes.values() if p.status is PushStatus.PENDING)
        due = [push for push in pending if push.due_at <= now]
        return sorted(due, key=lambda push: (push.due_at, push.id))[:limit]

    def pushes(self, alarm: str | None = None, *, since: datetime | None = None) -> list[Push]:
        """Return pushes, of one alarm or made at or after ``since``, oldest first."""
        found = [
            push
            for push in self._kept.pushes.values()
            if alarm in {None, push.alarm} and (since is None or push.created_at >= since)
        ]
        return sorted(found, key=lambda push: (push.created_at, push.id))

    def accounts(self) -> list[Account]:
        """Return the loss ledger, a line per device and boot."""
        held, refused = self._kept, dict[Boot, Counter[str]]()
        for (device, boot, _), category in held.refusals.items():
            refused.setdefault((device, boot), Counter())[category] += 1
        return [
            account(
                *boot,
                held.states[boot][2] if boot in held.states else None,
                kept=held.kept[boot],
                duplicate=held.duplicates[boot],
                refused=refused.get(boot, {}),
            )
            for boot in sorted({*held.kept, *refused, *held.states})
        ]

    def device_states(self) -> list[tuple[str, DeviceState]]:
        """Return (site, newest state) of every device."""
        newest = {
            device: (site, state)
            for (device, _), (_, site, state) in sorted(
                self._kept.states.items(), key=lambda each: each[1][0]
            )
        }
        return [newest[device] for device in sorted(newest)]

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Return what was set aside, newest first."""
        return self._kept.letters[::-1][:limit]

    def dead_letter_count(self) -> int:
        """Return how many letters were ever set aside."""
        return self._kept.letters_ever

    def forget(self, before: datetime) -> int:
        """Delete observations older than ``before``."""
        held = self._kept
        old = [
            observation.identity
            for at, entry in held.log.items()
            if at <= held.snapshot_position
            for observation in entry.observations
            if observation.at < before and observation.identity in held.observations
        ]
        for identity in old:
            del held.observations[identity]
        return len(old) + self._shorten_log()

    def _shorten_log(self) -> int:
        """Delete entries before that of the oldest observation; return how many."""
        held, count = self._kept, 0
        for at, entry in sorted(held.log.items()):
            is_needed = any(o.identity in held.observations for o in entry.observations)
            if is_needed or at > held.snapshot_position:
                break
            del held.log[at]
            count += 1
        return count

    def complaints(self) -> list[str]:
        """Return nothing: there are no files."""
        return []

    def close(self) -> None:
        """Release nothing."""
