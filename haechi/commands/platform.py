"""The whole platform on one machine: broker, ingest, console, and what a demo adds to them."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Event
from typing import Final
from urllib.parse import urlsplit

from edge.agent import stopping_on_signals
from haechi.commands.alone import alone
from haechi.commands.errors import mendable
from haechi.commands.places import environment
from haechi.commands.places import joined as joined_to
from haechi.commands.progress import note
from haechi.commands.supervisor import ChildError, StoppedError, Supervisor
from haechi.settings import Settings
from ingest.broker.process import Broker, BrokerError, start_broker

LOOK_S: Final = 0.5
BROKER_LOOK_S: Final = 3.0


def run(settings: Settings, *, demo: Callable[[Supervisor, Settings], None] | None = None) -> None:
    """Run until a signal, restarting whatever ends.

    Args:
        settings: For all processes.
        demo: Adds processes once the platform serves.

    Raises:
        CommandError: the data directory is in use, or something did not start.
    """
    with mendable(BrokerError, ChildError):
        _run(settings, demo)


def _run(settings: Settings, demo: Callable[[Supervisor, Settings], None] | None) -> None:
    with stopping_on_signals() as stopped, alone(settings), _broker(settings) as broker:
        joined = settings
        if broker is not None:
            note(f"broker   {broker.kind} on {broker.host}:{broker.port}")
            if broker.warning:
                note(f"warning  {broker.warning}")
            joined = joined_to(settings, broker)
        with suppress(StoppedError), Supervisor(note, stopped) as supervisor:
            _start(supervisor, joined, demo)
            _tend(supervisor, broker, stopped)


def _start(
    supervisor: Supervisor,
    settings: Settings,
    demo: Callable[[Supervisor, Settings], None] | None,
) -> None:
    ingest = supervisor.start("ingest", "ingest", **environment(settings))
    settings = settings.model_copy(update={"metrics_port": ingest.facts["metrics_port"]})
    ingest.settle(HAECHI_METRICS_PORT=str(settings.metrics_port))
    note(f"ingest   metrics and health on http://127.0.0.1:{settings.metrics_port}/metrics")
    console = supervisor.start("console", "console", **environment(settings))
    address = str(console.facts["address"])
    settings = settings.model_copy(update={"console_port": urlsplit(address).port})
    console.settle(HAECHI_CONSOLE_PORT=str(settings.console_port))
    if demo is not None:
        demo(supervisor, settings)
    note(f"\nThe map: {address}   (Ctrl-C ends everything)\n")


def _tend(supervisor: Supervisor, broker: Broker | None, stopped: Event) -> None:
    looked = time.monotonic()
    while not stopped.wait(LOOK_S):
        supervisor.tend()
        if broker is not None and time.monotonic() - looked >= BROKER_LOOK_S:
            looked = time.monotonic()
            _revive(broker)


def _revive(broker: Broker) -> None:
    """Start the broker again if it is gone, or there but deaf."""
    if broker.poll() is None and broker.answers():
        return
    note(f"{broker.kind} does not answer; starting it again")
    try:
        broker.restart()
    except BrokerError as error:
        note(str(error))


@contextmanager
def _broker(settings: Settings) -> Generator[Broker | None]:
    """Give a broker of our own, unless another's is set."""
    if settings.mqtt_host:
        note(f"broker   {settings.mqtt_host}:{settings.mqtt_port or 1883}, not ours")
        yield None
        return
    with start_broker(settings.data_dir / "broker", settings.mqtt_port) as broker:
        yield broker
