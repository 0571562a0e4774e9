"""What is on its way to ingest, of one urgency: what was published, answered, and is due again.

Pure bookkeeping: the time is given, and nothing here reads or sends.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random
from typing import Final

from edge.outbox import START, Batch, Place
from haechi.mqtt import NO_MATCHING_SUBSCRIBERS, NOT_AUTHORIZED, QUOTA_EXCEEDED


class Verdict(Enum):
    """What the reason code of a PUBACK means for what was published."""

    TAKEN = auto()
    """The broker has it; that is not durable, so the end-to-end acknowledgement is awaited."""
    LATER = auto()
    """Nothing is wrong with it, but nobody can take it now."""
    DENIED = auto()
    """We may not say this here. Perhaps a mistake that somebody corrects."""
    POISON = auto()
    """The broker will not take these bytes."""


VERDICTS: Final = {
    0x00: Verdict.TAKEN,
    NO_MATCHING_SUBSCRIBERS: Verdict.LATER,
    QUOTA_EXCEEDED: Verdict.LATER,
    NOT_AUTHORIZED: Verdict.DENIED,
}
"""Any other code condemns the bytes (MQTT 5.0, 3.4.2.1)."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How much at once, and how patiently."""

    batch: int = 500
    """Readings in a message."""
    window_messages: int = 200
    """Messages without an end-to-end acknowledgement, of each urgency."""
    window_readings: int = 50_000
    first_s: float = 5
    """After this without an acknowledgement a message is sent again; then after twice that, ..."""
    longest_s: float = 60
    tries: int = 5
    """Refusals after which a reading is given up."""


@dataclass(slots=True, eq=False)
class Flight:
    """One message on its way."""

    boot: str
    first: Place
    last: Place
    seqs: tuple[int, ...]
    """Of what is still unanswered in it."""
    digest: str = ""
    mid: int | None = None
    """Set while the broker owes a PUBACK."""
    due_at: float = 0
    sends: int = 0
    refusals: int = 0
    is_ready: bool = False
    """Waits in the list of what is due."""


class Lane:
    """Telemetry, or events: each keeps its own pace, so that one never waits for the other."""

    def __init__(self, pace: Pace, random: Random, *, urgent: bool) -> None:
        self.urgent = urgent
        self.cursor = START
        """Everything up to here has been published at least once."""
        self._pace, self._random = pace, random
        self._flights: dict[Place, Flight] = {}
        self._ready: deque[Flight] = deque()
        self._readings = 0
        self._paused_until = 0.0
        self.setbacks = 0
        """Publishes in a row that nobody could take."""

    @property
    def flights(self) -> list[Flight]:
        """All that is on its way."""
        return [*self._flights.values()]

    def next_again(self) -> Flight | None:
        """Return what is due again and take it off that list."""
        while self._ready:
            flight = self._ready.popleft()
            flight.is_ready = False
            if self.carries(flight):
                return flight
        return None

    def carries(self, flight: Flight) -> bool:
        """Whether this is still on its way."""
        return self._flights.get(flight.first) is flight

    def has_room(self) -> bool:
        """Whether something new may be published."""
        pace = self._pace
        return len(self._flights) < pace.window_messages and self._readings < pace.window_readings

    def may_send(self, now: float, outstanding: int) -> bool:
        """Whether to publish at all: after a setback one message at a time, after a pause."""
        return now >= self._paused_until and not (self.setbacks and outstanding)

    def began(self, batch: Batch) -> Flight:
        """Note a batch that was never published."""
        self.cursor = max(self.cursor, batch.last)
        flight = Flight(batch.boot, batch.first, batch.last, batch.seqs)
        self._add(flight)
        return flight

    def sent(self, flight: Flight, mid: int, digest: str, now: float) -> None:
        """Note a publish."""
        flight.mid, flight.digest = mid, digest
        flight.due_at = now + self._patience(flight.sends)
        flight.sends += 1

    def shrunk(self, flight: Flight, batch: Batch) -> None:
        """Reduce a flight to what is left of it; a rest that did not fit becomes due."""
        self.done(flight)
        rest = tuple(seq for seq in flight.seqs if seq > batch.last.seq)
        if rest:
            self._restart(Flight(flight.boot, Place(batch.last.boot, rest[0]), flight.last, rest))
        flight.first, flight.last, flight.seqs = batch.first, batch.last, batch.seqs
        self._add(flight)

    def again(self, flight: Flight, *, first: bool = False) -> None:
        """Make due at once, after or before what is due already."""
        flight.mid = None
        if not flight.is_ready:
            flight.is_ready = True
            (self._ready.appendleft if first else self._ready.append)(flight)

    def taken(self, flight: Flight) -> None:
        """Note that the broker has it."""
        flight.mid, flight.refusals = None, 0
        self.setbacks = 0

    def set_back(self, now: float) -> None:
        """Pause, for longer with each setback in a row, and then try one message."""
        if now >= self._paused_until:
            self._paused_until = now + self._patience(self.setbacks) / 5
            self.setbacks += 1

    def halves(self, flight: Flight) -> list[Flight]:
        """Replace a flight by two of half its length."""
        self.done(flight)
        middle = len(flight.seqs) // 2
        boot = flight.first.boot
        return [
            self._restart(Flight(flight.boot, Place(boot, part[0]), Place(boot, part[-1]), part))
            for part in (flight.seqs[:middle], flight.seqs[middle:])
        ]

    def done(self, flight: Flight) -> None:
        """Forget a flight."""
        if self._flights.pop(flight.first, None):
            self._readings -= len(flight.seqs)

    def settled(self, boot: str, ranges: Iterable[tuple[int, int]]) -> None:
        """Forget what ingest answered, inclusive ranges of numbers."""
        for first, last in ranges:
            for flight in self.flights:
                if flight.boot == boot and flight.first.seq <= last and flight.last.seq >= first:
                    self._answered(flight, first, last)

    def expire(self, now: float) -> None:
        """Make due what was not answered in time, unless the broker still owes a PUBACK."""
        for flight in self._flights.values():
            if flight.sends and flight.mid is None and flight.due_at <= now:
                self.again(flight)

    def reconnected(self, now: float, *, kept_session: bool) -> None:
        """Send again soon what was on its way; at once if the broker has forgotten us."""
        soon = now + self._patience(0) if kept_session else now
        for flight in self._flights.values():
            flight.due_at = min(flight.due_at, soon)

    def _answered(self, flight: Flight, first: int, last: int) -> None:
        rest = tuple(seq for seq in flight.seqs if not first <= seq <= last)
        self._readings -= len(flight.seqs) - len(rest)
        flight.seqs = rest
        if not rest:
            self.done(flight)

    def _add(self, flight: Flight) -> None:
        self._flights[flight.first] = flight
        self._readings += len(flight.seqs)

    def _restart(self, flight: Flight) -> Flight:
        self._add(flight)
        self.again(flight)
        return flight

    def _patience(self, times: int) -> float:
        longest = self._pace.first_s if self.urgent else self._pace.longest_s
        return min(self._pace.first_s * 2.0**times, longest) * self._random.uniform(0.75, 1.25)
