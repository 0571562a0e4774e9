"""``haechi agent drone`` and ``haechi drone``: a drone, and what it is told."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from haechi.commanding import Follow, GoTo, Hold, Orbit, ReturnHome, Sweep, Task
from haechi.commands.errors import CommandError, mendable
from haechi.commands.places import loaded
from haechi.commands.progress import note
from haechi.ids import device_id
from haechi.settings import Settings

if TYPE_CHECKING:
    from edge.agent import Source
    from edge.drone.gaze import Gaze
    from edge.drone.vehicle import Vehicle
    from edge.outbox import Outbox
    from edge.uplink import Uplink

SOFTWARE: Final = "haechi-drone 0.1"

app = typer.Typer(no_args_is_help=True, help="Drones: what they are told.")
send_app = typer.Typer(no_args_is_help=True, help="Tell a drone what to do.")
app.add_typer(send_app, name="send")

Device = Annotated[str, typer.Option(help="Name of the drone.")]
By = Annotated[str, typer.Option(help="Who gives the command.")]
Expires = Annotated[float, typer.Option(min=1, max=86_400, help="Seconds until it is void.")]
Height = Annotated[float, typer.Option(min=2, max=3000, help="Metres above its place of take-off.")]
Speed = Annotated[float | None, typer.Option(min=0.1, max=60, help="Metres a second.")]
Lat = Annotated[float, typer.Option(min=-90, max=90)]
Lon = Annotated[float, typer.Option(min=-180, max=180)]
Places = Annotated[list[str], typer.Argument(help="LAT,LON LAT,LON ...")]


def run_agent(
    settings: Settings,
    device: str,
    address: str,
    *,
    rate_hz: float,
    system: int | None,
    lens: str | None,
) -> None:
    """Carry a drone's telemetry to the platform and commands to the drone, until a signal.

    A flight log is carried once, and the agent ends when all of it is acknowledged.
    """
    from edge.drone.vehicle import Vehicle

    every_s = 1 / rate_hz if rate_hz else 0
    with mendable():
        vehicle = Vehicle(device_id(device), every_s=every_s, gaze=_gaze(device, lens))
    if (log := Path(address)).is_file():
        _carry_log(settings, device, log, vehicle, system)
    else:
        _carry_live(settings, device, address, vehicle, system=system, every_s=every_s)


def _carry_log(
    settings: Settings, device: str, log: Path, vehicle: "Vehicle", system: int | None
) -> None:
    from edge.ais.recording import recording_boot
    from edge.drone.recording import Flights
    from edge.outbox_file import OutboxBusyError
    from edge.sources import SourceError
    from haechi.commands import agents

    with mendable(SourceError, OutboxBusyError):
        source = Flights([log], vehicle, system=system)
        waiting = agents.outbox(settings, device, recording_boot([log]))
        sending = agents.uplink(settings, device, waiting, lambda: source.unreadable, SOFTWARE)
        _carry(source, waiting, sending, device)


def _carry_live(
    settings: Settings,
    device: str,
    address: str,
    vehicle: "Vehicle",
    *,
    system: int | None,
    every_s: float,
) -> None:
    from edge.drone.orders import Orders
    from edge.drone.source import DroneSource
    from edge.drone.transport import TransportError, check_address, open_transport
    from edge.outbox_file import OutboxBusyError
    from edge.sources import utc_now
    from haechi.commands import agents, places

    with mendable(OutboxBusyError, TransportError):
        check_address(address)
        # First, since it keeps a second agent of the same drone away from the orders of this one.
        waiting = agents.outbox(settings, device, agents.new_boot())
        orders = Orders(device, places.agent_folder(settings, device), utc_now)
    source = DroneSource(
        lambda: open_transport(address), vehicle, orders, system=system, every_s=every_s
    )
    sending = agents.uplink(
        settings,
        device,
        waiting,
        lambda: source.unreadable,
        SOFTWARE,
        failures=lambda: source.failures,
        on_command=orders.receive,
    )
    _carry(source, waiting, sending, device)
    source.close()


def _carry(source: "Source", waiting: "Outbox", sending: "Uplink", device: str) -> None:
    from edge import agent
    from haechi.commands.supervisor import say_ready

    with agent.stopping_on_signals() as stopped:
        say_ready(device=device, boot=waiting.boot)
        agent.run(source, waiting, sending, stopped)


def _gaze(device: str, lens: str | None) -> "Gaze | None":
    """Return what says where the camera looks, if there is one; ``lens`` is as typed."""
    if lens is None:
        return None
    from edge.drone.gaze import Gaze, Lens

    horizontal, vertical, tilt = _numbers(lens, 3, "--lens 62,48,-90")
    return Gaze(device, Lens(horizontal_deg=horizontal, vertical_deg=vertical, tilt_deg=tilt))


@send_app.command("goto")
def send_goto(
    *,
    device: Device,
    lat: Lat,
    lon: Lon,
    height: Height = 60,
    speed: Speed = None,
    by: By = "command line",
    expires: Expires = 60,
) -> None:
    """Fly to a place and stay over it.

    Example: haechi drone send goto --device drone-1 --lat 35.05 --lon 129.09
    """
    _send(device, GoTo(lat=lat, lon=lon, height_m=height, speed_m_s=speed), by, expires)


@send_app.command("home")
def send_home(*, device: Device, by: By = "command line", expires: Expires = 60) -> None:
    """Return home; interrupts whatever else it is being told.

    Example: haechi drone send home --device drone-1
    """
    _send(device, ReturnHome(), by, expires)


@send_app.command("hold")
def send_hold(*, device: Device, by: By = "command line", expires: Expires = 60) -> None:
    """Stay where it is; interrupts whatever else it is being told.

    Example: haechi drone send hold --device drone-1
    """
    _send(device, Hold(), by, expires)


@send_app.command("sweep")
def send_sweep(
    ring: Places,
    *,
    device: Device,
    spacing: Annotated[float, typer.Option(min=5, help="Metres between legs.")],
    bearing: Annotated[float, typer.Option(min=0, max=359.99, help="Of the legs.")] = 0,
    height: Height = 60,
    speed: Speed = None,
    by: By = "command line",
    expires: Expires = 60,
) -> None:
    """Fly over a sector, given by its corners, in parallel legs; then return home.

    Example: haechi drone send sweep --device drone-1 --spacing 100 35.0,129.0 35.0,129.1 35.1,129.1
    """
    corners = tuple(_place(text) for text in ring)
    task = Sweep(
        ring=corners,
        spacing_m=spacing,
        bearing_deg=bearing,
        height_m=height,
        speed_m_s=speed,
    )
    _send(device, task, by, expires)


@send_app.command("orbit")
def send_orbit(
    *,
    device: Device,
    lat: Lat,
    lon: Lon,
    radius: Annotated[float, typer.Option(min=5, max=5000, help="Metres.")] = 100,
    turns: Annotated[int, typer.Option(min=1, max=20)] = 1,
    height: Height = 60,
    speed: Speed = None,
    by: By = "command line",
    expires: Expires = 60,
) -> None:
    """Fly around an object, camera towards it; then return home.

    Example: haechi drone send orbit --device drone-1 --lat 35.05 --lon 129.09 --radius 80
    """
    task = Orbit(lat=lat, lon=lon, radius_m=radius, turns=turns, height_m=height, speed_m_s=speed)
    _send(device, task, by, expires)


@send_app.command("follow")
def send_follow(
    track: Places,
    *,
    device: Device,
    height: Height = 60,
    speed: Speed = None,
    by: By = "command line",
    expires: Expires = 60,
) -> None:
    """Fly along a track and stay over its end.

    Example: haechi drone send follow --device drone-1 35.0,129.0 35.02,129.05
    """
    places = tuple(_place(text) for text in track)
    _send(device, Follow(track=places, height_m=height, speed_m_s=speed), by, expires)


def _send(device: str, task: Task, by: str, expires_s: float) -> None:
    from haechi.commands.ordering import order, send

    with mendable():
        settings = loaded()
        command = order(device_id(device), task, by, expires_s, datetime.now(UTC))
    note(f"{command.id} to {device}")
    if not send(settings, command, print, expires_s + 60):
        raise typer.Exit(1)


def _place(text: str) -> tuple[float, float]:
    lat, lon = _numbers(text, 2, "35.05,129.09")
    return lon, lat


def _numbers(text: str, count: int, example: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise CommandError(f"{text!r} is not like {example}")
    return numbers
