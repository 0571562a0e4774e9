"""One platform, one ingest and one console hold a data directory, and none after its end."""

import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from haechi.commands import alone as holding
from haechi.commands.alone import alone
from haechi.commands.errors import CommandError
from haechi.settings import load
from tests.processes import PYTHON, ROOT

HOLDER = """
import sys
from pathlib import Path
from haechi.commands.alone import alone
from haechi.settings import load

with alone(load(data_dir=Path(sys.argv[1])), "ingest"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_part_is_held_by_one_of_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform and its parts share the directory; the second of a kind is told what to do."""
    monkeypatch.setattr(holding, "HANDOVER_S", 0)
    settings = load(data_dir=tmp_path / "data")
    with alone(settings), alone(settings, "ingest"), alone(settings, "console"):
        for part, name in {"": "haechi", "ingest": "haechi ingest"}.items():
            says = f"is in use by another {name}; stop it, or set HAECHI_DATA_DIR"
            with pytest.raises(CommandError, match=says), alone(settings, part):
                pass
    with alone(settings, "ingest"):
        assert (settings.data_dir / "ingest.lock").exists()


def test_one_that_is_being_ended_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the ingest of a platform that was killed, when the next platform starts its own."""
    settings, before = load(data_dir=tmp_path), ExitStack()
    before.enter_context(alone(settings, "ingest"))
    waits: list[float] = []

    def ending(seconds: float) -> None:
        waits.append(seconds)
        before.close()

    monkeypatch.setattr("time.sleep", ending)
    with alone(settings, "ingest"):
        assert waits == [holding.LOOK_S]


def test_one_that_was_killed_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file stays and means nothing."""
    monkeypatch.setattr(holding, "HANDOVER_S", 0)
    command = [PYTHON, "-c", HOLDER, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CommandError), alone(load(data_dir=tmp_path), "ingest"):
            pass
        holder.kill()
        holder.wait()
        with alone(load(data_dir=tmp_path), "ingest"):
            assert (tmp_path / "ingest.lock").exists()
