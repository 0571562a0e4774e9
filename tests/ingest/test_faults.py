"""Ingest under a failing disk, a full disk and a suspended machine."""

import signal
import subprocess
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from haechi.messages import Message, Reading, encode
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.ingest.agent import Agent
from tests.ingest.observed import SHIP, position
from tests.ingest.test_service import Start, Worker, agent, broker, start, stored

__all__ = ["agent", "broker", "start"]  # fixtures

pytestmark = pytest.mark.slow


def _is_settled(agent: Agent, worker: Worker, seq: int) -> bool:
    """Return whether a reading was acknowledged, or nothing can be at present."""
    return seq in agent.acknowledged or worker.health()["state"] == "failing"


def test_a_sync_that_fails_acknowledges_nothing(
    start: Start, agent: Agent, tmp_path: Path, eventually: Eventually
) -> None:
    """D3: the disk does not confirm the commit, so nobody is told that it is kept."""
    inject = ("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync")
    probe = subprocess.run(["strace", "-V"], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("strace is not installed")
    doomed = start(prefix=(*inject, "-e", "inject=fdatasync:error=EIO:when=20+"))
    eventually(doomed.is_up)
    sent = 0
    while doomed.health()["state"] != "failing" and sent < 500:
        agent.send([sent := sent + 1])
        eventually(partial(_is_settled, agent, doomed, sent))
    assert "I/O error" in str(doomed.health()["reasons"])
    told = set(agent.acknowledged)
    agent.send(range(sent + 1, sent + 21))
    failures = doomed.number("haechi_ingest_store_failures_total")
    eventually(lambda: doomed.number("haechi_ingest_store_failures_total") > failures + 1)
    assert agent.acknowledged == told
    doomed.end(signal.SIGKILL)
    worker = start()
    eventually(worker.is_up)
    agent.send(range(1, sent + 21))
    eventually(lambda: len(agent.acknowledged) == sent + 20)
    assert stored(tmp_path) == list(range(1, sent + 21))


def test_a_full_disk_is_said_and_work_goes_on_without_a_restart(
    small_disk: Path, start: Start, agent: Agent, eventually: Eventually
) -> None:
    """D9: no acknowledgement while there is no room, then all of them, each reading once."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_500_000))
    worker = start(folder=small_disk)
    eventually(worker.is_up)
    sent = 0
    while worker.health()["state"] != "failing" and sent < 20_000:
        agent.send(range(sent + 1, sent + 201), at_once=50)
        sent += 200
        eventually(partial(_is_settled, agent, worker, sent))
    assert "full" in str(worker.health()["reasons"])
    assert len(agent.acknowledged) < sent
    ballast.unlink()
    eventually(lambda: len(agent.acknowledged) == sent, within_s=60)
    eventually(worker.is_up)
    assert worker.end() == 0
    assert stored(small_disk) == list(range(1, sent + 1))


def test_a_suspended_machine_raises_no_storm(
    start: Start, agent: Agent, tmp_path: Path, eventually: Eventually
) -> None:
    """T4: what arrived meanwhile is heard before the wall clock may say that nobody spoke."""
    now = datetime.now(UTC)

    def report(seq: int, at: datetime) -> None:
        reading = Reading(seq=seq, at=at, subject=SHIP, content=position())
        agent.publish(encode(Message(device="ais-1", boot="boot-1", readings=(reading,))))

    worker = start()
    eventually(worker.is_up)
    report(1, now - timedelta(minutes=9, seconds=50))
    eventually(lambda: 1 in agent.acknowledged)
    worker.process.send_signal(signal.SIGSTOP)
    report(2, now)
    eventually(lambda: datetime.now(UTC) - now > timedelta(seconds=45), within_s=60)
    worker.process.send_signal(signal.SIGCONT)
    eventually(lambda: 2 in agent.acknowledged)
    ticks = worker.number("haechi_ingest_ticks_total")
    eventually(lambda: worker.number("haechi_ingest_ticks_total") > ticks)
    store = SqliteStore(tmp_path / "store.sqlite")
    assert store.findings() == []
    store.close()
