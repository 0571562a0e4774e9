"""Where readings wait, numbered and on disk, until ingest says that it keeps them.

Nothing here looks at a clock: order is (boot, seq), which no wrong clock can disturb.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from edge.measured import Measured
from edge.outage import Outage
from edge.outbox_file import Ballast
from edge.room import Room
from edge.shelf import Change, Counters, Quarantined, Row, Shelf, Stored
from haechi.messages import MAX_PAYLOAD_BYTES, MAX_READINGS, Ack, Reading

ENVELOPE_BYTES: Final = 1024
"""Room for the topic, the properties and the message around the readings."""

ROOM_BYTES: Final = MAX_PAYLOAD_BYTES - ENVELOPE_BYTES
"""What the readings of one message may take."""

LIMIT_BYTES: Final = 256 * 2**20
BALLAST_BYTES: Final = 2**20

TOO_LARGE: Final = "too large"
NOT_LAWFUL: Final = "not a lawful reading"
DAMAGED: Final = "damaged on disk"

_MARKED_AHEAD: Final = 5000
_NO_END: Final = 2**62

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Place(NamedTuple):
    """A point in the order of sending: boots by age, readings by their number."""

    boot: int
    seq: int


START: Final = Place(0, 0)
END: Final = Place(_NO_END, _NO_END)


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive readings of one boot and one urgency, ready to be published."""

    boot: str
    urgent: bool
    first: Place
    last: Place
    seqs: tuple[int, ...] = field(repr=False)
    payload: bytes = field(repr=False)


class BootAccount(Struct, frozen=True, kw_only=True):
    """What became of the readings of one boot, as far as the agent knows."""

    boot: str
    numbered: int
    in_flight: int
    thinned: int
    quarantined: dict[str, int]


