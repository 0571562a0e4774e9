"""Which box of this picture is which object of the last: the association of ByteTrack.

First the sure boxes are given to all tracks, then the unsure ones to those tracks that are still
without: an object that is half hidden scores low, but stands where its track expects it. What is
left of the sure boxes begins new tracks.

Source: Zhang and others, ByteTrack: multi-object tracking by associating every detection box, 2022
(arXiv 2110.06864). Why it is written here and not imported: docs/adr/0012.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from edge.cctv.assignment import Floats, best_pairs
from edge.cctv.detector import Found
from edge.cctv.heads import Boxes, kept, overlaps
from edge.cctv.motion import Motion

OTHER_LABEL: Final = 0.8
"""What an overlap counts for if the label differs: detectors waver between car and truck."""

UNSURE_OVERLAP: Final = 0.5
"""An unsure box must cover its track by more (ByteTrack)."""

SURE_OVERLAP: Final = 0.2
"""A sure one by more, after weighing with its score (ByteTrack: a cost of at most 0.8)."""

SAME: Final = 0.65
"""Boxes of different labels that overlap by more are one object: a bus is no train besides."""

GROWTH: Final = 0.3
"""Boxes are compared when enlarged by so much to each side: at few frames a second what is small
or fast no longer overlaps with itself (C-BIoU, Yang and others 2022, buffers of 0.3 to 0.4)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which boxes are believed how far."""

    sure: float = 0.5
    """Such a box may begin a track (Frigate's ``min_score``)."""
    unsure: float = 0.2
    """Such a box may only continue one."""
    lost_s: float = 5.0
    """A track unseen for longer has ended (Frigate: 5 times the frames of a second)."""


@dataclass(frozen=True, slots=True)
class Track:
    """One object as far as it has been followed."""

    number: int
    begun_at: datetime
    seen_at: datetime
    """When it was last detected."""
    motion: Motion
    """As of the latest picture, whether it was detected in that or not."""
    last: Found
    """As it was last detected."""
    frames: int = 1
    """In how many pictures it was detected."""

    @property
    def edges(self) -> Floats:
        """Left, top, right, bottom; where it is expected if it was not detected."""
        return self.motion.edges


class Tracker:
    """Follows the objects of one camera."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds: Final = bounds or Bounds()
        self._tracks: tuple[Track, ...] = ()
        self._at: datetime | None = None
        self._numbered = 0

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Those that have not ended, oldest first."""
        return self._tracks

    def see(self, at: datetime, found: Sequence[Found]) -> tuple[Track, ...]:
        """Take one more picture and return the tracks that ended, unseen for too long.

        Args:
            at: When it was taken, later than the last.
            found: What is in it.
        """
        expected = self._expected(at)
        every = distinct([one for one in found if one.score >= self._bounds.unsure])
        sure = [one for one in every if one.score >= self._bounds.sure]
        unsure = [one for one in every if one.score < self._bounds.sure]
        seen, unseen, fresh = _assigned(expected, sure, SURE_OVERLAP, by_score=True)
        again, lost, _ = _assigned(unseen, unsure, UNSURE_OVERLAP, by_score=False)
        now = [_continued(track, one, at) for track, one in seen + again]
        waiting = [track for track in lost if self._is_patient(track, at)]
        begun = [self._begun(one, at) for one in fresh]
        self._tracks = tuple(sorted(now + waiting + begun, key=lambda track: track.number))
        self._at = at
        return tuple(track for track in lost if not self._is_patient(track, at))

    def end(self) -> tuple[Track, ...]:
        """Forget everybody and return who was followed."""
        tracks, self._tracks, self._at = self._tracks, (), None
        return tracks

    def _expected(self, at: datetime) -> list[Track]:
        passed = 0.0 if self._at is None else (at - self._at).total_seconds()
        return [replace(track, motion=track.motion.after(passed)) for track in self._tracks]

    def _is_patient(self, track: Track, at: datetime) -> bool:
        return (at - track.seen_at).total_seconds() <= self._bounds.lost_s

    def _begun(self, one: Found, at: datetime) -> Track:
        self._numbered += 1
        return Track(self._numbered, at, at, Motion.begun(np.array(one[2:])), one)


def distinct(found: Sequence[Found]) -> list[Found]:
    """Return objects without those that are a surer one under another label.

    >>> bus = Found("bus", 0.7, 0, 0, 10, 10)
    >>> distinct([bus, Found("train", 0.6, 0, 0, 10, 11)]) == [bus]
    True
    """
    if len(found) < 2:  # noqa: PLR2004 - nothing to compare with
        return [*found]
    edges, scores = np.array([one[2:] for one in found]), np.array([one.score for one in found])
    return [found[index] for index in kept(Boxes(edges, scores, np.zeros(len(found), int)), SAME)]


def _continued(track: Track, one: Found, at: datetime) -> Track:
    return replace(
        track,
        seen_at=at,
        motion=track.motion.corrected(np.array(one[2:])),
        last=one,
        frames=track.frames + 1,
    )


def _assigned(
    tracks: Sequence[Track], found: Sequence[Found], least: float, *, by_score: bool
) -> tuple[list[tuple[Track, Found]], list[Track], list[Found]]:
    """Return pairs, the tracks without a box, and the boxes without a track."""
    if not tracks or not found:
        return [], [*tracks], [*found]
    likeness = _likeness(tracks, found, by_score=by_score)
    pairs = [pair for pair in best_pairs(likeness) if likeness[pair] > least]
    taken, given = {row for row, _ in pairs}, {column for _, column in pairs}
    return (
        [(tracks[row], found[column]) for row, column in pairs],
        [track for row, track in enumerate(tracks) if row not in taken],
        [one for column, one in enumerate(found) if column not in given],
    )


def _likeness(tracks: Sequence[Track], found: Sequence[Found], *, by_score: bool) -> Floats:
    expected = _grown(np.array([track.edges for track in tracks]))
    boxes = _grown(np.array([one[2:] for one in found]))
    other = np.array([[track.last.label != one.label for one in found] for track in tracks])
    likeness: Floats = overlaps(expected, boxes) * np.where(other, OTHER_LABEL, 1.0)
    return likeness * np.array([one.score for one in found]) if by_score else likeness


def _grown(edges: Floats) -> Floats:
    by = GROWTH * (edges[:, 2:] - edges[:, :2])
    grown: Floats = np.concatenate((edges[:, :2] - by, edges[:, 2:] + by), axis=1)
    return grown
