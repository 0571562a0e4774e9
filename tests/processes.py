"""Processes of the platform as a user starts them: to be read, killed and begun again."""

import json
import os
import re
import signal
import subprocess
import sys
from atexit import register
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from haechi.commands.supervisor import READY

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
HAECHI = (PYTHON, "-m", "haechi")
START_S = 60
"""How long a process may take to serve, however loaded the machine is."""

_COMPILED = TemporaryDirectory(prefix="haechi-tests-")
register(_COMPILED.cleanup)


def environment(**settings: object) -> dict[str, str]:
    """Return this environment with these settings of Haechi and no other.

    Where nobody may write bytecode beside the program, as in some sandboxes, every start would
    compile it all again: three times as slow as an installed program. It goes elsewhere then.
    """
    outer = {name: value for name, value in os.environ.items() if not name.startswith("HAECHI_")}
    if outer.pop("PYTHONDONTWRITEBYTECODE", ""):
        outer["PYTHONPYCACHEPREFIX"] = _COMPILED.name
    return outer | {f"HAECHI_{name.upper()}": str(value) for name, value in settings.items()}


def haechi(
    *arguments: object, folder: Path, within_s: float = 110, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, in a folder of its own that is also its home.

    Args:
        arguments: What stands behind ``haechi``.
        folder: Where it runs; data goes to ``folder/data`` unless the settings say otherwise.
        within_s: How long it may take.
        settings: ``HAECHI_*``, without the prefix.
    """
    env = environment(**{"data_dir": folder / "data", **settings}) | {"HOME": str(folder)}
    return subprocess.run(
        [*HAECHI, *map(str, arguments)],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def children(pid: int) -> list[int]:
    """Return the processes below another, all generations, as Linux knows them."""
    own = Path(f"/proc/{pid}/task")
    found = [int(one) for task in own.glob("*/children") for one in task.read_text().split()]
    return [*found, *(below for one in found for below in children(one))]


def is_alive(pid: int) -> bool:
    """Return whether a process runs: one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@dataclass
class Actor:
    """A process that can be killed and begun again with the same words."""

    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    """What it says on both outputs, over all its lives."""
    _process: subprocess.Popen[bytes] | None = None
    _heard_from: int = 0

    @property
    def pid(self) -> int:
        """Its number in this life."""
        assert self._process is not None
        return self._process.pid

    @property
    def status(self) -> int | None:
        """How it ended, ``None`` while it runs."""
        assert self._process is not None
        return self._process.poll()

    def start(self, **more: str) -> None:
        """Begin; ``more`` is environment for this life only."""
        with self.log.open("ab") as log:
            self._heard_from = log.tell()
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End at once, as a power cut does."""
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals = signal.SIGTERM, *, within_s: float = 40) -> int:
        """Send a signal and return the exit status; harmless if it has ended or never began."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        return self._process.wait(within_s)

    def send(self, what: signal.Signals) -> None:
        """Send a signal that does not end it."""
        os.kill(self.pid, what)

    def said(self) -> str:
        """Return what it has said in this life."""
        return self.log.read_bytes()[self._heard_from :].decode(errors="replace")

    def found(self, pattern: str) -> str | None:
        """Return the first group of a pattern in what it has said."""
        match = re.search(pattern, self.said())
        return None if match is None else match[1]

    def facts(self) -> dict[str, Any] | None:
        """Return what it says of itself once it serves."""
        stated = self.found(rf"(?m)^{READY}(.*)\n")
        return None if stated is None else json.loads(stated)
