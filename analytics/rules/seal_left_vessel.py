"""Seal left vessel: an armed seal was aboard the vessel it belongs on, and is not any more.

Definition: the registry bound the seal to a container, and a declared voyage in force has that
container aboard. Seal and vessel were within ``away_m`` of each other, and since are further apart
at all times of the grid over longer than ``duration_s``. Where the seal is at a port of the voyage
it has been unloaded, and nothing more is said until it is aboard again. The kind says who went:
``seal_left_vessel``, or ``vessel_without_seal`` where the vessel sailed and the seal stayed.

Sources: the platform's own question; Traccar's ``unaccompaniedMotion`` is near to it on land. The
distance is that of a meeting (Global Fishing Watch), longer than any ship; the time is ours.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.geodesy import distance_m
from analytics.pairwise import Carriage, Place, parts
from analytics.rule import Event, Step
from analytics.rules.pair_terms import Begun, begun, said_of, say_of_pair
from analytics.rules.terms import Duration, Length, Settings, Terms, Voice, version_of
from analytics.saying import saying
from haechi.findings import Finding
from haechi.observations import Identity

CODE: Final = 1


class SealLeftVesselSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    away_m: Length = 500
    duration_s: Duration = 300
    lost_after_s: Duration = 7200
    """Nothing is known of one of them for longer: the episode ends where it was last known."""
    registry: str = "registry"
    """Device that binds seals; offices of it are called so with a hyphen and more."""


class Away(Struct, frozen=True, gc=False):
    """They are apart."""

    begun: Begun
    voyage: str
    container: str
    farthest_m: float
    evidence: tuple[Identity, ...]
    """Of the last time."""
    kind: str = ""
    """Set when it is reported."""


class Carried(Struct, frozen=True, gc=False):
    """A seal and its vessel."""

    aboard: tuple[Place, Place] | None = None
    """Where both were when they were last together, if they were."""
    last: datetime | None = None
    """When both were last known."""
    away: Away | None = None


class SealLeftVessel:
    """The rule."""

    state_type = Carried
    accepts = (Carriage,)

    def __init__(self, settings: SealLeftVesselSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Carried:
        """Begin not aboard."""
        return Carried()

    def on_event(self, state: Carried, event: Event) -> Step[Carried]:
        """Look whether they are together."""
        seen: Carriage = said_of(event)
        if seen.distance_m is None or not self._is_bound(seen):
            return self._step(state)
        if seen.distance_m <= self._settings.away_m:
            return self._back(state, event.at, (seen.first, seen.second))
        if seen.at_call:
            return self._back(state, event.at, None)
        if state.aboard is None:
            return self._step(Carried(last=event.at))
        return self._apart(state, event, seen, seen.distance_m)

    def on_wake(self, state: Carried, now: datetime) -> Step[Carried]:
        """End what nothing is known of any more."""
        del now
        ended = self._ended(state, state.last)
        return Step(replace(state, away=None, last=None), ended)

    def _is_bound(self, seen: Carriage) -> bool:
        registry = self._settings.registry
        return seen.registry == registry or seen.registry.startswith(f"{registry}-")

    def _back(
        self, state: Carried, at: datetime, aboard: tuple[Place, Place] | None
    ) -> Step[Carried]:
        return self._step(Carried(aboard, at), self._ended(state, at))

    def _apart(
        self, state: Carried, event: Event, seen: Carriage, distance: float
    ) -> Step[Carried]:
        before = state.away
        away = Away(
            begun=before.begun if before else begun(event.observation, seen.first, seen.evidence),
            voyage=seen.voyage,
            container=seen.container,
            farthest_m=max(distance, before.farthest_m if before else 0.0),
            evidence=seen.evidence,
            kind=before.kind if before else "",
        )
        lasted_s = (event.at - away.begun.since).total_seconds()
        if away.kind or lasted_s <= self._settings.duration_s or state.aboard is None:
            return self._step(replace(state, last=event.at, away=away))
        away = replace(away, kind=_who_went(state.aboard, (seen.first, seen.second)))
        state = Carried(state.aboard, event.at, away)
        return self._step(state, (self._finding(state, away, None),))

    def _ended(self, state: Carried, until: datetime | None) -> tuple[Finding, ...]:
        is_told = state.away is not None and state.away.kind
        return (self._finding(state, state.away, until),) if state.away and is_told else ()

    def _step(self, state: Carried, findings: tuple[Finding, ...] = ()) -> Step[Carried]:
        waits = state.last is not None and state.away is not None
        return Step(
            state, findings, state.last + self._lost_after if waits and state.last else None
        )

    def _finding(self, state: Carried, away: Away, until: datetime | None) -> Finding:
        seal, vessel = parts(away.begun.pair)
        lasted_s = ((until or state.last or away.begun.since) - away.begun.since).total_seconds()
        ending = "" if until is None else saying("until", at=until)
        return say_of_pair(
            self._voice,
            away.kind,
            away.begun,
            until=until,
            saying=saying(
                away.kind,
                seal=seal,
                vessel=vessel,
                container=away.container,
                voyage=away.voyage,
                since=away.begun.since,
                ending=ending,
                lasted_s=lasted_s,
                farthest_m=away.farthest_m,
            ),
            values={
                "container": away.container,
                "voyage": away.voyage,
                "away_s": lasted_s,
                "farthest_m": away.farthest_m,
            },
            thresholds={"away_m": self._settings.away_m, "duration_s": self._settings.duration_s},
            evidence=away.evidence,
        )


def _who_went(aboard: tuple[Place, Place], now: tuple[Place, Place]) -> str:
    seal_m, vessel_m = (distance_m(*was, *here) for was, here in zip(aboard, now, strict=True))
    return "vessel_without_seal" if vessel_m > seal_m else "seal_left_vessel"
