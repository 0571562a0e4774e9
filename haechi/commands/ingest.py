"""``haechi ingest``: keeps and judges what arrives."""

from contextlib import ExitStack

from haechi.commands import places, rulebook
from haechi.commands.alone import alone
from haechi.commands.errors import mendable
from haechi.commands.pauses import make_pauses_rare
from haechi.commands.signals import on_end
from haechi.commands.struct_fields import read_struct_fields
from haechi.commands.supervisor import say_ready
from haechi.settings import Settings
from ingest.ports import BatchRejectedError, StoreUnavailableError
from ingest.service import Service
from ingest.stores.sqlite import SqliteStore
from ingest.wake import Bell


def run(settings: Settings, *, ticking: bool) -> None:
    """Run until a signal.

    Args:
        settings: Everything.
        ticking: Whether the wall clock may say that nobody speaks; not for recordings.

    Raises:
        CommandError: another is there, or something cannot be opened.
    """
    read_struct_fields()
    with ExitStack() as held:
        with mendable(StoreUnavailableError, BatchRejectedError):
            held.enter_context(alone(settings, "ingest"))
            service = _service(settings, ticking=ticking)
        on_end(service.stop)
        make_pauses_rare()
        say_ready(metrics_port=service.metrics_port)
        service.run()


def _service(settings: Settings, *, ticking: bool) -> Service:
    return Service(
        settings=settings,
        endpoint=places.endpoint(settings),
        store=SqliteStore(places.store_path(settings), keeper=True),
        judging=rulebook.judging(settings, lagging=ticking),
        alarming=rulebook.alarming(settings),
        ring=Bell(settings.data_dir).ring,
        ticking=ticking,
    )
