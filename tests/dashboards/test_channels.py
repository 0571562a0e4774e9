"""Channels against real servers that refuse, hang and recover: once each, and never in silence."""

import logging
import signal
from collections.abc import Callable, Generator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol

import msgspec
import pytest

from dashboards.channels import (
    AppriseSender,
    ChannelSetupError,
    ConsoleSender,
    MqttSender,
    open_channels,
)
from dashboards.ports import NotSentError
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.pushes import Alert, Channel, PushPolicy, PushStatus
from ingest.stores.memory import MemoryStore
from tests.conftest import Eventually
from tests.dashboards.post import channel, policy, push, put, working
from tests.dashboards.servers import Mailbox, Mood, Webhook, mail_server
from tests.edge.rig import Broker, needs_mosquitto

# Apprise looks for imghdr while it loads its mail plug-in; it has a substitute where it is gone.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

HERE = Endpoint(port=1)


class Server(Protocol):
    """What the two servers have in common."""

    mood: Mood
    taken: list[tuple[str, str]]
    asked: int


Served = tuple[Server, str]
"""A server and the Apprise URL that leads to it, with short waits."""


@pytest.fixture
def webhook() -> Generator[Served]:
    """Return a running web server."""
    server = Webhook()
    yield server, f"json://user:opensesame@127.0.0.1:{server.port}/hook?cto=1&rto=0.5"
    server.close()


@pytest.fixture
def mail() -> Generator[Served]:
    """Return a running mail server."""
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        address = "from=watch@example.org&to=duty@example.org"
        yield mailbox, f"mailto://127.0.0.1:{port}/?{address}&mode=insecure&cto=0.5"


@pytest.fixture(params=["webhook", "mail"])
def served(request: pytest.FixtureRequest) -> Served:
    """Return each of them in turn."""
    found: Served = request.getfixturevalue(request.param)
    return found


def test_every_push_arrives_once_it_can_and_none_twice(
    served: Served, eventually: Eventually
) -> None:
    """Refused, left hanging, then taken: each key arrives exactly once, as header and as text."""
    server, url = served
    store, pushes = MemoryStore(), [push(number, "out") for number in range(5)]
    put(store, *pushes)
    server.mood = Mood.REFUSES
    sender = AppriseSender("out", url)
    vars(vars(sender)["_service"])["request_rate_per_sec"] = (
        0  # a courtesy pause of 5.5 s between mails
    )
    with working(store, {"out": sender}, policy(channel("out"))):
        eventually(lambda: server.asked >= 3, what="it was refused a few times")
        server.mood = Mood.HANGS
        eventually(wave(server), what="it was left hanging")
        server.mood = Mood.WELL
        eventually(lambda: {each.status for each in store.pushes()} == {PushStatus.SENT})
    assert sorted(key for key, _ in server.taken) == sorted(each.id for each in pushes)
    assert all(key in text for key, text in server.taken)


def wave(server: Server) -> Callable[[], bool]:
    """Return whether it was asked twice more: the first may have come before the mood."""
    before = server.asked
    return lambda: server.asked >= before + 2


@pytest.fixture
def log() -> Generator[StringIO]:
    """Return what a root logger writes; pytest's own capture also sees what goes nowhere."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_an_error_says_why_without_the_secret(served: Served, log: StringIO) -> None:
    """What is kept with the push may be shown; passwords and addresses may not."""
    server, url = served
    server.mood = Mood.REFUSES
    with pytest.raises(NotSentError) as caught:
        AppriseSender("out", url).send(push(1, "out"))
    assert "ailed" in str(caught.value)
    assert not any(secret in str(caught.value) for secret in ("opensesame", "127.0.0.1"))
    assert not log.getvalue()


def test_a_reason_that_quotes_the_address_is_blotted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services put tokens into their paths, and libraries put paths into what they complain of."""

    class Refusal(list[SimpleNamespace]):
        logs = list[SimpleNamespace].copy

        def __bool__(self) -> bool:
            return False

    def refuse(*_: object, **__: object) -> Refusal:
        said = "POST https://hooks.example.org/T0PS3CRET/open-sesame?key=letmein1 failed: 403"
        return Refusal([SimpleNamespace(message=said)])

    monkeypatch.setattr("apprise.Apprise.notify", refuse)
    sender = AppriseSender("out", "jsons://hooks.example.org/T0PS3CRET/open-sesame?key=letmein1")
    with pytest.raises(NotSentError) as caught:
        sender.send(push(1, "out"))
    assert str(caught.value) == "POST https://***/***/***?key=*** failed: 403"


def test_a_server_that_is_not_there_is_a_failure_with_a_reason() -> None:
    """Nobody listens on that port."""
    with pytest.raises(NotSentError, match="Connection error"):
        AppriseSender("out", "json://127.0.0.1:1/").send(push(1, "out"))


