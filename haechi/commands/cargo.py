"""Composes advance cargo: which database, the console's part, and the cross-check that follows."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import structlog

from analytics.crosscheck.gates import Gate, read_gates
from analytics.crosscheck.register import Register
from dashboards.aci_desk import AciConsole, Told
from haechi.aci.manifest import Document
from haechi.aci.policy import Policies, read_policies
from haechi.commands import places
from haechi.commands.errors import CommandError, mendable
from haechi.commands.struct_fields import read_struct_fields
from haechi.settings import DEFAULTS, Settings
from ingest.aci.database import Database
from ingest.aci.declaring import Declaring
from ingest.aci.live import MAX_JUDGED, Live
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.aci.telling import Statement
from ingest.aci.verdicts import Verdicts
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.reading import read
from ingest.ports import BatchRejectedError, StoreUnavailableError
from ingest.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from edge.outage import Outage
    from haechi.commands.publishing import Publish

DEVICE: Final = "cargo"
"""As which the cross-check speaks to the platform; no other device may have the name."""
SOFTWARE: Final = "haechi-cargo 0.1"
FILE: Final = "aci.db"
"""Name of the database in the data directory, where no other is set."""
LOOK_EVERY_S: Final = 0.5
"""Seconds between two looks of the cross-check."""
OPEN_AGAIN_S: Final = 1.0

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def register(settings: Settings) -> Register:
    """Open the register for the thread that calls.

    Raises:
        StoreUnavailableError: the database cannot be reached now.
        CommandError: PostgreSQL is set, and its driver is not installed.
    """
    return SqlRegister(_database(settings))


def policies() -> Policies:
    """Return the rules of advance cargo that come with Haechi."""
    return read_policies((DEFAULTS / "aci_policy.toml").read_text(encoding="utf-8"))


def gates(settings: Settings) -> tuple[Gate, ...]:
    """Return where containers pass a device.

    Raises:
        CommandError: the file is absent or wrong.
    """
    if not settings.gates_file:
        return ()
    with mendable():
        return read_gates(Path(settings.gates_file).read_text(encoding="utf-8"))


def console(settings: Settings) -> AciConsole:
    """Return what the console's routes of advance cargo work with."""
    places.store_path(settings)  # makes the data directory
    return AciConsole(
        open_register=lambda: register(settings),
        policies=policies(),
        read=_read,
        unreadable=DocumentRefusedError,
        rejected=BatchRejectedError,
        folder=settings.data_dir / "incoming",
    )


def follow(settings: Settings, stop: Event) -> Thread:
    """Judge shipments in a thread of their own as what they rest on changes, and tell of it.

    One process does so for a data directory: another waits until that has ended. What fails is
    tried again, and said when it begins and when it is over.
    """
    from edge.outage import Outage  # noqa: PLC0415 - a process holds what it runs
    from edge.outbox_file import OutboxBusyError  # noqa: PLC0415 - as above
    from haechi.commands.publishing import publishing  # noqa: PLC0415 - as above

    gates(settings)  # a file that is wrong is said at the start
    read_struct_fields()
    outage = Outage("cross-check")

    def work() -> None:
        while not stop.is_set():
            try:
                with publishing(settings, DEVICE, software=SOFTWARE) as publish:
                    _follow(settings, stop, publish, outage)
            except OutboxBusyError as error:
                outage.fails(f"another process does it: {error}")
                stop.wait(OPEN_AGAIN_S)
            except OSError as error:
                outage.fails(error)
                stop.wait(OPEN_AGAIN_S)
            except Exception:  # noqa: BLE001 - the outermost loop: logged, and tried again
                _log.exception("the cross-check begins again")
                stop.wait(OPEN_AGAIN_S)

    thread = Thread(target=work, name="cross-check")
    thread.start()
    return thread


def _follow(settings: Settings, stop: Event, publish: "Publish", outage: "Outage") -> None:
    while not stop.is_set():
        try:
            with _following(settings, publish) as look:
                while not stop.is_set():
                    judged = look(datetime.now(UTC))
                    outage.ends()
                    if judged < MAX_JUDGED:
                        stop.wait(LOOK_EVERY_S)
        except StoreUnavailableError as error:
            outage.fails(error)
            stop.wait(OPEN_AGAIN_S)


@contextmanager
def _following(settings: Settings, publish: "Publish") -> Generator[Callable[[datetime], int]]:
    """Give what looks once and returns how many shipments it has judged."""
    from edge.measured import Measured  # noqa: PLC0415 - a process holds what it runs

    def tell(statements: Sequence[Statement]) -> None:
        publish([Measured(*each, urgent=True) for each in statements])

    with (
        closing(SqliteStore(places.store_path(settings))) as platform,
        closing(_database(settings)) as database,
    ):
        declaring = Declaring(database, tell)
        verdicts = Verdicts(database, tell, platform.latest_of)
        live = Live(platform, SqlRegister(database), policies(), verdicts.note, gates(settings))

        def look(now: datetime) -> int:
            for fault in declaring.look(now):
                _log.warning("a voyage cannot be declared to the rules", fault=fault)
            judged = len(live.look(now))
            verdicts.look()
            return judged

        yield look


def _database(settings: Settings) -> Database:
    if not settings.aci_database_url:
        places.store_path(settings)  # makes the data directory
        return SqliteDatabase(settings.data_dir / FILE)
    try:
        from ingest.aci.postgres import PostgresDatabase  # noqa: PLC0415 - an extra
    except ImportError as error:
        said = "aci_database_url: the driver is absent; pip install 'haechi[postgres]'"
        raise CommandError(said) from error
    return PostgresDatabase(settings.aci_database_url)


def _read(path: Path, name: str, told: Told) -> Document:
    with path.open("rb") as stream:
        return read(stream, name=name, told=told)
