"""The process with a real broker: it keeps all, says how it is, and stands up again."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from haechi.mqtt import Endpoint
from haechi.settings import load
from ingest.broker.process import Broker, BrokerKind, start_broker
from ingest.ports import Store, Writing
from ingest.service import Service
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.ingest.agent import Agent
from tests.ingest.observed import SHIP, payload
from tests.ingest.rig import alarming, judging
from tests.ingest.serving import serving


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Return a broker of its own for each test."""
    with start_broker(tmp_path / "broker") as started:
        yield started


@pytest.fixture
def agent(broker: Broker) -> Iterator[Agent]:
    """Return an agent that is connected."""
    connected = Agent(broker.port)
    yield connected
    connected.stop()


@dataclass
class Worker:
    """One ingest process."""

    process: subprocess.Popen[str]
    port: int

    def get(self, path: str) -> str:
        """Return a page of its own."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as page:
                return str(page.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def health(self) -> dict[str, Any]:
        """Return what it says of itself."""
        found: dict[str, Any] = json.loads(self.get("/health"))
        return found

    def is_up(self) -> bool:
        """Return whether it has restored the rules and has a broker."""
        found = self.health()
        return found["state"] != "failing" and "no broker" not in str(found["reasons"])

    def number(self, name: str) -> float:
        """Return one metric."""
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith(name + " ")]
        return float(lines[0].rpartition(" ")[2])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(20)


Start = Callable[..., Worker]


@pytest.fixture
def start(broker: Broker, tmp_path: Path) -> Iterator[Start]:
    """Return a starter of ingest processes; what still runs is killed afterwards."""
    started: list[Worker] = []

    def run(
        *, folder: Path = tmp_path, fail_point: str = "", prefix: tuple[str, ...] = ()
    ) -> Worker:
        script = str(Path(__file__).parent / "worker.py")
        process = subprocess.Popen(
            [*prefix, sys.executable, script, str(folder), str(broker.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "HAECHI_FAIL_POINT": fail_point},
        )
        assert process.stdout is not None
        worker = Worker(process, json.loads(process.stdout.readline())["metrics_port"])
        started.append(worker)
        return worker

    yield run
    for each in started:
        each.process.kill()
        each.process.wait()
        assert each.process.stdout is not None
        each.process.stdout.close()


def stored(folder: Path) -> list[int]:
    """Return the seqs in the store."""
    store = SqliteStore(folder / "store.sqlite")
    found = [o.seq for o in store.history(SHIP, None)]
    store.close()
    return found


def rigged(
    make: Callable[[], Store], broker: Broker, folder: Path, **settings: Any
) -> Callable[[], tuple[Service, Store]]:
    """Return what makes a service of the rig around a store that a test can reach into."""

    def made() -> tuple[Service, Store]:
        store = make()
        service = Service(
            settings=load(data_dir=folder, site="busan", metrics_port=0, **settings),
            endpoint=Endpoint(port=broker.port),
            store=store,
            judging=judging(),
            alarming=alarming(),
        )
        return service, store

    return made


def test_a_thousand_messages_are_a_thousand_rows(
    start: Start, agent: Agent, tmp_path: Path, eventually: Eventually
) -> None:
    """ING-1: one reading a message; every one is kept, acknowledged and in the ledger."""
    worker = start()
    eventually(worker.is_up)
    agent.send(range(1, 1001))
    agent.say(1000)
    eventually(lambda: len(agent.acknowledged) == 1000)
    eventually(lambda: worker.number("haechi_ingest_readings_kept_total") == 1000)
    assert worker.end() == 0
    assert stored(tmp_path) == list(range(1, 1001))
    store = SqliteStore(tmp_path / "store.sqlite")
    [account] = store.accounts()
    assert (account.kept, account.numbered, account.missing) == (1000, 1000, 0)
    store.close()


@pytest.mark.skipif(find_spec("iotcore") is None, reason="iotcore is not installed")
def test_the_demo_broker_carries_ingest_as_well(tmp_path: Path, eventually: Eventually) -> None:
    """It cuts off whoever subscribes below ``$SYS``, so ingest must not ask it for its losses."""
    with (
        start_broker(tmp_path / "broker", kind=BrokerKind.IOTCORE) as broker,
        capture_logs() as logs,
    ):
        make = partial(SqliteStore, tmp_path / "store.sqlite", keeper=True)
        known = {"mqtt_dropped_topic": broker.dropped_topic}
        with serving(rigged(make, broker, tmp_path, **known)) as service:
            agent = Agent(broker.port)
            eventually(lambda: service.health().state == "ok")
            agent.send(range(1, 101))
            eventually(lambda: len(agent.acknowledged) == 100)
            agent.stop()
    assert [each["event"] for each in logs].count("broker connected") == 1
    assert stored(tmp_path) == list(range(1, 101))


def test_what_was_sent_before_ingest_was_there_is_sent_again(
    start: Start, agent: Agent, eventually: Eventually
) -> None:
    """D15: the broker had no subscriber; the agent has no acknowledgement, so it repeats."""
    agent.send(range(1, 11))
    worker = start()
    eventually(worker.is_up)
    assert agent.acknowledged == set()
    agent.send(range(1, 21))
    eventually(lambda: len(agent.acknowledged) == 20)


def test_an_outage_is_flushed_without_loss(
    start: Start, agent: Agent, tmp_path: Path, eventually: Eventually
) -> None:
    """ING-2: what queued at the broker while ingest was away arrives in full."""
    worker = start()
    eventually(worker.is_up)
    worker.end(signal.SIGKILL)
    agent.send(range(1, 20_001), at_once=50)
    start()
    eventually(lambda: len(agent.acknowledged) == 20_000, within_s=60)
    assert stored(tmp_path) == list(range(1, 20_001))


@pytest.mark.parametrize("place", ["before_commit", "after_commit", "after_puback", "after_ack"])
def test_a_crash_anywhere_loses_and_doubles_nothing(
    place: str, start: Start, agent: Agent, tmp_path: Path, eventually: Eventually
) -> None:
    """D6: killed between any two steps, restarted, resent: each reading is kept once."""
    doomed = start(fail_point=f"{place}:3")
    eventually(doomed.is_up)
    sent = 0
    while doomed.process.poll() is None and sent < 2000:
        agent.send([sent := sent + 1])
        eventually(lambda: sent in agent.acknowledged or doomed.process.poll() is not None)
    assert doomed.process.wait(20) == -signal.SIGKILL
    worker = start()
    eventually(worker.is_up)
    agent.send(range(1, sent + 6))
    eventually(lambda: len(agent.acknowledged) == sent + 5)
    assert stored(tmp_path) == list(range(1, sent + 6))


class Blocked(SqliteStore):
    """A store that does not answer while the gate is shut."""

    gate = threading.Event()

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Wait at the gate."""
        self.gate.wait()
        with super().writing() as writing:
            yield writing


