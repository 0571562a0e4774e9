"""Drone reserve: what is left in the battery does not bring the drone home with a reserve.

Definition: in the air, the battery is below

    ``reserve_percent + drain * (home_m / (return_m_s - wind_margin_m_s) + height_m / descent_m_s)``

for ``minimal_duration_s``. Drain is what a battery of ``endurance_s`` loses a second, or what this
one lost since the drone took off, if that is more and was watched for ``watched_s``. The wind is
not measured: the margin is a head wind of that speed all the way. The finding ends when the battery
is above that by the hysteresis (the drone comes nearer), on the ground, or with the last report of
a drone unheard for ``lost_after_s``.

Sources: reserve: PX4 warns at 15 % (``BAT_LOW_THR``); return at 10 m/s (ArduPilot ``WPNAV_SPEED``);
descent at 1.5 m/s (PX4 ``MPC_Z_V_AUTO_DN``); wind 5 m/s: Beaufort 3 ends at 5.4 m/s; the rest is
ours.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from analytics.geodesy import distance_m
from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Settings, Terms, Voice, version_of
from analytics.saying import saying
from haechi.drones import DronePosition
from haechi.findings import Finding
from haechi.observations import Observation

CODE: Final = 1
Pace = Annotated[float, Meta(gt=0, le=100)]
"""Metres a second."""
Percent = Annotated[float, Meta(ge=0, le=100)]


class DroneReserveSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    endurance_s: Annotated[float, Meta(ge=60, le=864_000)] = 1500
    """Of a full battery in the air; ours, on the safe side of small multirotors."""
    return_m_s: Pace = 10
    """ArduPilot ``WPNAV_SPEED``."""
    wind_margin_m_s: Annotated[float, Meta(ge=0, le=100)] = 5
    """Head wind all the way home: Beaufort 3 ends at 5.4 m/s."""
    descent_m_s: Pace = 1.5
    """PX4 ``MPC_Z_V_AUTO_DN``."""
    reserve_percent: Percent = 15
    """On the ground at home (PX4 ``BAT_LOW_THR``)."""
    hysteresis_percent: Percent = 3
    minimal_duration_s: Duration = 5
    watched_s: Duration = 120
    """Before its own drain is believed: percents are whole numbers."""
    lost_after_s: Duration = 600
    """Traccar ``status.timeout``."""


class Shortfall(Struct, frozen=True, gc=False):
    """A stretch of reports below what is needed."""

    first: Observation
    last: Observation
    needed_percent: float
    least_percent: float
    home_m: float
    reported: bool = False


class Sortie(Struct, frozen=True, gc=False):
    """One flight."""

    begun: Observation | None = None
    """The first report in the air; ``None`` on the ground."""
    shortfall: Shortfall | None = None


_GROUNDED: Final = Sortie()


class DroneReserve:
    """The rule."""

    state_type = Sortie
    accepts = (DronePosition,)

    def __init__(self, settings: DroneReserveSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._minimal: Final = timedelta(seconds=settings.minimal_duration_s)
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Sortie:
        """Begin on the ground."""
        return _GROUNDED

    def on_event(self, state: Sortie, event: Event) -> Step[Sortie]:
        """Hold a report against what the way home needs."""
        content = event.content
        if not isinstance(content, DronePosition):
            return Step(state)
        if not _flies(content):
            return Step(_GROUNDED, self._ended(state, event.at))
        begun = state.begun or event.observation
        percent, home_m = content.battery_percent, _home_m(content, begun)
        if percent is None or home_m is None:
            return Step(replace(state, begun=begun), wake_at=self._wake_at(state.shortfall))
        needed = self._needed_percent(content, home_m, self._drain(begun, event.at, percent))
        slack = self._settings.hysteresis_percent if state.shortfall else 0.0
        if percent >= needed + slack:
            return Step(Sortie(begun), self._ended(state, event.at))
        return self._short(begun, state.shortfall, event.observation, (percent, needed, home_m))

    def on_wake(self, state: Sortie, now: datetime) -> Step[Sortie]:
        """End with the last report of a drone that was not heard again."""
        if state.shortfall is None or now < state.shortfall.last.at + self._lost_after:
            return Step(state, wake_at=self._wake_at(state.shortfall))
        return Step(_GROUNDED, self._ended(state, state.shortfall.last.at))

    def _short(
        self,
        begun: Observation,
        before: Shortfall | None,
        now: Observation,
        measured: tuple[float, float, float],
    ) -> Step[Sortie]:
        percent, needed, home_m = measured
        first = now if before is None else before.first
        least = percent if before is None else min(percent, before.least_percent)
        was_reported = before is not None and before.reported
        reported = was_reported or now.at - first.at >= self._minimal
        later = Shortfall(first, now, round(needed, 1), least, round(home_m), reported)
        found = (self._finding(later, None),) if reported and not was_reported else ()
        return Step(Sortie(begun, later), found, self._wake_at(later))

    def _drain(self, begun: Observation, at: datetime, percent: float) -> float:
        """Return percents a second."""
        usual = 100 / self._settings.endurance_s
        flown_s = (at - begun.at).total_seconds()
        full = begun.content.battery_percent if isinstance(begun.content, DronePosition) else None
        if full is None or flown_s < self._settings.watched_s:
            return usual
        return max(usual, (full - percent) / flown_s)

    def _needed_percent(self, content: DronePosition, home_m: float, drain: float) -> float:
        settings = self._settings
        pace = max(settings.return_m_s - settings.wind_margin_m_s, 0.1)
        down_s = max(content.height_m or 0.0, 0.0) / settings.descent_m_s
        return settings.reserve_percent + drain * (home_m / pace + down_s)

    def _wake_at(self, shortfall: Shortfall | None) -> datetime | None:
        return None if shortfall is None else shortfall.last.at + self._lost_after

    def _ended(self, state: Sortie, at: datetime) -> tuple[Finding, ...]:
        short = state.shortfall
        return (self._finding(short, at),) if short is not None and short.reported else ()

    def _finding(self, short: Shortfall, until: datetime | None) -> Finding:
        settings = self._settings
        ending = "" if until is None else saying("until", at=until)
        return self._voice.say(
            "drone_reserve",
            short.last,
            since=short.first.at,
            until=until,
            saying=saying(
                "drone_reserve",
                subject=short.first.subject,
                left_percent=short.least_percent,
                home_m=short.home_m,
                needed_percent=short.needed_percent,
                reserve_percent=settings.reserve_percent,
                wind_m_s=settings.wind_margin_m_s,
                since=short.first.at,
                ending=ending,
            ),
            values={
                "battery_percent": short.least_percent,
                "needed_percent": short.needed_percent,
                "home_m": short.home_m,
            },
            thresholds={
                "reserve_percent": settings.reserve_percent,
                "wind_margin_m_s": settings.wind_margin_m_s,
                "minimal_duration_s": settings.minimal_duration_s,
            },
            evidence=(short.first, short.last),
        )


def _flies(content: DronePosition) -> bool:
    return bool(content.armed) if content.landed is None else not content.landed


def _home_m(content: DronePosition, begun: Observation) -> float | None:
    """Return the distance home, or to where it took off as far as was seen."""
    home = content.home_lat, content.home_lon
    if None in home and isinstance(begun.content, DronePosition):
        home = begun.content.lat, begun.content.lon
    match (content.lat, content.lon, *home):
        case (float(lat), float(lon), float(home_lat), float(home_lon)):
            return distance_m(lat, lon, home_lat, home_lon)
        case _:
            return None
