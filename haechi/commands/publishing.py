"""Readings that a command or a service of the platform itself publishes, like any other device."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from threading import Timer

from edge import agent
from edge.measured import Measured
from edge.outbox_file import OutboxBusyError
from edge.said import Said
from haechi.commands import agents
from haechi.commands.errors import mendable
from haechi.ids import device_id
from haechi.settings import Settings

Publish = Callable[[Sequence[Measured]], None]
"""Returns once they are on disk: from then on they are sent at least once, whatever happens."""


def published(
    settings: Settings, device: str, readings: Sequence[Measured], *, software: str, wait_s: float
) -> bool:
    """Put readings into a device's outbox; return whether the platform has all that is in it.

    Raises:
        CommandError: another process publishes as this device.
    """
    with mendable(OutboxBusyError):
        waiting = agents.outbox(settings, device_id(device), agents.new_boot())
    sending = agents.uplink(settings, device, waiting, lambda: 0, software)
    with agent.stopping_on_signals() as stopped:
        limit = Timer(wait_s, stopped.set)
        limit.start()
        agent.run(Said(readings), waiting, sending, stopped)
        limit.cancel()
    return waiting.pending == 0


@contextmanager
def publishing(settings: Settings, device: str, *, software: str) -> Generator[Publish]:
    """Be a device for as long as the context lasts; what has not gone by then goes the next time.

    Raises:
        OutboxBusyError: another process publishes as this device.
    """
    waiting = agents.outbox(settings, device_id(device), agents.new_boot())
    sending = agents.uplink(settings, device, waiting, lambda: 0, software)

    def publish(readings: Sequence[Measured]) -> None:
        waiting.append(readings)
        sending.wake()

    sending.start()
    try:
        yield publish
    finally:
        sending.stop()
        waiting.close()
