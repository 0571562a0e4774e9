"""Seal silence: a seal on duty that was heard regularly is heard no more.

Definition: no genuine frame for longer than the larger of a floor and ``factor`` times the median
of the last eight intervals, plus an allowance. It speaks after ``minimum_reports`` and only while
the seal is armed. The finding is an interval from the last frame to the next. Frames that the seal
stored take it back when they come: then the link was silent, not the seal.

The rule for vessels does not fit: it learns of vessels under way and still from position reports.

Sources: three intervals without a message are what tracking centres call a loss of communication;
600 s is when Traccar and ThingsBoard call a device offline.
"""

from datetime import datetime, timedelta
from statistics import median
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Number, Reports, Settings, Terms, Voice, version_of
from analytics.saying import saying
from analytics.seals import Frames, admit, name_of
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.seals import SealReport

CODE: Final = 1
_INTERVALS: Final = 8


class SealSilenceSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    floor_s: Duration = 600
    """Never sooner (Traccar ``status.timeout``; ThingsBoard inactivity)."""
    factor: Number = 3
    """How many of the seal's own intervals."""
    allowance_s: Duration = 60
    """Added for repeats on the radio and the way here."""
    minimum_reports: Reports = 3
    """Frames before it speaks."""


class Pulse(Struct, frozen=True, gc=False):
    """How a seal reports."""

    frames: Frames = Frames()
    last: Observation | None = None
    reports: int = 0
    intervals_s: tuple[float, ...] = ()
    wake_at: datetime | None = None
    silent: bool = False
    """The silence since the last frame is reported."""


class SealSilence:
    """The rule."""

    state_type = Pulse
    accepts = (SealReport,)

    def __init__(self, settings: SealSilenceSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings

    def start(self) -> Pulse:
        """Begin unheard."""
        return Pulse()

    def on_event(self, state: Pulse, event: Event) -> Step[Pulse]:
        """Hear a frame: end a silence, learn, say when to worry."""
        seen, content = event.observation, event.content
        if not isinstance(content, SealReport):
            return Step(state)
        frames, verdict = admit(state.frames, content, seen.at)
        if not verdict.counts:
            return Step(replace(state, frames=frames), wake_at=state.wake_at)
        said = (self._finding(state, state.last, seen.at),) if state.silent and state.last else ()
        intervals = state.intervals_s
        if state.last is not None:
            interval_s = (seen.at - state.last.at).total_seconds()
            intervals = (*intervals[1 - _INTERVALS :], interval_s)
        later = Pulse(frames, seen, state.reports + 1, intervals)
        if content.armed is not False and later.reports >= self._settings.minimum_reports:
            later = replace(later, wake_at=seen.at + self._limit(later))
        return Step(later, said, later.wake_at)

    def on_wake(self, state: Pulse, now: datetime) -> Step[Pulse]:
        """Say that nothing came in time."""
        if state.last is None or state.wake_at is None or now < state.wake_at:
            return Step(state, wake_at=state.wake_at)
        later = replace(state, silent=True, wake_at=None)
        return Step(later, (self._finding(state, state.last, None),))

    def _limit(self, state: Pulse) -> timedelta:
        learned_s = self._settings.factor * median(state.intervals_s or (0.0,))
        return timedelta(
            seconds=max(self._settings.floor_s, learned_s) + self._settings.allowance_s
        )

    def _finding(self, state: Pulse, last: Observation, until: datetime | None) -> Finding:
        limit_s = self._limit(state).total_seconds()
        ending = "" if until is None else saying("until", at=until)
        gap = {} if until is None else {"silent_s": (until - last.at).total_seconds()}
        interval_s = median(state.intervals_s or (0.0,))
        return self._voice.say(
            "seal_silent",
            last,
            since=last.at,
            until=until,
            saying=saying(
                "seal_silent", seal=name_of(last), since=last.at, ending=ending, limit_s=limit_s
            ),
            values={"interval_s": round(interval_s, 1), "reports": state.reports, **gap},
            thresholds={"threshold_s": limit_s, "factor": self._settings.factor},
            evidence=(last,),
        )
