"""``haechi sim list|score|stage|run|load``: invented days with known truth, and mere load."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from haechi.commands.errors import CommandError, mendable
from haechi.commands.places import loaded
from haechi.commands.progress import Progress

Name = Annotated[str, typer.Argument(help="Name of a scenario, or a .toml file.")]


def list_all() -> None:
    """List the scenarios that come with Haechi.

    Example: haechi sim list
    """
    from firmware_sim import scenario

    for name in scenario.shipped():
        print(f"{name:26} {scenario.find(name).title}")


def score(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Names or .toml files; all shipped if none.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold what the rules find in scenarios against what should be found; print a table.

    Status 1 if something is not found, or found that should not be.

    Example: haechi sim score leaves-route dark-ship
    """
    from firmware_sim import scenario
    from haechi.commands import scoring

    with mendable(scenario.ScenarioError):
        settings = loaded()
        days = [scenario.find(name) for name in scenarios or scenario.shipped()]
        scores = [scoring.score(day, settings, Progress()) for day in days]
    if as_json:
        print(msgspec.json.encode({"version": 1, "scores": scores}).decode())
    else:
        print("\n".join(scoring.table(scores)))
    sys.exit(0 if all(each.is_perfect for each in scores) else 1)


def stage(
    name: Name,
    *,
    keys: Annotated[Path | None, typer.Option(help="A file to write the seals' keys to.")] = None,
    cameras: Annotated[Path | None, typer.Option(help="A folder for the camera files.")] = None,
    port: Annotated[
        list[int] | None,
        typer.Option(help="Of AIS, seals, registry, trucks, cameras, drones, in this order."),
    ] = None,
) -> None:
    """Be the hardware of a scenario: AIS, seals, registry, trucks and cameras over TCP; drones.

    The day begins when somebody listens to all that is served over TCP.

    Example: haechi sim stage busan-alexandria --port 10110 --port 18185 --port 10111
    """
    from haechi.commands import staging

    with mendable():
        staging.run_stage(name, keys, cameras, port or ())


def run(name: Name) -> None:
    """Perform a scenario, hardware and agents, against the broker that is set.

    Example: HAECHI_MQTT_HOST=127.0.0.1 HAECHI_MQTT_PORT=1883 haechi sim run leaves-route
    """
    from haechi.commands import staging

    staging.run_scenario(loaded(), name)


def load_fleet(
    *,
    devices: Annotated[int, typer.Option(min=1, max=50_000)] = 5000,
    rate: Annotated[float, typer.Option(min=0.01, max=10, help="Readings a second of each.")] = 1,
    seconds: Annotated[float, typer.Option(min=1)] = 60,
) -> None:
    """Be thousands of devices at the broker that is set; status 1 if a reading is lost.

    They share a few connections, so it must be a broker that trusts this machine.

    Example: HAECHI_MQTT_HOST=127.0.0.1 HAECHI_MQTT_PORT=1883 haechi sim load --devices 5000
    """
    from edge.agent import stopping_on_signals
    from firmware_sim.load import Herd
    from haechi.commands import places

    settings = loaded()
    if not settings.mqtt_host:
        raise CommandError("no broker is set: give HAECHI_MQTT_HOST and HAECHI_MQTT_PORT")
    with mendable(TimeoutError), stopping_on_signals() as stopped:
        herd = Herd(places.endpoint(settings), settings.site, devices, rate)
        tally = herd.run(seconds, stopped.is_set)
    print(msgspec.json.encode({"version": 1, "lost": tally.lost, "tally": tally}).decode())
    sys.exit(1 if tally.lost or tally.refused else 0)
