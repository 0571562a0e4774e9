"""Drift: a ship is carried sideways, as without engine or rudder.

Definition: for ``window_s`` or longer every report has a speed from ``slow_kn`` to ``fast_kn`` and
a heading more than ``deviation_deg`` off both the course over ground and its opposite, and the
ship is more than ``distance_m`` from where that began. Reports without speed, course or heading
say nothing either way. The finding is an interval from the first such report to the first other.

Source: the Danish Maritime Authority's AisAbnormal, DriftAnalysis (1 to 5 kn, 45 degrees, 10 min,
500 m, ships from 50 m): cargo, tanker and passenger ships of known length; not class B. It forgets
a track that falls silent; so does this rule, after ``lost_after_s``.
"""

from datetime import datetime, timedelta
from math import inf, nextafter
from typing import Final

from msgspec import Struct

from analytics.geodesy import distance_m, turn_deg
from analytics.rule import ANY_SPEED, Event, SpeedBand, Step
from analytics.rules.terms import Angle, Duration, Length, Settings, Speed, Terms, Voice, version_of
from analytics.saying import saying
from analytics.vessels import (
    CLASS_B_TYPES,
    Merchant,
    position,
    speed_over_ground_kn,
)
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic

CODE: Final = 1


class DriftSettings(Settings, frozen=True, kw_only=True):
    """Thresholds, all of the Danish Maritime Authority but the last."""

    slow_kn: Speed = 1.0
    """Below it course over ground means nothing."""
    fast_kn: Speed = 5.0
    """Above it a ship is making way."""
    deviation_deg: Angle = 45
    """Between heading and course, and between heading and the opposite of the course."""
    window_s: Duration = 600
    """How long."""
    distance_m: Length = 500
    """How far."""
    minimum_length_m: Length = 50
    """Shorter vessels are not judged."""
    lost_after_s: Duration = 600
    """Two reports further apart say nothing about the time between (Traccar, 600 s)."""


class Drifting(Struct, frozen=True, gc=False):
    """What a ship is and since when it is carried sideways."""

    ship: Merchant = Merchant()
    first: Observation | None = None
    last: Observation | None = None
    reported: bool = False


class Drift:
    """The rule."""

    state_type = Drifting
    accepts = (VesselPosition, VesselStatic)

    def __init__(self, settings: DriftSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._window: Final = timedelta(seconds=settings.window_s)
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Drifting:
        """Begin with a ship of unknown type and length: not judged."""
        return Drifting()

    def on_event(self, state: Drifting, event: Event) -> Step[Drifting]:
        """Compare course and heading of one report."""
        observation = event.observation
        content = observation.content
        if type(content) is VesselStatic:
            state = self._known(state, content.particulars)
        elif type(content) is VesselPosition:
            if content.particulars is not None:
                state = self._known(state, content.particulars)
            sideways = self._sideways(content) if state.ship.is_judged else None
            if sideways is not None and (sideways or state.last is not None):
                return self._moved(state, observation, sideways=sideways)
        return Step(state, wake_at=self._wake_at(state))

    def awaits_statement(self, state: Drifting) -> bool:
        """Return whether the ship is none that is judged."""
        return not state.ship.is_judged and state.last is None

    def steady_at(self, state: Drifting, fix: VesselPosition, speed_kn: float) -> SpeedBand | None:
        """Return the speeds of a ship that makes way, or of one that lies still."""
        if state.last is not None:
            return None
        if not state.ship.is_judged or fix.ais_type in CLASS_B_TYPES:
            return ANY_SPEED
        if speed_kn > self._settings.fast_kn:
            return self._settings.fast_kn, inf
        below_kn = nextafter(self._settings.slow_kn, -inf)
        return (-inf, below_kn) if speed_kn <= below_kn else None

    def on_wake(self, state: Drifting, now: datetime) -> Step[Drifting]:
        """Forget a ship that fell silent."""
        if state.last is None or now < state.last.at + self._lost_after:
            return Step(state, wake_at=self._wake_at(state))
        return self._ended(state, state.last.at)

    def _known(self, state: Drifting, stated: VesselParticulars) -> Drifting:
        ship = state.ship.after(stated, self._settings.minimum_length_m)
        return Drifting(ship, state.first, state.last, state.reported)

    def _sideways(self, content: VesselPosition) -> bool | None:
        """Return whether a report shows drift; ``None`` if it does not say."""
        speed, course, heading = content.speed_kn, content.course_deg, content.heading_deg
        if speed is None or course is None or heading is None:
            return None
        if content.ais_type in CLASS_B_TYPES:
            return None
        if not self._settings.slow_kn <= speed <= self._settings.fast_kn:
            return False
        off = turn_deg(course, heading)
        return self._settings.deviation_deg < off < 180 - self._settings.deviation_deg

    def _moved(self, state: Drifting, now: Observation, *, sideways: bool) -> Step[Drifting]:
        if position(now) is None:
            return Step(state, wake_at=self._wake_at(state))
        return self._carried(state, now) if sideways else self._ended(state, now.at)

    def _carried(self, state: Drifting, now: Observation) -> Step[Drifting]:
        first = state.first or now
        begins = not state.reported and self._far_and_long(first, now)
        later = Drifting(state.ship, first, now, state.reported or begins)
        findings = (self._finding(first, now, None),) if begins else ()
        return Step(later, findings, self._wake_at(later))

    def _far_and_long(self, first: Observation, now: Observation) -> bool:
        start, end = position(first), position(now)
        if now.at - first.at < self._window or start is None or end is None:
            return False
        return distance_m(*start, *end) > self._settings.distance_m

    def _ended(self, state: Drifting, until: datetime) -> Step[Drifting]:
        calm = Drifting(state.ship)
        if not state.reported or state.first is None or state.last is None:
            return Step(calm)
        return Step(calm, (self._finding(state.first, state.last, until),))

    def _wake_at(self, state: Drifting) -> datetime | None:
        return None if state.last is None else state.last.at + self._lost_after

    def _finding(self, first: Observation, last: Observation, until: datetime | None) -> Finding:
        start, end = position(first), position(last)
        way_m = 0.0 if start is None or end is None else distance_m(*start, *end)
        ending = "" if until is None else saying("until", at=until)
        return self._voice.say(
            "drift",
            first,
            since=first.at,
            until=until,
            saying=saying(
                "drift", subject=first.subject, since=first.at, ending=ending, way_m=way_m
            ),
            values={"distance_m": round(way_m, 1), "speed_kn": speed_over_ground_kn(last) or 0.0},
            thresholds={
                "slow_kn": self._settings.slow_kn,
                "fast_kn": self._settings.fast_kn,
                "deviation_deg": self._settings.deviation_deg,
                "window_s": self._settings.window_s,
                "distance_m": self._settings.distance_m,
                "minimum_length_m": self._settings.minimum_length_m,
            },
            evidence=(first, last),
        )
