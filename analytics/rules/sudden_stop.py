"""Sudden stop: a ship loses its way within half a minute and stays stopped, as in a grounding.

Definition: speed falls from above ``fast_kn`` to below ``slow_kn`` within less than ``within_s``,
then no report reaches ``slow_kn`` again for ``sustained_s``, and the positions agree that it stays.
The finding is the interval of the fall, from the last fast to the first slow report.

Source: the Danish Maritime Authority's AisAbnormal, SuddenSpeedChangeAnalysis (7 kn, 1 kn, 30 s,
60 s, 50 m): cargo, tanker and passenger ships of known length; not class B. Its code admits the
marks themselves (7.0 kn, 1.0 kn, 30 s); its definition, "more than", "less than", does not: ours
follows the definition. Stopping is part of the work of other vessels.
"""

from datetime import datetime, timedelta
from math import inf
from typing import Final

from msgspec import Struct

from analytics.geodesy import distance_m, speed_kn
from analytics.rule import ANY_SPEED, Event, SpeedBand, Step
from analytics.rules.terms import Duration, Length, Settings, Speed, Terms, Voice, version_of
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


class SuddenStopSettings(Settings, frozen=True, kw_only=True):
    """Thresholds, all of the Danish Maritime Authority but the last."""

    fast_kn: Speed = 7.0
    """Speed before."""
    slow_kn: Speed = 1.0
    """Speed after."""
    within_s: Duration = 30
    """How quickly."""
    sustained_s: Duration = 60
    """How long it must stay slow."""
    minimum_length_m: Length = 50
    """Shorter vessels stop like that every day."""
    lost_after_s: Duration = 600
    """Two reports further apart say nothing about the time between (Traccar, 600 s)."""


class Way(Struct, frozen=True, gc=False):
    """What a ship is and how it lost its way."""

    ship: Merchant = Merchant()
    fast: Observation | None = None
    """The last report above the fast mark."""
    slow: Observation | None = None
    """The first below the slow mark, soon after it."""
    latest: Observation | None = None
    """The latest below the slow mark."""


class SuddenStop:
    """The rule."""

    state_type = Way
    accepts = (VesselPosition, VesselStatic)

    def __init__(self, settings: SuddenStopSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._within: Final = timedelta(seconds=settings.within_s)
        self._sustained: Final = timedelta(seconds=settings.sustained_s)
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Way:
        """Begin with a ship of unknown type and length: not judged."""
        return Way()

    def on_event(self, state: Way, event: Event) -> Step[Way]:
        """Follow the speed of one report."""
        observation = event.observation
        content = observation.content
        if type(content) is VesselStatic:
            return Step(self._known(state, content.particulars))
        if type(content) is VesselPosition:
            if content.particulars is not None:
                state = self._known(state, content.particulars)
            if state.ship.is_judged and content.ais_type not in CLASS_B_TYPES:
                return self._moved(state, observation, content.speed_kn)
        return Step(state)

    def awaits_statement(self, state: Way) -> bool:
        """Return whether the ship is none that is judged."""
        return not state.ship.is_judged

    def steady_at(self, state: Way, fix: VesselPosition, speed_kn: float) -> SpeedBand | None:
        """Return the speeds of a ship under way, or of one that never was."""
        if not state.ship.is_judged or fix.ais_type in CLASS_B_TYPES:
            return ANY_SPEED
        if speed_kn > self._settings.fast_kn:
            return self._settings.fast_kn, inf
        return (-inf, self._settings.fast_kn) if state.fast is None else None

    def on_wake(self, state: Way, now: datetime) -> Step[Way]:
        """Never asked for."""
        del now
        return Step(state)

    def _known(self, state: Way, stated: VesselParticulars) -> Way:
        ship = state.ship.after(stated, self._settings.minimum_length_m)
        return Way(ship, state.fast, state.slow, state.latest)

    def _moved(self, state: Way, now: Observation, speed_kn: float | None) -> Step[Way]:
        if speed_kn is not None and speed_kn > self._settings.fast_kn:
            return Step(Way(state.ship, now))
        if speed_kn is None or state.fast is None:
            return Step(state)
        return self._followed(state, state.fast, now, speed_kn)

    def _followed(self, state: Way, fast: Observation, now: Observation, speed: float) -> Step[Way]:
        calm = Way(state.ship)
        if state.slow is None or state.latest is None:
            if now.at - fast.at >= self._within:
                return Step(calm)
            if speed >= self._settings.slow_kn:
                return Step(state)
            return Step(Way(state.ship, fast, now, now))
        moved = speed >= self._settings.slow_kn or self._went(state.latest, now)
        if moved or now.at - state.latest.at > self._lost_after:
            return Step(calm)
        if now.at - state.slow.at < self._sustained:
            return Step(Way(state.ship, fast, state.slow, now))
        return Step(calm, (self._finding(fast, state.slow, now),))

    def _went(self, last: Observation, now: Observation) -> bool:
        """Return whether the positions contradict a standstill."""
        start, end = position(last), position(now)
        seconds = (now.at - last.at).total_seconds()
        if start is None or end is None or seconds <= 0:
            return False
        return speed_kn(distance_m(*start, *end), seconds) >= self._settings.slow_kn

    def _finding(self, fast: Observation, slow: Observation, now: Observation) -> Finding:
        seconds = (slow.at - fast.at).total_seconds()
        before, after = speed_over_ground_kn(fast) or 0.0, speed_over_ground_kn(slow) or 0.0
        return self._voice.say(
            "sudden_stop",
            slow,
            since=fast.at,
            until=slow.at,
            saying=saying(
                "sudden_stop",
                subject=slow.subject,
                before_kn=before,
                after_kn=after,
                fall_s=seconds,
                at=slow.at,
                until=now.at,
            ),
            values={"before_kn": before, "after_kn": after, "fall_s": seconds},
            thresholds={
                "fast_kn": self._settings.fast_kn,
                "slow_kn": self._settings.slow_kn,
                "within_s": self._settings.within_s,
                "sustained_s": self._settings.sustained_s,
                "minimum_length_m": self._settings.minimum_length_m,
            },
            evidence=(fast, slow, now),
        )
