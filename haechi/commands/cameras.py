"""``haechi camera calibrate``, ``haechi camera check`` and ``haechi sim cctv``."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from haechi.commands.errors import CommandError, mendable
from haechi.commands.progress import note

# A process holds only what it runs, so each function imports its own tier.

Points = Annotated[
    Path, typer.Argument(help="CSV: name,x_px,y_px,lat,lon,height_m; no lat and lon: horizon.")
]
PixelSigma = Annotated[float, typer.Option(min=0.01, help="How exact the marks are, pixels.")]
Limit = Annotated[float, typer.Option(min=0.1, help="Root mean square that is too big, pixels.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def calibrate(
    points: Points,
    *,
    image_size: Annotated[str, typer.Option(help="Width x height, such as 1920x1080.")],
    position: Annotated[str, typer.Option(help="Latitude,longitude,metres above the water.")],
    position_sigma: Annotated[float, typer.Option(min=0.001, help="Of each, metres.")] = 3.0,
    view: Annotated[
        float | None, typer.Option(min=0.5, max=170, help="Degrees from side to side, if known.")
    ] = None,
    distortion: Annotated[bool, typer.Option(help="Fit the lens's k1 too.")] = False,
    pixel_sigma: PixelSigma = 1.0,
    limit: Limit = 5.0,
    output: Annotated[Path | None, typer.Option(help="The camera file to write.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find where a camera looks from points marked in its picture; 1 if they do not fit.

    Example: haechi camera calibrate points.csv --image-size 1920x1080 --position 35.1,129.05,32
    """
    from haechi.commands import camera_reports  # noqa: PLC0415 - as above

    width, height = _size(image_size)
    lat, lon, above = _position(position)
    mount = camera_reports.Mount(
        lat=lat,
        lon=lon,
        height_m=above,
        sigma_m=position_sigma,
        width_px=width,
        height_px=height,
        view_deg=view,
        is_bent=distortion,
    )
    with mendable():
        found = camera_reports.calibrate(points, mount, pixel_sigma=pixel_sigma, limit_px=limit)
        if output is not None:
            output.write_text(found.toml)
            note(f"written: {output}")
    _tell(found.report, as_json=as_json)


def check(
    camera: Annotated[Path, typer.Argument(help="A camera file.")],
    points: Points,
    *,
    pixel_sigma: PixelSigma = 1.0,
    limit: Limit = 5.0,
    as_json: AsJson = False,
) -> None:
    """Hold a camera file against marked points; 1 if the camera does not look where it says.

    Example: haechi camera check quay.toml points.csv
    """
    from haechi.commands import camera_reports  # noqa: PLC0415 - as above

    with mendable():
        report = camera_reports.check(camera, points, pixel_sigma=pixel_sigma, limit_px=limit)
    _tell(report, as_json=as_json)


def _tell(report: Any, *, as_json: bool) -> NoReturn:
    from haechi.commands import camera_reports  # noqa: PLC0415 - as above

    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        for line in camera_reports.lines(report):
            print(line)
    raise typer.Exit(1 if report.warnings else 0)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if found is None:
        raise CommandError(f"--image-size {text}: give width x height, such as 1920x1080")
    return int(found[1]), int(found[2])


def _position(text: str) -> tuple[float, float, float]:
    try:
        lat, lon, above = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = above = float("nan")
    if not (abs(lat) <= 90 and abs(lon) <= 180 and 0 < above < 10_000):  # noqa: PLR2004 - degrees, metres
        raise CommandError(
            f"--position {text}: give latitude,longitude,metres above the water, "
            "such as 35.1,129.05,32"
        )
    return lat, lon, above


def sim_cctv(
    camera: Annotated[Path, typer.Argument(help="A camera file.")],
    output: Annotated[Path, typer.Argument(help="A folder that is made, or a .mp4 or .mkv file.")],
    *,
    weather: Annotated[str, typer.Option(help="day, night, fog or rain.")] = "day",
    vessels: Annotated[int, typer.Option(min=0, max=500)] = 6,
    seed: int = 7,
    seconds: Annotated[float, typer.Option(min=0.04, help="How long it lasts.")] = 20,
    fps: Annotated[float, typer.Option(min=0.1, max=60, help="Pictures a second.")] = 5,
    start: Annotated[
        datetime, typer.Option(help="When the first picture is taken, UTC.")
    ] = datetime(2026, 1, 1, 12),  # noqa: DTZ001 - typer's times have no zone
) -> None:
    """Write what a camera would see of invented traffic, and the truth beside it.

    Example: haechi sim cctv quay.toml night.mkv --weather night --vessels 8
    """
    from edge.camera.calibration_file import camera_from_toml  # noqa: PLC0415 - as above
    from firmware_sim import cctv, scene  # noqa: PLC0415 - as above

    if weather not in scene.WEATHERS:
        raise CommandError(f"--weather {weather}: there are {', '.join(scene.WEATHERS)}")
    with mendable():
        seen_by = camera_from_toml(camera.read_text())
        begin = start.replace(tzinfo=UTC)
        water = cctv.invented(seen_by, begin, scene.WEATHERS[weather], vessels=vessels, seed=seed)
        pictures = cctv.film(water, seen_by, begin, seconds=seconds, fps=fps)
        if output.suffix:
            count = cctv.write_film(pictures, output, fps=fps)
        else:
            count = cctv.write_folder(pictures, output)
    print(f"{count} pictures: {output}")
