"""Whole agents: killed, stopped, cut off and lied to about the time."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from edge.outbox import Outbox
from tests.edge.half_open import KEEPALIVE_S
from tests.edge.rig import (
    DEVICE,
    Broker,
    Eventually,
    Ingest,
    everything,
    missing,
    needs_mosquitto,
    outbox_in,
)

pytestmark = [needs_mosquitto, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = [
    Path("/usr/lib").glob("*/faketime/libfaketime.so.1"),
    Path("/usr/lib/faketime").glob("libfaketime.so.1"),
]
STEADY = {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
"""The date may be wrong; the monotonic clock of a real machine is not."""

FAKETIME = next((path for found in LIBRARIES for path in found), None)


@pytest.fixture
def ingest(broker: Broker, eventually: Eventually) -> Iterator[Ingest]:
    """Return an ingest that is ready."""
    ingest = Ingest(broker.endpoint)
    eventually(lambda: ingest.is_connected)
    yield ingest
    ingest.stop()


class Agent(Protocol):
    """Starts agents."""

    def __call__(self, count: int, **environment: str) -> subprocess.Popen[bytes]:
        """Start one with a recording of ``count`` readings."""
        ...


@pytest.fixture
def agent(broker: Broker, tmp_path: Path) -> Iterator[Agent]:
    """Return what starts agents on one folder, none of which outlives the test."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(count: int, **environment: str) -> subprocess.Popen[bytes]:
        arguments = [str(tmp_path / "edge"), str(broker.port), "boot-1", str(count)]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.edge.agent_process", *arguments],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()


def test_an_agent_ends_when_ingest_has_everything(
    agent: Agent, ingest: Ingest, eventually: Eventually
) -> None:
    """A recording is carried to its end; the device then says that it is offline."""
    process = agent(3000)
    assert process.wait(30) == 0
    assert ingest.kept == everything("boot-1", 3000)
    eventually(lambda: ingest.states and not ingest.states[-1].online)
    assert (ingest.states[-1].numbered, ingest.states[-1].in_flight) == (3000, 0)


def test_a_recording_survives_kills(
    agent: Agent, ingest: Ingest, tmp_path: Path, eventually: Eventually
) -> None:
    """Killed again and again at different points, it is read anew and nothing is numbered twice."""
    for turn in range(1, 6):
        process = agent(20_000)
        eventually(lambda n=turn: len(ingest.kept) > n * 1500)
        process.kill()
        process.wait()
    assert agent(20_000).wait(60) == 0
    assert ingest.kept == everything("boot-1", 20_000)
    assert missing(outbox_in(tmp_path / "edge"), ingest.kept) == 0


def test_sigterm_ends_in_order(
    agent: Agent, ingest: Ingest, tmp_path: Path, eventually: Eventually
) -> None:
    """Status 0, the state says offline, and what was not acknowledged waits in the outbox."""
    ingest.answers = False
    process = agent(1000)
    eventually(lambda: len(ingest.kept) == 1000)
    process.terminate()
    assert process.wait(20) == 0
    eventually(lambda: ingest.states and not ingest.states[-1].online)
    left = Outbox(tmp_path / "edge", device=DEVICE, boot="boot-1")
    assert left.pending == 1000
    left.close()


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("clock", ["-10y", "+5m"])
def test_t1_a_wrong_clock_changes_nothing(agent: Agent, ingest: Ingest, clock: str) -> None:
    """Order is by number: ten years behind or minutes ahead, everything arrives as measured."""
    process = agent(2000, LD_PRELOAD=str(FAKETIME), FAKETIME=clock, **STEADY)
    assert process.wait(40) == 0
    assert ingest.kept == everything("boot-1", 2000)
    assert [seq for _, seq in ingest.copies] == [*range(1, 2001)]


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
def test_t1_a_clock_that_jumps_changes_nothing(
    agent: Agent, ingest: Ingest, tmp_path: Path, eventually: Eventually
) -> None:
    """Set back ten years and forward again while readings wait: all arrive, once and in order."""
    offset = tmp_path / "clock"
    offset.write_text("+0")
    ingest.answers = False
    process = agent(
        2000,
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(offset),
        FAKETIME_NO_CACHE="1",
        **STEADY,
    )
    for jump in ("-10y", "+1y"):
        seen = max(ingest.copies.values(), default=0)
        offset.write_text(jump)
        eventually(lambda n=seen: max(ingest.copies.values(), default=0) > n)
    ingest.answers = True
    assert process.wait(40) == 0
    assert ingest.kept == everything("boot-1", 2000)
    assert [seq for _, seq in ingest.copies] == [*range(1, 2001)]


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"),
    reason="a network of one's own needs root, unshare and ip",
)
@pytest.mark.parametrize("how", ["link", "drop"])
def test_d13_a_half_open_link_is_noticed(tmp_path: Path, how: str) -> None:
    """A link that falls silent is found within twice the keepalive; no thread is left behind."""
    if how == "drop" and not shutil.which("nft"):
        pytest.skip("nft is not installed")
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "tests.edge.half_open", tmp_path, how],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["noticed_s"] < 2 * KEEPALIVE_S
    assert (seen["kept"], seen["more_threads"]) == (200, 0)
