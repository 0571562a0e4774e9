"""What is watched in the picture of one camera: labels, zones, lines; read from TOML."""

import tomllib
from math import dist
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from haechi.fields import Share, ZoneName

Point = tuple[Share, Share]
"""Shares of the picture's width and height, from its top left corner."""

Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class SceneError(ValueError):
    """A scene file cannot be used; the text says where, what is wrong and what to do."""


class Zone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the picture; an object is in it while its foot is (Frigate)."""

    name: ZoneName
    polygon: Annotated[tuple[Point, ...], Meta(min_length=3, max_length=64)]
    labels: tuple[str, ...] = ()
    """Whom it is about; everybody if empty."""
    loiter_after_s: Seconds | None = None
    """Whoever stays longer loiters; nobody does if absent (Frigate ``loitering_time``)."""

    def holds(self, x: float, y: float) -> bool:
        """Return whether a point is within.

        >>> zone = Zone(name="quay", polygon=((0, 0), (1, 0), (0, 1)))
        >>> zone.holds(0.2, 0.2), zone.holds(0.8, 0.8)
        (True, False)
        """
        inside = False
        for (ax, ay), (bx, by) in zip(self.polygon, self.polygon[1:] + self.polygon[:1]):  # noqa: B905 - equal by construction
            if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                inside = not inside
        return inside


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line in the picture that feet may cross, in either direction."""

    name: ZoneName
    begin: Point
    end: Point

    def side(self, x: float, y: float) -> float:
        """Return how far a point is from the line through both ends: below 0 to its left.

        Left and right are those of somebody who walks from ``begin`` to ``end``.
        """
        return _side(self.begin, self.end, (x, y)) / dist(self.begin, self.end)

    def is_between(self, before: Point, now: Point) -> bool:
        """Return whether the way from one point to another leads through this line.

        >>> quay = Line(name="quay", begin=(0.5, 0), end=(0.5, 0.5))
        >>> quay.is_between((0.4, 0.2), (0.6, 0.2)), quay.is_between((0.4, 0.8), (0.6, 0.8))
        (True, False)
        """
        begin, end = self.begin, self.end
        leaves = (_side(begin, end, before) > 0) != (_side(begin, end, now) > 0)
        meets = (_side(before, now, begin) > 0) != (_side(before, now, end) > 0)
        return leaves and meets


class Scene(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it. The defaults are Frigate's, and are what an empty file means."""

    labels: tuple[str, ...] = (
        "person",
        "bicycle",
        "car",
        "motorcycle",
        "bus",
        "train",
        "truck",
        "boat",
    )
    """Who is followed; everything that the model knows if empty."""
    threshold: Share = 0.7
    """Median of the latest scores that an object must reach to be reported (``threshold``)."""
    sure: Share = 0.5
    """Score from which on a box may begin a track (``min_score``)."""
    unsure: Share = 0.2
    """Score from which on a box may continue one; not Frigate's but ByteTrack's idea."""
    confirm_s: Seconds = 0.5
    """An object is reported once it was seen in as many frames as this time has
    (``min_initialized``, half the frames of a second)."""
    lost_s: Seconds = 5
    """An object unseen for longer has gone (``max_disappeared``: 5 seconds' frames)."""
    inertia: Annotated[int, Meta(ge=1, le=100)] = 3
    """Frames in a row after which an object is in a zone, or out of it (``inertia``)."""
    update_s: Seconds = 2
    """An object that goes on is reported again after this time, sooner if something happens."""
    zone: tuple[Zone, ...] = ()
    line: tuple[Line, ...] = ()


def scene_from_toml(text: str) -> Scene:
    """Return the scene that a file describes.

    Raises:
        SceneError: not TOML, an unknown key, a value out of range, a name used twice, or a line
            without length.

    >>> scene_from_toml("threshold = 2")
    Traceback (most recent call last):
    ...
    edge.cctv.scene.SceneError: scene: Expected `float` <= 1.0 - at `$.threshold`
    """
    try:
        scene = msgspec.convert(tomllib.loads(text), Scene)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SceneError(f"scene: {error}") from error
    names = [zone.name for zone in scene.zone] + [line.name for line in scene.line]
    for name in names:
        if names.count(name) > 1:
            raise SceneError(
                f"scene: {name!r} is used twice; give every zone and line its own name"
            )
    for line in scene.line:
        if line.begin == line.end:
            raise SceneError(f"scene: line {line.name!r} ends where it begins")
    return scene


def scene_to_toml(scene: Scene) -> str:
    """Return the file that describes a scene.

    >>> scene = Scene(threshold=0.6, line=(Line(name="quay edge", begin=(0, 0.5), end=(1, 0.5)),))
    >>> scene_from_toml(scene_to_toml(scene)) == scene
    True
    """
    stated: dict[str, Any] = msgspec.to_builtins(scene)
    tables = [(kind, row) for kind in ("zone", "line") for row in stated.pop(kind)]
    lines = [*_assigned(stated)]
    for kind, row in tables:
        lines += [f"[[{kind}]]", *_assigned(row)]
    return "\n".join([*lines, ""])


def _assigned(table: dict[str, Any]) -> list[str]:
    """Return lines of TOML: text, numbers and lists are written as in JSON."""
    stated = {key: value for key, value in table.items() if value is not None}
    return [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in stated.items()]


def _side(begin: Point, end: Point, point: Point) -> float:
    """Return twice the area of a triangle, below 0 if the point is to the left of the way."""
    across, down = end[0] - begin[0], end[1] - begin[1]
    return across * (point[1] - begin[1]) - down * (point[0] - begin[0])
