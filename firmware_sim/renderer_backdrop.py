"""What a camera sees when nobody is there: sky, water and quays, found once for every pixel."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.camera.camera import Camera, bearing_and_elevation
from edge.camera.projection import ground
from firmware_sim.scene import CONTRAST_LIMIT, Quay, Weather

Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

WAVES: Final = ((17.0, 20.0, 1.0), (9.0, 75.0, 0.7), (4.3, -35.0, 0.5))
"""(Length in metres, bearing they come from, weight)."""
WALL_LEVELS: Final = (1.0, 0.8, 0.6, 0.4, 0.2)
"""Shares of a quay's height at which rays are looked at, from the top."""
GRAVITY: Final = 9.81
_DEEP, _FAR_SEA = np.array([28.0, 66.0, 82.0]), np.array([96.0, 128.0, 142.0])
_ZENITH, _SKYLINE = np.array([86.0, 134.0, 196.0]), np.array([198.0, 212.0, 222.0])
_CONCRETE, _WALL = np.array([150.0, 146.0, 138.0]), np.array([92.0, 88.0, 82.0])
_NIGHT_SKY = np.array([9.0, 11.0, 17.0])


@dataclass(frozen=True, eq=False)
class Backdrop:
    """Arrays of a frame's height and width."""

    colours: Singles
    """Shape ``(height, width, 3)``, before waves and noise."""
    waves: tuple[tuple[Singles, Singles, float], ...]
    """Phase at second 0, amplitude, and radians a second, per train of waves: of the last rows
    only, from the first that shows water on."""
    quay_range_m: Singles
    """Distance of what is quay, else infinity."""
    is_sky: Bools


def air_colour(weather: Weather) -> NDArray[np.float64]:
    """Return what distance fades into: the sky above the horizon."""
    grey = np.full(3, 205.0)
    share = min(1.0, 4_000.0 / weather.seen_m)
    return lit(_SKYLINE * (1 - share) + grey * share, weather)


def lit(colour: NDArray[np.float64], weather: Weather) -> NDArray[np.float64]:
    """Return a colour in the light that there is."""
    return colour * (0.1 + 0.9 * weather.daylight) + _NIGHT_SKY * (1 - weather.daylight) * 0.5


@lru_cache(maxsize=16)
def backdrop(camera: Camera, quays: tuple[Quay, ...], weather: Weather) -> Backdrop:
    """Return the empty scene of a camera; kept, because cameras stand still."""
    width, height = camera.lens.width_px, camera.lens.height_px
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    pixels: NDArray[np.float64] = np.stack([columns, rows], axis=-1).astype(np.float64)
    water = camera.ground(pixels)
    is_sky = ~np.isfinite(water[..., 0])
    water = np.where(is_sky[..., None], 0.0, water)
    range_m = np.hypot(water[..., 0], water[..., 1])
    is_quay, is_wall, quay_range = _quays(camera, pixels, water, is_sky, quays)
    colours = np.where(is_sky[..., None], _sky(camera, pixels), _sea(range_m))
    colours = np.where(is_quay[..., None], np.where(is_wall[..., None], _WALL, _CONCRETE), colours)
    colours = lit(colours, weather)
    solid_range = np.where(is_quay, quay_range, range_m)
    solid_range = np.where(is_sky & ~is_quay, _sky_range(weather), solid_range)
    faded = np.exp(-CONTRAST_LIMIT * solid_range / weather.seen_m)[..., None]
    colours = colours * faded + air_colour(weather) * (1 - faded)
    calm = is_sky | is_quay
    return Backdrop(
        colours=colours.astype(np.float32),
        waves=_waves(water, range_m, calm, camera, weather),
        quay_range_m=np.where(is_quay, quay_range, np.inf).astype(np.float32),
        is_sky=is_sky & ~is_quay,
    )


