"""``haechi sim list|score|stage|run``: invented days with known truth."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from haechi.commands.errors import mendable
from haechi.commands.progress import Progress
from haechi.settings import load

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
        settings = load()
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

    staging.run_scenario(load(), name)
