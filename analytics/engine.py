"""Findings as a function of the observations, not of how they arrived: the fold, incrementally.

The promise, the definition and a worked example are in ``docs/event-time.md``. Nothing here does
I/O or reads a clock; what memory does not hold is asked for with ``NeedHistory``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, Final

from analytics.changes import Bounds, Changes, History, Metrics, NeedHistory
from analytics.packing import pack, pack_heard, unpack, unpack_heard
from analytics.panel import Panel, moves_time
from analytics.rule import Event, Rule
from analytics.timeline import RunawayRuleError, Tally, Timeline
from analytics.wakes import NEVER, Late, Wakes
from analytics.watermark import EARLIEST, Watermark
from haechi.findings import report_order
from haechi.observations import Observation

__all__ = [
    "ENGINE_KEY",
    "Bounds",
    "Changes",
    "Engine",
    "History",
    "Metrics",
    "NeedHistory",
    "RunawayRuleError",
]

ENGINE_KEY: Final = "@engine"
"""Key of the state that belongs to no subject; no subject has such a name."""


class Engine:
    """Judges the subjects of one site.

    Any method may raise ``RunawayRuleError``; the engine is then of no further use.
    """

    def __init__(
        self,
        rules: Sequence[Rule[Any]],
        *,
        allowance: timedelta,
        idle_limit: timedelta,
        bounds: Bounds | None = None,
        lagging: bool = False,
    ) -> None:
        """Begin.

        Args:
            rules: What to judge by.
            allowance: How late any device may be.
            idle_limit: A device that is silent for longer holds nobody up.
            bounds: What memory holds.
            lagging: Let wakes of what comes late wait. For people who watch while it comes: what
                stands is then the fold with the watermark only once no subject lags any more.
        """
        self._lagging = lagging
        self._panel = Panel(rules)
        self._bounds = bounds or Bounds()
        self._watermark = Watermark(allowance=allowance, idle_limit=idle_limit)
        self._timelines: dict[str, Timeline] = {}
        self._resting: dict[str, bytes] = {}
        self._wakes = Wakes()
        self._late: defaultdict[str, dict[str, None]] = defaultdict(dict)
        """Subjects by the device that told the newest of them late, and has not caught up."""
        self._unsaved: dict[str, None] = {}
        self._unasked: list[Timeline] = []
        self._swept_at = EARLIEST
        self._tally = Tally()
        self._evictions = 0

    @classmethod
    def restored(
        cls,
        rules: Sequence[Rule[Any]],
        states: Mapping[str, bytes],
        *,
        allowance: timedelta,
        idle_limit: timedelta,
        bounds: Bounds | None = None,
        lagging: bool = False,
    ) -> "Engine":
        """Return the engine that ``save`` and ``heard`` told these, each subject at its own time.

        ``heard`` must be as old as the oldest change that was not saved. From there on the engine
        is fed again what it was fed, where a subject's state holds it already as ``judged``. Where
        the rules are not the same any more, the first changes ask for whole histories.
        """
        engine = cls(
            rules, allowance=allowance, idle_limit=idle_limit, bounds=bounds, lagging=lagging
        )
        engine._restore(states)
        return engine

    @property
    def watermark(self) -> datetime | None:
        """How far event time has passed; ``None`` before anything was heard."""
        return self._watermark.reached

    def feed(
        self,
        events: Iterable[Event],
        judged: Iterable[Observation] = (),
        watermark: datetime | None = None,
    ) -> Changes:
        """Judge events in arrival order, however late; return what that changes.

        Args:
            events: New to their subjects, or in the place of what the same identity said before.
            judged: Fed together with them before a restart, and held by the restored states: they
                only move time.
            watermark: As ``tick`` has it, said at the same time.
        """
        if watermark is not None:
            self._watermark.tick(watermark)
        latest: dict[str, datetime] = {}
        for observation in judged:
            if moves_time(observation):
                device = observation.device
                latest[device] = max(observation.at, latest.get(device, EARLIEST))
        batches: defaultdict[str, list[Event]] = defaultdict(list)
        kinds = self._panel.kinds
        for event in events:
            observation = event.observation
            at, device, kind = observation.at, observation.device, type(observation.content)
            if at > latest.get(device, EARLIEST) and moves_time(observation):
                latest[device] = at
            if kind in kinds and (not observation.flags or self._panel.seats(event)):
                batches[observation.subject].append(event)
        self._watermark.hear(latest)
        self._watermark.advance()
        if self._lagging:
            self._heed_lateness(batches, latest)
        touched = [self._timeline(subject) for subject in batches]
        for timeline, batch in zip(touched, batches.values(), strict=True):
            timeline.take(batch)
        return self._conclude(touched)

    def tick(self, watermark: datetime) -> Changes:
        """Take the shell's word that nothing at or before ``watermark`` is waited for."""
        self._watermark.tick(watermark)
        self._watermark.advance()
        return self._conclude([])

    def given(self, promises: Mapping[str, datetime]) -> datetime | None:
        """Return how far time would have passed if devices keep promises: what to ``tick``.

        Args:
            promises: By device, up to when it has nothing more to say.
        """
        return self._watermark.given(promises)

    def supply(self, histories: Iterable[History]) -> Changes:
        """Judge what waited for history; one that nobody needs is ignored.

        The shell keeps the changes it was given before it reads the histories.
        """
        supplied = [
            (self._timelines[history.subject], history)
            for history in histories
            if history.subject in self._timelines
        ]
        for timeline, history in supplied:
            timeline.supply(history)
        return self._conclude([timeline for timeline, _ in supplied])

    def knows(self, subject: str) -> bool:
        """Return whether there is a state of a subject."""
        return subject in self._timelines or subject in self._resting

    def reaching(self, since: datetime) -> set[str]:
        """Return the subjects in memory of which anything is known at or after a time."""
        return {each.subject for each in self._timelines.values() if each.frontier >= since}

    def doubt(self, subjects: Iterable[str], since: datetime) -> Changes:
        """Have subjects folded again from a time on, with their history from the store.

        Nothing of what happened from then on may be in memory: it may have been taken back.
        """
        doubted = [self._timeline(subject) for subject in subjects]
        for timeline in doubted:
            timeline.doubt(since)
        return self._conclude(doubted)

    @property
    def heard(self) -> bytes:
        """What a restored engine must know about time, to be kept under ``ENGINE_KEY``."""
        return pack_heard(self._watermark.heard)

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Subjects that changed since they were saved, the longest unsaved first."""
        return tuple(self._unsaved)

    def save(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Return the states of some subjects as they are now; these then count as saved."""
        states: dict[str, bytes] = {}
        for subject in subjects:
            states[subject] = self._resting.get(subject) or pack(
                self._timelines[subject], self._panel
            )
            self._unsaved.pop(subject, None)
        return states

    def metrics(self) -> Metrics:
        """Return how the engine is; it counts what is in memory, so not for every event."""
        return Metrics(
            subjects=len(self._timelines),
            resting=len(self._resting),
            observations=sum(len(timeline.events) for timeline in self._timelines.values()),
            rewinds=self._tally.rewinds,
            deepest_rewind=self._tally.deepest_rewind,
            lateness=tuple(self._tally.lateness),
            histories=self._tally.histories,
            evictions=self._evictions,
            waiting=sum(map(len, self._late.values())),
            watermark=self.watermark,
        )

    def _conclude(self, touched: list[Timeline]) -> Changes:
        """Deliver the wakes that are due, report on every subject concerned, and hold little."""
        concerned = [*touched, *self._unasked]
        self._unasked.clear()
        self._arm(concerned)
        watermark = self._watermark.reached
        if watermark is not None:
            concerned += self._woken(watermark)
        self._unsaved.update((timeline.subject, None) for timeline in concerned)
        changes = _settled(concerned)
        self._hold_little(concerned)
        return changes

    def _heed_lateness(
        self, batches: Mapping[str, Sequence[Event]], latest: Mapping[str, datetime]
    ) -> None:
        """Let wakes wait for devices that are behind the time of the site, no longer for others.

        Args:
            batches: What comes now, by subject, not taken yet.
            latest: The newest event time in it, by device.
        """
        reached = self._watermark.reached or EARLIEST
        behind = {device for device, at in latest.items() if at < reached}
        if not behind and not self._late:
            return
        for device in latest.keys() - behind:
            for subject in self._late.pop(device, ()):
                self._timeline(subject).late = None
                self._wakes.arm(subject, reached)
        for subject, batch in batches.items():
            timeline = self._timeline(subject)
            if timeline.late is not None or any(event.at < reached for event in batch):
                self._wait(timeline, batch, behind, reached)

    def _wait(
        self,
        timeline: Timeline,
        batch: Iterable[Event],
        behind: AbstractSet[str],
        reached: datetime,
    ) -> None:
        """Note whether the newest reading of a subject comes late, if it is in a batch."""
        readings = [event.observation for event in batch if moves_time(event.observation)]
        newest = max(readings, key=lambda reading: reading.order, default=None)
        known = timeline.newest
        if newest is None or newest.at < known or timeline.need is not None:
            return
        if timeline.late is not None:
            del self._late[timeline.late.device][timeline.subject]
        timeline.late = None
        # What has been found silent stays so until the silence is refuted: else it would be
        # withdrawn, and raised anew if the device fails again.
        if newest.device in behind and newest.at < reached and timeline.woken <= known:
            timeline.late = Late(newest.device, newest.at, reached - newest.at)
            self._late[newest.device][timeline.subject] = None

    def _arm(self, timelines: Iterable[Timeline]) -> None:
        for timeline in timelines:
            if timeline.due < NEVER and timeline.need is None:
                delay = timedelta() if timeline.late is None else timeline.late.by
                self._wakes.arm(timeline.subject, timeline.due + delay)

    def _woken(self, watermark: datetime) -> list[Timeline]:
        """Wake whoever is due and return them; each is then armed for a later time, if any."""
        woken = [self._timeline(subject) for subject in self._wakes.due(watermark)]
        for timeline in woken:
            late = timeline.late
            timeline.wake(watermark if late is None else watermark - late.by)
        self._arm(woken)
        return woken

    def _hold_little(self, concerned: Iterable[Timeline]) -> None:
        newest = self._watermark.newest
        if newest is None:
            return
        for timeline in concerned:
            timeline.trim(newest)
        # Looking through all subjects is for once in a while.
        if newest - self._swept_at >= self._bounds.idle / 4:
            self._swept_at = newest
            self._evict(newest - self._bounds.idle)

    def _evict(self, silent_since: datetime) -> None:
        for subject, timeline in list(self._timelines.items()):
            if timeline.need is None and timeline.frontier < silent_since:
                self._resting[subject] = pack(timeline, self._panel)
                del self._timelines[subject]
                self._evictions += 1

    def _timeline(self, subject: str) -> Timeline:
        """Return the timeline of a subject, in memory from now on."""
        timeline = self._timelines.get(subject)
        if timeline is None:
            timeline = Timeline(subject, self._panel, self._bounds, self._tally)
            packed = self._resting.pop(subject, None)
            if packed is not None:
                timeline = unpack(packed, timeline, self._panel)
            self._timelines[subject] = timeline
        return timeline

    def _restore(self, states: Mapping[str, bytes]) -> None:
        """Put every subject where it was: in memory or resting; some ask for their history."""
        if ENGINE_KEY in states:
            self._watermark.resume(unpack_heard(states[ENGINE_KEY]))
        self._resting = {key: packed for key, packed in states.items() if key != ENGINE_KEY}
        newest = self._watermark.newest or EARLIEST
        for subject, packed in list(self._resting.items()):
            timeline = self._timeline(subject)
            if not self._lagging:
                timeline.late = None
            if timeline.late is not None:
                self._late[timeline.late.device][subject] = None
            self._arm([timeline])
            if timeline.need is not None:
                self._unasked.append(timeline)
            elif newest - timeline.frontier > self._bounds.idle:
                self._resting[subject] = packed
                del self._timelines[subject]


def _settled(timelines: Sequence[Timeline]) -> Changes:
    """Return what is new of these timelines, and ask once for what each needs."""
    findings = [finding for timeline in timelines for finding in timeline.settle()]
    needs = [need for timeline in timelines if (need := timeline.asking()) is not None]
    return Changes(
        tuple(sorted(findings, key=report_order)),
        tuple(sorted(needs, key=lambda need: need.subject)),
    )
