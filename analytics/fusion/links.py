"""Which track of a camera is which target: one camera's tracks held against what is known.

Definition: at each moment of a camera its objects are held against every target of their kind.
Two agree if the squared Mahalanobis distance of their places is within ``GATE``. Agreeing counts
one up to ``MOST``, disagreeing one down. An object joins a target once that stands at ``JOIN``, the
best fit first, unless another object of the same camera that is still in view has that target; it
parts once that has gone down to nothing, or the target is not there any more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from analytics.fusion.tracks import UNSEEN_S, Fix, Track, is_clear, misfit
from analytics.geodesy import distance_m

GATE: Final = 9.21
"""99 % of the squared distances of two places that are one (chi-squared, two degrees)."""
JOIN: Final = 5
"""Ten seconds of a camera that speaks every two."""
MOST: Final = 8
"""So many disagreements in a row part two that have long been one."""
WEIGHT: Final = 0.25
"""Of the newest misfit in the mean that the best fit is chosen by."""
FAR: Final = 4 * GATE
"""A misfit counts no more than that: one outlier does not spoil a mean."""


class Link(Struct, frozen=True, kw_only=True):
    """For a time an object was a target."""

    object: str
    target: str
    since_s: float
    """When they first agreed, of those that made them one; since 1970-01-01 UTC."""
    until_s: float
    """When they last did."""
    agreed: int
    """How often by then."""
    distance_m: float
    """Between the two, the last time."""
    stands: bool = True
    """They did not part, as far as is known."""


@dataclass(slots=True)
class _Belief:
    """What is thought of one object and one target."""

    score: int = 0
    misfit: float = GATE
    since_s: float = 0.0
    until_s: float = 0.0
    agreed: int = 0
    distance_m: float = 0.0
    is_one: bool = False

    def disagree(self, apart: float) -> None:
        """Take a moment at which they were not in one place."""
        self.misfit += WEIGHT * (min(apart, FAR) - self.misfit)
        self.score = max(0, self.score - 1)

    def agree(self, at_s: float, apart: float, distance: float) -> None:
        """Take a moment at which they may have been."""
        self.misfit += WEIGHT * (apart - self.misfit)
        if self.score == 0:
            self.since_s, self.agreed = at_s, 0
        self.score = min(MOST, self.score + 1)
        self.until_s, self.agreed, self.distance_m = at_s, self.agreed + 1, round(distance, 1)


class Joining:
    """One camera's objects while its moments pass in order.

    Args:
        objects: Tracks of one camera.
        targets: All that they may be.
    """

    def __init__(self, objects: Sequence[Track], targets: Sequence[Track]) -> None:
        self._objects, self._targets = objects, targets
        self._beliefs: dict[str, dict[str, _Belief]] = {each.subject: {} for each in objects}
        self._seen: dict[str, float] = {}
        self._found: list[Link] = []

    def links(self) -> list[Link]:
        """Return who was whom and when, in order of time."""
        for at_s, seen in _moments(self._objects):
            there = [(target, target.at(at_s)) for target in self._targets]
            for track, fix in seen:
                self._hear(track, fix, there)
            self._join(at_s, seen)
        for subject, beliefs in self._beliefs.items():
            self._found += [_link(subject, t, b) for t, b in beliefs.items() if b.is_one]
        return sorted(self._found, key=lambda link: (link.since_s, link.object, link.target))

    def _hear(self, track: Track, fix: Fix, places: Sequence[tuple[Track, Fix | None]]) -> None:
        beliefs = self._beliefs[track.subject]
        self._seen[track.subject] = fix.at_s
        for target, there in places:
            known = beliefs.get(target.subject)
            if known is None:
                if there is None or target.kind != track.kind or is_clear(fix, there):
                    continue
                known = _Belief()
            apart = FAR if there is None else misfit(fix, there)
            if apart <= GATE and there is not None:
                beliefs[target.subject] = known
                distance = distance_m(fix.lat, fix.lon, there.lat, there.lon)
                known.agree(fix.at_s, apart, distance)
            else:
                known.disagree(apart)
            if known.is_one and (known.score == 0 or there is None):
                self._found.append(_link(track.subject, target.subject, known, stands=False))
                known.is_one = False

    def _join(self, at_s: float, seen: Sequence[tuple[Track, Fix]]) -> None:
        free = [track.subject for track, _ in seen if self._target(track.subject) is None]
        fitting = sorted(
            (belief.misfit, subject, target)
            for subject in free
            for target, belief in self._beliefs[subject].items()
            if belief.score >= JOIN
        )
        taken = {self._target(s) for s, last in self._seen.items() if at_s - last <= UNSEEN_S}
        for _, subject, target in fitting:
            if target not in taken and self._target(subject) is None:
                self._beliefs[subject][target].is_one = True
                taken.add(target)

    def _target(self, subject: str) -> str | None:
        beliefs = self._beliefs[subject].items()
        return next((target for target, belief in beliefs if belief.is_one), None)


def _moments(objects: Sequence[Track]) -> Iterator[tuple[float, list[tuple[Track, Fix]]]]:
    """Yield the times of a camera, and whom it saw then."""
    by_time: dict[float, list[tuple[Track, Fix]]] = {}
    for track in objects:
        for fix in track.fixes:
            by_time.setdefault(fix.at_s, []).append((track, fix))
    yield from sorted(by_time.items(), key=lambda moment: moment[0])


def _link(subject: str, target: str, belief: _Belief, *, stands: bool = True) -> Link:
    return Link(
        object=subject,
        target=target,
        since_s=belief.since_s,
        until_s=belief.until_s,
        agreed=belief.agreed,
        distance_m=belief.distance_m,
        stands=stands,
    )
