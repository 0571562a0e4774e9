"""Starts the broker on this machine, knows whether it serves, and ends it with the platform.

Nothing rests on its durability: devices delete a reading only when ingest says it is stored, so a
broker that dies is simply started again.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self

from ingest.broker import tied
from ingest.broker.configuration import DROPPED, LOOPBACK, demo, loopback, loopback_address
from ingest.broker.probe import answers

START_LIMIT_S: Final = 15
STOP_LIMIT_S: Final = 10
PORT_ATTEMPTS: Final = 5

DEMO_WARNING: Final = (
    "demo broker: no TLS client check, no ACL (apt install mosquitto for a real one)"
)

_SYSTEM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where Mosquitto is installed but an ordinary account's PATH does not look."""


_Way = tuple[str, str, list[str]]


class BrokerError(Exception):
    """There is no broker; the text says what to do."""


class PortTakenError(BrokerError):
    """Something else listens on the port."""


class BrokerKind(StrEnum):
    """Which program it is."""

    MOSQUITTO = "mosquitto"
    IOTCORE = "iotcore"


class Broker:
    """One running broker. ``start_broker`` makes it."""

    def __init__(
        self, kind: BrokerKind, command: list[str], directory: Path, host: str, port: int
    ) -> None:
        self.kind, self.host, self.port = kind, host, port
        self.log = directory / "broker.log"
        self._command, self._directory = command, directory
        self._process = self._launch()

    @property
    def pid(self) -> int:
        """The process that serves, which ``restart`` changes."""
        return self._process.pid

    @property
    def dropped_topic(self) -> str:
        """Where it counts what it threw away; empty for iotcore, which cuts off who asks there."""
        return DROPPED if self.kind is BrokerKind.MOSQUITTO else ""

    @property
    def warning(self) -> str | None:
        """What people must be told about this broker, if anything."""
        return DEMO_WARNING if self.kind is BrokerKind.IOTCORE else None

    def poll(self) -> int | None:
        """Return the exit status, or ``None`` while the process lives."""
        return self._process.poll()

    def answers(self) -> bool:
        """Return whether it serves. A process that lives may not: iotcore can refuse for ever."""
        return answers(self.host, self.port)

    def stop(self) -> None:
        """End it, in order if it obeys. Harmless if it has ended."""
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Start it again on the same port, with what it had saved; for one that died or is deaf.

        Raises:
            PortTakenError: another process has taken its port meanwhile.
            BrokerError: it does not come up.
        """
        self.stop()
        _refuse_taken(self.host, self.port)
        self._process = self._launch()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once it answers MQTT.

        Raises:
            PortTakenError: another process has its port.
            BrokerError: it ended, or does not answer in ``START_LIMIT_S``.
        """
        deadline = time.monotonic() + START_LIMIT_S
        while not self.answers():
            if self.poll() is not None:
                raise self._failure(f"ended with status {self.poll()}")
            if time.monotonic() > deadline:
                self.stop()
                raise self._failure(f"did not answer within {START_LIMIT_S} s")
            time.sleep(0.02)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self) -> subprocess.Popen[bytes]:
        tie = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid())]
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            return subprocess.Popen(  # noqa: S603 - our own configuration, no shell
                [*tie, *self._command],
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C is for us, who end it after those who still have to speak
            )

    def _failure(self, what: str) -> BrokerError:
        said = self.log.read_bytes()[self._log_start :].decode(errors="replace").strip()[-500:]
        kind = PortTakenError if "in use" in said else BrokerError
        return kind(f"{self.kind} on {self.host}:{self.port} {what}; it said: {said or 'nothing'}")


def start_broker(
    directory: Path, port: int = 0, *, host: str = LOOPBACK, kind: BrokerKind | None = None
) -> Broker:
    """Start a broker for this machine only and return once it answers MQTT.

    The broker ends when the thread that calls this ends, so call it from one that lives as long
    as the platform (Linux ties a child to the thread that started it).

    Args:
        directory: The broker's own folder, made if absent, for configuration, log and database.
        port: 0 is any free one.
        host: Must be a loopback address.
        kind: Which one; ``None`` is Mosquitto if it is installed, else iotcore.

    Raises:
        InvalidIdError: ``host`` can be reached from other machines.
        PortTakenError: the port is not free.
        BrokerError: no broker is installed, or it does not start.
    """
    loopback_address(host)
    directory = directory.absolute()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    chosen = kind or _installed()
    for _ in range(PORT_ATTEMPTS if port == 0 else 0):
        try:
            return _start(directory, _free_port(host), host, chosen)
        except PortTakenError:  # taken between the look and the start
            continue
    return _start(directory, port or _free_port(host), host, chosen)


def find_mosquitto() -> str | None:
    """Return where Mosquitto is installed, if it is."""
    folders = (os.environ.get("PATH", os.defpath), *_SYSTEM_FOLDERS)
    return shutil.which("mosquitto", path=os.pathsep.join(folders))


def _start(directory: Path, port: int, host: str, kind: BrokerKind) -> Broker:
    file, text, command = _WAYS[kind](directory, port, host)
    _write(directory / file, text)
    _refuse_taken(host, port)
    broker = Broker(kind, command, directory, host, port)
    broker.wait_until_ready()
    return broker


def _mosquitto(directory: Path, port: int, host: str) -> _Way:
    program = find_mosquitto()
    if program is None:
        raise BrokerError("mosquitto is not installed: apt install mosquitto")
    file = "mosquitto.conf"
    return file, loopback(port, directory, host=host), [program, "-c", str(directory / file)]


def _iotcore(directory: Path, port: int, host: str) -> _Way:
    if find_spec("iotcore") is None:
        raise BrokerError("iotcore is not installed: pip install iotcore")
    file = "iotcore.toml"
    # It reports each packet as an error, hence the level; -P keeps its folder off the import path.
    quietly = ["--config", str(directory / file), "--log-level", "CRITICAL"]
    return file, demo(port, host=host), [sys.executable, "-P", "-m", "iotcore", *quietly]


_WAYS: Final[dict[BrokerKind, Callable[[Path, int, str], _Way]]] = {
    BrokerKind.MOSQUITTO: _mosquitto,
    BrokerKind.IOTCORE: _iotcore,
}
"""For each program: the file it is configured by, the text in it, and the command."""


def _installed() -> BrokerKind:
    if find_mosquitto() is not None:
        return BrokerKind.MOSQUITTO
    if find_spec("iotcore") is not None:
        return BrokerKind.IOTCORE
    raise BrokerError(
        "no MQTT broker on this machine: apt install mosquitto, or pip install iotcore (a demo "
        "broker, where it has a wheel)"
    )


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _refuse_taken(host: str, port: int) -> None:
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise PortTakenError(
            f"cannot listen on {host}:{port}: {error.strerror}; stop what does, or set another port"
        ) from error
