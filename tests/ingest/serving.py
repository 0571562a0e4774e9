"""Ingest in a thread of the test's own process."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from haechi.commands import rulebook
from haechi.mqtt import Endpoint
from haechi.settings import load
from ingest.ports import Store
from ingest.service import Service, utc_now
from ingest.stores.sqlite import SqliteStore


@contextmanager
def serving(make: Callable[[], tuple[Service, Store]]) -> Generator[Service]:
    """Run a service until the end; it and its store are made in the thread that they run in."""
    ready, box = threading.Event(), list[Service]()

    def run() -> None:
        service, store = make()
        box.append(service)
        ready.set()
        service.run()
        store.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(20)
    try:
        yield box[0]
    finally:
        box[0].stop()
        thread.join(20)


def by_default(
    folder: Path, endpoint: Endpoint, site: str, *, clock: Callable[[], datetime] = utc_now
) -> Callable[[], tuple[Service, SqliteStore]]:
    """Return what makes a service with the default rules, and its store ``haechi.db``."""

    def make() -> tuple[Service, SqliteStore]:
        settings = load(data_dir=folder, site=site, metrics_port=0)
        store = SqliteStore(folder / "haechi.db", keeper=True)
        service = Service(
            settings=settings,
            endpoint=endpoint,
            store=store,
            judging=rulebook.judging(settings),
            alarming=rulebook.alarming(settings),
            clock=clock,
        )
        return service, store

    return make
