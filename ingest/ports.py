"""What ingest needs from the outside, said once, implemented in ``ingest.stores``."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from msgspec import Struct

from haechi.alarms import Alarm, AlarmEvent, AlarmKey
from haechi.findings import Finding
from haechi.kept import DeadLetter, Latest
from haechi.ledger import Account
from haechi.messages import DeviceState
from haechi.observations import Observation
from haechi.pushes import Push

__all__ = [
    "BatchRejectedError",
    "DeadLetter",
    "Latest",
    "LogEntry",
    "Snapshot",
    "State",
    "Store",
    "StoreUnavailableError",
    "Writing",
]


class StoreUnavailableError(Exception):
    """The store did not accept the transaction; nothing was written and a retry is safe."""


class BatchRejectedError(Exception):
    """The store will never accept this; retrying is useless."""


class LogEntry(Struct, frozen=True, kw_only=True):
    """What one transaction added to the log: observations in arrival order, then ticks."""

    position: int
    observations: tuple[Observation, ...] = ()
    ticks: tuple[tuple[str, datetime], ...] = ()
    """(site, watermark): the shell's word that nothing older is waited for."""


class State(NamedTuple):
    """What a subject's engine state is, and when."""

    position: int
    """It holds what the log says of its subject up to here."""
    packed: bytes


class Snapshot(NamedTuple):
    """Engine states by subject, from which the log leads to now."""

    position: int
    """No state is older: what it lacks is in the log after this."""
    states: dict[str, State]


class Writing(Protocol):
    """One transaction. Everything in it is kept together or not at all."""

    @property
    def position(self) -> int:
        """Its place in the log: 1, 2, 3, ..."""
        ...

    def keep(self, observations: Sequence[Observation]) -> list[Observation]:
        """Keep what is new, count further copies as duplicates, return the new in order."""
        ...

    def tick(self, site: str, watermark: datetime) -> None:
        """Append a tick to the log."""
        ...

    def set_aside(self, letters: Iterable[DeadLetter]) -> None:
        """Keep what was refused; a letter with a ``seq`` counts once in the ledger."""
        ...

    def device_state(self, site: str, state: DeviceState) -> None:
        """Keep the newest state of a boot."""
        ...

    def report(self, findings: Iterable[Finding]) -> list[Finding]:
        """Insert or replace findings by id, keeping every revision.

        Returns:
            Those that were new or other than what was kept: a replay after a crash says nothing.
        """
        ...

    def put_alarm(self, alarm: Alarm, event: AlarmEvent) -> None:
        """Insert or replace an alarm and append to its history."""
        ...

    def put_push(self, push: Push) -> None:
        """Insert a push, or replace the one with its id."""
        ...

    def add_push(self, push: Push) -> bool:
        """Insert a push unless its id is there; return whether it was new."""
        ...

    def save_states(self, states: Mapping[str, bytes]) -> None:
        """Insert or replace engine states, as of this position."""
        ...

    def complete_snapshot(self, position: int) -> None:
        """Note that the states hold all of the log up to ``position``, each perhaps more."""
        ...


class Store(Protocol):
    """Keeps everything. Reads see all committed transactions, and inside ``writing`` its own."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Open a transaction; leaving it commits, an exception rolls back.

        Raises:
            StoreUnavailableError: locked, full, or gone; on entering or on leaving.
        """
        ...

    def position(self) -> int:
        """Return the position of the last committed transaction, 0 at first."""
        ...

    def log_since(self, position: int) -> Iterator[LogEntry]:
        """Yield what was appended after ``position``, oldest first."""
        ...

    def said(self, kinds: Collection[str], after: int, until: int) -> list[Observation]:
        """Return what was added after one log position, up to another, of some kinds of content.

        Kinds are the tags on the wire; the order is that of arrival.
        """
        ...

    def snapshot(self) -> Snapshot:
        """Return the engine states, and where in the log to go on from."""
        ...

    def history(self, subject: str, since: datetime | None) -> list[Observation]:
        """Return a subject's observations at or after ``since``, in event-time order."""
        ...

    def findings(
        self, *, subject: str | None = None, since: datetime | None = None
    ) -> list[Finding]:
        """Return findings in report order, retracted ones included."""
        ...

    def findings_about(self, subjects: Collection[str], since: datetime | None) -> list[Finding]:
        """Return findings about any of these in report order, retracted ones included."""
        ...

    def finding_revisions(self, finding: str) -> list[Finding]:
        """Return every revision of one finding, oldest first."""
        ...

    def latest(self, since_position: int = 0) -> list[Latest]:
        """Return subjects whose newest position or name changed after a log position."""
        ...

    def latest_of(self, subject: str) -> Latest | None:
        """Return one subject's newest position and name, if it has been seen anywhere."""
        ...

    def track(
        self, subject: str, since: datetime, until: datetime, limit: int
    ) -> list[Observation]:
        """Return positions of a subject in a time range, one an instant, thinned evenly.

        Doubtful ones (``Flag``) are left out. First and last stay; at most ``limit`` are returned.
        """
        ...

    def alarms(self, *, since_position: int = 0, open_only: bool = False) -> list[Alarm]:
        """Return alarms, changed after a log position, newest first."""
        ...

    def alarm(self, alarm: str) -> Alarm | None:
        """Return one alarm."""
        ...

    def open_alarm(self, key: AlarmKey) -> Alarm | None:
        """Return the alarm of this key with ``is_open``, if any."""
        ...

    def alarm_events(self, alarm: str) -> list[AlarmEvent]:
        """Return an alarm's history, oldest first."""
        ...

    def alarms_to_wake(self, now: datetime) -> list[Alarm]:
        """Return alarms with ``wake_at`` at or before ``now``, the earliest first."""
        ...

    def due_pushes(self, now: datetime, limit: int) -> list[Push]:
        """Return pending pushes due at or before ``now``, oldest first."""
        ...

    def pushes(self, alarm: str | None = None, *, since: datetime | None = None) -> list[Push]:
        """Return pushes, of one alarm or made at or after ``since``, oldest first."""
        ...

    def accounts(self) -> list[Account]:
        """Return the loss ledger, a line per device and boot."""
        ...

    def device_states(self) -> list[tuple[str, DeviceState]]:
        """Return (site, newest state) of every device."""
        ...

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Return what was set aside, newest first; the oldest make room when there are many."""
        ...

    def dead_letter_count(self) -> int:
        """Return how many letters were ever set aside, also those that made room."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete a few observations older than ``before`` (never findings or alarms).

        What came after the last snapshot stays, since a crash would need it. Entries of the log
        before the oldest observation go too: whoever follows it from there is told everything.

        Returns:
            How many; call again until it is 0, so that nobody waits long for the store.
        """
        ...

    def complaints(self) -> list[str]:
        """Return what a person must know about the files, in plain words; empty if all is well."""
        ...

    def close(self) -> None:
        """Release the files."""
        ...
