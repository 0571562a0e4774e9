"""Which frames of a seal count: the genuine and new ones, by signature, counter and time.

A seal numbers its frames and signs them. Told in event-time order, their numbers only grow; what
does otherwise is a copy, a forgery, a seal put back to an earlier state, a second seal with the
same key, or a clock that was set back. Only frames that ``counts`` is said of may change what is
thought of a seal, so that nothing that is played again can raise or clear anything.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from haechi.observations import Observation
from haechi.seals import Authenticity, SealReport

MEMORY: Final = 16
"""Frames remembered by their signature. A copy has the time of its original, so that in order of
event time it stands beside it; only copies of frames dated by a gateway can come later."""

MOST_GAPS: Final = 32


class Verdict(StrEnum):
    """What a frame is among the others of its seal."""

    NEW = "new"
    LATE = "late"
    """Its number was missing so far, and its time is not before that of a higher number."""
    COPY = "copy"
    """The same bytes again."""
    REUSED = "reused"
    """Genuine, but its number was used before by another frame."""
    FORGED = "forged"
    UNKNOWN = "unknown"
    """No gateway key; nothing can be said of it."""

    @property
    def counts(self) -> bool:
        """Whether it may change what is thought of the seal."""
        return self in {Verdict.NEW, Verdict.LATE}


_UNSIGNED: Final = {
    Authenticity.INVALID: Verdict.FORGED,
    Authenticity.UNKNOWN_KEY: Verdict.UNKNOWN,
}


class Mark(Struct, frozen=True, gc=False):
    """A frame that was heard."""

    counter: int
    signature: str
    """The last eight bytes in hexadecimal."""
    heard_at: datetime | None
    """When the earliest copy was heard."""


class Frames(Struct, frozen=True, gc=False):
    """What is remembered of the frames of a seal."""

    highest: int = -1
    made_at: datetime | None = None
    """When the frame with the highest number was made, by the seal's clock."""
    marks: tuple[Mark, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    """First and last number of each run that was never heard, ascending."""
    floor: int = -1
    """Nothing is said of numbers up to this: their gap was given up."""

    def mark_of(self, report: SealReport) -> Mark | None:
        """Return what is remembered of the same bytes."""
        wanted = (report.counter, signature(report))
        return next((m for m in self.marks if (m.counter, m.signature) == wanted), None)


def signature(report: SealReport) -> str:
    """Return what tells a frame from any other with its number.

    >>> from haechi.seals import SealEventKind
    >>> kind, found = SealEventKind.LOCK, Authenticity.VALID
    >>> signature(SealReport(event=kind, counter=1, authenticity=found, frame="00ff" * 6))
    '00ff00ff00ff00ff'
    """
    return report.frame[-16:] or f"{report.event}{report.openings}{report.sealed}{report.armed}"


def admit(frames: Frames, report: SealReport, at: datetime) -> tuple[Frames, Verdict]:
    """Return what a frame is, and what is remembered after it; ``at`` is the reading's own time.

    >>> from haechi.seals import SealEventKind
    >>> def heard(counter, **more):
    ...     kind, found = SealEventKind.STATUS, Authenticity.VALID
    ...     return SealReport(event=kind, counter=counter, authenticity=found, **more)
    >>> noon = datetime(2026, 1, 1, 12)
    >>> frames, verdict = admit(Frames(), heard(5), noon)
    >>> frames, verdict = admit(frames, heard(8), noon)
    >>> verdict.value, frames.gaps
    ('new', ((6, 7),))
    >>> [admit(frames, heard(n, **more), noon)[1].value
    ...  for n, more in ((7, {}), (8, {}), (8, {"openings": 1}))]
    ['late', 'copy', 'reused']
    """
    if report.authenticity is not Authenticity.VALID:
        return frames, _UNSIGNED[report.authenticity]
    known = frames.mark_of(report)
    if known is not None:
        return _heard_again(frames, known, report), Verdict.COPY
    if report.counter > frames.highest:
        return _grown(frames, report, at), Verdict.NEW
    if any(first <= report.counter <= last for first, last in frames.gaps):
        return _filled(frames, report), Verdict.LATE
    if report.counter <= frames.floor or _may_be_old(frames, report):
        return frames, Verdict.COPY  # for all that can be told: what it copies is forgotten
    return _remembering(frames, report), Verdict.REUSED


def inside(near: tuple[tuple[str, float], ...]) -> frozenset[str]:
    """Return the zones that contain a position, of those near it.

    >>> sorted(inside((("gate", -3.0), ("yard", 12.0))))
    ['gate']
    """
    return frozenset(zone for zone, distance_m in near if distance_m <= 0)


def name_of(observation: Observation) -> str:
    """Return the number of the seal an observation is about."""
    return observation.subject.partition(":")[2]


def _may_be_old(frames: Frames, report: SealReport) -> bool:
    """Return whether a frame that a gateway dated may be a copy of one that is forgotten.

    It is not if its number is remembered with other bytes, or if it was made after the highest.
    """
    if report.stated_at is None or frames.made_at is None:
        return False
    is_remembered = any(mark.counter == report.counter for mark in frames.marks)
    return not is_remembered and report.stated_at <= frames.made_at


def _remembering(frames: Frames, report: SealReport) -> Frames:
    mark = Mark(report.counter, signature(report), report.heard_at)
    return replace(frames, marks=(*frames.marks[1 - MEMORY :], mark))


def _grown(frames: Frames, report: SealReport, at: datetime) -> Frames:
    before, now = frames.highest, report.counter
    missing = ((before + 1, now - 1),) if 0 <= before < now - 1 else ()
    gaps = (*frames.gaps, *missing)
    given_up = gaps[:-MOST_GAPS]
    return replace(
        _remembering(frames, report),
        highest=now,
        made_at=report.stated_at or at,
        gaps=gaps[-MOST_GAPS:],
        floor=max(frames.floor, given_up[-1][1]) if given_up else frames.floor,
    )


def _filled(frames: Frames, report: SealReport) -> Frames:
    return replace(_remembering(frames, report), gaps=without(frames.gaps, report.counter))


def without(gaps: tuple[tuple[int, int], ...], number: int) -> tuple[tuple[int, int], ...]:
    """Return runs of numbers without one of them.

    >>> without(((3, 5), (9, 9)), 4), without(((3, 5), (9, 9)), 9)
    (((3, 3), (5, 5), (9, 9)), ((3, 5),))
    """
    halves = [
        half
        for first, last in gaps
        for half in (
            ((first, number - 1), (number + 1, last))
            if first <= number <= last
            else ((first, last),)
        )
    ]
    return tuple(half for half in halves if half[0] <= half[1])


def _heard_again(frames: Frames, known: Mark, report: SealReport) -> Frames:
    """Remember the earliest hearing of the copies."""
    if report.heard_at is None or (known.heard_at and known.heard_at <= report.heard_at):
        return frames
    earlier = Mark(known.counter, known.signature, report.heard_at)
    marks = tuple(earlier if mark is known else mark for mark in frames.marks)
    return replace(frames, marks=marks)
