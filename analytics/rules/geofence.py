"""Geofence: a subject enters, leaves, is inside, or passed through a zone between two fixes.

Definition: a visit begins with the first fix inside (the boundary counts as inside) and is reported
once the subject has not gone beyond the hysteresis for the zone's ``enter_dwell_s``; it ends with
the first fix beyond the hysteresis, once no fix has come back within ``exit_dwell_s``. The visit is
one finding, an interval: ``enter`` if the subject was known to be outside before, ``inside`` if it
was not known where it was or if the zone came into force around it. ``exit`` is a moment. A subject
unheard for ``lost_after_s`` cannot be assumed to be still inside: its visit ends with its last fix.
So it does when a camera says that it has lost what it followed.
``crossed`` is the way between two fixes outside that leads through the zone.

Sources: dwell, hysteresis and the state at the start answer traccar#2189, #3609, #6019, #3897; the
crossing between fixes #3779 (PR 4316) and the order of exit before enter PR 4223. That state ends
with a gap is RTEC's maritime definition of ``withinArea`` (terminated at ``gap_start``); the length
of the gap, 6 h, is Global Fishing Watch's shortest AIS gap.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.geodesy import span_m
from analytics.rule import ANY_SPEED, Event, Near, SpeedBand, Step
from analytics.rules.terms import Duration, Settings, Terms, Voice, version_of
from analytics.saying import saying
from analytics.vessels import position, speed_over_ground_kn
from analytics.zone import Report, Zone
from analytics.zones import MARGIN_M, REACH_M, Crossing, ZoneSet
from haechi.cameras import Detection
from haechi.drones import DronePosition
from haechi.findings import Finding, Saying
from haechi.observations import Observation
from haechi.units import METRES_PER_DEGREE
from haechi.vessels import VesselPosition

CODE: Final = 1
CONCERNED: Final[dict[str, type[Struct]]] = {
    "no_fly": DronePosition,
    "flight_area": DronePosition,
    "watched": Detection,
}
"""Whom zones of these kinds are about, and nobody else; all others are about vessels."""


class GeofenceSettings(Settings, frozen=True, kw_only=True):
    """Thresholds common to all zones; those of one zone stand in the zones file."""

    lost_after_s: Duration = 21_600
    """A subject unheard for longer is not assumed to be still inside (GFW: gaps from 6 h)."""
    crossing_within_s: Duration = 1800
    """Nothing is said about the way between fixes further apart (RTEC: a gap is 30 min)."""


class Phase(StrEnum):
    """Where in a visit a subject is."""

    WAITING = "waiting"
    """Inside a zone that is not in force."""
    ARRIVING = "arriving"
    """Inside, but not yet for the dwell time."""
    INSIDE = "inside"
    """Reported."""
    LEAVING = "leaving"
    """Reported, and outside, but not yet for the dwell time."""


class Visit(Struct, frozen=True, gc=False):
    """One subject in one zone; no visit means outside."""

    zone: str
    phase: Phase
    kind: Report
    """``enter`` or ``inside``: how it began."""
    since: datetime
    first: Observation
    left: Observation | None = None
    """The first fix beyond the hysteresis, while leaving."""
    due: datetime | None = None
    """When the dwell time is over."""
    changes: datetime | None = None
    """When the zone next comes into or goes out of force."""


class Passage(Struct, frozen=True, gc=False):
    """The last fix of a subject and the zones it is in."""

    last: Observation | None = None
    visits: tuple[Visit, ...] = ()
    wake_at: datetime | None = None


_NOWHERE: Final = Passage()


class Geofence:
    """The rule over all zones of a set."""

    state_type = Passage
    accepts = (VesselPosition, DronePosition, Detection)

    def __init__(self, settings: GeofenceSettings, terms: Terms, zones: ZoneSet) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms, zones.version)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._zones: Final = zones
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)
        self._about: Final = {
            zone.id: CONCERNED.get(zone.rules.kind, VesselPosition) for zone in zones.zones
        }
        self._crossing_within: Final = timedelta(seconds=settings.crossing_within_s)

    def start(self) -> Passage:
        """Begin without knowing where the subject is."""
        return _NOWHERE

    def on_event(self, state: Passage, event: Event) -> Step[Passage]:
        """Move the subject to a new fix."""
        observation = event.observation
        if _is_farewell(observation):
            return self._lost(state, observation)
        place = position(observation)
        if place is None:
            return Step(state, wake_at=state.wake_at)
        if not state.visits and _is_clear(state.last, place, event.near):
            return Step(Passage(observation))
        return self._moved(state, event)

    def steady_at(self, state: Passage, fix: VesselPosition, speed_kn: float) -> SpeedBand | None:
        """Return every speed, for who visits no zone."""
        del fix, speed_kn
        return ANY_SPEED if not state.visits and state.wake_at is None else None

    def on_wake(self, state: Passage, now: datetime) -> Step[Passage]:
        """Let time pass: dwell times end, zones open and close, a silent subject is lost."""
        if state.last is not None and now - state.last.at >= self._lost_after:
            return self._lost(state, state.last)
        visits: list[Visit] = []
        findings: list[Finding] = []
        for visit in state.visits:
            later, said = self._waited(visit, now)
            findings.extend(said)
            if later is not None:
                visits.append(later)
        return self._step(state.last, visits, findings)

    def _lost(self, state: Passage, last: Observation) -> Step[Passage]:
        ended = [self._end(visit, last, lost=True) for visit in state.visits]
        return Step(_NOWHERE, tuple(finding for findings in ended for finding in findings))

    def _moved(self, state: Passage, event: Event) -> Step[Passage]:
        observation = event.observation
        distances = dict(event.near)
        visits: list[Visit] = []
        findings: list[Finding] = []
        for visit in state.visits:
            later, said = self._continued(visit, distances.get(visit.zone, inf), observation)
            findings.extend(said)
            if later is not None:
                visits.append(later)
        here = {visit.zone for visit in state.visits}
        kind = Report.ENTER if self._known(state.last, observation.at) else Report.INSIDE
        for near in event.near:
            if near.distance_m <= 0 and near.zone not in here and self._concerns(near.zone, event):
                visit, said = self._arrived(near.zone, kind, observation)
                here.add(near.zone)
                findings.extend(said)
                visits.append(visit)
        if state.last is not None:
            findings.extend(self._crossings(state.last, event, here))
        return self._step(observation, visits, findings)

    def _step(
        self, last: Observation | None, visits: list[Visit], findings: list[Finding]
    ) -> Step[Passage]:
        if not visits or last is None:
            return Step(Passage(last), tuple(findings))
        wishes = [last.at + self._lost_after]
        for visit in visits:
            wishes.extend(wish for wish in (visit.due, visit.changes) if wish is not None)
        wake_at = min(wishes)
        return Step(Passage(last, tuple(visits), wake_at), tuple(findings), wake_at)

    def _concerns(self, zone: str, event: Event) -> bool:
        return isinstance(event.content, self._about[zone])

    def _known(self, last: Observation | None, at: datetime) -> bool:
        return last is not None and at - last.at <= self._lost_after

    def _arrived(
        self, zone_id: str, kind: Report, observation: Observation
    ) -> tuple[Visit, tuple[Finding, ...]]:
        schedule = self._zones.by_id[zone_id].rules.schedule
        visit = Visit(zone_id, Phase.WAITING, kind, observation.at, observation)
        if schedule is None:
            return self._opened(visit, observation.at, kind)
        visit = replace(visit, changes=schedule.next_change(observation.at))
        if schedule.is_open(observation.at):
            return self._opened(visit, observation.at, kind)
        return visit, ()

    def _opened(
        self, visit: Visit, at: datetime, kind: Report
    ) -> tuple[Visit, tuple[Finding, ...]]:
        dwell = timedelta(seconds=self._zones.by_id[visit.zone].rules.enter_dwell_s)
        arriving = replace(visit, phase=Phase.ARRIVING, kind=kind, since=at, due=at + dwell)
        return (arriving, ()) if dwell else self._established(arriving)

    def _established(self, visit: Visit) -> tuple[Visit, tuple[Finding, ...]]:
        inside = replace(visit, phase=Phase.INSIDE, left=None, due=None)
        return inside, self._wanted(visit, self._visit_finding(inside, None, lost=False))

    def _continued(
        self, visit: Visit, distance_m: float, observation: Observation
    ) -> tuple[Visit | None, tuple[Finding, ...]]:
        rules = self._zones.by_id[visit.zone].rules
        beyond = distance_m > rules.hysteresis_m
        over = visit.due is not None and observation.at >= visit.due
        if visit.phase is Phase.INSIDE and not beyond:
            return visit, ()
        if visit.phase is Phase.INSIDE:
            leaving = replace(
                visit,
                phase=Phase.LEAVING,
                left=observation,
                due=observation.at + timedelta(seconds=rules.exit_dwell_s),
            )
            return (leaving, ()) if rules.exit_dwell_s else (None, self._end(leaving, observation))
        if visit.phase is Phase.LEAVING and not beyond:
            return replace(visit, phase=Phase.INSIDE, left=None, due=None), ()
        if visit.phase is Phase.LEAVING:
            return (None, self._end(visit, visit.left or observation)) if over else (visit, ())
        if beyond:
            return None, ()
        return self._established(visit) if visit.phase is Phase.ARRIVING and over else (visit, ())

    def _waited(self, visit: Visit, now: datetime) -> tuple[Visit | None, tuple[Finding, ...]]:
        findings: tuple[Finding, ...] = ()
        if visit.due is not None and visit.due <= now:
            if visit.phase is Phase.LEAVING:
                return None, self._end(visit, visit.left or visit.first)
            visit, findings = self._established(visit)
        if visit.changes is not None and visit.changes <= now:
            later, said = self._rescheduled(visit, now)
            return later, findings + said
        return visit, findings

    def _rescheduled(self, visit: Visit, now: datetime) -> tuple[Visit | None, tuple[Finding, ...]]:
        schedule = self._zones.by_id[visit.zone].rules.schedule
        changes = None if schedule is None else schedule.next_change(now)
        visit = replace(visit, changes=changes)
        if visit.phase is Phase.WAITING:
            return self._opened(visit, now, Report.INSIDE)
        said = () if visit.phase is Phase.ARRIVING else self._closed(visit, now)
        if visit.phase is Phase.LEAVING:
            return None, said
        return replace(visit, phase=Phase.WAITING, due=None), said

    def _closed(self, visit: Visit, now: datetime) -> tuple[Finding, ...]:
        until = now if visit.left is None else visit.left.at
        return self._wanted(visit, self._visit_finding(visit, until, lost=False))

    def _end(self, visit: Visit, last: Observation, *, lost: bool = False) -> tuple[Finding, ...]:
        if visit.phase not in {Phase.INSIDE, Phase.LEAVING}:
            return ()
        gone = visit.left or last
        visited = self._wanted(visit, self._visit_finding(visit, gone.at, lost=lost))
        if lost or Report.EXIT not in self._zones.by_id[visit.zone].rules.report:
            return visited
        return (*visited, self._exit_finding(visit, gone))

    def _wanted(self, visit: Visit, finding: Finding) -> tuple[Finding, ...]:
        return (finding,) if visit.kind in self._zones.by_id[visit.zone].rules.report else ()

    def _visit_finding(self, visit: Visit, until: datetime | None, *, lost: bool) -> Finding:
        zone = self._zones.by_id[visit.zone]
        end = "last_heard" if lost else "comma_until"
        stay = {} if until is None else {"stay_s": (until - visit.since).total_seconds()}
        return self._say(
            zone,
            visit.kind,
            visit.first,
            since=visit.since,
            until=until,
            said=saying(
                "enter" if visit.kind is Report.ENTER else "inside",
                subject=visit.first.subject,
                zone=zone.name,
                since=visit.since,
                ending="" if until is None else saying(end, at=until),
            ),
            values={**_motion(visit.first), **stay},
            evidence=(visit.first,) if visit.left is None else (visit.first, visit.left),
        )

    def _exit_finding(self, visit: Visit, gone: Observation) -> Finding:
        zone = self._zones.by_id[visit.zone]
        stay = (gone.at - visit.since).total_seconds()
        return self._say(
            zone,
            Report.EXIT,
            gone,
            since=gone.at,
            until=gone.at,
            said=saying("exit", subject=gone.subject, zone=zone.name, at=gone.at, stay_s=stay),
            values={**_motion(gone), "stay_s": stay},
            evidence=(visit.first, gone),
        )

    def _crossings(self, last: Observation, event: Event, here: set[str]) -> list[Finding]:
        observation = event.observation
        start, end = position(last), position(observation)
        if start is None or end is None:
            return []
        span = span_m(*start, *end)
        elsewhere = [near.distance_m for near in event.near if near.zone not in here]
        if span <= MARGIN_M and all(distance_m > span for distance_m in elsewhere):
            return []
        if span > REACH_M or observation.at - last.at > self._crossing_within:
            return []
        return [
            self._crossed_finding(way, last, observation)
            for way in self._zones.crossed(*start, *end)
            if way.zone not in here
            and self._concerns(way.zone, event)
            and self._stayed(way, last.at, observation.at)
        ]

    def _stayed(self, way: Crossing, begin: datetime, end: datetime) -> bool:
        rules = self._zones.by_id[way.zone].rules
        stay_s = (way.exit - way.entry) * (end - begin).total_seconds()
        entered = begin + way.entry * (end - begin)
        in_force = rules.schedule is None or rules.schedule.is_open(entered)
        return Report.CROSSED in rules.report and in_force and stay_s >= rules.enter_dwell_s

    def _crossed_finding(self, way: Crossing, last: Observation, now: Observation) -> Finding:
        zone = self._zones.by_id[way.zone]
        return self._say(
            zone,
            Report.CROSSED,
            last,
            since=last.at,
            until=now.at,
            said=saying(
                "crossed", subject=now.subject, zone=zone.name, since=last.at, until=now.at
            ),
            values={**_motion(now), "inside_share": round(way.exit - way.entry, 3)},
            evidence=(last, now),
        )

    def _say(
        self,
        zone: Zone,
        kind: Report,
        place: Observation,
        *,
        since: datetime,
        until: datetime | None,
        said: Saying,
        values: dict[str, float | str],
        evidence: tuple[Observation, ...],
    ) -> Finding:
        return self._voice.say(
            kind.value,
            place,
            since=since,
            until=until,
            saying=said,
            values=values,
            thresholds={
                "enter_dwell_s": zone.rules.enter_dwell_s,
                "exit_dwell_s": zone.rules.exit_dwell_s,
                "hysteresis_m": zone.rules.hysteresis_m,
                "lost_after_s": self._settings.lost_after_s,
            },
            evidence=evidence,
            zone=zone.id,
            severity=zone.rules.severity,
        )


def _is_farewell(observation: Observation) -> bool:
    """Return whether a camera says that what it followed has gone from its sight."""
    content = observation.content
    return type(content) is Detection and content.phase == "end"


def _is_clear(last: Observation | None, place: tuple[float, float], near: tuple[Near, ...]) -> bool:
    """Return whether the way from the last fix certainly ends and passes outside all zones."""
    start = None if last is None else position(last)
    if start is None:
        return not near
    around_m = METRES_PER_DEGREE * (abs(start[0] - place[0]) + abs(start[1] - place[1]))
    return around_m <= MARGIN_M and (not near or min(zone.distance_m for zone in near) > around_m)


def _motion(observation: Observation) -> dict[str, float | str]:
    speed = speed_over_ground_kn(observation)
    return {} if speed is None else {"speed_kn": speed}
