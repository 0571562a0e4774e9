"""Silence: a vessel that was heard regularly is heard no more. It is not said why.

Definition: nothing was heard for longer than the threshold of its way of reporting, still or
moving: the larger of a floor and ``factor`` times the cadence learned from the vessel's own
reports, plus an allowance. The finding is an interval from the last report to the next. It speaks
only after ``minimum_reports``, and never of intention: near shore gaps are mostly reception
(Global Fishing Watch does not trust them within 50 nm).

The learned cadence is a running quantile of the intervals between position reports: every interval
moves the estimate up by ``step * quantile`` or down by ``step * (1 - quantile)`` of itself, so that
it settles where that share of intervals is shorter, and one gap hardly moves it. Until
``minimum_reports`` it is the longest interval seen.

Sources: reporting intervals of ITU-R M.1371-5 tables 1 and 2: class A at anchor or moored 3 min,
else 2 to 10 s; class B 30 s, below 2 kn 3 min. Floors: 600 s is when Traccar and ThingsBoard call a
device offline; still, six of the longest intervals. Learning is Signal K's ``auto`` timeout. A gap
as Global Fishing Watch has it, longer than 12 h and exactly 12 h not (pipe-gaps), is this rule with
a floor of 43 200 s and a factor of 0.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from analytics.rule import Event, Step
from analytics.rules.terms import (
    Duration,
    Number,
    Reports,
    Settings,
    Share,
    Speed,
    Terms,
    Voice,
    version_of,
)
from analytics.saying import saying
from analytics.vessels import CLASS_B_TYPES, position
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.vessels import VesselPosition, VesselStatic

CODE: Final = 1
_UNKNOWN_OR_CLASS_B: Final = CLASS_B_TYPES | {0}
_STILL_STATUSES: Final = frozenset({1, 5, 6})
"""ITU-R M.1371 navigational status: at anchor, moored, aground."""


class SilenceSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    floor_moving_s: Duration = 600
    """Never sooner for a vessel under way (Traccar ``status.timeout``; ThingsBoard inactivity)."""
    floor_still_s: Duration = 1080
    """Never sooner for one at anchor: six intervals of 3 min (ITU-R M.1371-5 table 1)."""
    factor: Number = 6
    """How many learned cadences; 0 leaves the floors alone."""
    allowance_s: Duration = 5
    """Added for the way to the receiver."""
    quantile: Share = 0.9
    """The share of a vessel's intervals that is shorter than its cadence."""
    step: Share = 0.2
    """How fast the cadence is learned."""
    minimum_reports: Reports = 10
    """Reports before it speaks: a vessel heard a few times was at the edge of reception."""
    still_below_kn: Speed = 2.0
    """Class B reports every 3 min below this (ITU-R M.1371-5 table 2)."""


class Cadence(Struct, frozen=True, gc=False):
    """What was heard of a vessel."""

    heard_at: datetime
    """Any report."""
    seen: Observation
    """The last position report."""
    still: bool
    reports: int
    moving_s: float
    """Learned interval between position reports under way, 0 before any."""
    still_s: float
    threshold: timedelta
    silent: bool = False
    """The silence since ``heard_at`` is reported."""


