"""Events in a few words, and a shell in memory that does for an engine what ingest does."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.changes import Bounds, Changes, History, NeedHistory
from analytics.engine import ENGINE_KEY, Engine
from analytics.fold import fold
from analytics.panel import is_believed
from analytics.rule import Event, Rule
from analytics.samples import ClockAhead, Fast, Pulse, Renamed, Silent
from haechi.findings import Finding, report_order
from haechi.messages import Content
from haechi.observations import Flag, Observation
from haechi.vessels import VesselPosition
from tests.analytics.told import Told

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULES: tuple[Rule[Any], ...] = (
    Fast(10),
    Silent(3 * MINUTE),
    Pulse(4 * MINUTE, beats=3),
    Renamed(),
    ClockAhead(),
)
VESSEL = "mmsi:219000001"
END = START + 60 * MINUTE


def at(minute: float) -> datetime:
    """Return a moment of the day of the tests."""
    return START + minute * MINUTE


def reading(
    minute: float,
    content: Content,
    *,
    seq: int = 0,
    device: str = "ais-1",
    subject: str = VESSEL,
    flags: tuple[Flag, ...] = (),
) -> Event:
    """Return an event; its number is its minute unless said otherwise."""
    return Event(
        Observation(
            device=device,
            boot="boot-1",
            seq=seq or round(minute * 60) + 1,
            site="demo",
            subject=subject,
            at=at(minute),
            received_at=END,
            content=content,
            flags=flags,
        )
    )


def fix(minute: float, speed_kn: float = 0, *, device: str = "ais-1", seq: int = 0) -> Event:
    """Return a position report of the one vessel."""
    return reading(minute, VesselPosition(speed_kn=speed_kn), device=device, seq=seq)


class Shell(Told):
    """Does for an engine what ingest does: keeps, feeds, reports, supplies, saves, restarts."""

    def __init__(
        self,
        rules: Sequence[Rule[Any]] = RULES,
        *,
        bounds: Bounds | None = None,
        slow: bool = False,
        lagging: bool = False,
    ) -> None:
        super().__init__()
        self.rules = rules
        self.settings: dict[str, Any] = {
            "allowance": MINUTE,
            "idle_limit": 8 * MINUTE,
            "bounds": bounds,
            "lagging": lagging,
        }
        self.engine = Engine(rules, **self.settings)
        self.slow = slow
        """Lets needs wait until ``answer`` is called."""
        self.kept: list[Event] = []
        self.needs: list[NeedHistory] = []
        self.states: dict[str, tuple[int, bytes]] = {}
        """By subject: how much of the log they hold, and what was saved."""
        self.log: list[Sequence[Event] | datetime] = []
        self.snapshot = 0
        """How much of the log all states hold."""
        self.begun: tuple[int, list[str], bytes] | None = None
        """A snapshot that is being written: its place in the log, who is left, and the time."""

    def feed(self, *events: Event) -> Changes:
        """Keep and judge."""
        self.kept.extend(events)
        self.log.append(events)
        return self._take(self.engine.feed(events))

    def tick(self, watermark: datetime) -> Changes:
        """Pass the word that nothing older is waited for."""
        self.log.append(watermark)
        return self._take(self.engine.tick(watermark))

    def answer(self) -> None:
        """Supply until nothing is needed."""
        while self.needs:
            histories = [self.history(need) for need in self.needs]
            self.needs = []
            self.supply(histories)

    def supply(self, histories: Sequence[History]) -> None:
        """Pass on what was read from the store, now or some time ago."""
        self._take(self.engine.supply(histories), answer=False)

    def save(self) -> None:
        """Write a snapshot."""
        self.begun = None
        while not self.save_one():
            pass

    def save_one(self) -> bool:
        """Write one subject of a snapshot; what completes it after the last, and return True."""
        if self.begun is None:
            self.begun = (len(self.log), list(self.engine.unsaved), self.engine.heard)
        snapshot, left, heard = self.begun
        saved = self.engine.save([left.pop(0)] if left else [])
        self.states |= {subject: (len(self.log), state) for subject, state in saved.items()}
        if not left:
            self.states[ENGINE_KEY] = (snapshot, heard)
            self.snapshot, self.begun = snapshot, None
        return self.begun is None

    def crash(self) -> None:
        """Start again from what was saved and the log since."""
        states = {subject: state for subject, (_, state) in self.states.items()}
        self.engine = Engine.restored(self.rules, states, **self.settings)
        self.needs, self.begun = [], None
        for position, entry in enumerate(self.log[self.snapshot :], start=self.snapshot + 1):
            if isinstance(entry, datetime):
                self._take(self.engine.tick(entry), replay=True)
            else:
                new = [event for event in entry if not self._holds(event, position)]
                judged = [e.observation for e in entry if self._holds(e, position)]
                self._take(self.engine.feed(new, judged), replay=True)

    def _holds(self, event: Event, position: int) -> bool:
        """Return whether the saved state of its subject holds an event of the log."""
        return self.states.get(event.subject, (0, b""))[0] >= position

    def history(self, need: NeedHistory) -> History:
        """Read what is needed."""
        since = need.since or START
        known = [e for e in self.kept if e.subject == need.subject and e.at >= since]
        findings = [f for f in self.findings.values() if f.subject == need.subject]
        return History(need.subject, known, findings)

    def folded(self) -> list[Finding]:
        """Return what should stand."""
        return folded(self.rules, self.kept, self.engine.watermark)

    @property
    def agrees(self) -> bool:
        """Whether what stands is the fold up to the watermark.

        Where wakes wait for a device that delivers late, it may be up to an earlier time: the same
        for all rules of a subject, and no earlier than its newest reading.
        """
        return self.said() == self.folded() or (
            self.engine.metrics().waiting > 0 and all(map(self._agrees_on, self._subjects()))
        )

    def _agrees_on(self, subject: str) -> bool:
        own = [event for event in self.kept if event.subject == subject]
        said = [finding for finding in self.said() if finding.subject == subject]
        reached = self.engine.watermark or START
        believed = (event.at for event in own if is_believed(event.observation))
        horizon = min(reached, max(believed, default=reached))
        while horizon < reached and said != folded(self.rules, own, horizon):
            horizon += MINUTE
        return said == folded(self.rules, own, horizon)

    def _subjects(self) -> set[str]:
        return {event.subject for event in self.kept}

    def _take(self, changes: Changes, *, replay: bool = False, answer: bool = True) -> Changes:
        assert list(changes.findings) == sorted(changes.findings, key=report_order)
        for finding in changes.findings:
            self.report(finding, replay=replay)
        self.needs.extend(changes.needs)
        if answer and not self.slow:
            self.answer()
        return changes


def folded(
    rules: Iterable[Rule[Any]], events: Sequence[Event], horizon: datetime | None
) -> list[Finding]:
    """Return what the definition says of all subjects."""
    subjects = {
        event.subject: [e for e in events if e.subject == event.subject] for event in events
    }
    return sorted(
        (
            f
            for rule in rules
            for own in subjects.values()
            for f in fold(rule, own, horizon).values()
        ),
        key=report_order,
    )
