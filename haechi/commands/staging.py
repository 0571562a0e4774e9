"""Scenarios live: invented hardware, and beside it the real agents that carry what it says."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.ais.agent import STANDARD_INPUT
from edge.ais.sources import PipeSource, TcpSource
from edge.outbox_file import OutboxBusyError
from edge.readings import JsonReader
from haechi.commands import agents, places
from haechi.commands.errors import CommandError, mendable
from haechi.commands.progress import note
from haechi.commands.signals import on_end
from haechi.commands.supervisor import LOOK_S, ChildError, StoppedError, Supervisor, say_ready
from haechi.ids import device_id
from haechi.messages import MAX_PAYLOAD_BYTES
from haechi.settings import Settings

HOST: Final = "127.0.0.1"
DEMO: Final = "busan-alexandria"
"""Name of the scenario."""
AIS, SEALS, REGISTRY = "ais-demo", "seals-demo", "registry"
"""Names of the agents' devices; only a registry's orders about seals count."""


def run_stage(name: str, keys_file: Path | None, ports: Sequence[int]) -> None:
    """Be the hardware of a scenario, until its end or a signal."""
    from firmware_sim import scenario, sealed_day, stage  # noqa: PLC0415 - a process holds only what it runs

    with mendable(scenario.ScenarioError):
        day = scenario.find(name)
        if keys_file is not None:
            keys_file.touch(mode=0o600)
            keys_file.write_text(sealed_day.keys(day))
    on_end(lambda: os._exit(0))  # nothing is kept, so there is nothing to finish
    wanted = dict(zip(stage.RADIOS, ports, strict=False))
    asyncio.run(
        stage.serve(day, HOST, lambda bound: say_ready(ports=[*bound.values()]), ports=wanted)
    )


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
            host, port = _host_and_port(address)
            source = TcpSource(
                host, port, keep=misread.keep, make=JsonReader, line_limit=MAX_PAYLOAD_BYTES
            )
        waiting = agents.outbox(settings, device, boot)
    sending = agents.uplink(settings, device, waiting, lambda: misread.total)
    with agent.stopping_on_signals() as stopped:
        say_ready(device=device, boot=boot)
        agent.run(source, waiting, sending, stopped, kept=misread.commit)
    misread.close()


def perform(supervisor: Supervisor, settings: Settings, name: str) -> None:
    """Start a scenario's hardware, and an agent for each part of it."""
    keys = settings.data_dir / "scenario-seals.keys"
    given = places.environment(settings)
    stage = supervisor.start("stage", "sim", "stage", name, "--keys", str(keys), **given)
    ais, seals, registry = (f"tcp://{HOST}:{port}" for port in stage.facts["ports"])
    stage.settle(*(word for port in stage.facts["ports"] for word in ("--port", str(port))))
    with_keys = {**given, "HAECHI_SEAL_KEYS_FILE": str(keys)}
    supervisor.start("ais agent", "agent", "ais", ais, "--device", AIS, **given)
    supervisor.start("seal agent", "agent", "seal", seals, "--device", SEALS, **with_keys)
    supervisor.start("registry", "agent", "readings", registry, "--device", REGISTRY, **given)
    note(f"scenario {name}: simulated; heard by {AIS}, {SEALS} and {REGISTRY}")


def demo(supervisor: Supervisor, settings: Settings) -> None:
    """Start the scenario of the demonstration."""
    perform(supervisor, settings, DEMO)


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


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not host or not port.isdecimal():
        raise CommandError(f"{address!r}: write tcp://HOST:PORT, or - for standard input")
    return host, int(port)
