"""Small rules that need no geometry: for the documentation, the tests of the engine, its bench.

Each has one habit that makes arrival order matter.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from analytics.rule import Event, Rule, Step
from haechi.findings import Finding, Severity, Status, finding_id
from haechi.observations import Flag, Identity
from haechi.vessels import AisOther, VesselPosition, VesselStatic


class Episode(Struct, frozen=True):
    """Something that goes on."""

    since: datetime
    evidence: tuple[Identity, ...]
    peak: float = 0


class Fast(Struct, frozen=True):
    """An interval from the first fix at or above a speed to the first one below it."""

    limit_kn: float
    name: str = "fast"
    version: str = "1"
    state_type: Any = Episode | None
    accepts: tuple[type, ...] = (VesselPosition,)

    def start(self) -> Episode | None:
        """Begin slow."""
        return None

    def on_event(self, state: Episode | None, event: Event) -> Step[Episode | None]:
        """Open, revise or end an episode; its finding tells the highest speed so far."""
        speed_kn = getattr(event.content, "speed_kn", None) or 0
        if speed_kn < self.limit_kn:
            return _SLOW if state is None else Step(None, (self._finding(event, state, event.at),))
        if state is not None and speed_kn <= state.peak:
            return Step(state)
        begun = state or Episode(event.at, (event.observation.identity,))
        state = Episode(begun.since, begun.evidence, speed_kn)
        return Step(state, (self._finding(event, state, None),))

    def on_wake(self, state: Episode | None, now: datetime) -> Step[Episode | None]:
        """Never asked for."""
        raise NotImplementedError(f"{self.name} was woken at {now} in {state}")

    def _finding(self, event: Event, episode: Episode, until: datetime | None) -> Finding:
        return say(self, event.subject, episode, until, peak_kn=episode.peak)


_SLOW: Final[Step[Episode | None]] = Step(None)


class Heard(Struct, frozen=True):
    """When a subject last spoke; ``silence`` once that was too long ago."""

    subject: str
    at: datetime
    evidence: tuple[Identity, ...]
    silence: int = 0


class Silent(Struct, frozen=True):
    """An interval without a fix: opened by a wake, worse with each further one, ended by a fix."""

    limit: timedelta
    name: str = "silent"
    version: str = "1"
    state_type: Any = Heard | None
    accepts: tuple[type, ...] = (VesselPosition,)

    def start(self) -> Heard | None:
        """Begin never heard of."""
        return None

    def on_event(self, state: Heard | None, event: Event) -> Step[Heard | None]:
        """End a silence, and wait for the next."""
        now = Heard(event.subject, event.at, (event.observation.identity,))
        findings = (self._finding(state, event.at),) if state and state.silence else ()
        return Step(now, findings, event.at + self.limit)

    def on_wake(self, state: Heard | None, now: datetime) -> Step[Heard | None]:
        """Tell that it is silent, and again twice as it gets worse."""
        if state is None:
            raise ValueError(f"{self.name} was woken at {now} without a reason")
        worse = Heard(state.subject, state.at, state.evidence, state.silence + 1)
        wake_at = now + self.limit if worse.silence < 3 else None  # noqa: PLR2004 # the docstring
        return Step(worse, (self._finding(worse, None),), wake_at)

    def _finding(self, heard: Heard, until: datetime | None) -> Finding:
        episode = Episode(heard.at, heard.evidence)
        return say(self, heard.subject, episode, until, times=heard.silence)


class Beats(Struct, frozen=True):
    """How often a subject spoke, and when that is told next."""

    subject: str
    first: Episode
    next_at: datetime
    count: int


class Pulse(Struct, frozen=True):
    """A count told at fixed times after the first fix: an observation at exactly that time counts.

    Its wakes stay where they are however much the subject speaks, and every one revises.
    """

    period: timedelta
    beats: int
    name: str = "pulse"
    version: str = "1"
    state_type: Any = Beats | None
    accepts: tuple[type, ...] = (VesselPosition, VesselStatic)

    def start(self) -> Beats | None:
        """Begin never heard of."""
        return None

    def on_event(self, state: Beats | None, event: Event) -> Step[Beats | None]:
        """Count."""
        if state is None:
            first = Episode(event.at, (event.observation.identity,))
            state = Beats(event.subject, first, event.at + self.period, 0)
        state = Beats(state.subject, state.first, state.next_at, state.count + 1)
        return Step(state, (), state.next_at if self._goes_on(state) else None)

    def on_wake(self, state: Beats | None, now: datetime) -> Step[Beats | None]:
        """Tell the count."""
        if state is None:
            raise ValueError(f"{self.name} was woken at {now} without a reason")
        state = Beats(state.subject, state.first, now + self.period, state.count)
        told = say(self, state.subject, state.first, now, count=state.count)
        return Step(state, (told,), state.next_at if self._goes_on(state) else None)

    def _goes_on(self, state: Beats) -> bool:
        return state.next_at <= state.first.since + self.beats * self.period


class Renamed(Struct, frozen=True):
    """A moment for every change of name; the former name is part of what is said."""

    name: str = "renamed"
    version: str = "1"
    state_type: Any = str | None
    accepts: tuple[type, ...] = (VesselStatic,)

    def start(self) -> str | None:
        """Begin without a name."""
        return None

    def on_event(self, state: str | None, event: Event) -> Step[str | None]:
        """Tell a change."""
        content = event.content
        name = content.particulars.name if isinstance(content, VesselStatic) else None
        if state is None or name is None or name == state:
            return Step(name or state)
        moment = Episode(event.at, (event.observation.identity,))
        return Step(name, (say(self, event.subject, moment, event.at, was=state, now=name),))

    def on_wake(self, state: str | None, now: datetime) -> Step[str | None]:
        """Never asked for."""
        raise NotImplementedError(f"{self.name} was woken at {now} in {state}")


class ClockAhead(Struct, frozen=True):
    """A moment for every reading dated in the future: a rule about clocks."""

    name: str = "clock_ahead"
    version: str = "1"
    state_type: Any = int
    accepts: tuple[type, ...] = (VesselPosition, VesselStatic, AisOther)
    judges_clocks: bool = True

    def start(self) -> int:
        """Begin with none."""
        return 0

    def on_event(self, state: int, event: Event) -> Step[int]:
        """Tell and count."""
        if Flag.CLOCK_AHEAD not in event.observation.flags:
            return Step(state)
        moment = Episode(event.at, (event.observation.identity,))
        return Step(state + 1, (say(self, event.subject, moment, event.at, count=state + 1),))

    def on_wake(self, state: int, now: datetime) -> Step[int]:
        """Never asked for."""
        raise NotImplementedError(f"{self.name} was woken at {now} in {state}")


def say(
    rule: Rule[Any],
    subject: str,
    episode: Episode,
    until: datetime | None,
    **values: float | str,
) -> Finding:
    """Return the finding of an episode, named by its beginning."""
    return Finding(
        id=finding_id(rule.name, subject, episode.since.isoformat()),
        rule=rule.name,
        kind=rule.name,
        rule_version=rule.version,
        subject=subject,
        severity=Severity.MINOR,
        since=episode.since,
        until=until,
        text=f"{subject} {rule.name} since {episode.since:%H:%M:%S}",
        values=values,
        thresholds={},
        evidence=episode.evidence,
        status=Status.OPEN if until is None else Status.ENDED,
    )
