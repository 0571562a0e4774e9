"""Who may say and hear what, on a real broker, judged by what is delivered.

A SUBACK proves nothing: Mosquitto grants a subscription and then delivers nothing on it.
"""

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from haechi.topics import alert_topic, state_topic
from ingest.broker.authority import Kind, issue
from tests.conftest import Eventually
from tests.ingest.broker.rig import NOW, V5, V311, Party, Rig

SUCCESS, NO_SUBSCRIBER, NOT_AUTHORIZED = 0x00, 0x10, 0x87

HERE, NEIGHBOUR, AFAR, STRANGER = "cam-01", "cam-02", "cam-03", "cam-99"
INGEST, COMMAND, CONSOLE = "svc-ingest", "svc-command", "svc-console"
SITES = {HERE: "busan", NEIGHBOUR: "busan", AFAR: "jeju"}
OWN = ("up/telemetry", "up/event", "up/detection", "up/result", "state", "down/ack", "down/command")
CARGO = "haechi/v1/busan/cargo/up/event"
"""The console's word about shipments."""
FOREIGN = (
    "haechi/v1/jeju/cam-01/up/telemetry",
    "haechi/v1/busan/cam-99/up/telemetry",
    "haechi/v1/busan/cam-01/up/telemetry/deeper",
    "haechi/v1/busan/cam-01/x/up/telemetry",
    "haechi/v2/busan/cam-01/up/telemetry",
    "up/telemetry",
    CARGO,
    state_topic("busan", "alerts"),
    alert_topic("busan", "CRITICAL"),
    "$SYS/broker/version",
)
TOPICS = (*(f"haechi/v1/{s}/{d}/{end}" for d, s in SITES.items() for end in OWN), *FOREIGN)


def root(device: str) -> str:
    """Return what all topics of a device start with."""
    return f"haechi/v1/{SITES[device]}/{device}"


ALERTS = {alert_topic("busan", "CRITICAL"), state_topic("busan", "alerts")}
"""The second is the state of a device called ``alerts``, which is why none may be called so."""

WRITES: dict[str, set[str]] = {
    **{device: {f"{root(device)}/{end}" for end in OWN if "down" not in end} for device in SITES},
    STRANGER: set(),
    INGEST: {f"{root(device)}/down/ack" for device in SITES},
    COMMAND: {f"{root(device)}/down/command" for device in SITES},
    CONSOLE: ALERTS | {CARGO},
}
READS: dict[str, set[str]] = {
    **{device: {f"{root(device)}/down/{end}" for end in ("ack", "command")} for device in SITES},
    STRANGER: set(),
    INGEST: {t for t in TOPICS if t.startswith("haechi/v1/") and ("/up/t" in t or "state" in t)}
    | {f"{root(device)}/up/{end}" for device in SITES for end in ("event", "detection", "result")}
    | {CARGO},
    COMMAND: {CARGO} | {f"{root(device)}/up/event" for device in SITES},
    CONSOLE: ALERTS,
}
READS[INGEST].discard("haechi/v1/busan/cam-01/x/up/telemetry")
VERSIONS = pytest.mark.parametrize("version", [V5, V311], ids=["v5", "v3.1.1"])


def connect(rig: Rig, who: str, version: MQTTProtocolVersion) -> Party:
    """Connect as a device, a service, or one that has a certificate but is not enrolled."""
    if who in SITES:
        return rig.device(rig.enrol(SITES[who], who), version=version)
    if who == STRANGER:
        stranger = issue(rig.authority(Kind.DEVICE), who, Kind.DEVICE, NOW)
        return rig.device(rig.held(stranger), version=version)
    return Party(rig.service_port, tls=rig.service(who), version=version, client_id=f"{who}.1")


