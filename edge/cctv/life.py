"""The life of what a camera sees: unsaid until confirmed, then ``new``, ``update``, ``end``.

Definitions are Frigate's. An object is confirmed once it was seen in more than half a second's
frames and the median of its latest scores, padded to three, reaches the threshold; it has gone once
it was unseen for five seconds. It is in a zone after three frames in a row with its foot (the
middle of the lower edge) inside, and out of it after three outside. Whoever was announced gets an
``end``: when it goes, or when the watching ends (frigate#7281, #8397).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median
from typing import Final, Literal

from edge.cctv.detector import Found
from edge.cctv.scene import Line, Point, Scene, Zone
from edge.cctv.tracking import Bounds, Track, Tracker
from haechi.cameras import Box

REMEMBERED_SCORES: Final = 10
LEAST_SCORES: Final = 3
"""Missing ones count as 0 (Frigate): one lucky frame confirms nothing."""

LINE_MARGIN: Final = 0.01
"""Of the picture; a foot this close to a line is on neither side, so trembling crosses nothing."""

Phase = Literal["new", "update", "end"]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something to be reported of one object."""

    phase: Phase
    track: Track
    at: datetime
    """When it was last seen."""
    label: str
    score: float
    """Median of its latest scores."""
    box: Box
    zones: tuple[str, ...]
    crossed: tuple[str, ...]
    loitering: bool


@dataclass(frozen=True, slots=True)
class Stay:
    """An object and one zone."""

    streak: int = 0
    """Frames in a row on the other side than ``since`` says."""
    since: datetime | None = None
    """When it came in; ``None`` while it is out."""


@dataclass(frozen=True, slots=True)
class Life:
    """What is remembered of one object besides its track."""

    track: Track
    scores: tuple[float, ...] = ()
    votes: Mapping[str, float] = field(default_factory=dict[str, float])
    """Score by label: detectors waver, the sum does not."""
    said_at: datetime | None = None
    """When it was last reported; ``None`` before it is confirmed."""
    said_zones: tuple[str, ...] = ()
    said_loitering: bool = False
    stays: Mapping[str, Stay] = field(default_factory=dict[str, Stay])
    sides: Mapping[str, Point] = field(default_factory=dict[str, Point])
    """Where its foot last was clear of each line."""
    crossed: tuple[str, ...] = ()
    """Lines crossed and not yet reported."""

    @property
    def score(self) -> float:
        """Median of the latest scores, padded to three."""
        padding = (0.0,) * (LEAST_SCORES - len(self.scores))
        return median(self.scores + padding)

    @property
    def label(self) -> str:
        """What it most likely is."""
        return max(self.votes, key=lambda name: (self.votes[name], name))


