"""What people's tools need from the store, said once; any store of ingest fits.

A tier beside ingest, this one never imports it: the composition root joins them.
"""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from haechi.alarms import Alarm, AlarmEvent, AlarmKey
from haechi.findings import Finding
from haechi.kept import DeadLetter, Latest
from haechi.ledger import Account
from haechi.messages import DeviceState
from haechi.observations import Observation
from haechi.pushes import Push


class Handling(Protocol):
    """One transaction in which an operator's act is kept."""

    def put_alarm(self, alarm: Alarm, event: AlarmEvent) -> None:
        """Insert or replace an alarm and append to its history."""
        ...

    def add_push(self, push: Push) -> bool:
        """Insert a push unless its id is there; return whether it was new."""
        ...


class ConsoleStore(Protocol):
    """What the console reads, and the one thing it writes."""

    def writing(self) -> AbstractContextManager[Handling]:
        """Open a transaction; leaving it commits, an exception rolls back."""
        ...

    def position(self) -> int:
        """Return the position of the last committed transaction."""
        ...

    def latest(self, since_position: int = 0) -> list[Latest]:
        """Return subjects whose newest position or name changed after a log position."""
        ...

    def latest_of(self, subject: str) -> Latest | None:
        """Return one subject's newest position and name, if it has been seen anywhere."""
        ...

    def history(self, subject: str, since: datetime | None) -> list[Observation]:
        """Return a subject's observations at or after ``since``, in event-time order."""
        ...

    def track(
        self, subject: str, since: datetime, until: datetime, limit: int
    ) -> list[Observation]:
        """Return positions of a subject in a time range."""
        ...

    def findings(
        self, *, subject: str | None = None, since: datetime | None = None
    ) -> list[Finding]:
        """Return findings in report order, retracted ones included."""
        ...

    def finding_revisions(self, finding: str) -> list[Finding]:
        """Return every revision of one finding, oldest first."""
        ...

    def alarms(self, *, since_position: int = 0, open_only: bool = False) -> list[Alarm]:
        """Return alarms changed after a log position, newest first."""
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

    def pushes(self, alarm: str | None = None) -> list[Push]:
        """Return pushes, oldest first."""
        ...

    def accounts(self) -> list[Account]:
        """Return the loss ledger, a line per device and boot."""
        ...

    def device_states(self) -> list[tuple[str, DeviceState]]:
        """Return (site, newest state) of every device."""
        ...

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Return what was set aside, newest first."""
        ...

    def complaints(self) -> list[str]:
        """Return what a person must know about the files."""
        ...


class Sending(Protocol):
    """One transaction in which the fate of pushes is kept."""

    def put_push(self, push: Push) -> None:
        """Insert a push, or replace the one with its id."""
        ...

    def add_push(self, push: Push) -> bool:
        """Insert a push unless its id is there; return whether it was new."""
        ...


class PushStore(Protocol):
    """What the sending of pushes reads and writes."""

    def writing(self) -> AbstractContextManager[Sending]:
        """Open a transaction; leaving it commits, an exception rolls back."""
        ...

    def due_pushes(self, now: datetime, limit: int) -> list[Push]:
        """Return pending pushes due at or before ``now``, oldest first."""
        ...


class NotSentError(Exception):
    """A channel did not take a push; a retry is safe, the push keeps its key."""


class Sender(Protocol):
    """A channel: takes one push at a time, in a thread of its own."""

    def send(self, push: Push) -> None:
        """Deliver; returning says that it has arrived at the channel's server.

        Raises:
            NotSentError: it has not, as far as can be known; the text says why, without secrets.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
