"""``haechi agent frigate`` and ``owntracks``: the systems of others, read from their broker."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from edge import agent
from edge.guests import frigate, owntracks
from edge.guests.frigate import FrameSize
from edge.guests.mailbox import Mailbox, Read
from edge.outbox_file import OutboxBusyError
from haechi.commands import agents
from haechi.commands.addresses import host_and_port
from haechi.commands.errors import CommandError, mendable
from haechi.commands.supervisor import say_ready
from haechi.ids import device_id
from haechi.mqtt import Endpoint
from haechi.settings import Settings


def run_frigate(
    settings: Settings, device: str, broker: str, ca_file: Path | None, frames: Sequence[str]
) -> None:
    """Carry the events of a Frigate recorder, until a signal."""
    sizes = dict(map(frame_size, frames))
    if not sizes:
        raise CommandError("no camera: state each with --frame NAME=WIDTHxHEIGHT")
    read = partial(frigate.read, sizes=sizes)
    _run(settings, device, endpoint(broker, ca_file), frigate.FILTERS, read)


def run_owntracks(settings: Settings, device: str, broker: str, ca_file: Path | None) -> None:
    """Carry the positions of officers' phones, until a signal."""
    _run(settings, device, endpoint(broker, ca_file), owntracks.FILTERS, owntracks.read)


def frame_size(text: str) -> tuple[str, FrameSize]:
    """Return (camera, size) of ``NAME=WIDTHxHEIGHT``.

    Raises:
        CommandError: it is not that.

    >>> frame_size("front_door=1280x720")
    ('front_door', FrameSize(width=1280, height=720))
    """
    camera, _, size = text.partition("=")
    width, _, height = size.partition("x")
    if not (camera and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise CommandError(f"{text!r}: write NAME=WIDTHxHEIGHT, such as front_door=1280x720")
    return camera, FrameSize(int(width), int(height))


def endpoint(text: str, ca_file: Path | None) -> Endpoint:
    """Return the other system's broker of ``HOST:PORT``.

    Raises:
        CommandError: it is not that, or it is another machine and there is no TLS.
    """
    host, port = host_and_port(text, "127.0.0.1:1883")
    try:
        return Endpoint(host=host, port=port, ca_file=str(ca_file) if ca_file else None)
    except ValueError as error:
        raise CommandError(f"{error} (--ca-file)") from error


def _run(
    settings: Settings, device: str, broker: Endpoint, filters: tuple[str, ...], read: Read
) -> None:
    boot = agents.new_boot()
    with mendable(OutboxBusyError):
        misread = agents.undecodable(settings, device_id(device), boot)
        waiting = agents.outbox(settings, device, boot)
    source = Mailbox(broker, f"{device}-reader", filters, read, misread.keep)
    sending = agents.uplink(settings, device, waiting, lambda: misread.total)
    with agent.stopping_on_signals() as stopped:
        say_ready(device=device, boot=boot)
        agent.run(source, waiting, sending, stopped, kept=misread.commit)
    misread.close()
