"""One sign for one target: what cameras see now, joined with who says that it is there.

It is worked out when it is asked for, from what the store holds of the last minutes, so what came
late is in the next answer; nothing of it is kept. ``analytics.fusion`` says by what rule.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, Final

from msgspec import Struct

from analytics.fusion.links import JOIN, Link
from analytics.fusion.targets import fused, target_at
from analytics.fusion.tracks import AFLOAT, GAP_S, Track, is_object, track_of
from analytics.geodesy import span_m
from dashboards.ports import ConsoleStore
from haechi.kept import Latest

WINDOW: Final = timedelta(minutes=2)
"""So far back tracks are held against each other; joining takes seconds."""
BEFORE: Final = WINDOW + timedelta(seconds=GAP_S)
"""So far back a vessel may have last spoken before that."""
REACH_M: Final = 6000.0
"""Who is further from all that cameras see is not asked for."""
MOST_FIXES: Final = 400
"""Of one subject in the window."""
GONE: Final = timedelta(minutes=2)
"""Unseen for so long, an object is gone, as the page has it."""
FRESH_S: Final = 2.0
"""For so long one answer serves all pages; longer where it took more than a tenth of that."""
LONG: Final = 2 * JOIN
"""After so many fixes an object would have joined whom it is."""
CLAIMANTS: Final = ("mmsi:", "truck:")
"""Subjects that say themselves where they are, and that a camera may see."""


class Sighting(Struct, frozen=True, kw_only=True):
    """Something that a camera sees, and what it is."""

    object: str
    target: str
    """A vessel, a truck, what another camera calls it, or itself."""
    is_dark: bool = False
    """A boat, seen for long enough, and no transponder says that it is there."""
    since: datetime | None = None
    """When the two began to agree; ``None`` if it is itself."""
    agreed: int = 0
    """At how many moments they did."""
    distance_m: float | None = None
    """Between the two, the last time."""


class Targets:
    """The sightings of now, for every page that asks.

    Args:
        store: Used by ``in_store`` alone.
        clock: Seconds that never go back.
    """

    def __init__(self, store: ConsoleStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._asking = asyncio.Lock()
        self._known: dict[str, Latest] = {}
        self._position = 0
        self._answer: list[Sighting] = []
        self._due_at = -inf

    async def now(self, in_store: Callable[..., Awaitable[Any]]) -> list[Sighting]:
        """Return them; subject by subject, so that alarms need not wait for all of it."""
        async with self._asking:
            begun = self._clock()
            if begun >= self._due_at:
                await in_store(self._catch_up)
                rows = self._concerned()
                tracks = [await in_store(self._track, row) for row in rows]
                drones = {each.partition(":")[2] for each in self._known if _is_drone(each)}
                known = [track for track in tracks if track is not None]
                is_heard = any(each.startswith("mmsi:") for each in self._known)
                self._answer = await asyncio.to_thread(
                    sightings, known, drones, is_ais_heard=is_heard
                )
                self._due_at = begun + max(FRESH_S, 10 * (self._clock() - begun))
            return self._answer

    def _catch_up(self) -> None:
        position = self._store.position()
        if position < self._position:  # another store
            self._known, self._position = {}, 0
        changed = self._store.latest(self._position) if position != self._position else []
        self._known.update((row.subject, row) for row in changed)
        self._position = position

    def _concerned(self) -> list[Latest]:
        """Return what cameras see, and who may be that."""
        objects = [row for row in self._known.values() if is_object(row.subject)]
        if not objects:
            return []
        newest = max(row.at for row in objects)
        alive = [row for row in objects if newest - row.at <= GONE and not _is_over(row)]
        since = newest - timedelta(seconds=GAP_S)
        claimants = (
            row
            for row in self._known.values()
            if row.subject.startswith(CLAIMANTS) and row.at >= since and _is_near(row, alive)
        )
        return [*alive, *claimants]

    def _track(self, row: Latest) -> Track | None:
        before = WINDOW if is_object(row.subject) else BEFORE
        rows = self._store.track(row.subject, row.at - before, row.at, MOST_FIXES)
        return track_of(row.subject, rows, row.length_m)


def sightings(tracks: Sequence[Track], drones: set[str], *, is_ais_heard: bool) -> list[Sighting]:
    """Return what each object among some tracks is, as of the newest of its fixes."""
    links = [link for link in fused(tracks, drones) if link.stands]
    long = {track.subject for track in tracks if len(track.fixes) >= LONG}
    boats = {track.subject for track in tracks if track.kind == AFLOAT and is_object(track.subject)}
    dark = boats & long if is_ais_heard else set[str]()
    return [_sighting(track, links, dark) for track in tracks if is_object(track.subject)]


def _sighting(track: Track, links: Sequence[Link], dark: set[str]) -> Sighting:
    target = target_at(track.subject, track.fixes[-1].at_s, links)
    link = next((each for each in links if each.object == track.subject), None)
    return Sighting(
        object=track.subject,
        target=target,
        is_dark=target in dark,
        since=None if link is None else datetime.fromtimestamp(link.since_s, UTC),
        agreed=0 if link is None else link.agreed,
        distance_m=None if link is None else link.distance_m,
    )


def _is_near(row: Latest, seen: Sequence[Latest]) -> bool:
    return any(span_m(row.lat, row.lon, each.lat, each.lon) <= REACH_M for each in seen)


def _is_over(row: Latest) -> bool:
    return row.equipment is not None and row.equipment.is_over


def _is_drone(subject: str) -> bool:
    return subject.startswith("drone:")
