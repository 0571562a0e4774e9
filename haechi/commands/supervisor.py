"""Runs the platform's processes: starts them in order, restarts what dies, ends them together."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from ingest.broker import tied

READY: Final = "ready "
"""A child that serves prints this and one JSON object on standard output, once."""

START_LIMIT_S: Final = 60.0
LOOK_S: Final = 0.1
STOP_LIMIT_S: Final = 15.0
RESTART_DELAYS_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


class ChildError(Exception):
    """A process of the platform did not start; the text says why."""


class StoppedError(Exception):
    """The platform is to end, so whoever still starts is not waited for."""


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
    _ready: threading.Event = field(default_factory=threading.Event)
    _began: float = 0.0

    @property
    def pid(self) -> int:
        """The process; changes with each restart."""
        return self._running.pid

    def poll(self) -> int | None:
        """Return the exit status, ``None`` while it runs."""
        return self._running.poll()

    @property
    def is_late(self) -> bool:
        """Whether it runs, and should have been ready by now."""
        is_waited_for = self.poll() is None and not self._ready.is_set()
        return is_waited_for and time.monotonic() - self._began > START_LIMIT_S

    def start(self) -> None:
        """Start it; it is ready some time later."""
        tie = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [*tie, sys.executable, "-m", "haechi", *self.arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ready, self._began = threading.Event(), time.monotonic()
        reading = threading.Thread(
            target=self._read, args=(self._process, self._ready), daemon=True
        )
        reading.start()

    def wait_until_ready(self, stopped: threading.Event) -> None:
        """Wait until it says that it serves.

        Raises:
            ChildError: it ended, or was not ready within ``START_LIMIT_S``.
            StoppedError: ``stopped`` was set meanwhile.
        """
        while not self._ready.wait(LOOK_S):
            if stopped.is_set():
                raise StoppedError
            if (status := self.poll()) is not None:
                raise ChildError(f"{self.name} ended with status {status}")
            if self.is_late:
                self.stop()
                raise ChildError(f"{self.name} was not ready within {START_LIMIT_S:.0f} s")

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

    def kill(self) -> None:
        """Make it end at once."""
        self._running.kill()

    @property
    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise ChildError(f"{self.name} was never started")
        return self._process

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        """Drain the pipe for as long as the process lives, so that it never blocks on it."""
        with process.stdout or nullcontext(()) as lines:
            for line in lines:
                if line.startswith(READY) and not ready.is_set():
                    self.facts = json.loads(line.removeprefix(READY))
                    ready.set()


class Supervisor:
    """Keeps children alive until told to stop. Use as a context.

    Args:
        report: Told in words what is noteworthy.
        stopped: Set when the platform is to end: then ``start`` waits for nobody any more.
    """

    def __init__(
        self, report: Callable[[str], None], stopped: threading.Event | None = None
    ) -> None:
        self._report, self._stopped = report, stopped or threading.Event()
        self._children: list[Child] = []
        self._due: dict[str, float] = {}

    def start(self, name: str, *arguments: str, **environment: str) -> Child:
        """Start one process and return once it is ready.

        Raises:
            ChildError: it ended, or was not ready in time.
            StoppedError: the platform is to end.
        """
        child = Child(name, arguments, environment)
        self.start_all([child])
        return child

    def start_all(self, children: Sequence[Child], at_once: int = 1) -> None:
        """Start processes, so many side by side, and return once all are ready.

        Raises:
            ChildError: one ended, or was not ready in time; it is named.
            StoppedError: the platform is to end.
        """
        for first in range(0, len(children), at_once):
            together = children[first : first + at_once]
            for child in together:
                child.start()
                self._children.append(child)
            for child in together:
                child.wait_until_ready(self._stopped)

    def tend(self) -> None:
        """Restart what has ended, and wait for nobody.

        A process that keeps ending is restarted ever more slowly.
        """
        for child in self._children:
            if child.poll() is not None:
                self._revive(child)
            elif child.is_late:
                self._report(f"{child.name} is not ready after {START_LIMIT_S:.0f} s; ending it")
                child.kill()

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
        child.start()


def _delay_s(restarts: int) -> float:
    return RESTART_DELAYS_S[min(restarts, len(RESTART_DELAYS_S) - 1)]
