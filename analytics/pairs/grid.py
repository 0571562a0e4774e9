"""Where subjects were at the times of a fixed grid, whatever order their fixes came in.

Of all fixes of a subject between two times of the grid only the first and the last are kept, for
no other lies next to a time of the grid. First and last are a minimum and a maximum, so the order
of arrival and repetition cannot matter. They stand by the hour, which is what is forgotten; an hour
is kept in a snapshot in parts, by subject.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Final, NamedTuple
from zlib import crc32

import msgspec
from msgspec import Struct

from analytics.geodesy import eastward
from analytics.pairwise import PairContent, Place
from haechi.observations import Identity
from haechi.units import EPOCH

STEP_S: Final = 300
"""Global Fishing Watch takes 10 minutes; half of it shows a meeting of a quarter of an hour."""
GAP_S: Final = 3600
"""Between fixes this far apart or further nothing is interpolated (Global Fishing Watch)."""
HOUR_S: Final = 3600
SLOTS: Final = HOUR_S // STEP_S
REACH: Final = GAP_S // STEP_S + 1
"""A fix further from a time of the grid, in its steps, says nothing of it."""

PARTS: Final = 32
"""Of an hour: one with all of some thousand subjects takes 15 ms to keep. An alert may wait."""

SLOW_KN: Final = 5.0
"""Who goes faster meets nobody; ships that pass each other would otherwise be pairs for ever."""

Source = tuple[str, str]
"""Device and boot."""

Block = tuple[int, int]
"""Number of an hour since 1970-01-01 UTC, and of its part."""

TOLD: Final = 0
"""The part that also has what was said of pairs."""

_STEP: Final = timedelta(seconds=STEP_S)


def time_of(k: int) -> datetime:
    """Return a time of the grid.

    >>> time_of(1).isoformat()
    '1970-01-01T00:05:00+00:00'
    """
    return EPOCH + k * _STEP


def passed(at: datetime) -> int:
    """Return the last time of the grid at or before a moment."""
    return (at - EPOCH) // _STEP


def part_of(subject: str) -> int:
    """Return the number of the part of every hour that a subject stands in.

    >>> part_of("mmsi:440123456")
    20
    """
    return crc32(subject.encode()) % PARTS


class Fix(NamedTuple):
    """A stated place."""

    at_s: float
    """Since 1970-01-01 UTC."""
    lat: float
    lon: float
    source: Source
    seq: int
    sheltered: bool = False
    """In a zone where lying side by side is what ships do."""
    fast: bool = False
    """It says that it goes faster than ``SLOW_KN``."""

    @property
    def order(self) -> tuple[float, Source, int]:
        """Its place among the fixes of its subject."""
        return self.at_s, self.source, self.seq

    @property
    def identity(self) -> Identity:
        """The observation that said it."""
        return Identity(*self.source, self.seq)

    @property
    def may_meet(self) -> bool:
        """Whether who is there may be lying with others where that means something."""
        return not self.sheltered and not self.fast


class Point(NamedTuple):
    """Where a subject was at a time of the grid."""

    place: Place
    may_meet: bool
    """Neither sheltered nor fast."""
    evidence: tuple[Identity, ...]


_FIELDS: Final = 5
_SPAN: Final = 2 * _FIELDS
_EMPTY: Final = array("d", [inf] * (SLOTS * _SPAN))
"""An hour of a subject: for each step the first and the last fix as time, latitude, longitude,
sequence number, and four times the number of the source, plus two if fast, one if sheltered."""


class PackedHour(Struct, frozen=True, array_like=True):
    """A part of an hour as it is kept."""

    number: int
    sources: tuple[Source, ...]
    rows: dict[str, bytes]
    told: dict[int, dict[str, PairContent]]


class Hour:
    """All that is known of one hour."""

    def __init__(self) -> None:
        self.rows: dict[str, array[float]] = {}
        self.sources: list[Source] = []
        self.told: dict[int, dict[str, PairContent]] = {}
        """What was said of pairs, by time of the grid and pair."""
        self._numbers: dict[Source, int] = {}
        self._parts: defaultdict[int, list[str]] = defaultdict(list)

    def read(self, row: "array[float]", base: int) -> Fix | None:
        """Return the fix at a place of a row."""
        at_s = row[base]
        if at_s == inf:
            return None
        source, marks = divmod(int(row[base + 4]), 4)
        return Fix(
            at_s,
            row[base + 1],
            row[base + 2],
            self.sources[source],
            int(row[base + 3]),
            sheltered=bool(marks & 1),
            fast=bool(marks & 2),
        )

    def write(self, row: "array[float]", base: int, fix: Fix) -> None:
        """Put a fix at a place of a row."""
        number = self._numbers.get(fix.source)
        if number is None:
            number = self._numbers[fix.source] = len(self.sources)
            self.sources.append(fix.source)
        marked = 4.0 * number + 2 * fix.fast + fix.sheltered
        stated = (fix.at_s, fix.lat, fix.lon, float(fix.seq), marked)
        row[base : base + _FIELDS] = array("d", stated)

    def row(self, subject: str) -> "array[float]":
        """Return the row of a subject, empty at first."""
        row = self.rows.get(subject)
        if row is None:
            row = self.rows[subject] = _EMPTY[:]
            self._parts[part_of(subject)].append(subject)
        return row

    def subjects(self, part: int) -> Sequence[str]:
        """Return who stands in a part of it."""
        return self._parts[part]

    def packed(self, number: int, part: int) -> PackedHour:
        """Return a part of it as it is kept."""
        rows = {subject: self.rows[subject].tobytes() for subject in self.subjects(part)}
        told = self.told if part == TOLD else {}
        return PackedHour(number, tuple(self.sources), rows, told)

    def take(self, packed: PackedHour) -> None:
        """Take a part as it was kept; what is in it replaces what was taken before."""
        # Sources are only ever added, so of two parts one has what the other has, and more.
        for source in packed.sources[len(self.sources) :]:
            self._numbers[source] = len(self.sources)
            self.sources.append(source)
        for subject, row in packed.rows.items():
            self.row(subject)[:] = array("d", row)
        self.told |= packed.told


class Grid:
    """The fixes of all subjects of a site next to the times of the grid.

    Times of the grid are numbered: ``k`` is ``k * STEP_S`` seconds after 1970-01-01 UTC. The fixes
    of step ``k`` are those from that time on, before the next.
    """

    def __init__(self) -> None:
        self.hours: dict[int, Hour] = {}
        self.changed: set[Block] = set()
        """What is not kept as it is."""
        self._newest: dict[str, int] = {}
        """The last step of each subject that has fixes: mostly nothing comes after it."""

    def restore(self, kept: Iterable[tuple[int, PackedHour]]) -> None:
        """Take parts of hours as they were kept, ``TOLD`` before the others of its hour.

        That was the whole hour once. Who stands there and belongs elsewhere is to be kept there.
        """
        for part, packed in kept:
            self.hours.setdefault(packed.number, Hour()).take(packed)
            elsewhere = {part_of(subject) for subject in packed.rows} - {part}
            self.changed |= {(packed.number, other) for other in elsewhere}
        for number in sorted(self.hours):
            for subject, row in self.hours[number].rows.items():
                slots = [slot for slot in range(SLOTS) if row[slot * _SPAN] != inf]
                self._newest[subject] = number * SLOTS + max(slots, default=0)

    def put(self, subject: str, fix: Fix) -> range:
        """Take a fix; return the times of the grid at which the subject may now be elsewhere."""
        step = int(fix.at_s // STEP_S)
        number, slot = divmod(step, SLOTS)
        hour = self.hours.get(number)
        if hour is None:
            hour = self.hours[number] = Hour()
        row, base = hour.row(subject), slot * _SPAN
        first, last = hour.read(row, base), hour.read(row, base + _FIELDS)
        is_first = first is None or fix.order < first.order
        is_last = last is None or fix.order > last.order
        if is_first:
            hour.write(row, base, fix)
        if is_last:
            hour.write(row, base + _FIELDS, fix)
        if is_first or is_last:
            self.changed.add((number, part_of(subject)))
            self._newest[subject] = max(step, self._newest.get(subject, step))
        return self.about(subject, step, first=is_first, last=is_last)

    def extend(self, subject: str, fix: Fix) -> None:
        """Take a fix that is not the first of its step, and nothing comes after its step."""
        number, slot = divmod(int(fix.at_s // STEP_S), SLOTS)
        hour, base = self.hours.get(number), slot * _SPAN + _FIELDS
        row = None if hour is None else hour.rows.get(subject)
        if hour is None or row is None or fix.at_s <= row[base] or row[base] == inf:
            self.put(subject, fix)
        else:
            hour.write(row, base, fix)
            self.changed.add((number, part_of(subject)))

    def about(self, subject: str, step: int, *, first: bool = True, last: bool = True) -> range:
        """Return the times of the grid that the first and the last fix of a step are next to."""
        begin, end = step + 1, step
        if first:
            before = self._nearest(subject, range(step - 1, step - 1 - REACH, -1))
            begin, end = (step if before is None else before + 1), step
        if last and self.goes_on(subject, step):
            after = self._nearest(subject, range(step + 1, step + 1 + REACH))
            end = step if after is None else after
        return range(begin, end + 1)

    def goes_on(self, subject: str, step: int) -> bool:
        """Return whether there are fixes of a subject after a step."""
        return self._newest.get(subject, step) > step

    def point(self, subject: str, k: int) -> Point | None:
        """Return where a subject was at a time of the grid, if that is known."""
        after = self._fix(subject, range(k, k + REACH), 0)
        if after is None:
            return None
        at_s = k * STEP_S
        if after.at_s == at_s:
            return Point(Place(after.lat, after.lon), after.may_meet, (after.identity,))
        before = self._fix(subject, range(k - 1, k - 1 - REACH, -1), _FIELDS)
        if before is None or after.at_s - before.at_s >= GAP_S:
            return None
        return Point(
            _between(before, after, (at_s - before.at_s) / (after.at_s - before.at_s)),
            before.may_meet and after.may_meet,
            (before.identity, after.identity),
        )

    def subjects(self, k: int) -> set[str]:
        """Return who may have been somewhere at a time of the grid."""
        first, last = (k - REACH) // SLOTS, (k + REACH) // SLOTS
        hours = (self.hours.get(number) for number in range(first, last + 1))
        return {subject for hour in hours if hour is not None for subject in hour.rows}

    def told(self, k: int) -> dict[str, PairContent]:
        """Return what was said of a time of the grid; it may be changed."""
        hour = self.hours.setdefault(k // SLOTS, Hour())
        return hour.told.setdefault(k, {})

    def forget(self, before: int) -> None:
        """Drop the hours that end at or before a time of the grid."""
        for number in [number for number in self.hours if (number + 1) * SLOTS <= before]:
            del self.hours[number]
            self.changed = {block for block in self.changed if block[0] != number}
            self._newest = {who: step for who, step in self._newest.items() if step >= before}

    def _nearest(self, subject: str, steps: range) -> int | None:
        return next((step for step, *_ in self._spans(subject, steps)), None)

    def _fix(self, subject: str, steps: range, offset: int) -> Fix | None:
        for _, hour, row, base in self._spans(subject, steps):
            return hour.read(row, base + offset)
        return None

    def _spans(self, subject: str, steps: range) -> Iterator[tuple[int, Hour, "array[float]", int]]:
        """Yield the steps that have fixes."""
        for step in steps:
            number, slot = divmod(step, SLOTS)
            hour = self.hours.get(number)
            row = None if hour is None else hour.rows.get(subject)
            if hour is not None and row is not None and row[slot * _SPAN] != inf:
                yield step, hour, row, slot * _SPAN


def pack(hour: Hour, number: int, part: int) -> bytes:
    """Return a part of an hour as bytes."""
    return msgspec.msgpack.encode(hour.packed(number, part))


def _between(before: Fix, after: Fix, share: float) -> Place:
    """Return the place a share of the way on, the shorter way round the Earth.

    >>> fixes = [Fix(at, 35.0, lon, ("a", "b"), 1) for at, lon in ((0, 179.5), (9, -179.5))]
    >>> _between(*fixes, 0.75)
    Place(lat=35.0, lon=-179.75)
    """
    lat = before.lat + share * (after.lat - before.lat)
    lon = before.lon + share * eastward(before.lon, after.lon)
    return Place(lat, (lon + 180.0) % 360.0 - 180.0)
