"""Undeclared stop: still for longer than allowed, where the declared voyage has no stop.

Definition: reports below ``still_below_kn`` over at least the allowed time, none faster in between
and none missing for longer than ``lost_after_s``, at no port of the voyage and in no zone in which
it may stop. The finding begins with the first such report and ends with the first faster one, on
entering an allowed place, or with the last report of a subject that fell silent.

Sources: prolonged stops in regional electronic cargo tracking, where each stop point has an allowed
time; the default times are ours. ``lost_after_s`` is that of geofences, 6 h.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from analytics.journeys import Journeys, bearings, declared, may_stop
from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Settings, Speed, Terms, Voice, version_of
from analytics.saying import saying
from analytics.vessels import position
from haechi.declared import DeclaredVoyage
from haechi.findings import Finding
from haechi.ground import VehiclePosition
from haechi.observations import Observation
from haechi.vessels import VesselPosition

CODE: Final = 1


class UndeclaredStopSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    still_below_kn: Speed = 1.0
    vessel_allowed_s: Duration = 7200
    truck_allowed_s: Duration = 1800
    lost_after_s: Duration = 21_600


class Halt(Struct, frozen=True, gc=False):
    """A stretch of reports without way."""

    voyage: str
    first: Observation
    last: Observation
    allowed_s: float
    reported: bool = False


class Rest(Struct, frozen=True, gc=False):
    """What is declared of a subject, and whether it stands still."""

    journeys: Journeys = ()
    halt: Halt | None = None


class UndeclaredStop:
    """The rule."""

    state_type = Rest
    accepts = (DeclaredVoyage, VesselPosition, VehiclePosition)

    def __init__(self, settings: UndeclaredStopSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Rest:
        """Begin with nothing declared."""
        return Rest()

    def on_event(self, state: Rest, event: Event) -> Step[Rest]:
        """Take a declaration, or look whether a report has way on."""
        content = event.content
        if isinstance(content, DeclaredVoyage):
            return self._step(Rest(declared(state.journeys, content, event.at), state.halt))
        if not isinstance(content, (VesselPosition, VehiclePosition)) or not state.journeys:
            return self._step(state)
        if content.speed_kn is None:
            return self._step(state)
        is_still = content.speed_kn < self._settings.still_below_kn
        voyage = self._unexpected_on(state.journeys, event) if is_still else None
        if voyage is None:
            return self._ended(state, event.at)
        return self._still(state, event.observation, voyage)

    def awaits_statement(self, state: Rest) -> bool:
        """Return whether nothing is declared."""
        return not state.journeys and state.halt is None

    def on_wake(self, state: Rest, now: datetime) -> Step[Rest]:
        """End what nothing was heard of any more."""
        halt = state.halt
        if halt is None or halt.last.at + self._lost_after > now:
            return self._step(state)
        return self._ended(state, halt.last.at)

    def _unexpected_on(self, journeys: Journeys, event: Event) -> str | None:
        """Return the voyage on which a stop here is not expected."""
        where = position(event.observation)
        found = where and bearings(journeys, event.at, *where)
        if not where or not found or may_stop(found.voyage, event, *where):
            return None
        return found.voyage.voyage

    def _still(self, state: Rest, now: Observation, voyage: str) -> Step[Rest]:
        before = state.halt or Halt(voyage, now, now, self._allowed_s(now))
        lasted = (now.at - before.first.at).total_seconds() >= before.allowed_s
        halt = Halt(voyage, before.first, now, before.allowed_s, before.reported or lasted)
        told = halt.reported and not before.reported
        return self._step(Rest(state.journeys, halt), (self._finding(halt, None),) if told else ())

    def _allowed_s(self, fix: Observation) -> float:
        is_truck = isinstance(fix.content, VehiclePosition)
        return self._settings.truck_allowed_s if is_truck else self._settings.vessel_allowed_s

    def _ended(self, state: Rest, until: datetime) -> Step[Rest]:
        halt = state.halt
        findings = (self._finding(halt, until),) if halt and halt.reported else ()
        return self._step(Rest(state.journeys), findings)

    def _step(self, state: Rest, findings: tuple[Finding, ...] = ()) -> Step[Rest]:
        halt = state.halt
        return Step(state, findings, halt.last.at + self._lost_after if halt else None)

    def _finding(self, halt: Halt, until: datetime | None) -> Finding:
        lasted_s = ((until or halt.last.at) - halt.first.at).total_seconds()
        ending = "" if until is None else saying("until", at=until)
        return self._voice.say(
            "undeclared_stop",
            halt.first,
            since=halt.first.at,
            until=until,
            saying=saying(
                "undeclared_stop",
                subject=halt.first.subject,
                since=halt.first.at,
                ending=ending,
                lasted_s=lasted_s,
                voyage=halt.voyage,
            ),
            values={"voyage": halt.voyage, "still_s": lasted_s},
            thresholds={
                "still_below_kn": self._settings.still_below_kn,
                "allowed_s": halt.allowed_s,
            },
            evidence=(halt.first, halt.last),
        )