def out(url_env: str = "", url_file: str = "") -> Channel:
    """Return an Apprise channel with its URL in either place."""
    return Channel(name="out", type="apprise", url_env=url_env, url_file=url_file)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (out(url_env="MISSING"), r"'out' needs one .*set the environment variable MISSING"),
        (out(url_env="TWO"), "'out' needs one Apprise URL"),
        (out(url_env="ODD"), "'out': its URL is not one that Apprise knows"),
        (
            out(url_file="/nowhere/secret"),
            r"cannot read /nowhere/secret \(url_file\): No such file",
        ),
    ],
)
def test_a_channel_without_a_usable_url_is_refused_at_the_start(
    given: Channel, complaint: str
) -> None:
    """The setting is named, the secret is not."""
    told = PushPolicy(channels=(given,), rules=())
    environ = {"TWO": "json://a json://b", "ODD": "opensesame://x"}
    with pytest.raises(ChannelSetupError, match=complaint) as caught:
        open_channels(told, endpoint=HERE, client_id="push-busan", environ=environ)
    assert "opensesame" not in str(caught.value)


def test_channels_are_opened_by_their_type(webhook: Served, tmp_path: Path) -> None:
    """A secret may come from a file; the console needs none."""
    server, url = webhook
    secret = tmp_path / "url"
    secret.write_text(f"{url}\n")
    told = PushPolicy(
        channels=(
            Channel(name="console", type="console"),
            Channel(name="out", type="apprise", url_file=str(secret)),
        ),
        rules=(),
    )
    senders = open_channels(told, endpoint=HERE, client_id="push-busan", environ={})
    assert isinstance(senders["console"], ConsoleSender)
    for sender in senders.values():
        sender.send(push(1, "out"))
        sender.close()
    assert len(server.taken) == 1


class Listener:
    """Another system that reads the alert topic."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.heard: list[Delivery] = []
        told = Callbacks(delivered=self._delivered)
        self.session = Session(endpoint, "other", told, subscriptions=("haechi/v1/+/alerts/#",))
        self.session.start()

    def _delivered(self, delivery: Delivery) -> None:
        self.heard.append(delivery)
        self.session.acknowledge(delivery)


@needs_mosquitto
def test_an_alert_is_published_for_other_systems(tmp_path: Path, eventually: Eventually) -> None:
    """On the topic of its severity, with its key, and an outage of the broker only delays it."""
    broker = Broker(tmp_path)
    listener = Listener(broker.endpoint)
    sender = MqttSender(broker.endpoint, "push-busan", timeout_s=4)
    eventually(lambda: listener.session.is_connected)
    try:
        sender.send(push(1, "alerts"))
        broker.end()
        with pytest.raises(NotSentError, match=r"not connected|not answered"):
            sender.send(push(2, "alerts"))
        broker.start()
        eventually(lambda: arrives(sender, 2), what="the second alert")
        eventually(lambda: len(listener.heard) == 2)
    finally:
        sender.close()
        listener.session.stop()
        broker.end()
    assert {heard.topic for heard in listener.heard} == {"haechi/v1/busan/alerts/major"}
    alerts = [msgspec.json.decode(heard.payload, type=Alert) for heard in listener.heard]
    assert alerts == [push(1, "alerts").alert, push(2, "alerts").alert]


@needs_mosquitto
def test_an_alert_whose_answer_is_late_is_published_once(
    tmp_path: Path, eventually: Eventually
) -> None:
    """A broker that stops for a while has it already: to try again is to wait for its word."""
    broker = Broker(tmp_path)
    listener = Listener(broker.endpoint)
    sender = MqttSender(broker.endpoint, "push-busan", timeout_s=1)
    eventually(lambda: listener.session.is_connected)
    try:
        eventually(lambda: arrives(sender, 1), what="the connection")
        broker.tell(signal.SIGSTOP)
        for _ in range(2):
            with pytest.raises(NotSentError, match="not answered"):
                sender.send(push(2, "alerts"))
        broker.tell(signal.SIGCONT)
        eventually(lambda: arrives(sender, 2) and arrives(sender, 3))
        eventually(lambda: push(3, "alerts").id in [key(heard) for heard in listener.heard])
    finally:
        broker.tell(signal.SIGCONT)
        sender.close()
        listener.session.stop()
        broker.end()
    assert [key(heard) for heard in listener.heard] == [push(n, "alerts").id for n in (1, 2, 3)]


def key(heard: Delivery) -> str:
    """Return the key of an alert."""
    return msgspec.json.decode(heard.payload, type=Alert).id


def arrives(sender: MqttSender, number: int) -> bool:
    """Return whether an alert could be sent."""
    try:
        sender.send(push(number, "alerts"))
    except NotSentError:
        return False
    return True


@needs_mosquitto
def test_a_broker_that_forbids_it_is_heard(tmp_path: Path) -> None:
    """The reason code is read: MQTT 3.1.1 would have said that all is well."""
    rights = tmp_path / "rights"
    rights.write_text("topic read haechi/#\n")
    broker = Broker(tmp_path / "broker", f"allow_anonymous true\nacl_file {rights}")
    sender = MqttSender(broker.endpoint, "push-busan", timeout_s=10)
    try:
        with pytest.raises(NotSentError, match="0x87"):
            sender.send(push(1, "alerts"))
    finally:
        sender.close()
        broker.end()
