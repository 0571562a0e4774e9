"""Route deviation: outside the corridor around the line of the declared voyage.

Definition: fixes further from the declared line than its corridor, ``minimal_fixes`` of them over
at least ``minimal_duration_s``, none back inside in between and none missing for longer than
``lost_after_s``. At a port of the voyage it is never outside. The finding is an interval: it begins
with the first fix outside and ends with the first that is inside by the hysteresis, when the voyage
ends or is withdrawn, or with the last fix of a subject that fell silent. A voyage without a line
runs straight from port to port. A subject with no declared voyage in force is not judged, nor is
what it did before the declaration was made.

Sources: route diversion in regional electronic cargo tracking (RECTS: gazetted, geo-fenced routes);
an alarm for more than a number of fixes and of metres outside a corridor, with hysteresis as the
geofences have it; ``lost_after_s`` is theirs too, 6 h.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from analytics.journeys import Bearings, Journeys, bearings, declared
from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Reports, Settings, Terms, Voice, version_of
from analytics.saying import saying
from analytics.vessels import position
from haechi.declared import DeclaredVoyage
from haechi.findings import Finding
from haechi.ground import VehiclePosition
from haechi.observations import Observation
from haechi.vessels import VesselPosition

CODE: Final = 1


class RouteDeviationSettings(Settings, frozen=True, kw_only=True):
    """Thresholds; the width of the corridor is the voyage's own."""

    minimal_fixes: Reports = 3
    """Fewer fixes outside are not reported: a faulty position is usually alone."""
    minimal_duration_s: Duration = 60
    hysteresis_share: Annotated[float, Meta(ge=0, lt=1)] = 0.1
    """How far inside the corridor it ends, as a share of its width."""
    lost_after_s: Duration = 21_600
    """Unheard for longer: not assumed to be still outside."""


class Astray(Struct, frozen=True, gc=False):
    """A stretch of fixes outside the corridor."""

    voyage: str
    corridor_m: float
    first: Observation
    last: Observation
    fixes: int
    farthest_m: float
    reported: bool = False


class Course(Struct, frozen=True, gc=False):
    """What is declared of a subject, and whether it keeps to it."""

    journeys: Journeys = ()
    astray: Astray | None = None


class RouteDeviation:
    """The rule."""

    state_type = Course
    accepts = (DeclaredVoyage, VesselPosition, VehiclePosition)

    def __init__(self, settings: RouteDeviationSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._minimal: Final = timedelta(seconds=settings.minimal_duration_s)
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Course:
        """Begin with nothing declared."""
        return Course()

    def on_event(self, state: Course, event: Event) -> Step[Course]:
        """Take a declaration, or hold a fix against what is declared."""
        if isinstance(event.content, DeclaredVoyage):
            journeys = declared(state.journeys, event.content, event.at)
            return self._step(Course(journeys, state.astray))
        if not state.journeys or (where := position(event.observation)) is None:
            return self._step(state)
        return self._held(state, event.observation, bearings(state.journeys, event.at, *where))

    def awaits_statement(self, state: Course) -> bool:
        """Return whether nothing is declared."""
        return not state.journeys and state.astray is None

    def on_wake(self, state: Course, now: datetime) -> Step[Course]:
        """End what nothing was heard of any more."""
        astray = state.astray
        if astray is None or astray.last.at + self._lost_after > now:
            return self._step(state)
        return self._ended(state, astray, astray.last.at)

    def _held(self, state: Course, fix: Observation, found: Bearings | None) -> Step[Course]:
        astray = state.astray
        if found is None:
            return self._ended(state, astray, astray.last.at) if astray else self._step(state)
        if astray is None:
            outside = found.beyond_m > 0
            return self._step(Course(state.journeys, _begun(found, fix) if outside else None))
        slack = found.voyage.corridor_m * self._settings.hysteresis_share if astray.reported else 0
        if found.beyond_m <= -slack:
            return self._ended(state, astray, fix.at)
        longer = self._continued(astray, fix, found)
        told = longer.reported and not astray.reported
        findings = (self._finding(longer, None),) if told else ()
        return self._step(Course(state.journeys, longer), findings)

    def _continued(self, astray: Astray, fix: Observation, found: Bearings) -> Astray:
        fixes = astray.fixes + 1
        lasted = fix.at - astray.first.at >= self._minimal
        return Astray(
            found.voyage.voyage,
            found.voyage.corridor_m,
            astray.first,
            fix,
            fixes,
            max(astray.farthest_m, found.off_m),
            astray.reported or (lasted and fixes >= self._settings.minimal_fixes),
        )

    def _ended(self, state: Course, astray: Astray, until: datetime) -> Step[Course]:
        findings = (self._finding(astray, until),) if astray.reported else ()
        return self._step(Course(state.journeys), findings)

    def _step(self, state: Course, findings: tuple[Finding, ...] = ()) -> Step[Course]:
        astray = state.astray
        return Step(state, findings, astray.last.at + self._lost_after if astray else None)

    def _finding(self, astray: Astray, until: datetime | None) -> Finding:
        ending = "" if until is None else saying("until", at=until)
        return self._voice.say(
            "route_deviation",
            astray.first,
            since=astray.first.at,
            until=until,
            saying=saying(
                "route_deviation",
                subject=astray.first.subject,
                corridor_km=astray.corridor_m / 1000,
                voyage=astray.voyage,
                since=astray.first.at,
                ending=ending,
                off_km=astray.farthest_m / 1000,
            ),
            values={
                "voyage": astray.voyage,
                "farthest_m": round(astray.farthest_m),
                "fixes": astray.fixes,
            },
            thresholds={
                "corridor_m": astray.corridor_m,
                "minimal_fixes": self._settings.minimal_fixes,
                "minimal_duration_s": self._settings.minimal_duration_s,
                "hysteresis_share": self._settings.hysteresis_share,
            },
            evidence=(astray.first, astray.last),
        )


def _begun(found: Bearings, fix: Observation) -> Astray:
    return Astray(found.voyage.voyage, found.voyage.corridor_m, fix, fix, 1, found.off_m)