def test_a_store_that_hangs_pushes_back(
    broker: Broker,
    agent: Agent,
    tmp_path: Path,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """D7: the broker is not acknowledged, health says why; then all drains."""
    monkeypatch.setattr("ingest.health.SLOW_STORE_S", 0.1)
    Blocked.gate.set()
    path = tmp_path / "store.sqlite"
    opened = partial(Blocked, path, keeper=True)
    with serving(rigged(opened, broker, tmp_path, batch_limit=20)) as service:
        eventually(lambda: service.health().state == "ok")
        Blocked.gate.clear()
        agent.send(range(1, 501))
        eventually(lambda: any("the store is slow" in each for each in service.health().reasons))
        assert agent.acknowledged == set()
        Blocked.gate.set()
        eventually(lambda: len(agent.acknowledged) == 500)
        eventually(lambda: "store is slow" not in str(service.health().reasons))
    assert stored(tmp_path) == list(range(1, 501))


def test_a_payload_that_breaks_a_rule_is_set_aside_alone(
    broker: Broker,
    agent: Agent,
    tmp_path: Path,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fault of ours costs the one reading that shows it, visibly, and nothing else."""
    from tests.ingest.rig import Fast  # noqa: PLC0415 - patched here

    sound = Fast.on_event

    def broken(self: Fast, state: Any, event: Any) -> Any:
        if event.observation.seq == 13:
            raise ZeroDivisionError
        return sound(self, state, event)

    monkeypatch.setattr(Fast, "on_event", broken)
    path = tmp_path / "store.sqlite"
    opened = partial(SqliteStore, path, keeper=True)
    with capture_logs() as lines, serving(rigged(opened, broker, tmp_path)) as service:
        eventually(lambda: service.health().state == "ok")
        agent.send(range(1, 31))
        eventually(lambda: len(agent.acknowledged) == 29 and agent.refused_payloads)
        assert any("fault" in each for each in service.health().reasons)
    assert any(isinstance(line.get("exc_info"), ZeroDivisionError) for line in lines)
    assert stored(tmp_path) == [seq for seq in range(1, 31) if seq != 13]
    store = SqliteStore(path)
    assert store.dead_letters(1)[0].payload == payload([13])
    store.close()


def test_retained_junk_on_an_upward_topic_is_not_replayed(
    start: Start, agent: Agent, tmp_path: Path, eventually: Eventually
) -> None:
    """A device that publishes with the retain flag does not speak again at each connection."""
    topic = "haechi/v1/busan/ais-1/up/telemetry"
    agent.session.publish(topic, payload([1]), retain=True)
    worker = start()
    eventually(worker.is_up)
    agent.send([2])
    eventually(lambda: agent.acknowledged == {2})
    agent.session.publish(topic, payload([3]), retain=True)
    eventually(lambda: agent.acknowledged == {2, 3})
    assert stored(tmp_path) == [2, 3]


def test_broker_loss_is_said_and_survived(
    start: Start, agent: Agent, broker: Broker, eventually: Eventually
) -> None:
    """D5: health names the broker while it is away; afterwards work goes on."""
    worker = start()
    eventually(worker.is_up)
    broker.stop()
    eventually(lambda: "no broker" in str(worker.health()["reasons"]))
    broker.restart()
    eventually(worker.is_up, within_s=30)
    eventually(lambda: agent.session.is_connected, within_s=30)
    agent.send([1])
    eventually(lambda: agent.acknowledged == {1})


def test_the_brokers_own_losses_are_watched(start: Start, eventually: Eventually) -> None:
    """D11: the count of dropped messages is read from the broker and shown."""
    worker = start()
    eventually(worker.is_up)
    eventually(lambda: "haechi_ingest_broker_dropped" in worker.get("/metrics"))
