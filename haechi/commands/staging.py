"""Scenarios live: invented hardware, and beside it the real agents that carry what it says."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.ais.sources import PipeSource, TcpSource
from edge.outbox_file import OutboxBusyError
from edge.readings import JsonReader
from edge.sources import STANDARD_INPUT
from haechi.commands import agents, places
from haechi.commands.addresses import host_and_port
from haechi.commands.errors import CommandError, mendable
from haechi.commands.progress import note
from haechi.commands.signals import on_end
from haechi.commands.supervisor import (
    LOOK_S,
    Child,
    ChildError,
    StoppedError,
    Supervisor,
    say_ready,
)
from haechi.ids import device_id
from haechi.messages import MAX_PAYLOAD_BYTES
from haechi.settings import Settings

if TYPE_CHECKING:
    from firmware_sim.scenario import Scenario

HOST: Final = "127.0.0.1"
DEMO: Final = "busan-alexandria"
"""Name of the scenario."""
AIS, SEALS, REGISTRY = "ais-demo", "seals-demo", "registry"
"""Names of the agents' devices; only a registry's orders about seals count."""
TRUCKS: Final = "trucks-demo"
WRITERS: Final = "tcp://127.0.0.1:10111, or - for standard input"
"""Where programs that write readings may be."""
LENS: Final = "62,48,-45"
"""Of the drones' cameras: degrees across, degrees high, tilt."""


def run_stage(
    name: str, keys_file: Path | None, cameras: Path | None, ports: Sequence[int]
) -> None:
    """Be the hardware of a scenario, until its end or a signal."""
    from firmware_sim import scenario, sealed_day, stage  # noqa: PLC0415 - a process holds only what it runs

    with mendable(scenario.ScenarioError):
        day = scenario.find(name)
        if keys_file is not None:
            keys_file.touch(mode=0o600)
            keys_file.write_text(sealed_day.keys(day))
        if cameras is not None and day.camera:
            write_cameras(day, cameras)
    on_end(lambda: os._exit(0))  # nothing is kept, so there is nothing to finish
    wanted = dict(zip(stage.names(day), ports, strict=False))
    asyncio.run(stage.serve(day, HOST, lambda bound: say_ready(ports=bound), ports=wanted))


def write_cameras(day: "Scenario", folder: Path) -> None:
    """Write the camera file and the scene file of each camera."""
    from edge.camera.calibration_file import camera_to_toml  # noqa: PLC0415 - as above
    from edge.cctv.scene import scene_to_toml  # noqa: PLC0415 - as above
    from firmware_sim.filmed_day import camera_of  # noqa: PLC0415 - as above

    folder.mkdir(parents=True, exist_ok=True)
    for each in day.camera:
        (folder / f"{each.name}.toml").write_text(camera_to_toml(camera_of(each)))
        (folder / f"{each.name}-scene.toml").write_text(scene_to_toml(each.watch))


def run_readings(settings: Settings, device: str, address: str) -> None:
    """Carry readings that are written as JSON lines, until a signal or the source's end."""
    from edge import agent  # noqa: PLC0415 - as above

    with mendable(OutboxBusyError):
        boot = agents.new_boot()
        misread = agents.undecodable(settings, device_id(device), boot)
        source: TcpSource | PipeSource
        if address == STANDARD_INPUT:
            source = PipeSource(keep=misread.keep, make=JsonReader, line_limit=MAX_PAYLOAD_BYTES)
        else:
            host, port = host_and_port(address.removeprefix("tcp://"), WRITERS)
            source = TcpSource(
                host, port, keep=misread.keep, make=JsonReader, line_limit=MAX_PAYLOAD_BYTES
            )
        waiting = agents.outbox(settings, device, boot)
    sending = agents.uplink(
        settings, device, waiting, lambda: misread.total, failures=lambda: source.failures
    )
    with agent.stopping_on_signals() as stopped:
        say_ready(device=device, boot=boot)
        agent.run(source, waiting, sending, stopped, kept=misread.commit)
    misread.close()


def perform(supervisor: Supervisor, settings: Settings, name: str) -> None:
    """Start a scenario's hardware, and an agent for each part of it."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys, cameras = (settings.data_dir / f"scenario-{each}" for each in ("seals.keys", "cameras"))
    given = places.environment(settings)
    files = ("--keys", str(keys), "--cameras", str(cameras))
    stage = supervisor.start("stage", "sim", "stage", name, *files, **given)
    ports: dict[str, int] = stage.facts["ports"]
    stage.settle(*(word for port in ports.values() for word in ("--port", str(port))))
    with_keys = {**given, "HAECHI_SEAL_KEYS_FILE": str(keys)}
    beside = [
        Child(f"{radio} agent", ("agent", *_agent(settings, cameras, radio, port)), with_keys)
        for radio, port in ports.items()
    ]
    supervisor.start_all(beside, at_once=os.cpu_count() or 1)
    note(f"scenario {name}: simulated; an agent each for {', '.join(ports)}")


def _agent(settings: Settings, cameras: Path, radio: str, port: int) -> Sequence[str]:
    """Return the arguments of the agent that carries what one radio says."""
    kind, _, device = radio.partition(":")
    tcp = f"tcp://{HOST}:{port}"
    match kind:
        case "ais":
            return "ais", tcp, "--device", AIS
        case "seals":
            return "seal", tcp, "--device", SEALS
        case "registry":
            return "readings", tcp, "--device", REGISTRY
        case "trucks":
            return "readings", tcp, "--device", TRUCKS
        case "drone":
            return "drone", f"udpout://{HOST}:{port}", "--device", device, "--lens", LENS
        case _:
            looks = ("--camera", f"{cameras}/{device}.toml")
            wants = ("--scene", f"{cameras}/{device}-scene.toml", "--model", _model(settings))
            return "cctv", tcp, "--device", device, *looks, *wants


def _model(settings: Settings) -> str:
    from firmware_sim.detector import WEIGHTS  # noqa: PLC0415 - as above

    return settings.demo_model or str(WEIGHTS)


def demo(supervisor: Supervisor, settings: Settings) -> None:
    """Declare the cargo of the demonstration, start its scenario, and let the authority act."""
    from firmware_sim.demo_cargo import WITHDRAWN  # noqa: PLC0415 - as above
    from haechi.commands import demo_authority, demo_cargo  # noqa: PLC0415 - as above

    demo_cargo.declare(settings)
    perform(supervisor, settings, DEMO)
    address = f"http://{settings.console_host}:{settings.console_port}"
    demo_authority.withdraw_later(address, WITHDRAWN)


def run_scenario(settings: Settings, name: str) -> None:
    """Perform a scenario against the broker that is set, until a signal."""
    from edge import agent  # noqa: PLC0415 - as above

    if not settings.mqtt_host:
        raise CommandError("no broker is set: give HAECHI_MQTT_HOST and HAECHI_MQTT_PORT")
    with (
        mendable(ChildError),
        agent.stopping_on_signals() as stopped,
        suppress(StoppedError),
        Supervisor(note, stopped) as supervisor,
    ):
        perform(supervisor, settings, name)
        while not stopped.wait(LOOK_S):
            supervisor.tend()