class Outbox:
    """A bounded file of one device's readings; safe to use from several threads.

    When it is full, telemetry goes before any event does (``room``). Only when thinning frees no
    more is something new not taken, which counts as thinned too.
    """

    def __init__(
        self,
        directory: Path,
        *,
        device: str,
        boot: str,
        limit_bytes: int = LIMIT_BYTES,
        ballast_bytes: int = BALLAST_BYTES,
    ) -> None:
        """Open or create ``directory/outbox.sqlite``; a damaged one is moved aside.

        Args:
            directory: The agent's own data directory.
            device: Who measures.
            boot: This start of the device; the same again continues its numbers.
            limit_bytes: Readings and about what they cost beside; the file can be twice that.
            ballast_bytes: Disk held in reserve, so that a full disk can still be tidied.

        Raises:
            OutboxBusyError: another process has it open.
            OSError: it cannot be created.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self.boot = boot
        self._device, self._limit = device, limit_bytes
        self._lock = threading.RLock()
        self._encoder = msgspec.json.Encoder()
        self._reading: msgspec.json.Decoder[Reading] = msgspec.json.Decoder(Reading)
        self._shelf = Shelf(directory / "outbox.sqlite", boot, ballast_bytes // 2)
        self._keeping = Outage("keeping of readings")
        self._room = Room(self._shelf, Ballast(directory / "ballast", ballast_bytes), limit_bytes)

    @property
    def pending(self) -> int:
        """Readings that wait, of all boots."""
        return self._shelf.rows.total()

    @property
    def size_bytes(self) -> int:
        """What waits, about, in bytes."""
        return self._shelf.size

    @property
    def damaged_files(self) -> int:
        """Files that had to be moved aside since this was opened."""
        return self._shelf.damaged_files

    def numbered(self, boot: str) -> int:
        """Return the last number given in a boot, 0 if none was."""
        with self._lock:
            return self._shelf.counters.get(self._shelf.id_of(boot), Counters()).numbered

    def accounts(self) -> list[BootAccount]:
        """Return the account of every boot that is remembered, oldest first."""
        with self._lock:
            return [self._account(number) for number in sorted(self._shelf.boots)]

    def append(self, measured: Sequence[Measured], *, first: int | None = None) -> None:
        """Number readings and keep them on disk; they are durable when this returns.

        What cannot be kept is not lost in silence: it counts as thinned (no room) or goes to
        quarantine (not a lawful reading), and its number stays used.

        Args:
            measured: In the order in which they shall be numbered.
            first: The number that the first of them must have, for a source that begins again
                after a crash: those that have a number already are passed over. ``None``: next.

        Raises:
            ValueError: ``first`` would leave a gap.
        """
        with self._lock:
            following = self._shelf.counters[self._shelf.boot].numbered + 1
            start = following if first is None else first
            if start > following:
                raise ValueError(f"readings {following} to {start - 1} were never given")
            fresh = measured[following - start :]
            if fresh:
                self._append(fresh, following)

    def batch(
        self,
        *,
        urgent: bool,
        after: Place = START,
        until: Place = END,
        limit_readings: int = 500,
        limit_bytes: int = ROOM_BYTES,
    ) -> Batch | None:
        """Return the next readings in order, all of one boot, as one payload.

        Readings that are damaged, or alone too large, go to quarantine on the way.

        Args:
            urgent: Events, or telemetry.
            after: Only what follows this place.
            until: Nothing beyond this place.
            limit_readings: At most so many, and never more than a message may have.
            limit_bytes: What the readings may take; the envelope comes on top.
        """
        limit = min(limit_readings, MAX_READINGS)
        with self._lock:
            while stored := self._next(urgent=urgent, after=after, until=until, limit=limit):
                taken = _fitting(stored, limit_bytes)
                if taken:
                    return self._wrapped(taken)
                reason = TOO_LARGE if stored[0].is_sound else DAMAGED
                spoilt = self._wrapped([stored[0].row])
                self.quarantine(spoilt, reason)
                after = spoilt.last
            return None

    def mark_sent(self, batch: Batch) -> bool:
        """Note, before publishing, that ingest may have this; return whether it was noted.

        What may have arrived must not be counted as thinned as well.
        """
        number, seq = batch.last
        with self._lock:
            counters = self._shelf.counters.get(number, Counters())
            if batch.urgent or seq <= counters.sent_to:
                return True
            marked = replace(counters, sent_to=seq + _MARKED_AHEAD)
            return self._shelf.try_change(
                lambda change: change.counters.update({number: marked}), durable=False
            )

    def settle(self, acks: Iterable[Ack]) -> bool:
        """Forget what ingest keeps, and set aside what it refuses, in one transaction.

        Returns:
            Whether it was done. If not, the same readings will be sent and answered again.
        """
        with self._lock:
            known = [(n, ack) for ack in acks if (n := self._shelf.id_of(ack.boot))]
            # Not durable: what a power cut brings back is sent and acknowledged once more.
            return self._shelf.try_change(lambda change: self._settle(change, known), durable=False)

    def quarantine(self, batch: Batch, reason: str) -> bool:
        """Give up on readings that nobody will take; return whether it was done.

        Args:
            batch: Which.
            reason: Few words, the same for the same cause: readings are counted by it.
        """

        def work(change: Change) -> None:
            rows = change.delete(batch.first.boot, batch.first.seq, batch.last.seq, batch.urgent)
            self._set_aside(change, rows, reason)
            change.count(batch.first.boot, given_up=len(rows), reason=reason)

        log.warning("readings given up", first=batch.first, last=batch.last, reason=reason)
        with self._lock:
            return self._shelf.try_change(work)

    def quarantined(self) -> list[Quarantined]:
        """Return what was given up, oldest first, as far as it is still kept."""
        with self._lock:
            return self._shelf.quarantined()

    def close(self) -> None:
        """Release the file; everything stays in it."""
        with self._lock:
            self._shelf.close()

    # What follows is called with the lock held.

    def _account(self, number: int) -> BootAccount:
        counters = self._shelf.counters.get(number, Counters())
        return BootAccount(
            boot=self._shelf.boots[number],
            numbered=counters.numbered,
            in_flight=self._shelf.rows[number],
            thinned=counters.thinned,
            quarantined=counters.quarantined,
        )

    def _append(self, measured: Sequence[Measured], first: int) -> None:
        rows: list[Row] = []
        unlawful: list[Quarantined] = []
        for seq, one in enumerate(measured, first):
            body = self._encoded(one, seq)
            if isinstance(body, bytes):
                rows.append(Row(one.urgent, self._shelf.boot, seq, body))
            else:
                said = repr(one).encode(errors="replace")
                reason = f"{NOT_LAWFUL}: {body}"
                unlawful.append(Quarantined(boot=self.boot, seq=seq, reason=reason, body=said))
        self._keep(rows, unlawful, first + len(measured) - 1)

    def _encoded(self, one: Measured, seq: int) -> bytes | str:
        """Return a reading's JSON, or what is wrong with it."""
        try:
            reading = Reading(seq=seq, at=one.at, subject=one.subject, content=one.content)
            body = self._encoder.encode(reading)
            self._reading.decode(body)  # the encoder checks no ranges; ingest would refuse
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            return str(error) or type(error).__name__
        return body

    def _keep(self, rows: list[Row], unlawful: list[Quarantined], numbered: int) -> None:
        """Keep what can be kept: everything, after tidying everything, or else the events."""
        self._room.reconsider()
        if self._insert(self._room.admitted(rows), unlawful, numbered):
            self._keeping.ends()
            return
        self._room.shrink()
        admitted = self._room.admitted(rows)
        if self._insert(admitted, unlawful, numbered):
            return
        events = [row for row in admitted if row.urgent]
        if not (events and self._insert(events, [], numbered)):
            self._count_as_thinned(numbered)

    def _insert(self, rows: list[Row], unlawful: list[Quarantined], numbered: int) -> bool:
        def work(change: Change) -> None:
            before = change.counters[self._shelf.boot]
            dropped = numbered - before.numbered - len(rows) - len(unlawful)
            change.counters[self._shelf.boot] = replace(before, numbered=numbered)
            change.insert(rows)
            change.count(self._shelf.boot, thinned=dropped)
            change.count(self._shelf.boot, given_up=len(unlawful), reason=NOT_LAWFUL)
            for one in unlawful:
                change.set_aside(one, self._limit // 16)

        return self._shelf.try_change(work)

    def _count_as_thinned(self, numbered: int) -> None:
        # The disk takes nothing at all: the counters wait in memory for the next transaction.
        before = self._shelf.counters[self._shelf.boot]
        lost = numbered - before.numbered
        self._keeping.fails(f"the disk takes nothing: {lost} readings dropped")
        after = replace(before, numbered=numbered, thinned=before.thinned + lost)
        self._shelf.counters = self._shelf.counters | {self._shelf.boot: after}

    def _next(self, *, urgent: bool, after: Place, until: Place, limit: int) -> list[Stored]:
        for boot in sorted(self._shelf.boots):
            if not after.boot <= boot <= until.boot:
                continue
            low = after.seq if boot == after.boot else 0
            high = until.seq if boot == until.boot else _NO_END
            found = self._shelf.select(urgent=urgent, boot=boot, after=low, until=high, limit=limit)
            if found:
                return found
        return []

    def _wrapped(self, rows: list[Row]) -> Batch:
        first, last = rows[0], rows[-1]
        boot = self._shelf.boots[first.boot]
        head = f'{{"version":1,"device":"{self._device}","boot":"{boot}","readings":['
        payload = b"".join((head.encode(), b",".join(row.body for row in rows), b"]}"))
        places = Place(first.boot, first.seq), Place(last.boot, last.seq)
        return Batch(boot, first.urgent, *places, tuple(row.seq for row in rows), payload)

    def _settle(self, change: Change, acks: list[tuple[int, Ack]]) -> None:
        for boot, ack in acks:
            for first, last in ack.kept:
                change.delete(boot, first, last, False, True)  # noqa: FBT003 - both urgencies
            for refusal in ack.refused:
                rows = change.delete(boot, refusal.seq, refusal.seq, False, True)  # noqa: FBT003 - as above
                self._set_aside(change, rows, f"refused by ingest: {refusal.reason}")

    def _set_aside(self, change: Change, rows: list[Row], reason: str) -> None:
        for row in rows:
            boot = self._shelf.boots[row.boot]
            one = Quarantined(boot=boot, seq=row.seq, reason=reason, body=row.body)
            change.set_aside(one, self._limit // 16)


def _fitting(stored: list[Stored], limit_bytes: int) -> list[Row]:
    """Return the leading rows that are sound and fit."""
    rows: list[Row] = []
    room = limit_bytes
    for row, is_sound in stored:
        room -= len(row.body) + 1
        if not is_sound or room < -1:
            break
        rows.append(row)
    return rows
