"""``haechi agent``: what runs beside a sensor, on whichever machine that is."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

from edge import agent
from edge.ais.agent import open_source
from edge.ais.recording import Recording
from edge.link import over_mqtt
from edge.outbox import Outbox
from edge.outbox_file import OutboxBusyError
from edge.sources import SourceError
from edge.state_report import Speaker
from edge.undecodable import UndecodableStore
from edge.uplink import Uplink
from edge.voyages import VoyageFile, VoyageFileError
from haechi.commands import places
from haechi.commands.errors import CommandError, mendable
from haechi.commands.struct_fields import read_struct_fields
from haechi.commands.supervisor import say_ready
from haechi.ids import device_id
from haechi.settings import Settings

SOFTWARE: Final = "haechi-ais 0.1"


def run_ais(settings: Settings, device: str, address: str) -> None:
    """Carry an AIS receiver's sentences to the platform, until a signal or the source's end."""
    boot = new_boot()
    with mendable(SourceError, OutboxBusyError):
        misread = undecodable(settings, device_id(device), boot)
        waiting = outbox(settings, device, boot)
        source = open_source(address, misread.keep)
    if isinstance(source, Recording):
        raise CommandError(f"{address} is a file: use haechi replay, or cat it to standard input")
    sending = uplink(
        settings, device, waiting, lambda: misread.total, failures=lambda: source.failures
    )
    with agent.stopping_on_signals() as stopped:
        say_ready(device=device, boot=boot)
        agent.run(source, waiting, sending, stopped, kept=misread.commit)
    misread.close()


def run_voyages(settings: Settings, device: str, path: Path) -> None:
    """Declare the voyages of a file, until ingest has them all."""
    with mendable(VoyageFileError, OutboxBusyError):
        source = VoyageFile(path)
        waiting = Outbox(
            places.agent_folder(settings, device_id(device)), device=device, boot=source.boot
        )
    sending = uplink(settings, device, waiting, lambda: 0)
    with agent.stopping_on_signals() as stopped:
        agent.run(source, waiting, sending, stopped)


def outbox(settings: Settings, device: str, boot: str) -> Outbox:
    """Return an agent's outbox."""
    return Outbox(places.agent_folder(settings, device), device=device, boot=boot)


def undecodable(settings: Settings, device: str, boot: str) -> UndecodableStore:
    """Return where an agent keeps what nobody understands."""
    folder = places.agent_folder(settings, device)
    return UndecodableStore(folder / "undecodable.sqlite", boot)


def uplink(
    settings: Settings,
    device: str,
    waiting: Outbox,
    misread: Callable[[], int],
    software: str = SOFTWARE,
    *,
    failures: Callable[[], int] = lambda: 0,
    on_command: Callable[[bytes], object] | None = None,
) -> Uplink:
    """Return an agent's way to the broker, and its commands' way back if it takes any.

    Args:
        settings: Which site, and where its broker is.
        device: Who speaks.
        waiting: Its outbox.
        misread: Inputs that nobody understood so far.
        software: Kind and version.
        failures: How often its source broke off or could not be opened so far.
        on_command: Takes commands, see ``Uplink``.
    """
    read_struct_fields()
    takes_commands = on_command is not None
    return Uplink(
        waiting,
        over_mqtt(places.endpoint(settings), settings.site, device, takes_commands=takes_commands),
        Speaker(settings.site, device, software, misread, failures),
        on_command=on_command,
    )


def new_boot() -> str:
    """Return a name for this start: when, and a token, since clocks can be wrong."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%S}-{token_hex(4)}"
