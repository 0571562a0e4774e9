"""Real agents, a real broker and ingest: what becomes of a device that is put out, or copied."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.link import over_mqtt
from edge.measured import Measured
from edge.outbox import Outbox
from edge.state_report import Speaker
from edge.uplink import Uplink
from haechi.mqtt import Endpoint
from haechi.settings import load
from haechi.vessels import VesselPosition
from ingest.broker.enrolment import enroll, resume, suspend
from ingest.broker.expulsion import deny, expel, reread
from ingest.broker.names import Enrolment
from ingest.denied import DENIED
from ingest.identity import RULE
from ingest.service import Service
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.ingest.broker.rig import HOST, Rig
from tests.ingest.rig import alarming, judging

CAMERA = Enrolment("busan", "cam-01")
LIMIT_S = 5


@pytest.fixture
def data(rig: Rig, tmp_path: Path) -> Iterator[Path]:
    """Return the data directory of an ingest that works at the rig's broker."""
    folder, serving = tmp_path / "data", threading.Event()
    folder.mkdir()
    services: list[Service] = []

    def work() -> None:
        store = SqliteStore(folder / "haechi.db", keeper=True)
        services.append(
            Service(
                settings=load(data_dir=folder, site="busan", metrics_port=0),
                endpoint=endpoint(rig, "services/svc-ingest", rig.service_port),
                store=store,
                judging=judging(),
                alarming=alarming(),
            )
        )
        serving.set()
        services[0].run()
        store.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert serving.wait(10)
    yield folder
    services[0].stop()
    thread.join()


def endpoint(rig: Rig, name: str, port: int) -> Endpoint:
    """Return the broker, for who holds a certificate of its folder."""
    base = rig.folder / name
    return Endpoint(
        host=HOST,
        port=port,
        ca_file=str(rig.folder / "tls/server-ca.crt"),
        certificate_file=f"{base}.crt",
        key_file=f"{base}.key",
    )


@contextmanager
def agent(rig: Rig, folder: Path, boot: str) -> Generator[Callable[[], Outbox]]:
    """Return what measures once and gives the outbox, of an agent that runs as the camera."""
    outbox = Outbox(folder / boot, device="cam-01", boot=boot)
    link = over_mqtt(endpoint(rig, "devices/cam-01", rig.device_port), "busan", "cam-01")
    uplink = Uplink(outbox, link, Speaker("busan", "cam-01", f"camera of {boot}"))

    def measure() -> Outbox:
        here = VesselPosition(lat=35.1, lon=129.0)
        outbox.append([Measured(datetime.now(UTC), "mmsi:440000001", here)])
        uplink.wake()
        return outbox

    uplink.start()
    try:
        yield measure
    finally:
        uplink.stop()
        outbox.close()


def kept(data: Path) -> int:
    """Return how many readings of the camera ingest has."""
    store = SqliteStore(data / "haechi.db")
    count = sum(account.kept for account in store.accounts())
    store.close()
    return count


def test_a_suspended_agent_is_out_within_five_seconds_and_loses_nothing(
    rig: Rig, data: Path, tmp_path: Path, eventually: Eventually
) -> None:
    """S2: the live agent is out at once; what it measures waits, and comes when it is resumed."""
    enroll(rig.folder, CAMERA)
    rig.reread()
    with agent(rig, tmp_path, "boot-one") as measure:
        measure()
        eventually(lambda: kept(data) == 1, what="the first reading")
        suspend(rig.folder, CAMERA)
        *_, last = expel(rig.folder, "cam-01", data / DENIED)
        assert last.error is None
        assert last.after_s < LIMIT_S
        outbox = measure()
        with rig.author() as observer:
            observer.subscribe("haechi/v1/busan/cam-01/up/#")
            assert observer.seen() == []
        assert (kept(data), outbox.pending) == (1, 1)
        resume(rig.folder, CAMERA)
        deny(rig.folder, data / DENIED)
        reread(rig.folder)
        eventually(lambda: kept(data) == 2, what="the reading that waited")
        eventually(lambda: outbox.pending == 0, what="the acknowledgement")


def test_two_agents_with_one_certificate_raise_an_alarm(
    rig: Rig, data: Path, tmp_path: Path, eventually: Eventually
) -> None:
    """S4: the broker lets them take turns, and ingest names both."""
    enroll(rig.folder, CAMERA)
    rig.reread()

    def alarms() -> list[str]:
        store = SqliteStore(data / "haechi.db")
        found = [alarm.text for alarm in store.alarms() if alarm.key.rule == RULE]
        store.close()
        return found

    with ExitStack() as both:
        both.enter_context(agent(rig, tmp_path, "boot-one"))
        both.enter_context(agent(rig, tmp_path, "boot-two"))
        eventually(alarms, what="the alarm", within_s=40)
    (text,) = alarms()
    assert "boot-one (camera of boot-one)" in text
    assert "boot-two (camera of boot-two)" in text
