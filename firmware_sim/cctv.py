"""A camera that is not there: its pictures as a folder or a film, and the truth beside them."""

import struct
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import atan2, degrees
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from edge.camera.camera import Camera
from edge.camera.earth import place_at
from firmware_sim.encoding import CODECS, FilmFile
from firmware_sim.renderer import Rendered, Truth, render
from firmware_sim.scene import Actor, Scene, Waypoint, Weather
from firmware_sim.scene_solids import KINDS
from haechi.units import KNOT_IN_METRES_PER_SECOND

TRUTH_NAME: Final = "truth.jsonl"
VESSELS: Final = tuple(name for name, kind in KINDS.items() if kind.label == "boat")
SECONDS_OF_WAY: Final = 3_600.0


class Row(Struct, frozen=True):
    """One line of the truth: what a picture shows."""

    at: datetime
    frame: str
    """Name of the picture, or its number in the film."""
    truths: tuple[Truth, ...]


def film(
    scene: Scene, camera: Camera, start: datetime, *, seconds: float, fps: float
) -> Iterator[tuple[datetime, Rendered]]:
    """Yield pictures and their moments, at equal intervals."""
    for number in range(max(1, round(seconds * fps))):
        at = start + timedelta(seconds=number / fps)
        yield at, render(scene, camera, at)


def write_folder(pictures: Iterator[tuple[datetime, Rendered]], folder: Path) -> int:
    """Write pictures as PNG, in order of their names, and the truth; return how many.

    Raises:
        FileExistsError: the folder is there already.
    """
    folder.mkdir(parents=True)
    count = 0
    with (folder / TRUTH_NAME).open("wb") as truth:
        for count, (at, rendered) in enumerate(pictures, 1):
            name = f"{count:06}.png"
            (folder / name).write_bytes(png(rendered.frame))
            truth.write(msgspec.json.encode(Row(at, name, rendered.truths)) + b"\n")
    return count


def write_film(pictures: Iterator[tuple[datetime, Rendered]], file: Path, *, fps: float) -> int:
    """Write pictures as a film, and the truth beside it; return how many.

    ``.mp4`` is H.264, ``.mkv`` is Motion JPEG; both lose a little, and both say when they begin.

    Raises:
        ValueError: the file's name ends with neither.
        FileExistsError: the file is there already.
    """
    if file.suffix not in CODECS:
        raise ValueError(f"{file}: the name must end with {' or '.join(CODECS)}")
    if file.exists():
        raise FileExistsError(f"{file} exists already")
    count = 0
    with (
        file.with_name(f"{file.name}.{TRUTH_NAME}").open("wb") as truth,
        FilmFile(file, fps) as written,
    ):
        for count, (at, rendered) in enumerate(pictures, 1):
            written.add(rendered.frame, at)
            truth.write(msgspec.json.encode(Row(at, str(count), rendered.truths)) + b"\n")
    return count


def png(frame: NDArray[np.uint8]) -> bytes:
    """Return a picture, shape ``(height, width, 3)``, as PNG without loss.

    Source:
        W3C Portable Network Graphics, colour type 2, filter 0 on every row.
    """
    height, width, _ = frame.shape
    rows = np.zeros((height, 1 + width * 3), dtype=np.uint8)
    rows[:, 1:] = frame.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 1)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def traffic(camera: Camera, start: datetime, *, vessels: int, seed: int) -> tuple[Actor, ...]:
    """Return vessels that cross the view of a camera at steady speeds; all are invented.

    Args:
        camera: Before which they sail, 150 to 2,500 m off, and no nearer than twice their length.
        start: When they are in the middle of their way.
        vessels: How many.
        seed: The same seed gives the same vessels.
    """
    rng = np.random.default_rng(seed)
    return tuple(_vessel(number, camera, start, rng) for number in range(vessels))


def invented(
    camera: Camera, start: datetime, weather: Weather, *, vessels: int, seed: int
) -> Scene:
    """Return a scene of open water with traffic."""
    actors = traffic(camera, start, vessels=vessels, seed=seed)
    return Scene(actors=actors, weather=weather, seed=seed)


def half_view_deg(camera: Camera) -> float:
    """Return how far to each side a camera without distortion sees, degrees."""
    return degrees(atan2(camera.lens.width_px / 2, camera.lens.focal_px))


def _vessel(number: int, camera: Camera, start: datetime, rng: np.random.Generator) -> Actor:
    kind = str(rng.choice(VESSELS))
    nearest = max(150.0, 2 * KINDS[kind].length_m)
    distance = nearest * (2_500.0 / nearest) ** rng.uniform(0, 1)
    half_view = half_view_deg(camera)
    bearing = np.radians(camera.pose.bearing_deg + rng.uniform(-0.8, 0.8) * half_view)
    course = np.radians(camera.pose.bearing_deg + rng.choice([-90, 90]) + rng.uniform(-35, 35))
    way = rng.uniform(3, 14) * KNOT_IN_METRES_PER_SECOND * SECONDS_OF_WAY / 2
    middle = distance * np.array([np.sin(bearing), np.cos(bearing)])
    ends = middle + np.outer([-way, way], [np.sin(course), np.cos(course)])
    lats, lons = place_at(camera.pose.lat, camera.pose.lon, ends[:, 0], ends[:, 1])
    half = timedelta(seconds=SECONDS_OF_WAY / 2)
    track = (
        Waypoint(start - half, float(lats[0]), float(lons[0])),
        Waypoint(start + half, float(lats[1]), float(lons[1])),
    )
    return Actor(subject=f"mmsi:{440_200_000 + number}", kind=kind, track=track)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
