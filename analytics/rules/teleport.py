"""Teleport: two fixes further apart than a vessel of its class can have gone in the time between.

Definition: the distance between consecutive fixes exceeds both ``minimum_distance_m`` and what the
class limit times ``factor`` covers in the time between them plus ``latency_s``. Jumps that follow
each other within ``quiet_s`` are one finding, which counts them: a receiver's single outlier gives
two (there and back), two transmitters that share one MMSI give one for nearly every report.

Sources: hobby detectors use 50 kn implied or 50 km in 5 min, and no peer-reviewed number is known,
so each class has its own limit (``analytics.vessels``) times 1.5. AIS reports are dated where they
are received: relays and base stations delay them by seconds, hence the latency allowance; ITU-R
M.1371 type 27 has a resolution of 0.1 minute, 185 m, well below the minimum distance.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from analytics.geodesy import distance_m, speed_kn
from analytics.rule import ANY_SPEED, STEADY_DEG, Event, SpeedBand, Step
from analytics.rules.terms import Duration, Length, Reports, Settings, Terms, Voice, version_of
from analytics.saying import saying
from analytics.vessels import AIRCRAFT_TYPE, ClassSpeeds, position
from haechi.findings import Finding, Saying
from haechi.observations import Observation
from haechi.units import KNOT_IN_METRES_PER_SECOND, METRES_PER_DEGREE
from haechi.vessels import VesselPosition, VesselStatic

CODE: Final = 1


class TeleportSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    factor: Annotated[float, Meta(ge=1, le=100)] = 1.5
    """How many times its class limit a vessel must have gone (peers-and-rules: x 1.5)."""
    minimum_distance_m: Length = 2000
    """Shorter jumps are the receiver's business: a bad satellite fix, a coarse position."""
    latency_s: Duration = 30
    """How much later than it was true a report may be dated."""
    quiet_s: Duration = 1800
    """Jumps at most this far apart are one episode."""
    shared_after: Reports = 4
    """So many jumps in one episode look like two transmitters with one identity."""
    class_speed: ClassSpeeds = ClassSpeeds()
    """Limits by class, in knots."""


class Episode(Struct, frozen=True, gc=False):
    """Jumps that follow each other."""

    before: Observation
    """Last fix before the first jump."""
    after: Observation
    """First fix after it."""
    limit_kn: float
    distance_m: float
    latest_at: datetime
    jumps: int = 1


class Trail(Struct, frozen=True, gc=False):
    """The last fix, the limit that holds for the vessel, and the jumps that still count."""

    limit_kn: float
    last: Observation | None = None
    episode: Episode | None = None
    wake_at: datetime | None = None


class Teleport:
    """The rule."""

    state_type = Trail
    accepts = (VesselPosition, VesselStatic)

    def __init__(self, settings: TeleportSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._quiet: Final = timedelta(seconds=settings.quiet_s)
        self._least_deg: Final = settings.minimum_distance_m / METRES_PER_DEGREE

    def start(self) -> Trail:
        """Begin without a fix, with a vessel of unknown class."""
        return Trail(self._settings.class_speed.unknown_kn)

    def on_event(self, state: Trail, event: Event) -> Step[Trail]:
        """Compare a fix with the one before."""
        observation = event.observation
        place = position(observation)
        if place is None:
            return self._stated(state, observation)
        last = state.last
        start = place if last is None else position(last) or place
        if abs(start[0] - place[0]) + abs(start[1] - place[1]) >= self._least_deg and last:
            way_m = distance_m(*start, *place)
            if way_m > self._possible_m(state.limit_kn, last, observation):
                return self._jumped(state, last, observation, way_m)
        wake_at = state.wake_at
        return Step(Trail(state.limit_kn, observation, state.episode, wake_at), (), wake_at)

    def steady_at(self, state: Trail, fix: VesselPosition, speed_kn: float) -> SpeedBand | None:
        """Return every speed, where no jump counts any more."""
        del fix, speed_kn
        return None if state.episode or self._least_deg < 2 * STEADY_DEG else ANY_SPEED

    def on_wake(self, state: Trail, now: datetime) -> Step[Trail]:
        """End an episode after which no jump followed."""
        if state.episode is None or now < state.episode.latest_at + self._quiet:
            return Step(state, wake_at=state.wake_at)
        ended = self._finding(state.episode, state.episode.latest_at)
        return Step(Trail(state.limit_kn, state.last), (ended,))

    def _stated(self, state: Trail, observation: Observation) -> Step[Trail]:
        """Learn the class; it holds from the next fix on."""
        content = observation.content
        ship_type = None
        if isinstance(content, VesselStatic):
            ship_type = content.particulars.ship_type
        if ship_type is not None:
            state = replace(state, limit_kn=self._settings.class_speed.of(ship_type))
        return Step(state, wake_at=state.wake_at)

    def _possible_m(self, limit_kn: float, last: Observation, now: Observation) -> float:
        content = now.content
        if type(content) is VesselPosition and content.ais_type == AIRCRAFT_TYPE:
            limit_kn = self._settings.class_speed.aircraft_kn
        seconds = (now.at - last.at).total_seconds() + self._settings.latency_s
        reach_m = limit_kn * self._settings.factor * KNOT_IN_METRES_PER_SECOND * seconds
        return max(self._settings.minimum_distance_m, reach_m)

    def _jumped(
        self, state: Trail, last: Observation, now: Observation, way_m: float
    ) -> Step[Trail]:
        wake_at = now.at + self._quiet
        if state.episode is None:
            episode = Episode(last, now, state.limit_kn, way_m, now.at)
        else:
            episode = replace(state.episode, latest_at=now.at, jumps=state.episode.jumps + 1)
        told = episode.jumps in {1, self._settings.shared_after}
        findings = (self._finding(episode, None),) if told else ()
        return Step(Trail(state.limit_kn, now, episode, wake_at), findings, wake_at)

    def _finding(self, episode: Episode, until: datetime | None) -> Finding:
        before, after = position(episode.before), position(episode.after)
        shared = episode.jumps >= self._settings.shared_after
        seconds = (episode.after.at - episode.before.at).total_seconds()
        implied_kn = speed_kn(episode.distance_m, max(seconds, 1.0))
        return self._voice.say(
            "teleport",
            episode.after,
            since=episode.after.at,
            until=until,
            saying=saying(
                "teleport",
                subject=episode.after.subject,
                way_km=episode.distance_m / 1000,
                before=_place(before),
                after=_place(after),
                lasted_s=seconds,
                at=episode.after.at,
                shared=saying("shared_identity", jumps=episode.jumps) if shared else "",
            ),
            values={
                "distance_m": round(episode.distance_m, 1),
                "implied_kn": round(implied_kn, 1),
                "jumps": episode.jumps,
            },
            thresholds={
                "limit_kn": episode.limit_kn,
                "factor": self._settings.factor,
                "minimum_distance_m": self._settings.minimum_distance_m,
                "latency_s": self._settings.latency_s,
                "quiet_s": self._settings.quiet_s,
            },
            evidence=(episode.before, episode.after),
        )


def _place(where: tuple[float, float] | None) -> Saying:
    return saying("nowhere") if where is None else saying("place", lat=where[0], lon=where[1])
