"""Sessions are MQTT 5, durable, honest about reason codes, and find dead links."""

import re
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.enums import MQTTErrorCode

from haechi.mqtt import (
    NO_MATCHING_SUBSCRIBERS,
    NOT_AUTHORIZED,
    Callbacks,
    Delivery,
    Driver,
    Endpoint,
    Session,
)
from tests.edge.rig import Broker, Eventually, free_port, needs_mosquitto

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("haechi", "analytics", "edge", "ingest", "dashboards", "firmware_sim", "bench", "tests")
Open = Callable[..., Session]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Return a broker that forbids one topic and takes small packets only."""
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite allowed/#\n")
    settings = f"allow_anonymous true\nacl_file {acl}\nmax_packet_size 5000"
    broker = Broker(tmp_path / "broker", settings)
    yield broker
    broker.end(signal.SIGKILL)


@pytest.fixture
def session(broker: Broker, eventually: Eventually) -> Iterator[Open]:
    """Return what opens sessions, to be stopped at the end."""
    opened: list[Session] = []

    def open_one(name: str, callbacks: Callbacks, *subscriptions: str) -> Session:
        one = Session(broker.endpoint, name, callbacks, subscriptions=subscriptions)
        one.start()
        opened.append(one)
        eventually(lambda: one.is_connected)
        return one

    yield open_one
    for one in opened:
        one.stop()


@needs_mosquitto
def test_the_reason_of_each_puback_is_told(session: Open, eventually: Eventually) -> None:
    """Nobody listening, forbidden, taken: three answers to three publishes."""
    codes: dict[int, int] = {}
    one = session("one", Callbacks(published=codes.__setitem__), "allowed/heard")
    mids = [one.publish(t, b"x") for t in ("allowed/unheard", "forbidden", "allowed/heard")]
    eventually(lambda: len(codes) == 3)
    assert [codes[mid or 0] for mid in mids] == [NO_MATCHING_SUBSCRIBERS, NOT_AUTHORIZED, 0]


@needs_mosquitto
def test_a_session_survives_both_ends(
    broker: Broker, session: Open, eventually: Eventually
) -> None:
    """What was published while the subscriber was away, before a broker restart, is delivered."""
    heard: list[Delivery] = []
    away = session("reader", Callbacks(), "allowed/a")
    away.stop()
    codes: dict[int, int] = {}
    writer = session("writer", Callbacks(published=codes.__setitem__))
    writer.publish("allowed/a", b"kept")
    eventually(lambda: list(codes.values()) == [0])
    broker.end(signal.SIGTERM)
    broker.start()
    kept: list[bool] = []
    session("reader", Callbacks(delivered=heard.append, connected=kept.append), "allowed/a")
    eventually(lambda: [delivery.payload for delivery in heard] == [b"kept"])
    assert kept == [True]


@needs_mosquitto
def test_what_is_not_acknowledged_comes_again(session: Open, eventually: Eventually) -> None:
    """Acknowledgement is the owner's act: without it the broker delivers to the next connection."""
    first: list[Delivery] = []
    again: list[Delivery] = []
    reader = session("reader", Callbacks(delivered=first.append), "allowed/a")
    session("writer", Callbacks()).publish("allowed/a", b"once")
    eventually(lambda: first)
    reader.stop()
    later = session("reader", Callbacks(delivered=again.append), "allowed/a")
    eventually(lambda: again)
    later.acknowledge(again[0])
    assert (first[0].payload, again[0].payload) == (b"once", b"once")


@needs_mosquitto
def test_the_brokers_limits_are_known(session: Open) -> None:
    """A session knows how much the broker takes at once and how large."""
    one = session("one", Callbacks())
    assert (one.window, one.max_packet_bytes) == (20, 5000)


@needs_mosquitto
@pytest.mark.parametrize(
    ("topic", "size", "code"), [("allowed/a", 9000, 0x95), ("allowed/" + "a/" * 205, 1, 0x82)]
)
def test_d12_a_packet_the_broker_cannot_bear_is_blamed_and_not_repeated(
    session: Open, eventually: Eventually, topic: str, size: int, code: int
) -> None:
    """Too large, or more than 200 levels: the code is told, and the driver does not loop."""
    blamed: list[int] = []
    codes: dict[int, int] = {}
    connected: list[bool] = []
    one = session(
        "one",
        Callbacks(blamed=blamed.append, published=codes.__setitem__, connected=connected.append),
        "allowed/b",
    )
    one.publish(topic, bytes(size))
    eventually(lambda: len(connected) == 2)
    one.publish("allowed/b", b"next")
    eventually(lambda: list(codes.values()) == [0])
    assert blamed == [code]


@needs_mosquitto
def test_nothing_is_taken_without_a_connection(broker: Broker, session: Open) -> None:
    """The owner keeps what could not be published; the driver must not send it later."""
    one = session("one", Callbacks())
    broker.end(signal.SIGKILL)
    one.stop()
    assert one.publish("allowed/a", b"x") is None


def test_a_broker_that_is_not_there_is_told_once(
    monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    """Where it was looked for and why in vain, however often it is tried."""
    tried, said = list[None](), list[str]()
    reconnect = Driver.reconnect

    def tries(driver: Driver) -> MQTTErrorCode:
        tried.append(None)
        return reconnect(driver)

    monkeypatch.setattr(Driver, "reconnect", tries)
    nowhere = Endpoint(port=free_port())
    session = Session(nowhere, "one", Callbacks(disconnected=said.append))
    session.start()
    eventually(lambda: len(tried) > 2)
    session.stop()
    assert said == [f"127.0.0.1:{nowhere.port}: [Errno 111] Connection refused"]


def test_another_machine_needs_tls() -> None:
    """Clear text never leaves this machine."""
    with pytest.raises(ValueError, match="give ca_file"):
        Endpoint(host="broker.example")


def test_no_old_protocol_and_no_clean_start_anywhere() -> None:
    """With 3.1.1 a denied publish looks delivered; a session begun clean is never persisted.

    Tests are exempt: some play the client that must be kept out.
    """
    forbidden = re.compile(r"MQTTv31|clean_start=(?!False)|clean_session=")
    folders = [folder for folder in FOLDERS if folder != "tests"]
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    found = [str(path) for path in sources if forbidden.search(path.read_text())]
    assert found == []


def test_only_one_module_knows_the_driver() -> None:
    """Every session is a ``Session``, and so durable."""
    imports = re.compile(r"^\s*(from|import) paho", re.MULTILINE)
    users = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if imports.search(path.read_text())
    }
    assert {user for user in users if not user.startswith(("tests/", "bench/"))} == {
        "haechi/mqtt.py"
    }


@needs_mosquitto
def test_stopping_while_the_network_thread_ends_by_itself_is_no_error(
    session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver forgets its thread when that ends, be it between two steps of stopping it."""
    one = session("one", Callbacks())
    driver: Any = vars(one)["_client"]
    thread: threading.Thread = driver._thread

    def meanwhile() -> threading.Thread:
        driver._thread = None
        return threading.main_thread()

    monkeypatch.setattr("haechi.mqtt.current_thread", meanwhile)
    monkeypatch.setattr("paho.mqtt.client.threading.current_thread", meanwhile)
    one.stop()
    assert not thread.is_alive()