class Silence:
    """The rule."""

    state_type: type[Cadence | None] = Cadence | None  # type: ignore[assignment] # msgspec takes unions
    accepts = (VesselPosition, VesselStatic)

    def __init__(self, settings: SilenceSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        allowance = settings.allowance_s
        self._still_floor: Final = timedelta(seconds=settings.floor_still_s + allowance)
        self._moving_floor: Final = timedelta(seconds=settings.floor_moving_s + allowance)
        self._minimum_reports: Final = settings.minimum_reports
        self._learns: Final = settings.factor > 0
        self._up: Final = 1 + settings.step * settings.quantile
        self._down: Final = 1 - settings.step * (1 - settings.quantile)

    def start(self) -> Cadence | None:
        """Begin unheard."""
        return None

    def on_event(self, state: Cadence | None, event: Event) -> Step[Cadence | None]:
        """Hear a report: end a silence, learn the cadence, say when to worry."""
        observation = event.observation
        content = observation.content
        if type(content) is not VesselPosition:
            return self._heard(state, observation.at)
        if state is None:
            return self._first(observation, content)
        at, moving_s, still_s = observation.at, state.moving_s, state.still_s
        still = self._is_still(content)
        if self._learns:
            interval_s = (at - state.seen.at).total_seconds()
            if state.still:
                still_s = self._learned(still_s, interval_s, state.reports)
            else:
                moving_s = self._learned(moving_s, interval_s, state.reports)
            threshold = self._threshold(still_s if still else moving_s, still=still)
        else:
            threshold = self._still_floor if still else self._moving_floor
        reports = state.reports + 1
        wake_at = at + threshold if reports >= self._minimum_reports else None
        later = Cadence(at, observation, still, reports, moving_s, still_s, threshold)
        return Step(later, (self._finding(state, at),) if state.silent else (), wake_at)

    def on_wake(self, state: Cadence | None, now: datetime) -> Step[Cadence | None]:
        """Say so if nothing came in time."""
        if state is None or state.silent or now < state.heard_at + state.threshold:
            return Step(state)
        return Step(_with(state, state.heard_at, silent=True), (self._finding(state, None),))

    def _first(self, observation: Observation, content: VesselPosition) -> Step[Cadence | None]:
        still = self._is_still(content)
        threshold = self._threshold(0.0, still=still)
        later = Cadence(observation.at, observation, still, 1, 0.0, 0.0, threshold)
        return Step(later, wake_at=self._wake_at(later))

    def _heard(self, state: Cadence | None, at: datetime) -> Step[Cadence | None]:
        """Hear a report without a position: it ends a silence, but says nothing of cadence."""
        if state is None:
            return Step(None)
        later = _with(state, at, silent=False)
        findings = (self._finding(state, at),) if state.silent else ()
        return Step(later, findings, self._wake_at(later))

    def _wake_at(self, state: Cadence) -> datetime | None:
        if state.reports < self._minimum_reports:
            return None
        return state.heard_at + state.threshold

    def _learned(self, cadence_s: float, interval_s: float, reports: int) -> float:
        if cadence_s == 0.0 or reports < self._minimum_reports:
            return max(cadence_s, interval_s)
        return cadence_s * (self._up if interval_s > cadence_s else self._down)

    def _threshold(self, cadence_s: float, *, still: bool) -> timedelta:
        settings = self._settings
        learned_s = settings.factor * cadence_s
        if learned_s <= (settings.floor_still_s if still else settings.floor_moving_s):
            return self._still_floor if still else self._moving_floor
        return timedelta(seconds=learned_s + settings.allowance_s)

    def _is_still(self, content: VesselPosition) -> bool:
        if content.navigation_status in _STILL_STATUSES:
            return True
        if content.ais_type not in _UNKNOWN_OR_CLASS_B:
            return False
        return (content.speed_kn or 0.0) < self._settings.still_below_kn

    def _finding(self, state: Cadence, until: datetime | None) -> Finding:
        threshold_s = state.threshold.total_seconds()
        cadence_s = state.still_s if state.still else state.moving_s
        ending = "" if until is None else saying("until", at=until)
        where = position(state.seen)
        place = "" if where is None else saying("place", lat=where[0], lon=where[1])
        gap = {} if until is None else {"silent_s": (until - state.heard_at).total_seconds()}
        return self._voice.say(
            "silence",
            state.seen,
            since=state.heard_at,
            until=until,
            saying=saying(
                "silence",
                subject=state.seen.subject,
                since=state.heard_at,
                ending=ending,
                limit_s=threshold_s,
                place=saying("last_seen", place=place) if place else "",
            ),
            values={"cadence_s": round(cadence_s, 1), "reports": state.reports, **gap},
            thresholds={
                "threshold_s": threshold_s,
                "factor": self._settings.factor,
                "minimum_reports": self._settings.minimum_reports,
            },
            evidence=(state.seen,),
        )


def _with(state: Cadence, heard_at: datetime, *, silent: bool) -> Cadence:
    return Cadence(
        heard_at,
        state.seen,
        state.still,
        state.reports,
        state.moving_s,
        state.still_s,
        state.threshold,
        silent,
    )
