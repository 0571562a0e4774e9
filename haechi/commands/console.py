"""``haechi console``: serves the page, and sends pushes. ``haechi push test``."""

import os
from threading import Event, Thread
from typing import Final

import structlog
from msgspec.structs import replace

from analytics.pushes import pushes_for
from dashboards.channels import ChannelSetupError, open_channels
from dashboards.desk import Console
from dashboards.health import ask
from dashboards.ports import NotSentError, Sender
from dashboards.pushes import PushWorker, send_test
from dashboards.service import serve
from haechi.commands import cargo, places, rulebook
from haechi.commands.alone import alone
from haechi.commands.errors import CommandError, mendable
from haechi.commands.pauses import make_pauses_rare
from haechi.commands.struct_fields import read_struct_fields
from haechi.commands.supervisor import say_ready
from haechi.pushes import PushPolicy
from haechi.settings import Settings
from ingest.ports import BatchRejectedError, StoreUnavailableError
from ingest.stores.sqlite import SqliteStore

OPEN_AGAIN_S: Final = 1.0
"""Seconds after which a store that could not be opened is tried again."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Run until a signal."""
    stop = Event()
    unavailable = (ChannelSetupError, StoreUnavailableError, BatchRejectedError)
    with mendable(*unavailable), alone(settings, "console"):
        # Said in a line here, rather than at length by each of those who will open it.
        SqliteStore(places.store_path(settings)).close()
        pushing = _start_pushing(settings, stop)
        checking = cargo.follow(settings, stop)
        try:
            serve(
                _console(settings),
                host=settings.console_host,
                port=settings.console_port,
                bell=places.bell_path(settings),
                ready=_ready,
            )
        finally:
            stop.set()
            pushing.join()
            checking.join()


def _ready(address: str) -> None:
    make_pauses_rare()
    say_ready(address=address)


def push_test(settings: Settings, channel: str) -> str:
    """Send a message that says that it is a test over one channel; return its key."""
    policy = rulebook.policies(settings).pushes
    chosen = tuple(each for each in policy.channels if each.name == channel)
    if not chosen:
        known = ", ".join(each.name for each in policy.channels)
        raise CommandError(f"there is no channel {channel!r}; there are {known}")
    with mendable(ChannelSetupError, NotSentError):
        sender = _senders(settings, replace(policy, channels=chosen), "test")[channel]
        voice = rulebook.voice(settings, rulebook.zones(settings))
        try:
            return send_test(sender, channel, site=settings.site, voice=voice).id
        finally:
            sender.close()


def _console(settings: Settings) -> Console:
    said = rulebook.policies(settings)
    voice = rulebook.voice(settings, rulebook.zones(settings))
    return Console(
        open_store=lambda: SqliteStore(places.store_path(settings)),
        unavailable=StoreUnavailableError,
        health=lambda: ask(f"http://127.0.0.1:{settings.metrics_port}/health"),
        zones_geojson=settings.zones_path.read_text(encoding="utf-8"),
        alarm_policy=said.alarms,
        pushes_after=lambda handled: pushes_for(*handled, said.pushes, last={}, voice=voice),
        site=settings.site,
        time_zone=settings.time_zone,
        language=settings.language,
        aci=cargo.console(settings),
    )


def _start_pushing(settings: Settings, stop: Event) -> Thread:
    """Send pushes in a thread of their own, with a store of its own."""
    policy = rulebook.policies(settings).pushes
    senders = _senders(settings, policy, "pushes")
    voice = rulebook.voice(settings, rulebook.zones(settings))
    read_struct_fields()

    def work() -> None:
        while not stop.is_set():
            try:
                # An alarm that is just being kept does not wait for the note that another's push
                # went out. A power cut may lose that note; then the push goes out again.
                store = SqliteStore(places.store_path(settings), durable=False)
            except StoreUnavailableError as error:
                _log.warning("pushes wait for the store", error=str(error))
                stop.wait(OPEN_AGAIN_S)
                continue
            PushWorker(store, senders, policy, voice).run(stop)
            store.close()

    thread = Thread(target=work, name="pushes")
    thread.start()
    return thread


def _senders(settings: Settings, policy: PushPolicy, purpose: str) -> dict[str, Sender]:
    return open_channels(
        policy,
        endpoint=places.endpoint(settings),
        client_id=f"haechi-{purpose}.{settings.site}",
        environ=os.environ,
    )
