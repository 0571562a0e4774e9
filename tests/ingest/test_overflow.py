"""A broker that throws away what it has acknowledged: nothing is lost all the same."""

import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from haechi.mqtt import Callbacks, Delivery, Session
from ingest.broker.configuration import DROPPED
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.edge.rig import DEVICE, SITE, Broker, needs_mosquitto
from tests.ingest.serving import by_default, serving

READINGS = 2000
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Return a broker that keeps no more than five messages for an absent subscriber."""
    narrow = "allow_anonymous true\nmax_queued_messages 5\nsys_interval 1"
    broker = Broker(tmp_path / "broker", narrow)
    yield broker
    broker.end(signal.SIGKILL)


@contextmanager
def counting(broker: Broker, eventually: Eventually) -> Generator[list[int]]:
    """Give how many messages the broker says it has thrown away, the newest last."""
    said: list[int] = []

    def delivered(delivery: Delivery) -> None:
        said.append(int(delivery.payload))

    session = Session(
        broker.endpoint, "watch", Callbacks(delivered=delivered), subscriptions=(DROPPED,)
    )
    session.start()
    eventually(lambda: session.is_connected)
    yield said
    session.stop()


@needs_mosquitto
def test_d11_what_an_overflowing_broker_threw_away_is_sent_again_and_kept_once(
    tmp_path: Path, broker: Broker, eventually: Eventually
) -> None:
    """D11: while ingest is away the queue overflows; every publish was answered Success."""
    ingest = by_default(tmp_path, broker.endpoint, SITE)
    with serving(ingest) as service:
        session: Any = vars(service)["_session"]
        eventually(lambda: session.is_connected, what="the session of ingest")
    words = [sys.executable, "-m", "tests.edge.agent_process", str(tmp_path / "edge")]
    with (
        counting(broker, eventually) as dropped,
        subprocess.Popen([*words, str(broker.port), "boot-1", str(READINGS)], cwd=ROOT) as agent,
    ):
        eventually(lambda: dropped and dropped[-1] > 0, within_s=40, what="an overflow")
        with serving(ingest):
            assert agent.wait(100) == 0, "the agent ends when ingest has everything"
    store = SqliteStore(tmp_path / "haechi.db")
    (account,) = [each for each in store.accounts() if each.device == DEVICE]
    store.close()
    assert (account.numbered, account.kept, account.missing) == (READINGS, READINGS, 0)
