"""What vessels, trucks and people look like from far away: upright prisms, and lamps."""

from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255, in full daylight."""
Plan = tuple[tuple[float, float], ...]
"""A convex outline from above: metres ahead and to starboard, clockwise."""


@dataclass(frozen=True)
class Prism:
    """An upright solid; colour None is the actor's own."""

    plan: Plan
    bottom_m: float
    top_m: float
    colour: Colour | None = None


@dataclass(frozen=True)
class Lamp:
    """A light: metres ahead, to starboard, above the base; seen over an arc of its own."""

    ahead_m: float
    starboard_m: float
    above_m: float
    colour: Colour
    arc_deg: tuple[float, float] = (0.0, 360.0)
    """Relative bearings from which it is seen, clockwise from the first."""


@dataclass(frozen=True)
class Kind:
    """A class of things; prisms are ordered from the lowest to those that stand on it."""

    label: str
    """What a detector should call it: COCO's name."""
    length_m: float
    beam_m: float
    colour: Colour
    prisms: tuple[Prism, ...]
    lamps: tuple[Lamp, ...] = ()


def box(ahead: tuple[float, float], starboard: tuple[float, float]) -> Plan:
    """Return a rectangle, from aft to fore and from port to starboard.

    >>> box((0, 2), (-1, 1))
    ((2, -1), (2, 1), (0, 1), (0, -1))
    """
    (aft, fore), (port, right) = ahead, starboard
    return ((fore, port), (fore, right), (aft, right), (aft, port))


def hull(length: float, beam: float, shoulder: float = 0.3) -> Plan:
    """Return a vessel's outline: square stern, pointed bow from its shoulders on."""
    half, side, from_bow = length / 2, beam / 2, length / 2 - length * shoulder
    return ((half, 0.0), (from_bow, side), (-half, side), (-half, -side), (from_bow, -side))


_WHITE: Final = (236, 236, 230)
_GLASS: Final = (54, 66, 78)
_MASTHEAD: Final = (255, 250, 230)
_PORT: Final = (255, 60, 50)
_STARBOARD: Final = (70, 255, 120)
_DECK: Final = (250, 205, 130)
_STACKS: Final = ((176, 58, 46), (52, 96, 150), (196, 142, 52), (74, 120, 84))


def _lights(length: float, beam: float, mast: float) -> tuple[Lamp, ...]:
    """Return what a vessel under way shows (COLREG rule 21: arcs of 225, 112.5 and 135 degrees)."""
    return (
        Lamp(length * 0.3, 0.0, mast, _MASTHEAD, (247.5, 112.5)),
        Lamp(length * 0.2, -beam / 2, mast * 0.6, _PORT, (247.5, 360.0)),
        Lamp(length * 0.2, beam / 2, mast * 0.6, _STARBOARD, (0.0, 112.5)),
        Lamp(-length / 2, 0.0, mast * 0.5, _MASTHEAD, (112.5, 247.5)),
        Lamp(-length * 0.3, 0.0, mast * 0.7, _DECK),
    )


def _containers() -> tuple[Prism, ...]:
    """Return four bays of boxes before the bridge."""
    return tuple(
        Prism(box((-28 + 24 * bay, -8 + 24 * bay), (-12, 12)), 9, 9 + height, _STACKS[bay])
        for bay, height in enumerate((12.0, 9.5, 12.0, 7.0))
    )


KINDS: Final[dict[str, Kind]] = {
    "container_ship": Kind(
        "boat",
        180.0,
        28.0,
        (38, 52, 84),
        (
            Prism(hull(180, 28, 0.2), 0, 9),
            *_containers(),
            Prism(box((-70, -52), (-13, 13)), 9, 30, _WHITE),
            Prism(box((-53, -51.5), (-13, 13)), 25, 28, _GLASS),
        ),
        _lights(180, 28, 30),
    ),
    "tanker": Kind(
        "boat",
        140.0,
        23.0,
        (120, 34, 30),
        (
            Prism(hull(140, 23, 0.2), 0, 6),
            Prism(box((-20, 45), (-1.5, 1.5)), 6, 9, (148, 108, 88)),
            Prism(box((-58, -42), (-10, 10)), 6, 21, _WHITE),
        ),
        _lights(140, 23, 22),
    ),
    "fishing_boat": Kind(
        "boat",
        24.0,
        6.5,
        (40, 92, 120),
        (
            Prism(hull(24, 6.5, 0.35), 0, 2.4),
            Prism(box((-6, 1), (-2.4, 2.4)), 2.4, 6.0, _WHITE),
            Prism(box((0.2, 1), (-2.2, 2.2)), 4.4, 5.6, _GLASS),
            Prism(box((4, 4.5), (-0.25, 0.25)), 2.4, 9.5, (90, 84, 70)),
        ),
        _lights(24, 6.5, 9),
    ),
    "patrol_boat": Kind(
        "boat",
        36.0,
        7.5,
        (222, 226, 232),
        (
            Prism(hull(36, 7.5, 0.4), 0, 3.2),
            Prism(box((-8, 6), (-2.8, 2.8)), 3.2, 7.4, _WHITE),
            Prism(box((4.8, 6), (-2.6, 2.6)), 5.4, 7.0, _GLASS),
            Prism(box((-3, -2.4), (-0.3, 0.3)), 7.4, 12.5, (120, 124, 130)),
        ),
        _lights(36, 7.5, 12),
    ),
    "speedboat": Kind(
        "boat",
        9.0,
        2.8,
        (60, 62, 66),
        (
            Prism(hull(9, 2.8, 0.45), 0, 1.1),
            Prism(box((-1, 1), (-0.9, 0.9)), 1.1, 2.0, _GLASS),
        ),
        (Lamp(0, 0, 2.4, _MASTHEAD),),
    ),
    "truck": Kind(
        "truck",
        14.0,
        2.5,
        (178, 60, 44),
        (
            Prism(box((-7, 7), (-1.2, 1.2)), 0.3, 1.2, (48, 48, 50)),
            Prism(box((-7, 4.6), (-1.25, 1.25)), 1.2, 3.9),
            Prism(box((5, 7), (-1.25, 1.25)), 1.2, 3.2, _WHITE),
        ),
        (Lamp(7, -0.8, 1.0, _MASTHEAD, (270, 90)), Lamp(7, 0.8, 1.0, _MASTHEAD, (270, 90))),
    ),
    "person": Kind(
        "person",
        0.5,
        0.5,
        (208, 158, 40),
        (
            Prism(box((-0.16, 0.16), (-0.2, 0.2)), 0.0, 0.85, (44, 50, 66)),
            Prism(box((-0.18, 0.18), (-0.26, 0.26)), 0.85, 1.5),
            Prism(box((-0.12, 0.12), (-0.12, 0.12)), 1.5, 1.76, (196, 152, 124)),
        ),
        (Lamp(0.2, 0.2, 1.2, _MASTHEAD),),
    ),
}
"""Proportions of usual ships and vehicles; no real one is meant."""
