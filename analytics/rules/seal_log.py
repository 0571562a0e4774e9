"""Seal log: numbers of a seal's frames that never came, and a clock that is wrong.

Definition: ``seal_log_gap`` where the number after a frame is not the next, and those between have
not come ``grace_s`` later; what the seal stored comes with its own time, fills the gap and takes
the finding back. ``seal_clock_fault`` where a genuine frame says it was made later than it was
heard by more than ``tolerance_s``, until the next that does not; or where a number that was
missing comes with a time later than that of a higher number by more than ``inversion_s``.

Sources: ISO 18185-4 (the log is only ever appended to), ISO 18185-2 (the clock is right within
5 s a day: 300 s after a voyage of 60 days); the grace is ours.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Settings, Terms, Voice, version_of
from analytics.saying import saying
from analytics.seals import MOST_GAPS, Frames, Verdict, admit, name_of
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.seals import SealReport

CODE: Final = 1


class SealLogSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    grace_s: Duration = 900
    """So long what is missing may still be on its way."""
    tolerance_s: Duration = 300
    """A clock may be ahead by so much: 5 s a day over 60 days (ISO 18185-2)."""
    inversion_s: Duration = 5
    """Two frames may be dated the wrong way round by so much: a day's drift, corrected."""


class Gap(Struct, frozen=True, gc=False):
    """A run of numbers between two frames."""

    first: int
    last: int
    before: Observation
    after: Observation
    told: bool = False
    """Said to be missing, or to be misdated."""


class Log(Struct, frozen=True, gc=False):
    """What is known of a seal's log."""

    frames: Frames = Frames()
    newest: Observation | None = None
    """The frame with the highest number."""
    gaps: tuple[Gap, ...] = ()
    ahead: Observation | None = None
    """The first frame that came from the future, while they do."""


class SealLog:
    """The rule."""

    state_type = Log
    accepts = (SealReport,)

    def __init__(self, settings: SealLogSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._grace: Final = timedelta(seconds=settings.grace_s)
        self._inversion: Final = timedelta(seconds=settings.inversion_s)

    def start(self) -> Log:
        """Begin with an empty log: what was before the first frame is not missing."""
        return Log()

    def on_event(self, state: Log, event: Event) -> Step[Log]:
        """Put one frame in its place."""
        seen, content = event.observation, event.content
        if not isinstance(content, SealReport):
            return Step(state)
        frames, verdict = admit(state.frames, content, seen.at)
        later = replace(state, frames=frames)
        if not verdict.counts:
            return self._step(later)
        later, by_clock = self._clock(later, seen, content)
        if verdict is Verdict.LATE:
            later, by_order = self._filled(later, seen, content)
            return self._step(later, (*by_clock, *by_order))
        missing = () if state.newest is None else _missing(state.newest, seen, content)
        later = replace(later, newest=seen, gaps=(*later.gaps, *missing)[-MOST_GAPS:])
        return self._step(later, by_clock)

    def on_wake(self, state: Log, now: datetime) -> Step[Log]:
        """Say what has not come in time."""
        due = [gap for gap in state.gaps if not gap.told and gap.after.at + self._grace <= now]
        gaps = tuple(replace(gap, told=True) if gap in due else gap for gap in state.gaps)
        return self._step(replace(state, gaps=gaps), tuple(map(self._gap, due)))

    def _step(self, state: Log, findings: tuple[Finding, ...] = ()) -> Step[Log]:
        waits = [gap.after.at + self._grace for gap in state.gaps if not gap.told]
        return Step(state, findings, min(waits, default=None))

    def _filled(
        self, state: Log, seen: Observation, report: SealReport
    ) -> tuple[Log, tuple[Finding, ...]]:
        """Take a number out of its gap; its time may show that the clock was set back."""
        gap = next((g for g in state.gaps if g.first <= report.counter <= g.last), None)
        if gap is None:
            return state, ()
        is_misdated = seen.at - gap.after.at > self._inversion
        said = (self._inverted(gap, seen, report),) if is_misdated and not gap.told else ()
        told = gap.told or is_misdated
        halves = (
            replace(gap, last=report.counter - 1, told=told),
            replace(gap, first=report.counter + 1, told=told),
        )
        gaps = [each for each in state.gaps if each is not gap]
        gaps += [half for half in halves if half.first <= half.last]
        return replace(state, gaps=tuple(gaps)), said

    def _clock(
        self, state: Log, seen: Observation, report: SealReport
    ) -> tuple[Log, tuple[Finding, ...]]:
        is_ahead = _ahead_s(report) > self._settings.tolerance_s
        if is_ahead and state.ahead is None:
            return replace(state, ahead=seen), (self._ahead(seen, None),)
        if is_ahead or state.ahead is None:
            return state, ()
        return replace(state, ahead=None), (self._ahead(state.ahead, seen.at),)

    def _gap(self, gap: Gap) -> Finding:
        count = gap.last - gap.first + 1
        numbers = gap.first if count == 1 else saying("numbers", first=gap.first, last=gap.last)
        return self._voice.say(
            "seal_log_gap",
            gap.after,
            since=gap.before.at,
            until=gap.after.at,
            saying=saying(
                "seal_log_gap",
                seal=name_of(gap.after),
                numbers=numbers,
                since=gap.before.at,
                until=gap.after.at,
            ),
            values={"missing": count, "first": gap.first, "last": gap.last},
            thresholds={"grace_s": self._settings.grace_s},
            evidence=(gap.before, gap.after),
        )

    def _inverted(self, gap: Gap, seen: Observation, report: SealReport) -> Finding:
        by_s = (seen.at - gap.after.at).total_seconds()
        return self._voice.say(
            "seal_clock_fault",
            seen,
            since=seen.at,
            until=seen.at,
            saying=saying(
                "seal_clock_back",
                counter=report.counter,
                seal=name_of(seen),
                at=seen.at,
                by_s=by_s,
            ),
            values={"counter": report.counter, "inverted_s": by_s},
            thresholds={"inversion_s": self._settings.inversion_s},
            evidence=(gap.after, seen),
        )

    def _ahead(self, first: Observation, until: datetime | None) -> Finding:
        ahead_s = _ahead_s(first.content) if isinstance(first.content, SealReport) else 0.0
        ending = "" if until is None else saying("comma_until", at=until)
        return self._voice.say(
            "seal_clock_fault",
            first,
            since=first.at,
            until=until,
            saying=saying(
                "seal_clock_ahead",
                seal=name_of(first),
                ahead_s=ahead_s,
                since=first.at,
                ending=ending,
            ),
            values={"ahead_s": ahead_s},
            thresholds={"tolerance_s": self._settings.tolerance_s},
            evidence=(first,),
        )


def _missing(newest: Observation, seen: Observation, report: SealReport) -> tuple[Gap, ...]:
    before = newest.content
    if not isinstance(before, SealReport) or report.counter <= before.counter + 1:
        return ()
    return (Gap(before.counter + 1, report.counter - 1, newest, seen),)


def _ahead_s(report: SealReport) -> float:
    """Return how far a frame comes from the future, in seconds."""
    if report.stated_at is None or report.heard_at is None:
        return 0.0
    return (report.stated_at - report.heard_at).total_seconds()
