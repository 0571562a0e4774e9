"""A fleet in one process loses nothing, and says of itself what the store's ledger says."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from firmware_sim.load import Herd, Tally
from haechi.mqtt import Endpoint
from ingest.broker.process import Broker, start_broker
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.edge.rig import needs_mosquitto
from tests.ingest.serving import by_default, serving

SITE, DEVICES, RATE_HZ, SECONDS = "bench", 40, 5, 2
ALL = DEVICES * RATE_HZ * SECONDS


@contextmanager
def kept(folder: Path) -> Generator[SqliteStore]:
    """Open what ingest has kept, to be read."""
    store = SqliteStore(folder / "haechi.db")
    yield store
    store.close()


def spoken(folder: Path, eventually: Eventually, meanwhile: Callable[[Broker], object]) -> Tally:
    """Let a fleet speak to ingest through a real broker, to which something happens."""
    tallies: list[Tally] = []
    with start_broker(folder / "broker") as broker:
        endpoint = Endpoint(port=broker.port)
        with serving(by_default(folder, endpoint, SITE)) as service:
            eventually(lambda: service.vitals.disconnected_since is None)
            herd = Herd(endpoint, SITE, DEVICES, RATE_HZ, again_s=1)
            fleet = threading.Thread(target=lambda: tallies.append(herd.run(SECONDS)))
            fleet.start()
            meanwhile(broker)
            fleet.join(60)
    return tallies[0]


@needs_mosquitto
@pytest.mark.parametrize("restarts", [False, True])
def test_nothing_is_lost_and_the_ledger_says_so(
    tmp_path: Path, eventually: Eventually, *, restarts: bool
) -> None:
    """Every reading of every device is kept once and acknowledged, also if the broker restarts."""

    def restart(broker: Broker) -> None:
        with kept(tmp_path) as store:
            eventually(lambda: sum(account.kept for account in store.accounts()) > ALL // 8)
        broker.restart()

    tally = spoken(tmp_path, eventually, restart if restarts else lambda _: None)
    with kept(tmp_path) as store:
        accounts, findings = store.accounts(), store.findings()
    assert (tally.sent, tally.acknowledged, tally.refused, tally.lost) == (ALL, ALL, 0, 0)
    assert {account.device: account.kept for account in accounts} == {
        f"load-{number:05}": ALL // DEVICES for number in range(DEVICES)
    }
    assert findings == []  # these devices only drive in circles


def test_without_a_broker_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what is missing."""
    monkeypatch.setattr("firmware_sim.load.CONNECT_S", 0.1)
    with pytest.raises(TimeoutError, match="no broker within"):
        Herd(Endpoint(port=9), SITE, 1, 1).run(1)


def test_who_is_told_to_end_does_not_wait_for_a_broker() -> None:
    """Nothing was sent, and nothing is lost."""
    tally = Herd(Endpoint(port=9), SITE, 1, 1).run(1, lambda: True)
    assert (tally.sent, tally.lost) == (0, 0)
