"""Composes advance cargo: which database, the console's part, and the cross-check that follows."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Final

import structlog

from analytics.crosscheck.register import Register
from dashboards.aci_desk import AciConsole, Told
from haechi.aci.manifest import Document
from haechi.aci.policy import Policies, read_policies
from haechi.commands import places
from haechi.commands.errors import CommandError
from haechi.settings import DEFAULTS, Settings
from ingest.aci.database import Database
from ingest.aci.live import MAX_JUDGED, Live
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.reading import read
from ingest.ports import BatchRejectedError, StoreUnavailableError
from ingest.stores.sqlite import SqliteStore

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
    """Judge shipments in a thread of their own as what they rest on changes."""

    def work() -> None:
        while not stop.is_set():
            try:
                _follow(settings, stop)
            except StoreUnavailableError as error:
                _log.warning("the cross-check waits for a store", error=str(error))
                stop.wait(OPEN_AGAIN_S)
            except Exception:  # noqa: BLE001 - the outermost loop: logged, and tried again
                _log.exception("the cross-check begins again")
                stop.wait(OPEN_AGAIN_S)

    thread = Thread(target=work, name="cross-check")
    thread.start()
    return thread


def _follow(settings: Settings, stop: Event) -> None:
    platform, kept = SqliteStore(places.store_path(settings)), register(settings)
    try:
        live = Live(platform, kept, policies())
        while not stop.is_set():
            if len(live.look(datetime.now(UTC))) < MAX_JUDGED:
                stop.wait(LOOK_EVERY_S)
    finally:
        platform.close()
        kept.close()


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
