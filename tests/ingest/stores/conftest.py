"""A store of each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.ports import Store
from ingest.stores.memory import MemoryStore
from ingest.stores.sqlite import SqliteStore

Make = Callable[[Path], Store]


def _memory(_: Path) -> Store:
    return MemoryStore()


def _sqlite(folder: Path) -> Store:
    return SqliteStore(folder / "store.sqlite", keeper=True)


@pytest.fixture(params=[_memory, _sqlite], ids=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return an empty store of each kind."""
    make: Make = request.param
    opened = make(tmp_path)
    yield opened
    opened.close()
