"""One subject's fold, kept at its newest event, with checkpoints to go back to.

Two facts make it equal the fold however events arrive:

* A checkpoint lies between two instants: it covers every event at or before its time, and no
  wake after it. So to take in late events it is enough to go back to a checkpoint older than the
  oldest of them, and fold forward.
* A wake that the watermark delivered counts as time that has passed: an event at or before it is
  late, even if it is the newest one.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from msgspec import Struct, field

from analytics.attention import Attention
from analytics.changes import LATENESS_S, Bounds, History, NeedHistory
from analytics.panel import Panel, is_believed, moves_time
from analytics.rule import Event, Step
from analytics.statements import Statements
from analytics.wakes import NEVER, Late
from analytics.watermark import EARLIEST
from haechi.findings import Finding

_at = attrgetter("observation.at")
_order = attrgetter("observation.order")


class RunawayRuleError(Exception):
    """A rule asked, when woken, to be woken at that time or before: it would never end."""


class Tally(Struct):
    """What the timelines of an engine count together."""

    rewinds: int = 0
    deepest_rewind: int = 0
    histories: int = 0
    lateness: list[int] = field(default_factory=lambda: [0] * (len(LATENESS_S) + 1))


class Checkpoint(Struct, gc=False):
    """Everything as it was after the events at or before ``at``."""

    at: datetime
    position: int
    """How many events those were."""
    states: tuple[Any, ...]
    wakes: tuple[datetime | None, ...]
    undo: dict[str, Finding | None]
    """What was said by then, of each finding said later, before the next checkpoint."""
    packed_states: bytes = b""
    """The states as packed once: they never change, and are written with every snapshot."""


class Timeline:
    """What the rules know of one subject."""

    def __init__(self, subject: str, panel: Panel, bounds: Bounds, tally: Tally) -> None:
        self._panel = panel
        self._bounds = bounds
        self._tally = tally
        self.subject = subject
        self.states: list[Any] = panel.start()
        self.wakes: list[datetime | None] = [None] * len(self.states)
        self.first = 0
        """How many events there were before those in memory."""
        self.frontier = EARLIEST
        """Time of the newest event folded, or of a wake delivered after it."""
        self.woken = EARLIEST
        """Time of the latest wake delivered."""
        self.due = NEVER
        """No rule wants to be woken earlier."""
        self.late: Late | None = None
        """Set by the engine, which then lets ``wake`` lag behind the site."""
        self.events: list[Event] = []
        """The newest events, in order: at least all since the last checkpoint."""
        self.checkpoints = [self._beginning({})]
        """Oldest first, never empty."""
        self.statements = Statements()
        self.need: NeedHistory | None = None
        """Set while events wait for history."""
        self.waiting: list[Event] = []
        self._asked = False
        self._trimmed_at: Checkpoint | None = None
        self._instant: tuple[datetime, set[object]] = (EARLIEST, set())
        self._attention = Attention(panel)

    @property
    def position(self) -> int:
        """How many events were folded since the beginning."""
        return self.first + len(self.events)

    @property
    def newest(self) -> datetime:
        """Time of the newest reading; where it is not in memory, no earlier than that."""
        if self.late is not None:
            return self.late.at
        moving = (event.at for event in reversed(self.events) if moves_time(event.observation))
        return next(moving, self.checkpoints[-1].at)

    def take(self, events: Sequence[Event]) -> None:
        """Fold events of this subject, in arrival order and however late."""
        if self.need is not None:
            self.waiting.extend(events)
            return
        late = self._continue(events)
        if late:
            self._count_lateness(late)
            self._insert(late)

    def wake(self, watermark: datetime) -> None:
        """Deliver the wakes that are due when no event at or before ``watermark`` is expected."""
        self.due = self._earliest_wake()
        if self.due > watermark or self.need is not None:
            return
        # What only the watermark delivers is what late data undoes: let that need no history.
        if self.checkpoints[-1].position < self.position:
            self.add_checkpoint()
        just_after = watermark + datetime.resolution
        for index in range(len(self.wakes)):
            self._wake_before(index, just_after)
        self.frontier = max(self.frontier, self.woken)
        self.due = self._earliest_wake()

    def supply(self, history: History) -> None:
        """Go back as far as was needed, and fold forward with what the store holds."""
        if self.need is None:
            return
        need, waiting = self.need, self.waiting
        self.need, self.waiting = None, []
        self.statements.learn(history.findings)
        known = [event for event in history.events if self._panel.seats(event)]
        if need.since is None:
            oldest = min(map(_at, (*known, *waiting)), default=None)
            undo = dict.fromkeys(self.statements.judged_since(oldest))
            self.checkpoints = [self._beginning(undo)]
            index = 0
        else:
            index = bisect_left(self.checkpoints, need.since, key=lambda point: point.at)
        since = self.checkpoints[index].at
        self._refold(index, [event for event in (*known, *waiting) if event.at > since])
        older = [event for event in waiting if event.at <= since]
        if older:
            self._insert(older)

    def settle(self) -> list[Finding]:
        """Return what is to be reported."""
        if not self.statements.now:
            return []
        if self.need is None and self.statements.unsure():
            self._ask(self.checkpoints[-1].at, [])
        return [] if self.need is not None else self.statements.settle()

    def asking(self) -> NeedHistory | None:
        """Return what is needed, but only the first time: the shell is asked once."""
        if self.need is None or self._asked:
            return None
        self._asked = True
        return self.need

    def trim(self, newest: datetime) -> None:
        """Drop what the bounds do not allow to hold, ``newest`` being the time of the site."""
        if self.need is None and self._trimmed_at is not self.checkpoints[-1]:
            self._drop_events(newest)
            self._drop_checkpoints(newest)
            self._trimmed_at = self.checkpoints[-1]

    def catch_up(self) -> None:
        """Tell the rules what they were not told yet: the states are then those of the fold."""
        self._attention.catch_up(self.states)

    def add_checkpoint(self) -> None:
        """Remember how things are now. An event at the frontier will be late from here on."""
        self.catch_up()
        self.checkpoints.append(
            Checkpoint(self.frontier, self.position, tuple(self.states), tuple(self.wakes), {})
        )
        self._thin_checkpoints()

    def resume(self, findings: Iterable[Finding], forgotten_until: datetime) -> None:
        """Go on from a state that was put in place without its events."""
        self.statements = Statements(findings, forgotten_until)
        self.due = self._earliest_wake()
        # Events from here on will be in memory, so from here on rewinds need no history.
        if self.checkpoints[-1].position < self.position:
            self.add_checkpoint()

    def ask_everything(self) -> None:
        """Have the subject folded again from the beginning: whatever was said is forgotten."""
        self.statements = Statements((), NEVER)
        self._ask(EARLIEST, [])

    def doubt(self, since: datetime) -> None:
        """Have what happened from a time on folded again; nothing of it may be in memory."""
        if self.need is None:
            index = bisect_left(self.checkpoints, since, key=lambda point: point.at) - 1
            self._ask(self.checkpoints[index].at if index >= 0 else EARLIEST, [])

    # Folding forward

    def _continue(self, events: Sequence[Event]) -> Sequence[Event]:
        """Fold events up to the first late one; return that one and all after it."""
        states, wakes = self.states, self.wakes
        unsaved = self.position - self.checkpoints[-1].position
        for number, event in enumerate(events):
            observation = event.observation
            at = observation.at
            is_tie = at <= self.frontier
            if is_tie and not self._follows(event):
                return events[number:]
            if unsaved >= self._bounds.spacing and not is_tie:
                self.add_checkpoint()
                unsaved = 0
            self.events.append(event)
            unsaved += 1
            if is_tie and self._is_repeated(event):
                continue
            self.frontier = at
            for rule, on_event in self._attention.seats(event, states):
                wake = wakes[rule]
                if wake is not None and wake < at:
                    self._wake_before(rule, at)
                step = on_event(states[rule], event)
                states[rule] = step.state
                wakes[rule] = wake = step.wake_at
                if wake is not None and wake < self.due:
                    self.due = wake
                if step.findings:
                    self._say(step.findings)
        return ()

    def _follows(self, event: Event) -> bool:
        """Return whether an event not after the frontier is still the newest, by a tie in time."""
        return (
            self.woken < event.at == self.frontier
            and self.checkpoints[-1].at < event.at
            and self.events[-1].observation.order < event.observation.order
        )

    def _is_repeated(self, event: Event) -> bool:
        """Return whether an earlier event, but for the last one held, says the same thing."""
        at, said = self._instant
        if at != event.at:
            said = set[object]()
            start = bisect_left(self.events, event.at, key=_at)
            said.update(map(_statement, self.events[start:-1]))
            self._instant = (event.at, said)
        statement = _statement(event)
        repeated = statement in said
        said.add(statement)
        return repeated

    def _wake_before(self, index: int, limit: datetime) -> None:
        rule = self._panel.rules[index]
        while (wake := self.wakes[index]) is not None and wake < limit:
            step: Step[Any] = rule.on_wake(self.states[index], wake)
            if step.wake_at is not None and step.wake_at <= wake:
                raise RunawayRuleError(
                    f"rule {rule.name}, woken at {wake} for {self.subject}, "
                    f"asks to be woken at {step.wake_at}"
                )
            self.states[index] = step.state
            self.wakes[index] = step.wake_at
            self.woken = max(self.woken, wake)
            self._say(step.findings)

    def _earliest_wake(self) -> datetime:
        return min((wake for wake in self.wakes if wake is not None), default=NEVER)

    def _say(self, findings: Iterable[Finding]) -> None:
        undo, statements = self.checkpoints[-1].undo, self.statements
        for finding in findings:
            if finding.id not in undo:
                undo[finding.id] = statements.current(finding.id)
            statements.now[finding.id] = finding

    # Going back

    def _insert(self, late: Sequence[Event]) -> None:
        """Fold late events at their place, or ask for what is needed to do so."""
        oldest = min(map(_at, late))
        index = bisect_left(self.checkpoints, oldest, key=lambda point: point.at) - 1
        if index < 0:
            self._ask(EARLIEST, late)
        elif self.checkpoints[index].position < self.first:
            self._ask(self.checkpoints[index].at, late)
        else:
            self._refold(index, late)

    def _ask(self, since: datetime, waiting: Sequence[Event]) -> None:
        self.need = NeedHistory(self.subject, None if since == EARLIEST else since)
        self.waiting = list(waiting)
        self._asked = False
        self._tally.histories += 1

    def _refold(self, index: int, events: Sequence[Event]) -> None:
        """Go back to a checkpoint and fold what was after it together with ``events``."""
        undone = self._go_back(index)
        merged = {event.observation.order: event for event in (*undone, *events)}
        again = sorted(merged.values(), key=_order)
        self._tally.rewinds += 1
        self._tally.deepest_rewind = max(self._tally.deepest_rewind, len(again))
        self._continue(again)

    def _go_back(self, index: int) -> list[Event]:
        """Return to a checkpoint and hand back the events after it that are in memory."""
        checkpoint = self.checkpoints[index]
        for later in self.checkpoints[index + 1 :]:
            checkpoint.undo = later.undo | checkpoint.undo
        del self.checkpoints[index + 1 :]
        self.statements.now.update(checkpoint.undo)
        kept = max(0, checkpoint.position - self.first)
        undone = self.events[kept:]
        del self.events[kept:]
        self.states = list(checkpoint.states)
        self.wakes = list(checkpoint.wakes)
        self.first = checkpoint.position - len(self.events)
        self.frontier = checkpoint.at
        self.woken = EARLIEST
        self.due = self._earliest_wake()
        self._instant = (EARLIEST, set())
        self._attention.begin_anew()
        return undone

    def _beginning(self, undo: dict[str, Finding | None]) -> Checkpoint:
        return Checkpoint(EARLIEST, 0, tuple(self._panel.start()), (None,) * len(self.wakes), undo)

    # Holding little

    def _thin_checkpoints(self) -> None:
        """Drop checkpoints whose neighbours lie no further apart than the newer is old.

        So going back over n events folds at most about 2n again, and there are about log n.
        """
        points = self.checkpoints
        for index in range(len(points) - 2, 0, -1):
            older, newer = points[index - 1], points[index + 1]
            if newer.position - older.position <= self.position - newer.position:
                older.undo = points[index].undo | older.undo
                del points[index]

    def _drop_events(self, newest: datetime) -> None:
        cut = len(self.events) - self._bounds.observations
        if self.events and self.events[0].at < newest - self._bounds.age:
            cut = max(cut, bisect_left(self.events, newest - self._bounds.age, key=_at))
        cut = min(cut, self.checkpoints[-1].position - self.first)
        if cut > 0:
            del self.events[:cut]
            self.first += cut

    def _drop_checkpoints(self, newest: datetime) -> None:
        points = self.checkpoints
        while len(points) > 1 and self._is_spent(points[0], newest):
            del points[0]
            self.statements.forget({finding_id for point in points for finding_id in point.undo})

    def _is_spent(self, oldest: Checkpoint, newest: datetime) -> bool:
        if len(self.checkpoints) > self._bounds.checkpoints:
            return True
        if len(self.statements.reported) > self._bounds.findings:
            return True
        if oldest.position == 0:
            return self.first > 0
        return oldest.at < newest - self._bounds.reach

    def _count_lateness(self, late: Iterable[Event]) -> None:
        for event in late:
            if event.at <= self.frontier:
                behind_s = (self.frontier - event.at).total_seconds()
                self._tally.lateness[bisect_left(LATENESS_S, behind_s)] += 1


def _statement(event: Event) -> object:
    """Return what two events of one instant share if they are one step."""
    return event.content, is_believed(event.observation)