@VERSIONS
def test_what_each_may_say(rig: Rig, version: MQTTProtocolVersion) -> None:
    """S1, D4: of every pair of identity and topic, exactly those in the table are delivered.

    MQTT 5 says which were refused; 3.1.1 acknowledges them all alike, so it is not for devices.
    """
    with rig.author() as observer:
        observer.subscribe("#")
        heard: set[tuple[str, str]] = set()
        for who, lawful in WRITES.items():
            with connect(rig, who, version) as party:
                codes = {topic: party.publish(topic, who.encode()) for topic in TOPICS}
            heard |= {(payload.decode(), topic) for topic, payload in observer.seen()}
            refused = {topic for topic, code in codes.items() if code == NOT_AUTHORIZED}
            assert refused == (set(TOPICS) - lawful if version is V5 else set()), who
    assert heard == {(who, topic) for who, lawful in WRITES.items() for topic in lawful}


@VERSIONS
def test_what_each_may_hear(rig: Rig, version: MQTTProtocolVersion) -> None:
    """S1: whatever is subscribed to, exactly what the table says arrives."""
    parties = {who: connect(rig, who, version) for who in READS}
    for party in parties.values():
        for wanted in ("#", "$SYS/#", "$SYS/broker/version"):
            party.subscribe(wanted, 0)
    with rig.author() as author:
        for topic in TOPICS:
            author.publish(topic, b"said")
    heard = {
        who: {t for t, said in party.seen() if said == b"said"} for who, party in parties.items()
    }
    for party in parties.values():
        party.close()
    assert heard == READS


def test_only_ingest_hears_how_much_the_broker_dropped(rig: Rig) -> None:
    """Of the broker's own topics one is readable, by one service."""
    with connect(rig, INGEST, V5) as ingest, connect(rig, CONSOLE, V5) as console:
        for party in (ingest, console):
            party.subscribe("$SYS/#", 0)
        topic, count = ingest.received.get(timeout=20)
        assert (topic, count) == ("$SYS/broker/publish/messages/dropped", b"0")
        assert console.seen() == []


def test_a_will_on_a_foreign_topic_is_not_delivered(rig: Rig) -> None:
    """S1: a last will is judged like any publish, though the connection is accepted."""
    with rig.author() as observer:
        observer.subscribe("#")
        with rig.device(rig.enrol("busan", HERE), will=f"{root(NEIGHBOUR)}/state") as thief:
            thief.leave_with_will()
        with rig.device(rig.enrol("busan", NEIGHBOUR), will=f"{root(NEIGHBOUR)}/state") as honest:
            honest.leave_with_will()
        assert observer.received.get(timeout=10) == (f"{root(NEIGHBOUR)}/state", b"will")
        assert observer.seen() == []


def test_the_broker_says_when_ingest_is_not_there(rig: Rig) -> None:
    """D4: a publish that nobody hears is answered so, and not as a refusal."""
    with rig.device(rig.enrol("busan", HERE)) as device:
        assert device.publish(f"{root(HERE)}/up/telemetry") == NO_SUBSCRIBER


def test_rules_hold_for_what_waits_for_ingest(rig: Rig, eventually: Eventually) -> None:
    """An absent ingest is given what was queued for it before and after a restart, and only that.

    Mosquitto judges each listener by its own rules here, and an absent session has no listener.
    """
    device, session = rig.enrol("busan", HERE), f"{INGEST}.busan"
    service = rig.service(INGEST)
    with Party(rig.service_port, tls=service, client_id=session, durable=True) as ingest:
        ingest.subscribe("haechi/v1/busan/+/up/#")
    for payload in (b"before", b"after"):
        with rig.device(device) as sender:
            assert sender.publish(f"{root(HERE)}/up/event", payload) == SUCCESS
            assert sender.publish(f"{root(NEIGHBOUR)}/up/event", payload) == NOT_AUTHORIZED
        rig.restart()
        eventually(rig.serves, what="the broker")
    with Party(rig.service_port, tls=service, client_id=session, durable=True) as ingest:
        assert ingest.session_present
        assert [payload for _, payload in ingest.seen()] == [b"before", b"after"]
