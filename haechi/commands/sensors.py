"""``haechi agent``: the commands that run beside a sensor."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from haechi.commands import drones
from haechi.commands.errors import mendable
from haechi.commands.places import loaded

# Each imports what it runs when it runs: an agent holds in memory only its own tier.

app = typer.Typer(no_args_is_help=True, help="What runs beside a sensor.")

Start = Annotated[
    datetime | None, typer.Option(help="When a recording that mentions no time was made, in UTC.")
]


def utc(at: datetime | None) -> datetime | None:
    """Return a time from the command line, which is UTC."""
    return at and at.replace(tzinfo=UTC)


@app.command("ais")
def agent_ais(
    address: Annotated[str, typer.Argument(help="udp://HOST:PORT, tcp://HOST:PORT, or -")],
    *,
    device: Annotated[str, typer.Option(help="Name of this receiver.")] = "ais-1",
) -> None:
    """Carry an AIS receiver's sentences to the platform.

    Example: haechi agent ais udp://127.0.0.1:10110 --device ais-busan
    """
    from haechi.commands import agents

    agents.run_ais(loaded(), device, address)


@app.command("voyages")
def agent_voyages(
    path: Annotated[Path, typer.Argument(help="A TOML file of voyages; see docs/voyages.md.")],
    *,
    device: Annotated[str, typer.Option(help="Name of this registry.")] = "registry-1",
) -> None:
    """Declare voyages, so that rules can hold what is seen against them; ends when they are kept.

    Example: haechi agent voyages voyages.toml
    """
    from haechi.commands import agents

    agents.run_voyages(loaded(), device, path)


@app.command("readings")
def agent_readings(
    address: Annotated[str, typer.Argument(help="tcp://HOST:PORT, or - for standard input.")],
    *,
    device: Annotated[str, typer.Option(help="Name of this source.")] = "readings-1",
) -> None:
    """Carry readings that another program writes, a JSON object a line (docs/edge.md).

    Example: haechi agent readings - --device trucks-1
    """
    from haechi.commands import staging

    with mendable():
        staging.run_readings(loaded(), device, address)


Broker = Annotated[str, typer.Argument(help="HOST:PORT of the other system's broker.")]
CaFile = Annotated[Path | None, typer.Option(help="Who vouches for that broker: TLS is used.")]


@app.command("frigate")
def agent_frigate(
    broker: Broker,
    *,
    frame: Annotated[
        list[str], typer.Option(help="NAME=WIDTHxHEIGHT of the stream a camera detects on.")
    ],
    ca_file: CaFile = None,
    device: Annotated[str, typer.Option(help="Name of this recorder.")] = "frigate-1",
) -> None:
    """Carry what a Frigate video recorder detects to the platform.

    Example: haechi agent frigate 127.0.0.1:1883 --frame front_door=1280x720
    """
    from haechi.commands import guests

    guests.run_frigate(loaded(), device, broker, ca_file, frame)


@app.command("owntracks")
def agent_owntracks(
    broker: Broker,
    *,
    ca_file: CaFile = None,
    device: Annotated[str, typer.Option(help="Name of this group of phones.")] = "owntracks-1",
) -> None:
    """Carry the positions of officers' phones (OwnTracks) to the platform.

    Example: haechi agent owntracks 127.0.0.1:1883 --device patrol-phones
    """
    from haechi.commands import guests

    guests.run_owntracks(loaded(), device, broker, ca_file)


@app.command("cctv")
def agent_cctv(
    address: Annotated[
        str, typer.Argument(help="rtsp://..., /dev/video0, a video file, or a folder of pictures.")
    ],
    *,
    camera: Annotated[Path, typer.Option(help="Where it is and looks, as haechi camera made it.")],
    model: Annotated[
        Path | None,
        typer.Option(help="An ONNX file; .pt or .tflite with --ultralytics. None: only its view."),
    ] = None,
    device: Annotated[str, typer.Option(help="Name of this camera.")] = "cctv-1",
    scene: Annotated[Path | None, typer.Option(help="Labels, zones and lines to watch.")] = None,
    ultralytics: Annotated[bool, typer.Option(help="Needs the extra yolo, AGPL-3.0.")] = False,
    tiles: Annotated[str, typer.Option(help="Columns x rows, for small far objects.")] = "1x1",
    containers: Annotated[bool, typer.Option(help="Read container numbers.")] = False,
    fps: Annotated[float, typer.Option(min=0.1, help="Frames a second to look at.")] = 5,
    start: Start = None,
    live: Annotated[bool, typer.Option(help="Show a recording as if it happened now.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Of the detector.")] = 1,
) -> None:
    """Follow what a camera sees and carry it to the platform.

    Example: haechi agent cctv rtsp://192.0.2.7/main --camera quay.toml --model quay.onnx
    """
    from haechi.commands import cctv

    columns, rows = cctv.tiling(tiles)
    order = cctv.Order(
        address=address,
        device=device,
        camera=camera,
        model=model,
        scene=scene,
        ultralytics=ultralytics,
        columns=columns,
        rows=rows,
        containers=containers,
        fps=fps,
        start=utc(start),
        live=live,
        threads=threads,
    )
    cctv.run(loaded(), order)


@app.command("drone")
def agent_drone(
    address: Annotated[
        str,
        typer.Argument(
            help="udp://HOST:PORT listens, udpout://HOST:PORT, tcp://HOST:PORT, "
            "serial:///dev/NAME?baud=57600, or a flight log (.tlog .ulg .bin)."
        ),
    ],
    *,
    device: Annotated[str, typer.Option(help="Name of this drone.")] = "drone-1",
    rate: Annotated[
        float, typer.Option(min=0, max=50, help="Positions a second; 0 is all there are.")
    ] = 4,
    system: Annotated[
        int | None, typer.Option(min=1, max=254, help="Its system id; else the first heard.")
    ] = None,
    lens: Annotated[
        str | None,
        typer.Option(help="Its camera: degrees across, degrees high, tilt of the mount."),
    ] = None,
) -> None:
    """Carry a drone's telemetry (MAVLink 2) to the platform, and commands to the drone.

    Example: haechi agent drone udp://0.0.0.0:14550 --device drone-1 --lens 62,48,-90
    """
    drones.run_agent(loaded(), device, address, rate_hz=rate, system=system, lens=lens)
