"""What the doctor sees of machines that are not like this one."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from haechi.commands.doctor import Verdict, examine
from haechi.settings import load

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
