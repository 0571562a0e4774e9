"""Overspeed: faster than the vessel's class goes, or than a zone allows, for a minimal time.

Definition: reports above the limit over at least ``minimal_duration_s``, none at or below it in
between and none missing for longer than ``lost_after_s``. The finding is an interval: it begins
with the first report above the limit and ends with the first at or below the limit less the
hysteresis, on leaving the zone, or with the last report of a vessel that fell silent. The class
limit and each zone's limit are judged apart.

Sources: Traccar's ``event.overspeed.minimalDuration``; the limits of classes in
``analytics.vessels``; ``lost_after_s`` is Traccar's ``status.timeout``, 600 s.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import inf
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.rule import Event, SpeedBand, Step
from analytics.rules.terms import Duration, Settings, Speed, Terms, Voice, version_of
from analytics.saying import saying
from analytics.vessels import AIRCRAFT_TYPE, ClassSpeeds
from analytics.zones import ZoneSet
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic

CODE: Final = 1


class OverspeedSettings(Settings, frozen=True, kw_only=True):
    """Thresholds; those of a zone are its ``speed_limit_kn``."""

    minimal_duration_s: Duration = 60
    """Shorter bursts are not reported: a faulty speed report is usually alone."""
    hysteresis_kn: Speed = 1.0
    """How far below the limit ends it; speed is reported in steps of 0.1 kn (ITU-R M.1371)."""
    lost_after_s: Duration = 600
    """Two reports further apart say nothing about the time between (Traccar, 600 s)."""
    class_speed: ClassSpeeds = ClassSpeeds()
    """Limits by class, in knots."""


class Breach(Struct, frozen=True, gc=False):
    """A stretch of reports above one limit."""

    zone: str | None
    """``None`` for the limit of the vessel's class."""
    limit_kn: float
    first: Observation
    last: Observation
    fastest_kn: float
    reported: bool = False


class Pace(Struct, frozen=True, gc=False):
    """What limit holds for a vessel and which limits it exceeds."""

    class_limit_kn: float
    breaches: tuple[Breach, ...] = ()
    wake_at: datetime | None = None


class Overspeed:
    """The rule."""

    state_type = Pace
    accepts = (VesselPosition, VesselStatic)

    def __init__(self, settings: OverspeedSettings, terms: Terms, zones: ZoneSet) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms, zones.version)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._zones: Final = zones
        self._minimal: Final = timedelta(seconds=settings.minimal_duration_s)
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Pace:
        """Begin with a vessel of unknown class."""
        return Pace(self._settings.class_speed.unknown_kn)

    def on_event(self, state: Pace, event: Event) -> Step[Pace]:
        """Hold one report against the limits."""
        content = event.observation.content
        if type(content) is VesselStatic:
            state = self._known(state, content.particulars)
        elif type(content) is VesselPosition:
            if content.particulars is not None:
                state = self._known(state, content.particulars)
            speed_kn = content.speed_kn
            if speed_kn is not None and (
                state.breaches or event.near or speed_kn > state.class_limit_kn
            ):
                return self._judged(state, event, content, speed_kn)
        return Step(state, wake_at=state.wake_at)

    def steady_at(self, state: Pace, fix: VesselPosition, speed_kn: float) -> SpeedBand | None:
        """Return what the class may do."""
        del fix
        is_calm = not state.breaches and speed_kn <= state.class_limit_kn
        return (-inf, state.class_limit_kn) if is_calm else None

    def on_wake(self, state: Pace, now: datetime) -> Step[Pace]:
        """End what nothing was heard of any more."""
        gone = [b for b in state.breaches if b.last.at + self._lost_after <= now]
        kept = tuple(b for b in state.breaches if b.last.at + self._lost_after > now)
        findings = tuple(self._finding(b, b.last.at) for b in gone if b.reported)
        return self._step(state, kept, findings)

    def _known(self, state: Pace, stated: VesselParticulars) -> Pace:
        if stated.ship_type is None:
            return state
        return replace(state, class_limit_kn=self._settings.class_speed.of(stated.ship_type))

    def _judged(
        self, state: Pace, event: Event, content: VesselPosition, speed_kn: float
    ) -> Step[Pace]:
        limits = dict(self._limits(state, event, content))
        breaches: list[Breach] = []
        findings: list[Finding] = []
        for breach in state.breaches:
            limit = limits.pop(breach.zone, None)
            if limit is None or speed_kn <= self._floor_kn(breach):
                if breach.reported:
                    findings.append(self._finding(breach, event.observation.at))
                continue
            longer = self._continued(breach, event.observation, speed_kn)
            breaches.append(longer)
            if longer.reported and not breach.reported:
                findings.append(self._finding(longer, None))
        for zone, limit in limits.items():
            if speed_kn > limit:
                here = event.observation
                breaches.append(Breach(zone, limit, here, here, speed_kn))
        return self._step(state, tuple(breaches), tuple(findings))

    def _limits(
        self, state: Pace, event: Event, content: VesselPosition
    ) -> Iterator[tuple[str | None, float]]:
        aircraft = content.ais_type == AIRCRAFT_TYPE
        yield None, self._settings.class_speed.aircraft_kn if aircraft else state.class_limit_kn
        for near in event.near:
            rules = self._zones.by_id[near.zone].rules
            if near.distance_m <= 0 and rules.speed_limit_kn is not None and not aircraft:
                at = event.observation.at
                if rules.schedule is None or rules.schedule.is_open(at):
                    yield near.zone, rules.speed_limit_kn

    def _floor_kn(self, breach: Breach) -> float:
        slack = self._settings.hysteresis_kn if breach.reported else 0.0
        return breach.limit_kn - slack

    def _continued(self, breach: Breach, now: Observation, speed_kn: float) -> Breach:
        return Breach(
            breach.zone,
            breach.limit_kn,
            breach.first,
            now,
            max(breach.fastest_kn, speed_kn),
            breach.reported or now.at - breach.first.at >= self._minimal,
        )

    def _step(
        self, state: Pace, breaches: tuple[Breach, ...], findings: tuple[Finding, ...]
    ) -> Step[Pace]:
        wake_at = min((b.last.at + self._lost_after for b in breaches), default=None)
        return Step(Pace(state.class_limit_kn, breaches, wake_at), findings, wake_at)

    def _finding(self, breach: Breach, until: datetime | None) -> Finding:
        where = saying("its_class") if breach.zone is None else self._zones.by_id[breach.zone].name
        ending = "" if until is None else saying("until", at=until)
        return self._voice.say(
            "overspeed",
            breach.first,
            since=breach.first.at,
            until=until,
            saying=saying(
                "overspeed",
                subject=breach.first.subject,
                fastest_kn=breach.fastest_kn,
                limit_kn=breach.limit_kn,
                where=where,
                since=breach.first.at,
                ending=ending,
            ),
            values={"fastest_kn": breach.fastest_kn},
            thresholds={
                "limit_kn": breach.limit_kn,
                "minimal_duration_s": self._settings.minimal_duration_s,
                "hysteresis_kn": self._settings.hysteresis_kn,
            },
            evidence=(breach.first, breach.last),
            zone=breach.zone,
        )
