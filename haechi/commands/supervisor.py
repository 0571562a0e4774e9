"""Runs the platform's processes: starts them in order, restarts what dies, ends them together."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from ingest.broker import tied

READY: Final = "ready "
"""A child that serves prints this and one JSON object on standard output, once."""

START_LIMIT_S: Final = 60.0
STOP_LIMIT_S: Final = 15.0
RESTART_DELAYS_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


class ChildError(Exception):
    """A process of the platform did not start; the text holds the end of what it said."""


def say_ready(**facts: object) -> None:
    """Tell the supervisor that this process serves, and where."""
    print(READY + json.dumps(facts), flush=True)


@dataclass
class Child:
    """One process of the platform: a ``haechi`` command."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    restarts: int = 0
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """What it said when it was ready."""
    _process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process; changes with each restart."""
        return self._running.pid

    def poll(self) -> int | None:
        """Return the exit status, ``None`` while it runs."""
        return self._running.poll()

    def start(self) -> Self:
        """Start it and return once it is ready.

        Raises:
            ChildError: it ended, or was not ready within ``START_LIMIT_S``.
        """
        tie = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [*tie, sys.executable, "-m", "haechi", *self.arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        said: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(self._process, said), daemon=True).start()
        self.facts = self._first_facts(said)
        return self

    def settle(self, *arguments: str, **environment: str) -> None:
        """Add words to those of later starts: what was free to choose at first stays as it is."""
        self.arguments = (*self.arguments, *arguments)
        self.environment = {**self.environment, **environment}

    def stop(self) -> None:
        """Ask it to end, and make it end."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise ChildError(f"{self.name} was never started")
        return self._process

    def _first_facts(self, said: "queue.Queue[str | None]") -> dict[str, Any]:
        deadline = time.monotonic() + START_LIMIT_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = said.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise ChildError(f"{self.name} ended with status {self._running.wait()}")
            if line.startswith(READY):
                facts: dict[str, Any] = json.loads(line.removeprefix(READY))
                return facts
        self.stop()
        raise ChildError(f"{self.name} was not ready within {START_LIMIT_S:.0f} s")

    @staticmethod
    def _read(process: subprocess.Popen[str], said: "queue.Queue[str | None]") -> None:
        """Drain the pipe for as long as the process lives, so that it never blocks on it."""
        if process.stdout is not None:
            for line in process.stdout:
                said.put(line)
        said.put(None)


class Supervisor:
    """Keeps children alive until told to stop. Use as a context."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._children: list[Child] = []
        self._due: dict[str, float] = {}

    def start(self, name: str, *arguments: str, **environment: str) -> Child:
        """Start one process after those before it are ready."""
        child = Child(name, arguments, environment).start()
        self._children.append(child)
        return child

    def tend(self) -> None:
        """Restart what has ended; a process that keeps ending is restarted ever more slowly."""
        for child in self._children:
            if child.poll() is not None:
                self._revive(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            child.stop()

    def _revive(self, child: Child) -> None:
        now = time.monotonic()
        due = self._due.setdefault(child.name, now + _delay_s(child.restarts))
        if now < due:
            return
        del self._due[child.name]
        child.restarts += 1
        self._report(f"{child.name} ended with status {child.poll()}; starting it again")
        try:
            child.start()
        except ChildError as error:
            self._report(str(error))


def _delay_s(restarts: int) -> float:
    return RESTART_DELAYS_S[min(restarts, len(RESTART_DELAYS_S) - 1)]
