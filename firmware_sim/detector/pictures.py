"""What the detector learns from and is examined on: cameras, weathers and traffic by chance."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from edge.camera.camera import Camera, Lens, Pose
from edge.camera.earth import place_at
from edge.cctv.frames import Pixels
from edge.cctv.video import pictures as decoded
from firmware_sim.cctv import half_view_deg, traffic
from firmware_sim.encoding import on_air
from firmware_sim.renderer import Truth, render
from firmware_sim.scene import WEATHERS, Actor, Quay, Scene, Waypoint
from firmware_sim.scene_solids import KINDS
from haechi.fields import LonLat

LABELS: Final = ("boat", "truck", "person")
SPLITS: Final = {"train": 192, "test": 24, "val": 12}
"""Cameras of each part; no two parts share one."""
PICTURES_OF_A_CAMERA: Final = 8
WIDTH, HEIGHT = 448, 256
"""Of the detector's input, pixels."""
LEAST_PX: Final = 4
"""What is narrower or lower on the input is neither wanted nor held against the detector."""
LEAST_VISIBLE: Final = 0.4
LEAST_TRANSMISSION: Final = 0.05

_NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_SIZES: Final = ((640, 360), (640, 360), (640, 480), (960, 540))
_QUAY_M: Final = 3.0
_QUAY_REACH_M: Final = 140.0
"""Vessels sail from 150 m on."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame, and what is in it."""

    name: str
    weather: str
    frame: Pixels
    truths: tuple[Truth, ...]


def pictures(split: str, seed: int, cameras: int | None = None) -> Iterator[Picture]:
    """Yield the pictures of a part, camera by camera; the same seed gives the same ones.

    Args:
        split: A key of ``SPLITS``.
        seed: Of everything.
        cameras: How many of the part's cameras; None is all.
    """
    part = list(SPLITS).index(split)
    for number in range(SPLITS[split] if cameras is None else cameras):
        rng = np.random.default_rng([seed, part, number])
        weather = list(WEATHERS)[number % len(WEATHERS)]
        camera, quay = _camera(rng), rng.random() < 0.6  # noqa: PLR2004 - most have a quay
        side = float(rng.uniform(-10, 60))
        ring = _ring(camera, side)
        shots: list[Picture] = []
        for shot in range(PICTURES_OF_A_CAMERA):
            scene = Scene(
                actors=_actors(camera, rng, side if quay else None),
                quays=(Quay(ring=ring, height_m=_QUAY_M),) if quay else (),
                weather=WEATHERS[weather],
                seed=PICTURES_OF_A_CAMERA * number + shot,
            )
            seen = render(scene, camera, _NOON)
            shots.append(Picture(f"{number:03}-{shot}", weather, seen.frame, seen.truths))
        yield from shots[::2]
        yield from aired(shots[1::2])


def sides_px(truth: Truth, frame: Pixels) -> tuple[float, float]:
    """Return how wide and high an object is on the detector's input."""
    left, top, right, bottom = truth.box
    rows, columns = frame.shape[:2]
    scale = min(WIDTH / columns, HEIGHT / rows)
    return (right - left) * columns * scale, (bottom - top) * rows * scale


def aired(shots: list[Picture]) -> Iterator[Picture]:
    """Yield pictures as they are after the way through a camera's stream, which loses detail."""
    rows, columns = shots[0].frame.shape[:2]
    stream = on_air(((float(n), one.frame) for n, one in enumerate(shots)), columns, rows)
    with TemporaryDirectory() as folder:
        film = Path(folder) / "air.ts"
        film.write_bytes(b"".join(body for _, body in stream))
        for one, seen in zip(shots, decoded(str(film)), strict=True):
            yield replace(one, frame=seen.pixels)


def is_wanted(truth: Truth, frame: Pixels) -> bool:
    """Return whether an object is large and clear enough to be asked for."""
    return (
        min(sides_px(truth, frame)) >= LEAST_PX
        and truth.visible >= LEAST_VISIBLE
        and truth.transmission >= LEAST_TRANSMISSION
    )


def _camera(rng: np.random.Generator) -> Camera:
    width, height = _SIZES[rng.integers(len(_SIZES))]
    lens = Lens.of_view(width, height, float(rng.uniform(25, 75)))
    half = float(np.degrees(np.arctan2(height / 2, lens.focal_px)))
    pose = Pose(
        lat=35.1,
        lon=129.05,
        height_m=float(8 * (100 / 8) ** rng.uniform(0, 1)),
        bearing_deg=float(rng.uniform(0, 360)),
        tilt_deg=float(rng.uniform(-0.9, 0.0)) * half,
        roll_deg=float(rng.normal(0, 1)),
    )
    return Camera(pose=pose, lens=lens)


def _ring(camera: Camera, side_deg: float) -> tuple[LonLat, ...]:
    """Return a quay before a camera, from beyond its view's left to a bearing off its axis."""
    first = -60.0
    corners = ((5, first), (_QUAY_REACH_M, first), (_QUAY_REACH_M, side_deg), (5, side_deg))
    places = (_place(camera, range_m, bearing) for range_m, bearing in corners)
    return tuple((lon, lat) for lat, lon in places)


def _place(camera: Camera, range_m: float, off_axis_deg: float) -> tuple[float, float]:
    bearing = np.radians(camera.pose.bearing_deg + off_axis_deg)
    east, north = np.array([np.sin(bearing)]) * range_m, np.array([np.cos(bearing)]) * range_m
    lats, lons = place_at(camera.pose.lat, camera.pose.lon, east, north)
    return float(lats[0]), float(lons[0])


def _actors(camera: Camera, rng: np.random.Generator, side_deg: float | None) -> tuple[Actor, ...]:
    """Return traffic, and who is on a quay that reaches to a bearing off the axis."""
    vessels = traffic(camera, _NOON, vessels=int(rng.integers(0, 7)), seed=int(rng.integers(2**31)))
    ashore = 0 if side_deg is None else int(rng.integers(1, 9))
    last = 0.0 if side_deg is None else side_deg
    actors = (*vessels, *(_ashore(number, camera, rng, last) for number in range(ashore)))
    return tuple(_painted(actor, rng) for actor in actors)


def _ashore(number: int, camera: Camera, rng: np.random.Generator, side_deg: float) -> Actor:
    """Return a truck or a person on the quay."""
    kind = str(rng.choice(["truck", "person"]))
    half = half_view_deg(camera)
    # The ring's far side is a chord: at 0.45 of its reach everybody stands inside it.
    range_m = 15.0 * (0.45 * _QUAY_REACH_M / 15.0) ** rng.uniform(0, 1)
    lat, lon = _place(camera, range_m, float(rng.uniform(-half, min(half, side_deg))))
    return Actor(
        subject=f"{kind}:{number}",
        kind=kind,
        track=(Waypoint(_NOON, lat, lon),),
        heading_deg=float(rng.uniform(0, 360)),
        base_m=_QUAY_M,
    )


def _painted(actor: Actor, rng: np.random.Generator) -> Actor:
    """Return an actor, in half of all cases in a colour of chance."""
    red, green, blue = (int(level) for level in rng.integers(20, 240, size=3))
    own = KINDS[actor.kind].colour
    return replace(actor, colour=own if rng.random() < 0.5 else (red, green, blue))  # noqa: PLR2004 - half
