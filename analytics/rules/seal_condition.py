"""Conditions of a seal: jammed, battery low, too cold or too warm. One rule, three types.

Definition: a condition begins with the first genuine new frame that says so, by its event or by a
value beyond the limit, and ends with the first that says it no more, by the limit less a
hysteresis. A frame without the value leaves it as it was.

Sources: a battery of less than a fifth is what trackers call low; the temperatures are those of a
container at sea, dry and refrigerated (ISO 18185-3 lets a seal work from -40 to 70 degrees).
"""

from datetime import datetime
from typing import Annotated, Final, Protocol

from msgspec import Meta, Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.rules.terms import Settings, Terms, Voice, version_of
from analytics.saying import saying
from analytics.seals import Frames, Verdict, admit, name_of
from haechi.findings import Finding, Saying
from haechi.observations import Observation
from haechi.seals import SealEventKind, SealReport

CODE: Final = 1

Percent = Annotated[float, Meta(ge=0, le=100)]
Degrees = Annotated[float, Meta(ge=-100, le=200)]
Band = Annotated[float, Meta(ge=0, le=50)]


class Condition(Protocol):
    """What can be wrong with a seal."""

    @property
    def kind(self) -> str:
        """Kind of the finding."""
        ...

    @property
    def thresholds(self) -> dict[str, float | str]:
        """What it is held against."""
        ...

    def holds(self, report: SealReport, *, before: bool) -> bool | None:
        """Return whether a frame says so, ``None`` if it says nothing of it."""
        ...

    def state(self, report: SealReport) -> Saying:
        """Return what to say of it, after the name of the seal."""
        ...


class SealJammingSettings(Settings, frozen=True, kw_only=True):
    """Thresholds: there are none; the seal itself measures its channel."""

    kind = "seal_jammed"

    @property
    def thresholds(self) -> dict[str, float | str]:
        """None."""
        return {}

    def holds(self, report: SealReport, *, before: bool) -> bool | None:
        """Jammed until it sends anything else."""
        del before
        return report.event is SealEventKind.JAMMING

    def state(self, report: SealReport) -> Saying:
        """Return what to say of it."""
        del report
        return saying("radio_jammed")


class SealBatterySettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    low_percent: Percent = 20
    """Below this a trip of weeks may not be covered."""
    hysteresis_percent: Percent = 5
    """So much more ends it: a cold battery recovers when it warms up."""

    kind = "seal_battery_low"

    @property
    def thresholds(self) -> dict[str, float | str]:
        """The limit."""
        return {"low_percent": self.low_percent}

    def holds(self, report: SealReport, *, before: bool) -> bool | None:
        """Low by its own word or by the limit."""
        if report.event is SealEventKind.LOW_BATTERY:
            return True
        if report.battery_percent is None:
            return None
        return report.battery_percent < self.low_percent + before * self.hysteresis_percent

    def state(self, report: SealReport) -> Saying:
        """Return what to say of it."""
        if report.battery_percent is None:
            return saying("battery_low")
        return saying("battery_left", percent=report.battery_percent)


class SealTemperatureSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    lowest_c: Degrees = -30
    """Refrigerated cargo is kept down to here."""
    highest_c: Degrees = 60
    """The roof of a dry container in the sun stays below it; a fire does not."""
    hysteresis_c: Band = 2
    """So far back within the limits ends it."""

    kind = "seal_temperature"

    @property
    def thresholds(self) -> dict[str, float | str]:
        """Both limits."""
        return {"lowest_c": self.lowest_c, "highest_c": self.highest_c}

    def holds(self, report: SealReport, *, before: bool) -> bool | None:
        """Out of bounds by its own word or by the limits."""
        if report.event is SealEventKind.TEMPERATURE:
            return True
        if report.temperature_c is None:
            return None
        slack = before * self.hysteresis_c
        return not self.lowest_c + slack <= report.temperature_c <= self.highest_c - slack

    def state(self, report: SealReport) -> Saying:
        """Return what to say of it."""
        if report.temperature_c is None:
            return saying("temperature_off")
        return saying("temperature_is", celsius=report.temperature_c)


class State(Struct, frozen=True, gc=False):
    """Whether it holds, and since which frame."""

    frames: Frames = Frames()
    first: Observation | None = None


class SealCondition:
    """The rule, for one condition."""

    state_type = State
    accepts = (SealReport,)

    def __init__(
        self,
        settings: SealJammingSettings | SealBatterySettings | SealTemperatureSettings,
        terms: Terms,
    ) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, settings.kind, terms)
        self._voice: Final = Voice(terms, self.version)
        self._condition: Final[Condition] = settings

    def start(self) -> State:
        """Begin well."""
        return State()

    def on_event(self, state: State, event: Event) -> Step[State]:
        """Look at one frame."""
        seen, content = event.observation, event.content
        if not isinstance(content, SealReport):
            return Step(state)
        frames, verdict = admit(state.frames, content, seen.at)
        later = replace(state, frames=frames)
        if verdict is not Verdict.NEW:
            return Step(later)
        holds = self._condition.holds(content, before=state.first is not None)
        if holds is None or holds == (state.first is not None):
            return Step(later)
        if state.first is None:
            return Step(replace(later, first=seen), (self._finding(seen, content, None),))
        return Step(replace(later, first=None), self._ended(state.first, seen.at))

    def on_wake(self, state: State, now: datetime) -> Step[State]:
        """Time alone changes nothing."""
        del now
        return Step(state)

    def _ended(self, first: Observation, until: datetime) -> tuple[Finding, ...]:
        report = first.content
        return (self._finding(first, report, until),) if isinstance(report, SealReport) else ()

    def _finding(self, first: Observation, report: SealReport, until: datetime | None) -> Finding:
        ending = "" if until is None else saying("comma_until", at=until)
        measured: dict[str, float | str] = {"event": report.event.value}
        if report.battery_percent is not None:
            measured["battery_percent"] = report.battery_percent
        if report.temperature_c is not None:
            measured["temperature_c"] = report.temperature_c
        return self._voice.say(
            self._condition.kind,
            first,
            since=first.at,
            until=until,
            saying=saying(
                "seal_condition",
                seal=name_of(first),
                state=self._condition.state(report),
                since=first.at,
                ending=ending,
            ),
            values=measured,
            thresholds=self._condition.thresholds,
            evidence=(first,),
        )
