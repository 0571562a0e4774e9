"""What the doctor sees of machines that are not like this one."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from haechi.commands.doctor import Verdict, examine
from haechi.commands.places import STORE
from haechi.messages import DeviceState
from haechi.settings import load
from ingest.stores.sqlite import SqliteStore

Break = Callable[[pytest.MonkeyPatch], None]


def with_old_sqlite(patch: pytest.MonkeyPatch) -> None:
    """Have the SQLite of a distribution that is still supported."""
    patch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))


def with_little_room(patch: pytest.MonkeyPatch) -> None:
    """Have a disk that is nearly full."""

    def usage(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=5_000_000)

    patch.setattr(shutil, "disk_usage", usage)


def in_the_open(patch: pytest.MonkeyPatch) -> None:
    """Have a console that others could reach."""
    patch.setenv("HAECHI_CONSOLE_HOST", "0.0.0.0")  # noqa: S104 - as somebody might set it


def without_a_broker(patch: pytest.MonkeyPatch) -> None:
    """Have none installed."""

    def none(*_: object, **__: object) -> None:
        return None

    patch.setattr(shutil, "which", none)
    patch.setattr("importlib.util.find_spec", none)


@pytest.mark.parametrize(
    ("ill", "seen"),
    [
        (with_old_sqlite, ("program", Verdict.FAULT, "3.37.0 or newer; use another Python")),
        (with_little_room, ("data directory", Verdict.WARNING, "only 5 MB free: make room")),
        (in_the_open, ("ports", Verdict.FAULT, "set console_host to 127.0.0.1")),
        (without_a_broker, ("broker", Verdict.FAULT, "apt install mosquitto")),
    ],
)
def test_what_is_ill_is_named_with_what_to_do(
    ill: Break, seen: tuple[str, Verdict, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else is blamed for it."""
    before = {*examine(load(data_dir=tmp_path))}
    ill(monkeypatch)
    (found,) = {*examine(load(data_dir=tmp_path))} - before
    name, verdict, advice = seen
    assert (found.name, found.verdict) == (name, verdict)
    assert advice in found.detail


def clock_of(folder: Path) -> tuple[Verdict, str]:
    """Return what is said of the clock."""
    (found,) = (each for each in examine(load(data_dir=folder)) if each.name == "clock")
    return found.verdict, found.detail


def keep_word(folder: Path, at: datetime) -> Path:
    """Return a store that has a device's word of some time."""
    path = folder / STORE
    with closing(SqliteStore(path, keeper=True)) as store, store.writing() as writing:
        said = DeviceState(device="ais-1", boot="boot-1", online=True, at=at)
        writing.device_state("busan", said)
    return path


def test_a_clock_is_believed_until_something_speaks_against_it(tmp_path: Path) -> None:
    """A store that is not there says nothing, nor does a device a little ahead of us."""
    assert clock_of(tmp_path)[0] is Verdict.OK
    keep_word(tmp_path, datetime.now(UTC) + timedelta(minutes=1))
    assert clock_of(tmp_path) == (Verdict.OK, "not behind the store, nor 1 devices")


def test_a_clock_that_was_put_back_is_behind_its_own_store(tmp_path: Path) -> None:
    """As of a machine that lost its time with its power, and has not been told it since."""
    path, tomorrow = keep_word(tmp_path, datetime.now(UTC)), time.time() + 86_400
    os.utime(path, (tomorrow, tomorrow))
    verdict, detail = clock_of(tmp_path)
    assert verdict is Verdict.WARNING
    assert f"{datetime.fromtimestamp(tomorrow, UTC):%F %T}Z, which is to come; this" in detail


def test_devices_that_are_ahead_are_named(tmp_path: Path) -> None:
    """Either they are, or we are behind: a person sees which by how many there are."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    keep_word(tmp_path, tomorrow)
    verdict, detail = clock_of(tmp_path)
    assert verdict is Verdict.WARNING
    assert f"busan/ais-1 of {tomorrow:%F %T}Z; their clocks are ahead, or" in detail