class Watch:
    """Follows everything that one camera sees, frame by frame."""

    def __init__(self, scene: Scene, *, fps: float) -> None:
        """Begin with nobody in the picture.

        Args:
            scene: What is wanted.
            fps: Frames a second that are looked at; decides how many confirm an object.
        """
        self._scene: Final = scene
        self._confirming: Final = max(LEAST_SCORES - 1, round(scene.confirm_s * fps))
        self._tracker = Tracker(Bounds(scene.sure, scene.unsure, scene.lost_s))
        self._lives: dict[int, Life] = {}
        self._at: datetime | None = None

    def see(self, at: datetime, found: Sequence[Found]) -> list[Statement]:
        """Take one more frame and return what is to be reported.

        Args:
            at: When it was taken. The same moment again is passed over; an earlier one means that
                a clock was set back, and everybody is met anew.
            found: What the detector found in it, in shares of the picture.
        """
        if self._at is not None and at <= self._at:
            return [] if at == self._at else [*self.end(), *self.see(at, found)]
        self._at = at
        gone = self._tracker.see(at, [one for one in found if self._is_wanted(one)])
        said = self._ended(gone)
        for track in self._tracker.tracks:
            if track.seen_at == at:
                life = self._advanced(self._lives.get(track.number, Life(track)), track)
                self._lives[track.number], statements = self._told(life)
                said += statements
        return said

    def end(self) -> list[Statement]:
        """Return an ``end`` for all that was announced: nobody watches any more."""
        self._at = None
        return self._ended(self._tracker.end())

    def _is_wanted(self, one: Found) -> bool:
        return not self._scene.labels or one.label in self._scene.labels

    def _ended(self, tracks: Sequence[Track]) -> list[Statement]:
        lives = [self._lives.pop(track.number, None) for track in tracks]
        return [self._statement("end", life) for life in lives if life and life.said_at]

    def _advanced(self, life: Life, track: Track) -> Life:
        one = track.last
        foot = _foot(track)
        votes = {**life.votes, one.label: life.votes.get(one.label, 0) + one.score}
        wanted = [zone for zone in self._scene.zone if not zone.labels or one.label in zone.labels]
        stays = {
            zone.name: self._stay(zone, life.stays.get(zone.name, Stay()), foot, track.seen_at)
            for zone in wanted
        }
        crossed = [line.name for line in self._scene.line if _is_crossed(line, life, foot)]
        return replace(
            life,
            track=track,
            scores=(*life.scores, one.score)[-REMEMBERED_SCORES:],
            votes=votes,
            stays={**life.stays, **stays},
            sides={**life.sides, **_sides(self._scene.line, foot)},
            crossed=(*life.crossed, *(name for name in crossed if name not in life.crossed)),
        )

    def _stay(self, zone: Zone, stay: Stay, foot: Point, at: datetime) -> Stay:
        is_in = zone.holds(*foot)
        if is_in == (stay.since is not None):
            return replace(stay, streak=0)
        if stay.streak + 1 < self._scene.inertia:
            return replace(stay, streak=stay.streak + 1)
        return Stay(since=at if is_in else None)

    def _told(self, life: Life) -> tuple[Life, list[Statement]]:
        """Return the life after it was reported, where there is something to report."""
        if life.said_at is None:
            confirmed = life.track.frames > self._confirming and life.score >= self._scene.threshold
            return self._say("new", life) if confirmed else (life, [])
        due = (life.track.seen_at - life.said_at).total_seconds() >= self._scene.update_s
        happened = (
            life.crossed
            or self._zones(life) != life.said_zones
            or self._is_loitering(life) != life.said_loitering
        )
        return self._say("update", life) if due or happened else (life, [])

    def _say(self, phase: Phase, life: Life) -> tuple[Life, list[Statement]]:
        statement = self._statement(phase, life)
        told = replace(
            life,
            said_at=life.track.seen_at,
            said_zones=statement.zones,
            said_loitering=statement.loitering,
            crossed=(),
        )
        return told, [statement]

    def _statement(self, phase: Phase, life: Life) -> Statement:
        return Statement(
            phase=phase,
            track=life.track,
            at=life.track.seen_at,
            label=life.label,
            score=life.score,
            box=_box(life.track.last),
            zones=self._zones(life),
            crossed=life.crossed,
            loitering=self._is_loitering(life),
        )

    def _zones(self, life: Life) -> tuple[str, ...]:
        return tuple(name for name, stay in life.stays.items() if stay.since is not None)

    def _is_loitering(self, life: Life) -> bool:
        return any(
            zone.loiter_after_s is not None
            and (since := life.stays.get(zone.name, Stay()).since) is not None
            and (life.track.seen_at - since).total_seconds() >= zone.loiter_after_s
            for zone in self._scene.zone
        )


def _is_crossed(line: Line, life: Life, foot: Point) -> bool:
    before = life.sides.get(line.name)
    is_clear = abs(line.side(*foot)) > LINE_MARGIN
    return is_clear and before is not None and line.is_between(before, foot)


def _sides(lines: Sequence[Line], foot: Point) -> dict[str, Point]:
    return {line.name: foot for line in lines if abs(line.side(*foot)) > LINE_MARGIN}


def _foot(track: Track) -> Point:
    left, _, right, bottom = track.edges.tolist()
    return _share((left + right) / 2), _share(bottom)


def _box(one: Found) -> Box:
    return _share(one.left), _share(one.top), _share(one.right), _share(one.bottom)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
