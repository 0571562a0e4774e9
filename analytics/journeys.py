"""What is declared about the journeys of one subject, as its declarations say one after another."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from analytics.corridor import off_line_m
from analytics.geodesy import distance_m
from analytics.rule import Event
from haechi.declared import DeclaredVoyage, PortCall

Journeys = tuple[DeclaredVoyage, ...]
"""The newest version of each voyage, without its cargo, by voyage number."""


class Bearings(Struct, frozen=True):
    """Where a position lies among what was declared."""

    voyage: DeclaredVoyage
    """The voyage it is nearest to."""
    off_m: float
    """Metres from its line; 0 at one of its ports."""

    @property
    def beyond_m(self) -> float:
        """Metres outside the corridor, negative inside."""
        return self.off_m - self.voyage.corridor_m


def declared(journeys: Journeys, said: DeclaredVoyage, at: datetime) -> Journeys:
    """Return the journeys after one more declaration.

    A lower version than the known one changes nothing, a withdrawn voyage stays known as such, and
    what ended before ``at`` is let go.
    """
    known = {each.voyage: each for each in journeys if each.ends is None or each.ends > at}
    held = known.get(said.voyage)
    if held is None or held.version < said.version:
        known[said.voyage] = replace(said, acids=(), containers=())
    return tuple(known[voyage] for voyage in sorted(known))


def in_force(journeys: Journeys, at: datetime) -> Journeys:
    """Return the voyages that a subject is on."""
    return tuple(
        each
        for each in journeys
        if not each.withdrawn and each.begins <= at and (each.ends is None or at < each.ends)
    )


def bearings(journeys: Journeys, at: datetime, lat: float, lon: float) -> Bearings | None:
    """Return where a position lies; ``None`` where no voyage in force has a line or a port."""
    found = [
        Bearings(each, off)
        for each in in_force(journeys, at)
        if (off := _off_m(each, lat, lon)) is not None
    ]
    return min(found, key=lambda each: each.beyond_m, default=None)


def may_stop(voyage: DeclaredVoyage, event: Event, lat: float, lon: float) -> bool:
    """Return whether a voyage allows a stop here: at a port of it, or in a zone it names."""
    inside = {near.zone for near in event.near if near.distance_m <= 0}
    return not inside.isdisjoint(voyage.allowed_stops) or call_at(voyage, lat, lon) is not None


def call_at(voyage: DeclaredVoyage, lat: float, lon: float) -> PortCall | None:
    """Return the planned call whose port a position is at."""
    return next((call for call in voyage.calls if _is_at(call, lat, lon)), None)


def _off_m(voyage: DeclaredVoyage, lat: float, lon: float) -> float | None:
    if call_at(voyage, lat, lon) is not None:
        return 0.0
    line = voyage.route or tuple(
        (call.lon, call.lat)
        for call in voyage.calls
        if call.lat is not None and call.lon is not None
    )
    return off_line_m(line, lat, lon) if line else None


def _is_at(call: PortCall, lat: float, lon: float) -> bool:
    if call.lat is None or call.lon is None:
        return False
    return distance_m(call.lat, call.lon, lat, lon) <= call.radius_m