def _sky(camera: Camera, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    elevation = bearing_and_elevation(camera, pixels)[..., 1]
    height = np.clip(np.nan_to_num(elevation) / 35.0, 0.0, 1.0)[..., None] ** 0.6
    return _SKYLINE * (1 - height) + _ZENITH * height


def _sea(range_m: NDArray[np.float64]) -> NDArray[np.float64]:
    far = (range_m / (range_m + 900.0))[..., None]
    return _DEEP * (1 - far) + _FAR_SEA * far


def _sky_range(weather: Weather) -> float:
    """Return a distance that makes the sky as grey as the air below clouds: fog reaches up."""
    return 300.0 if weather.seen_m > 5_000.0 else 4.0 * weather.seen_m  # noqa: PLR2004 - fog or not


def _quays(
    camera: Camera,
    pixels: NDArray[np.float64],
    water: NDArray[np.float64],
    is_sky: Bools,
    quays: tuple[Quay, ...],
) -> tuple[Bools, Bools, NDArray[np.float64]]:
    """Return what is quay, what of it is its wall, and how far it is.

    A pixel whose ray meets the quay's top inside its ring shows the top; one that misses it but
    is inside the ring at a lower level has met the wall before.
    """
    is_quay, is_wall = np.zeros_like(is_sky), np.zeros_like(is_sky)
    range_m = np.full(is_sky.shape, np.inf)
    for quay in quays:
        ring = np.stack(camera.offset_of(*np.array(quay.ring).T[::-1]), axis=-1)
        tops = [_level(camera, pixels, quay.height_m * share) for share in WALL_LEVELS]
        on_top = _inside(tops[0], ring)
        on_wall = ~on_top & np.any([_inside(level, ring) for level in (*tops[1:], water)], axis=0)
        on_wall &= ~is_sky
        place = np.where(on_top[..., None], tops[0], water)
        away = np.where(on_top | on_wall, np.hypot(place[..., 0], place[..., 1]), np.inf)
        nearer = away < range_m
        range_m = np.where(nearer, away, range_m)
        is_wall = np.where(nearer, on_wall, is_wall)
        is_quay |= on_top | on_wall
    return is_quay, is_wall, range_m


def _level(camera: Camera, pixels: NDArray[np.float64], height_m: float) -> NDArray[np.float64]:
    """Return where rays pass a height above the water, metres east and north."""
    lowered = camera.sight.rows.copy()
    lowered[2] -= height_m
    return ground(camera.sight.varied(lowered), pixels)


def _inside(points: NDArray[np.float64], ring: NDArray[np.float64]) -> Bools:
    """Return whether points are inside a ring, by counting edges to the north."""
    inside = np.zeros(points.shape[:-1], dtype=np.bool_)
    east, north = points[..., 0], points[..., 1]
    for (x, y), (next_x, next_y) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if x == next_x:
            continue
        crosses = (x > east) != (next_x > east)
        inside ^= crosses & (north < y + (east - x) / (next_x - x) * (next_y - y))
    return inside


def _waves(
    water: NDArray[np.float64],
    range_m: NDArray[np.float64],
    calm: Bools,
    camera: Camera,
    weather: Weather,
) -> tuple[tuple[Singles, Singles, float], ...]:
    """Return the trains of waves; those finer than a pixel fade, as they do on a sensor.

    A wave of length L runs with ``sqrt(2 pi g / L)`` radians a second (deep water).
    """
    pixel_m = range_m**2 / max(camera.pose.height_m, 1.0) / camera.lens.focal_px
    rows = slice(int(np.argmin(calm.all(axis=1))), None)
    trains: list[tuple[Singles, Singles, float]] = []
    for length, bearing, weight in WAVES:
        along = np.radians(bearing)
        phase = (water @ np.array([np.sin(along), np.cos(along)])) * (2 * np.pi / length)
        fade = np.exp(-((2 * pixel_m / length) ** 2)) * ~calm
        size = 11.0 * weight * weather.waves * (0.15 + 0.85 * weather.daylight) * fade
        speed = float(np.sqrt(2 * np.pi * GRAVITY / length))
        trains.append((phase[rows].astype(np.float32), size[rows].astype(np.float32), speed))
    return tuple(trains)
