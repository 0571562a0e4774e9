"""A simulated camera's picture of a scene, through the very geometry that places detections."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from edge.camera.camera import Camera
from firmware_sim.renderer_backdrop import Backdrop, Bools, Singles, air_colour, backdrop, lit
from firmware_sim.renderer_shapes import Facet, facets, following, lamps
from firmware_sim.scene import Actor, Scene, Weather
from haechi.cameras import Box
from haechi.units import microseconds

NEAREST_M: Final = 1.0
"""What is nearer to the lens is not drawn."""
RAIN_STREAKS: Final = 500
STREAK_PX: Final = 14


@dataclass(frozen=True, kw_only=True)
class Truth:
    """One actor as it really is and as it shows."""

    label: str
    subject: str
    box: Box
    """Around all of it that is inside the frame and above the horizon, shares of the frame."""
    lat: float
    lon: float
    """Of its middle."""
    range_m: float
    visible: float
    """Share of its pixels that nothing nearer hides."""
    transmission: float
    """Share of its contrast that the air leaves: below 0.02 it is invisible by day."""


@dataclass(frozen=True, eq=False)
class Rendered:
    """A picture and what is in it."""

    frame: NDArray[np.uint8]
    """Shape ``(height, width, 3)``, RGB."""
    truths: tuple[Truth, ...]


def render(scene: Scene, camera: Camera, at: datetime) -> Rendered:
    """Return what the camera sees at a moment.

    The same scene, camera and moment give the same bytes (with the same numpy and processor).
    Approximate: edges between projected corners are straight, prisms of one actor are drawn from
    the lowest up, and nothing casts a shadow or a wake.
    """
    ground = backdrop(camera, scene.quays, scene.weather)
    rng = np.random.default_rng([scene.seed, microseconds(at), crc32(camera.sight.rows.tobytes())])
    canvas = _Canvas(ground, camera, scene.weather, microseconds(at) / 1e6 % 100_000)
    sketches = [_Sketch.of(actor, camera, at) for actor in scene.actors]
    drawn = sorted((sketch for sketch in sketches if sketch), key=lambda s: -s.range_m)
    counts = [canvas.draw(number, sketch) for number, sketch in enumerate(drawn, 1)]
    left = np.bincount(canvas.owner.ravel(), minlength=len(drawn) + 1)
    truths = [
        _truth(sketch, box, left[number] / count, scene.weather)
        for number, (sketch, count) in enumerate(zip(drawn, counts, strict=True), 1)
        if count and (box := canvas.box(sketch))
    ]
    return Rendered(canvas.exposed(rng), tuple(truths))


@dataclass(frozen=True, eq=False)
class _Sketch:
    """An actor at a moment, as the camera has it before anything is drawn."""

    actor: Actor
    lat: float
    lon: float
    range_m: float
    facets: tuple[Facet, ...]
    lamps: tuple[tuple[float, float, float, tuple[int, int, int]], ...]

    @classmethod
    def of(cls, actor: Actor, camera: Camera, at: datetime) -> "_Sketch | None":
        """Return the sketch, or None if no part of it can show."""
        lat, lon, heading = actor.stance(at)
        east, north = camera.offset_of(np.array([lat]), np.array([lon]))
        middle = np.array([float(east[0]), float(north[0])])
        range_m = float(np.hypot(*middle))
        if range_m < NEAREST_M:
            return None
        found = facets(actor, middle, heading, camera)
        burning = lamps(actor, middle, heading, camera) if actor.is_lit else ()
        return cls(actor, lat, lon, range_m, found, burning) if found else None


def _truth(sketch: _Sketch, box: Box, visible: float, weather: Weather) -> Truth:
    return Truth(
        label=sketch.actor.shape.label,
        subject=sketch.actor.subject,
        box=box,
        lat=sketch.lat,
        lon=sketch.lon,
        range_m=sketch.range_m,
        visible=float(visible),
        transmission=weather.transmission(sketch.range_m),
    )


class _Canvas:
    """The frame while it is drawn, from the farthest actor to the nearest."""

    def __init__(self, ground: Backdrop, camera: Camera, weather: Weather, second: float) -> None:
        self._ground, self._camera, self._weather = ground, camera, weather
        self._frame = _with_waves(ground, second)
        self._size = camera.lens.height_px, camera.lens.width_px
        self.owner = np.zeros(self._size, dtype=np.int32)
        """Whose each pixel is: 0 nobody's, else the actor's number."""

    def draw(self, number: int, sketch: _Sketch) -> int:
        """Draw one actor and return its pixels."""
        air = air_colour(self._weather)
        clear = self._weather.transmission(sketch.range_m)
        for facet in sketch.facets:
            colour = lit(np.array(facet.colour) * facet.shade, self._weather)
            self._fill(facet.corners, colour * clear + air * (1 - clear), number, sketch)
        if self._weather.daylight < 0.5:  # noqa: PLR2004 - lamps are lit at dusk
            for lamp in sketch.lamps:
                self._glow(*lamp, clear)
        return int(np.count_nonzero(self.owner == number))

    def _fill(
        self, corners: NDArray[np.float64], colour: NDArray[np.float64], number: int, by: _Sketch
    ) -> None:
        """Fill a convex outline, clockwise on the screen, where nothing of the quays hides it."""
        window = self._window(corners.min(axis=0), corners.max(axis=0))
        if window is None:
            return
        rows, columns = window
        x, y = _middles(columns), _middles(rows)[:, None]
        inside = self._open(rows, columns, by)
        for (x1, y1), (x2, y2) in zip(corners, following(corners), strict=True):
            inside &= (x2 - x1) * (y - y1) >= (y2 - y1) * (x - x1)
        self._frame[rows, columns][inside] = colour
        self.owner[rows, columns][inside] = number

    def _open(self, rows: slice, columns: slice, by: _Sketch) -> Bools:
        """Return where an actor may show: not behind a quay, nor below the horizon from beyond."""
        reach = by.range_m if by.actor.base_m == 0 else 0.0
        shown = self._ground.quay_range_m[rows, columns] > reach
        if by.range_m > self._camera.horizon_m:
            shown &= self._ground.is_sky[rows, columns]
        return shown

    def _glow(
        self, x: float, y: float, radius: float, colour: tuple[int, int, int], clear: float
    ) -> None:
        """Add a lamp's light to the frame; it does not own what it shines on."""
        reach = 3 * radius
        window = self._window(np.array([x - reach, y - reach]), np.array([x + reach, y + reach]))
        if window is None:
            return
        rows, columns = window
        across, down = _middles(columns) - x, _middles(rows)[:, None] - y
        bright = np.exp(-(across**2 + down**2) / radius**2)[..., None] * np.array(colour)
        self._frame[rows, columns] += (bright * clear).astype(np.float32)

    def _window(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[slice, slice] | None:
        """Return rows and columns of the pixels between two corners, or None if there are none."""
        height, width = self._size
        left, right = max(0, int(np.floor(low[0]))), min(width, int(np.ceil(high[0])))
        top, bottom = max(0, int(np.floor(low[1]))), min(height, int(np.ceil(high[1])))
        return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None

    def box(self, sketch: _Sketch) -> Box | None:
        """Return the box around an actor in the frame, or None if it is outside."""
        corners = np.concatenate([facet.corners for facet in sketch.facets])
        height, width = self._size
        left, top = corners.min(axis=0)
        right, bottom = corners.max(axis=0)
        if sketch.range_m > self._camera.horizon_m:
            middle = int(np.clip((left + right) / 2, 0, width - 1))
            bottom = min(bottom, float(np.count_nonzero(self._ground.is_sky[:, middle])))
        sides = np.clip([left / width, top / height, right / width, bottom / height], 0, 1)
        left, top, right, bottom = (float(side) for side in sides)
        return (left, top, right, bottom) if right > left and bottom > top else None

    def exposed(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the frame as a sensor gives it, with rain before the lens and noise."""
        _rain(self._frame, self._weather.rain, rng)
        grain = 3 if self._weather.daylight > 0.5 else 6  # noqa: PLR2004 - gain is up at night
        noise = rng.integers(-grain, grain + 1, size=self._size, dtype=np.int8)
        self._frame += noise[..., None]
        np.clip(self._frame, 0, 255, out=self._frame)
        return self._frame.astype(np.uint8)


def _middles(pixels: slice) -> Singles:
    """Return the coordinates of the middles of a row or column of pixels."""
    first, last = int(pixels.start), int(pixels.stop)
    return np.arange(first, last, dtype=np.float32) + np.float32(0.5)


def _with_waves(ground: Backdrop, second: float) -> Singles:
    frame = ground.colours.copy()
    for phase, size, speed in ground.waves:
        relief = size * np.sin(phase + np.float32(speed * second))
        frame[-len(relief) :] += relief[..., None]
    return frame


def _rain(frame: Singles, rain: float, rng: np.random.Generator) -> None:
    """Draw slanted streaks, a little brighter than what is behind."""
    height, width, _ = frame.shape
    count = round(RAIN_STREAKS * rain)
    top = rng.integers(0, height, size=count)
    left = rng.integers(0, width, size=count)
    for step in range(STREAK_PX if count else 0):
        frame[(top + step) % height, (left + step // 4) % width] += 14
