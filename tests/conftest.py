"""What several tests need: recordings, a broker, a small disk, a way to wait for what will be."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from tests.edge.rig import Broker

# Whoever runs the tests in the background of a script has Ctrl-C ignored, in all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


class Recording(Protocol):
    """Finds a recording or skips the test."""

    def __call__(self, name: str) -> Path:
        """Return the path of ``name`` below the shared data."""
        ...


@pytest.fixture(scope="session")
def recording() -> Recording:
    """Return a finder of real recordings, which users do not have: their tests are skipped."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"recording {name} is not on this machine")
        return path

    return find


class Eventually(Protocol):
    """Waits for a condition."""

    def __call__(
        self, condition: Callable[[], object], *, within_s: float = 20, what: str = ""
    ) -> None:
        """Return once ``condition()`` is true; fail the test if it is not in time."""
        ...


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Return a waiter that polls: tests of real processes wait for effects, never for time.

    What takes long to look at is looked at less often: a wait must leave the machine to others.
    """

    def wait(condition: Callable[[], object], *, within_s: float = 20, what: str = "") -> None:
        looked = time.monotonic()
        deadline = looked + within_s
        while not condition():
            now = time.monotonic()
            if now > deadline:
                pytest.fail(f"not within {within_s} s: {what or condition}")
            time.sleep(min(max(0.02, 4 * (now - looked)), 0.5))
            looked = time.monotonic()

    return wait


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a disk of 2 MB."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "haechi-test", str(folder)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator["Broker"]:
    """Return a Mosquitto that anybody on this machine may use, and a test may end and begin."""
    from tests.edge.rig import Broker  # noqa: PLC0415 - most tests need nothing of it

    running = Broker(tmp_path / "broker")
    yield running
    running.end(signal.SIGKILL)
