"""Observations of single subjects in, what is said of pairs out: the join of the second stage.

What is said of a time of the grid is a function of the fixes next to it and of the statements made
by then, whatever order they came in. When one of these changes, the time is looked at again, and
the difference comes out: something new, something else, or nothing any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from math import ceil
from typing import Any, Final, cast

from msgspec import Struct

from analytics.pairs.bucket import Bucket, camera_of, is_afloat, is_camera, is_carriage, is_vessel
from analytics.pairs.closeness import apart_m, company, meetings, watching
from analytics.pairs.fixes import is_doubted, is_fix, is_vessels_place
from analytics.pairs.grid import (
    REACH,
    SLOTS,
    SLOW_KN,
    STEP_S,
    TOLD,
    Block,
    Fix,
    Grid,
    pack,
    part_of,
    passed,
    time_of,
)
from analytics.pairs.links import Links
from analytics.pairwise import Carriage, PairContent, pair_of, parts
from analytics.panel import is_believed
from analytics.rule import Event
from analytics.vessels import position
from haechi.declared import DeclaredVoyage
from haechi.observations import Observation
from haechi.seals import SealOrder
from haechi.units import EPOCH
from haechi.vessels import VesselPosition

Dirty = defaultdict[int, set[str]]

MOST_BUCKETS: Final = 32
"""Times of the grid of which it is held who was where; of others it is found out again."""


class Pen(Struct):
    """The newest fix of a subject, before it is known to be the last of its step."""

    newest: datetime
    closes: datetime
    """When the step ends."""
    event: Event
    block: Block
    """Where the grid keeps it."""
    is_put: bool = True
    """Whether the grid has it."""


class Join:
    """Looks at the times of the grid of one site.

    Args:
        shelters: Zones where lying side by side is what ships do.
        window_s: Fixes further behind are too late and not looked at.
    """

    def __init__(self, site: str, shelters: frozenset[str], window_s: float) -> None:
        self.grid = Grid()
        self.links = Links()
        self.reached: int | None = None
        """The last time of the grid that has passed."""
        self.late = 0
        """Fixes that came too late to be looked at."""
        self.has_new_links = False
        self._site, self._shelters = site, shelters
        self._window = ceil(window_s / STEP_S)
        self._pens: dict[str, Pen] = {}
        self._moved: Dirty = defaultdict(set)
        """By time of the grid that is to be looked at again: who may have been elsewhere."""
        self._restated: Dirty = defaultdict(set)
        """The same: of whom something else was stated."""
        self._buckets: dict[int, Bucket] = {}

    def hear(self, events: Iterable[Event]) -> None:
        """Take observations; most are neither first nor last of their step and cost little."""
        pens = self._pens
        for event in events:
            observation = event.observation
            pen = pens.get(observation.subject)
            at, content = observation.at, observation.content
            if type(content) is VesselPosition:
                if not is_vessels_place(content) or (observation.flags and is_doubted(observation)):
                    continue
                if pen is not None and pen.newest < at < pen.closes:
                    pen.newest, pen.event, pen.is_put = at, event, False
                else:
                    self._place(event)
            elif type(content) in _STATEMENTS:
                self._state(observation)
            elif is_fix(observation):
                self._place(event)

    def doubt(self, event: Event) -> None:
        """Take an observation that may have been taken before: what it is next to is dirty."""
        self.hear((event,))
        observation = event.observation
        if is_fix(observation):
            step = passed(observation.at)
            self._smear(observation.subject, self.grid.about(observation.subject, step))

    def settle(self) -> list[Event]:
        """Look again at what is dirty and has passed; return what is said otherwise now."""
        if self.reached is None:
            return []
        due = sorted(k for k in {*self._moved, *self._restated} if k <= self.reached)
        found = [event for k in due for event in self._look(k)]
        for k in [*self._buckets][:-MOST_BUCKETS]:
            del self._buckets[k]
        return found

    def oldest_dirty(self) -> int | None:
        """Return the first time of the grid that is to be looked at again."""
        return min((*self._moved, *self._restated), default=None)

    def forget(self) -> None:
        """Drop what is behind the window."""
        if self.reached is not None:
            begin = self._begin(self.reached)
            self.grid.forget(begin - REACH)
            self.links.forget(time_of(begin))

            closed = time_of(begin)
            self._pens = {who: pen for who, pen in self._pens.items() if pen.closes > closed}

    @property
    def unsaved(self) -> set[Block]:
        """What of the grid has changed since it was packed."""
        return self.grid.changed | {pen.block for pen in self._pens.values() if not pen.is_put}

    def packed(self, block: Block) -> bytes:
        """Return a part of an hour as it is now, which then counts as saved.

        What pens hold of it is put in the grid: the newest of each subject, next to no time yet.
        """
        number, part = block
        hour = self.grid.hours[number]
        for subject in hour.subjects(part):
            pen = self._pens.get(subject)
            if pen is not None and not pen.is_put and pen.block == block:
                self.grid.extend(subject, self._fix(pen.event))
                pen.is_put = True
        self.grid.changed.discard(block)
        return pack(hour, number, part)

    @property
    def begins(self) -> datetime:
        """The first time of the grid that late data can change."""
        return EPOCH if self.reached is None else time_of(self._begin(self.reached))

    def told(self, pair: str) -> list[Event]:
        """Return all that is said of a pair."""
        said = self._all_said(0)
        return [self._event(pair, k, pairs[pair]) for k, pairs in said if pair in pairs]

    def all_told(self, oldest: int) -> list[Event]:
        """Return all that is said of all pairs, from a time of the grid on."""
        said = self._all_said(oldest)
        return [self._event(pair, k, pairs[pair]) for k, pairs in said for pair in pairs]

    def smear_all(self) -> None:
        """Have all looked at that has not passed yet."""
        begin = min(self.grid.hours, default=0) * SLOTS
        end = (max(self.grid.hours, default=-1) + 1) * SLOTS
        for k in range(begin if self.reached is None else self.reached + 1, end):
            self._moved[k] |= self.grid.subjects(k)

    def _all_said(self, oldest: int) -> Iterator[tuple[int, dict[str, PairContent]]]:
        for hour in self.grid.hours.values():
            yield from ((k, pairs) for k, pairs in hour.told.items() if k >= oldest)

    def _begin(self, reached: int) -> int:
        """Return the first time of the grid that a fix in time can change."""
        return reached - self._window - REACH

    def _state(self, seen: Observation) -> None:
        if not is_believed(seen):
            return
        self.links.put(seen)
        self.has_new_links = True
        if self.grid.hours:
            begin = max(passed(seen.at), min(self.grid.hours) * SLOTS)
            end = (max(self.grid.hours) + 1) * SLOTS
            self._smear(seen.subject, range(begin, end), self._restated)

    def _place(self, event: Event) -> None:
        subject, at = event.observation.subject, event.observation.at
        step = passed(at)
        if self.reached is not None and step < self.reached - self._window:
            self.late += 1
            return
        pen = self._pens.get(subject)
        if pen is not None:
            self._put(subject, pen.event)
        self._put(subject, event)
        if pen is None or at > pen.newest:
            self._pens.pop(subject, None)
            if not self.grid.goes_on(subject, step):
                block = step // SLOTS, part_of(subject)
                self._pens[subject] = Pen(at, time_of(step + 1), event, block)

    def _put(self, subject: str, event: Event) -> None:
        self._smear(subject, self.grid.put(subject, self._fix(event)))

    def _fix(self, event: Event) -> Fix:
        observation = event.observation
        lat, lon = position(observation) or (0.0, 0.0)
        inside = [near.zone for near in event.near if near.distance_m <= 0]
        content = observation.content
        speed_kn = content.speed_kn if isinstance(content, VesselPosition) else None
        return Fix(
            observation.at.timestamp(),
            lat,
            lon,
            (observation.device, observation.boot),
            observation.seq,
            sheltered=bool(inside) and not self._shelters.isdisjoint(inside),
            fast=speed_kn is not None and speed_kn > SLOW_KN,
        )

    def _smear(self, subject: str, times: range, dirty: Dirty | None = None) -> None:
        begin = times.start if self.reached is None else self._begin(self.reached)
        for k in range(max(begin, times.start), times.stop):
            (self._moved if dirty is None else dirty)[k].add(subject)

    # What is said of one time of the grid

    def _look(self, k: int) -> Iterator[Event]:
        """Say anew what concerns the dirty, and yield what differs from what was said."""
        moved, restated = self._moved.pop(k, set[str]()), self._restated.pop(k, set[str]())
        said = self.grid.told(k)
        now = {
            pair: content for each in moved | restated for pair, content in self._carriages(k, each)
        }
        before = {
            pair for pair in said if is_carriage(pair) and not restated.isdisjoint(parts(pair))
        }
        if moved:
            bucket, cameras = self._bucket(k, moved)
            cameras |= {b for a, b in map(parts, said) if a in moved and is_camera(b)}
            touched = moved | cameras
            before |= {pair for pair in said if not touched.isdisjoint(parts(pair))}
            now |= dict(_close(bucket, moved, cameras))
        for pair in sorted(before | now.keys()):
            content = now.get(pair)
            if content == said.get(pair):
                continue
            self.grid.changed.add((k // SLOTS, TOLD))
            if content is None:
                gone = type(said.pop(pair))
                yield self._event(pair, k, gone())
            else:
                said[pair] = content
                yield self._event(pair, k, content)

    def _bucket(self, k: int, subjects: set[str]) -> tuple[Bucket, set[str]]:
        """Return who was where, brought up to date, and the cameras that this may concern."""
        bucket = self._buckets.pop(k, None)
        if bucket is not None:
            self._buckets[k] = bucket  # now the one that was needed last
        else:
            bucket = self._buckets[k] = Bucket()
            for subject in self.grid.subjects(k):
                if is_afloat(subject):
                    bucket.place(subject, self.grid.point(subject, k))
            return bucket, set(bucket.objects)
        cameras: set[str] = set()
        for subject in filter(is_afloat, subjects):
            point = self.grid.point(subject, k)
            for known in (bucket.points.get(subject), point):
                cameras |= watching(bucket, known)
            bucket.place(subject, point)
        return bucket, cameras | {own for each in subjects if (own := camera_of(each)) is not None}

    def _carriages(self, k: int, subject: str) -> Iterator[tuple[str, PairContent]]:
        for other in self.links.others(subject):
            seal, vessel = (other, subject) if is_vessel(subject) else (subject, other)
            link = self.links.link(seal, vessel, time_of(k))
            ends = (self.grid.point(seal, k), self.grid.point(vessel, k))
            first, second = ends
            if link is not None and first is not None and second is not None:
                carriage = Carriage(
                    distance_m=apart_m(first, second),
                    first=first.place,
                    second=second.place,
                    container=link.container,
                    voyage=link.voyage.voyage,
                    registry=link.registry,
                    at_call=link.is_call(first.place),
                    evidence=(*first.evidence, *second.evidence, *link.evidence),
                )
                yield pair_of(seal, vessel), carriage

    def _event(self, pair: str, k: int, content: PairContent) -> Event:
        at = time_of(k)
        observation = Observation(
            device="pairs",
            boot="grid",
            seq=k,
            site=self._site,
            subject=pair,
            at=at,
            received_at=at,
            content=cast("Any", content),  # never on the wire, so not part of its vocabulary
        )
        return Event(observation)


_STATEMENTS: Final = frozenset({DeclaredVoyage, SealOrder})


def _close(
    bucket: Bucket, vessels: set[str], cameras: set[str]
) -> Iterator[tuple[str, PairContent]]:
    for vessel in filter(is_vessel, vessels):
        yield from meetings(bucket, vessel)
    for camera in cameras:
        yield from company(bucket, camera)
