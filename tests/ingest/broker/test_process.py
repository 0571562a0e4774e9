"""The broker of this machine: started, watched, restarted, and gone with its parent."""

import os
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from haechi.ids import InvalidIdError
from ingest.broker import process
from ingest.broker.probe import answers, connect_packet
from ingest.broker.process import BrokerError, BrokerKind, PortTakenError, start_broker
from tests.conftest import Eventually
from tests.ingest.broker.rig import HOST, MOSQUITTO, Party

PRESENT = {
    BrokerKind.MOSQUITTO: Path(MOSQUITTO).exists(),
    BrokerKind.IOTCORE: find_spec("iotcore") is not None,
}
KINDS = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(k, marks=pytest.mark.skipif(not here, reason=f"{k} is not installed"))
        for k, here in PRESENT.items()
    ],
)
ORPHAN = """
import sys, time
from pathlib import Path
from ingest.broker.process import BrokerKind, start_broker
broker = start_broker(Path(sys.argv[1]), kind=BrokerKind(sys.argv[2]))
print(broker.pid, flush=True)
sys.stdin.read()
"""


@KINDS
def test_a_started_broker_carries_messages(tmp_path: Path, kind: BrokerKind) -> None:
    """``start_broker`` returns when MQTT 5 works, not when a port is open."""
    with start_broker(tmp_path, kind=kind) as broker:
        assert (broker.kind, broker.host, broker.poll()) == (kind, HOST, None)
        with Party(broker.port, client_id="one") as party:
            party.subscribe("said")
            party.publish("said", b"heard")
            assert party.received.get(timeout=10) == ("said", b"heard")
    assert broker.poll() is not None
    assert not broker.answers()


@KINDS
def test_a_killed_broker_comes_back_on_its_port(tmp_path: Path, kind: BrokerKind) -> None:
    """The supervisor sees the exit status, and clients need not be told a new address."""
    with start_broker(tmp_path, kind=kind) as broker:
        before = (broker.pid, broker.port)
        os.kill(broker.pid, signal.SIGKILL)
        os.waitid(os.P_PID, broker.pid, os.WEXITED | os.WNOWAIT)
        assert broker.poll() == -signal.SIGKILL
        broker.restart()
        assert broker.answers()
        assert broker.pid != before[0]
        assert broker.port == before[1]


@KINDS
def test_a_broker_ends_with_its_parent(
    tmp_path: Path, kind: BrokerKind, eventually: Eventually
) -> None:
    """A platform that is killed leaves no broker behind to hold the port."""
    command = [sys.executable, "-c", ORPHAN, str(tmp_path), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    eventually(lambda: not _lives(pid), what=f"the end of {kind}")


def test_ctrl_c_at_the_terminal_is_not_for_the_broker(tmp_path: Path) -> None:
    """Agents have to say that they go, and somebody must hear it."""
    with start_broker(tmp_path) as broker:
        assert os.getpgid(broker.pid) != os.getpgrp()


@KINDS
def test_a_taken_port_is_named(tmp_path: Path, kind: BrokerKind) -> None:
    """The error says which address, and what to do."""
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"cannot listen on {HOST}:{port}.*another port"):
            start_broker(tmp_path, port, kind=kind)


@KINDS
def test_a_port_lost_before_a_restart_is_named(tmp_path: Path, kind: BrokerKind) -> None:
    """The supervisor is told why, instead of taking the stranger for its broker."""
    broker = start_broker(tmp_path, kind=kind)
    broker.stop()
    with socket.create_server((HOST, broker.port)), pytest.raises(PortTakenError):
        broker.restart()
    broker.stop()


@KINDS
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7"])  # noqa: S104 - what must be refused
def test_no_other_machine_can_reach_it(tmp_path: Path, kind: BrokerKind, host: str) -> None:
    """It checks nobody, so it is not started where others are."""
    with pytest.raises(InvalidIdError, match="can be reached from other machines"):
        start_broker(tmp_path, kind=kind, host=host)


@KINDS
def test_what_it_writes_is_for_its_owner(tmp_path: Path, kind: BrokerKind) -> None:
    """The folder is 0700 and the configuration 0600."""
    folder = tmp_path / "broker"
    with start_broker(folder, kind=kind):
        assert folder.stat().st_mode & 0o777 == 0o700
        (written,) = [*folder.glob("*.conf"), *folder.glob("*.toml")]
        assert written.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not PRESENT[BrokerKind.MOSQUITTO], reason="mosquitto is not installed")
def test_mosquitto_is_preferred_and_found_outside_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian puts it in /usr/sbin, which is not on an ordinary account's PATH."""
    monkeypatch.setenv("PATH", "/nowhere")
    with start_broker(tmp_path) as broker:
        assert broker.kind is BrokerKind.MOSQUITTO
        assert broker.warning is None


@pytest.mark.skipif(not PRESENT[BrokerKind.IOTCORE], reason="iotcore is not installed")
def test_without_mosquitto_the_demo_broker_says_what_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People are told that it checks nobody, and what to install."""
    _hide_mosquitto(monkeypatch)
    with start_broker(tmp_path) as broker:
        assert broker.kind is BrokerKind.IOTCORE
        assert broker.warning is not None
        assert "no TLS client check, no ACL" in broker.warning


def test_without_any_broker_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is started, and nothing is left to guess."""
    _hide_mosquitto(monkeypatch)
    monkeypatch.setattr(process, "find_spec", _nothing)
    with pytest.raises(BrokerError, match="apt install mosquitto, or pip install iotcore"):
        start_broker(tmp_path)
    for kind in BrokerKind:
        with pytest.raises(BrokerError, match=f"install {kind}"):
            start_broker(tmp_path, kind=kind)


@pytest.mark.skipif(not PRESENT[BrokerKind.IOTCORE], reason="iotcore is not installed")
def test_a_broker_that_lives_but_is_deaf_is_noticed_and_cured(tmp_path: Path) -> None:
    """Two connections make iotcore 0.4 refuse MQTT 5 for ever, while its process and port live."""
    with start_broker(tmp_path, kind=BrokerKind.IOTCORE) as broker:
        for unlawful in (b"\x20\x03\x00\x00\x00", b""):
            _poison(broker.port, unlawful)
        assert not broker.answers()
        assert broker.poll() is None
        broker.restart()
        assert broker.answers()


def test_a_program_that_is_no_broker_does_not_pass_for_one() -> None:
    """A port that accepts and says something else, or nothing, is not an answer."""
    with socket.create_server((HOST, 0)) as mute:
        port = mute.getsockname()[1]
        assert not answers(HOST, port, within_s=0.1)
    assert not answers(HOST, port, within_s=0.1)


def _poison(port: int, unlawful: bytes) -> None:
    """Connect as one client, and then send what only a broker may send."""
    with socket.create_connection((HOST, port), 2) as wire:
        wire.settimeout(2)
        wire.sendall(connect_packet("poison"))
        try:
            wire.recv(16)
            wire.sendall(unlawful)
            wire.recv(16)
        except OSError:
            return


def _nothing(_name: str) -> None:
    """Find no package."""


def _hide_mosquitto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(process, "_SYSTEM_FOLDERS", ())


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
