"""Encounter: two stay close to each other and slow, away from where ships lie together.

Definition: at times of the grid no further than ``apart_s`` apart, two vessels within ``within_m``
of each other, for longer than ``duration_s``, and more than half of their speeds from one such time
to the next below ``below_kn``. With ``company = "object"`` the other is what a camera or a drone
sees close to a vessel and no vessel says it is: a dark meeting; the speeds are then the vessel's.
The finding begins at the first such time and ends with the last.

Sources: Global Fishing Watch, pipe-encounters: 500 m, longer than 2 h, median speed below 2 kn,
both strictly; interpolated over gaps of less than an hour. Its distance from anchorages (10 km)
stands here as zones of the kinds port, harbour and anchorage.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from analytics.geodesy import distance_m, speed_kn
from analytics.pairwise import Company, Meeting, Place, parts
from analytics.rule import Event, Step
from analytics.rules.pair_terms import Begun, begun, said_of, say_of_pair
from analytics.rules.terms import Duration, Settings, Speed, Terms, Voice, version_of
from analytics.saying import listed, saying
from haechi.findings import Finding
from haechi.observations import Identity

CODE: Final = 1
_MOST_OBJECTS: Final = 8


class EncounterSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    company: Literal["vessel", "object"] = "vessel"
    within_m: Annotated[float, Meta(gt=0, le=1000)] = 500.0
    duration_s: Duration = 7200
    below_kn: Speed = 2.0
    apart_s: Annotated[float, Meta(ge=300, le=86_400)] = 600.0


class Together(Struct, frozen=True, gc=False):
    """Two that are close to each other."""

    begun: Begun
    last: datetime
    places: tuple[Place, Place]
    """At the last time."""
    evidence: tuple[Identity, ...]
    """Of the last time."""
    closest_m: float
    objects: tuple[str, ...]
    """What a camera called the company, in the order of appearance."""
    legs: int = 0
    """Ways of those who count from one time to the next."""
    slow: int = 0
    reported: bool = False


class Encounter:
    """The rule."""

    state_type: Any = Together | None

    def __init__(self, settings: EncounterSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self.accepts: Final = (Meeting,) if settings.company == "vessel" else (Company,)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._apart: Final = timedelta(seconds=settings.apart_s)

    def start(self) -> Together | None:
        """Begin apart."""
        return None

    def on_event(self, state: Together | None, event: Event) -> Step[Together | None]:
        """Take the next time at which they are close; that they are not, time tells."""
        seen: Meeting | Company = said_of(event)
        if seen.distance_m is None or seen.distance_m > self._settings.within_m:
            return self._step(state)
        state = self._joined(state, event, seen, seen.distance_m)
        if state.reported or not self._is_encounter(state):
            return self._step(state)
        state = replace(state, reported=True)
        return self._step(state, (self._finding(state, None),))

    def on_wake(self, state: Together | None, now: datetime) -> Step[Together | None]:
        """End what did not go on."""
        del now
        is_told = state is not None and state.reported
        return Step(None, (self._finding(state, state.last),) if state and is_told else ())

    def _joined(
        self, state: Together | None, event: Event, seen: Meeting | Company, distance: float
    ) -> Together:
        places = (seen.first, seen.second)
        called = (seen.object,) if isinstance(seen, Company) else ()
        if state is None:
            begins = begun(event.observation, seen.first, seen.evidence)
            return Together(begins, event.at, places, seen.evidence, distance, called)
        counting = 1 if called else 2  # another object is not the same one elsewhere
        legs = tuple(zip(state.places, places, strict=True))[:counting]
        lasted_s = (event.at - state.last).total_seconds()
        speeds = [speed_kn(distance_m(*before, *now), lasted_s) for before, now in legs]
        return replace(
            state,
            last=event.at,
            places=places,
            evidence=seen.evidence,
            closest_m=min(state.closest_m, distance),
            objects=tuple(dict.fromkeys((*state.objects, *called)))[:_MOST_OBJECTS],
            legs=state.legs + len(speeds),
            slow=state.slow + sum(speed < self._settings.below_kn for speed in speeds),
        )

    def _is_encounter(self, state: Together) -> bool:
        lasted_s = (state.last - state.begun.since).total_seconds()
        return lasted_s > self._settings.duration_s and 2 * state.slow > state.legs

    def _step(
        self, state: Together | None, findings: tuple[Finding, ...] = ()
    ) -> Step[Together | None]:
        return Step(state, findings, None if state is None else state.last + self._apart)

    def _finding(self, state: Together, until: datetime | None) -> Finding:
        settings = self._settings
        first, second = parts(state.begun.pair)
        lasted_s = (state.last - state.begun.since).total_seconds()
        ending = "" if until is None else saying("until", at=until)
        said = saying(
            "encounter",
            first=first,
            then=listed(state.objects) or second,
            seen=saying("seen_by", camera=second) if state.objects else "",
            within_m=settings.within_m,
            since=state.begun.since,
            ending=ending,
            lasted_s=lasted_s,
            closest_m=state.closest_m,
            dark=saying("unannounced") if state.objects else "",
        )
        values: dict[str, float | str] = {
            "duration_s": lasted_s,
            "closest_m": state.closest_m,
            "slow_share": round(state.slow / max(state.legs, 1), 2),
        }
        return say_of_pair(
            self._voice,
            "encounter" if settings.company == "vessel" else "dark_meeting",
            state.begun,
            until=until,
            saying=said,
            values=values | ({"objects": " ".join(state.objects)} if state.objects else {}),
            thresholds={
                "within_m": settings.within_m,
                "duration_s": settings.duration_s,
                "below_kn": settings.below_kn,
                "apart_s": settings.apart_s,
            },
            evidence=state.evidence,
        )
