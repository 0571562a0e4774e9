"""The console's process, as far as it is more than the server."""

from pathlib import Path
from threading import Event

from haechi.commands import console, places
from haechi.pushes import PushStatus
from haechi.settings import load
from ingest.stores import sqlite_file
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.dashboards.post import push

ONE_CHANNEL = """
rules = []
channels = [{ name = "page", type = "console" }]
"""


def test_pushes_wait_for_a_store_that_cannot_be_opened_yet(
    tmp_path: Path, eventually: Eventually
) -> None:
    """A damaged file that ingest is about to replace must not end notification in silence."""
    (tmp_path / "pushes.toml").write_text(ONE_CHANNEL)
    settings = load(data_dir=tmp_path / "data", pushes_file=str(tmp_path / "pushes.toml"))
    path = places.store_path(settings)
    path.write_bytes(b"not a database" * 100)
    stop = Event()
    pushing = console._start_pushing(settings, stop)  # pyright: ignore[reportPrivateUsage] - the thread without the server
    sqlite_file.set_aside(path)
    keeper = SqliteStore(path, keeper=True)
    with keeper.writing() as writing:
        writing.add_push(push(1, "page"))
    eventually(lambda: [each.status for each in keeper.pushes()] == [PushStatus.SENT])
    stop.set()
    pushing.join(10)
    keeper.close()
    assert not pushing.is_alive()
