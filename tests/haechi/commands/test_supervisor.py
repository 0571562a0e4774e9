"""Processes are started, restarted and ended, and nobody is waited for who need not be."""

from pathlib import Path
from threading import Event, Thread

import pytest

from haechi.commands import supervisor as supervising
from haechi.commands.supervisor import Child, ChildError, StoppedError, Supervisor
from tests.conftest import Eventually

PROGRAM = """
import pathlib, signal, sys
said = pathlib.Path(sys.argv[1])
said.write_text(said.read_text() + "started ")
if sys.argv[2] == "ends":
    sys.exit(3)
if sys.argv[2] == "serves" or said.read_text().count("started") == 1 and sys.argv[2] == "once":
    print('ready {"port": 7}', flush=True)
signal.pause()
"""


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a stand-in for ``python -m haechi`` notes that it runs."""
    (tmp_path / "haechi").mkdir()
    (tmp_path / "haechi" / "__init__.py").touch()
    (tmp_path / "haechi" / "__main__.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    note = tmp_path / "note"
    note.touch()
    return note


def test_what_a_process_says_when_it_is_ready_is_known(said: Path) -> None:
    """Its port, say: the next process is told it."""
    with Supervisor(print) as supervisor:
        assert supervisor.start("a", str(said), "serves").facts == {"port": 7}


def test_a_process_that_ends_at_its_start_is_named(said: Path) -> None:
    """With its status."""
    with Supervisor(print) as supervisor, pytest.raises(ChildError, match="a ended with status 3"):
        supervisor.start("a", str(said), "ends")


def test_processes_start_side_by_side(said: Path) -> None:
    """As many as are allowed; the one that fails is named, and the others end with it."""
    with Supervisor(print) as supervisor:
        served = [Child(name, (str(said), "serves"), {}) for name in "abc"]
        supervisor.start_all(served, at_once=2)
        assert [child.facts for child in served] == 3 * [{"port": 7}]
        failing = [Child("d", (str(said), "serves"), {}), Child("e", (str(said), "ends"), {})]
        with pytest.raises(ChildError, match="e ended with status 3"):
            supervisor.start_all(failing, at_once=2)
    assert all(child.poll() is not None for child in (*served, *failing))


def test_the_end_does_not_wait_for_a_process_that_still_starts(
    said: Path, eventually: Eventually
) -> None:
    """Told to end, it is ended like the others."""
    stopped = Event()

    def stop() -> None:
        eventually(said.read_text, what="the process")
        stopped.set()

    telling = Thread(target=stop)
    telling.start()
    with pytest.raises(StoppedError), Supervisor(print, stopped) as supervisor:
        supervisor.start("a", str(said), "never ready")
    telling.join()
    assert said.read_text() == "started "


def test_tending_waits_for_nobody(
    said: Path, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed and does not come up again is ended when its time is over."""
    reports: list[str] = []
    with Supervisor(reports.append) as supervisor:
        child = supervisor.start("a", str(said), "once")

        def has_said(words: str) -> bool:
            supervisor.tend()
            return any(words in line for line in reports)

        child.kill()
        eventually(lambda: has_said("starting it again"), what="the restart")
        eventually(lambda: said.read_text().count("started") == 2, what="the second process")
        supervisor.tend()
        assert child.poll() is None
        monkeypatch.setattr(supervising, "START_LIMIT_S", 0.0)
        eventually(lambda: has_said("is not ready after"), what="the end of patience")
