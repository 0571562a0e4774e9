"""Seals end to end: real sockets, gateway, mosquitto, ingest, store, rules, alarm."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge import agent
from edge.link import over_mqtt
from edge.outbox import Outbox
from edge.seal.keys import KeyFile, SharedSecret
from edge.seal.latches import Latches
from edge.seal.orders import Orders
from edge.seal.repeats import Repeats
from edge.seal.sources import SealSource
from edge.seal.states import SealState
from edge.state_report import Speaker
from edge.undecodable import UndecodableStore
from edge.uplink import Uplink
from firmware_sim.seals import Act, Seal, key_file, secret_of, standing, transmissions
from haechi.alarms import Alarm
from haechi.commanding import Rearm
from haechi.commands.ordering import order as command_of
from haechi.commands.ordering import send
from haechi.findings import Severity
from haechi.seals import SealAnswer, SealEventKind
from haechi.settings import load
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.edge.rig import SITE, Broker, needs_mosquitto
from tests.ingest.serving import by_default, serving
from tests.processes import haechi

pytestmark = needs_mosquitto

NUMBER = "SIM-000001"
BOX = "CSQU3054383"
NOW = datetime.now(UTC).replace(microsecond=0)
_E = SealEventKind


def ago(hours: float) -> datetime:
    """Return a time of today."""
    return NOW - timedelta(hours=hours)


def frames(*acts: tuple[float, SealEventKind], until: float = 0) -> list[bytes]:
    """Return all frames of a seal that was armed eight hours ago and reports every half hour.

    Args:
        acts: (hours ago, what happens then).
        until: Hours ago of the end.
    """
    begun = (Act(0, _E.ARMED), Act(5, _E.LOCK))
    done = tuple(Act((8 - hours) * 3600, event) for hours, event in acts)
    seal = Seal(
        number=NUMBER,
        key=SharedSecret(secret_of(NUMBER, 7)),
        way=standing(35.1, 129.04),
        acts=(*begun, *done),
        container=BOX,
        begins_s=60,
        period_s=1800,
    )
    return [one.raw for one in transmissions(seal, ago(8), (8 - until) * 3600)]


@dataclass
class Gateway:
    """One ``haechi agent seal`` in a thread, with a clock of its own."""

    name: str
    folder: Path
    broker: Broker
    heard: datetime = NOW
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        folder = self.folder / self.name
        folder.mkdir()
        keys = KeyFile(self.folder / "seals.keys")
        self.misread = UndecodableStore(folder / "undecodable.sqlite", "boot-1")
        latches = Latches()
        self.orders = Orders(self.name, folder / "commands.sqlite", latches)
        self.source = SealSource(
            "udp://127.0.0.1:0",
            keys.keys_of,
            self.misread.keep,
            Repeats(),
            latches,
            orders=self.orders,
            now=lambda: self.heard,
        )
        self.outbox = Outbox(folder, device=self.name, boot="boot-1")
        uplink = Uplink(
            self.outbox,
            over_mqtt(self.broker.endpoint, SITE, self.name, takes_commands=True),
            Speaker(SITE, self.name, "test"),
            on_command=self.orders.receive,
        )
        self._thread = threading.Thread(
            target=agent.run,
            args=(self.source, self.outbox, uplink, self._stopped),
            kwargs={"kept": self.orders.told},
        )
        self._thread.start()

    def hear(self, *raws: bytes) -> None:
        """Let seals send datagrams."""
        host, port = self.source.address.removeprefix("udp://").split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as seal:
            for raw in raws:
                seal.sendto(raw, (host, int(port)))

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self._thread.join()
        self.orders.close()
        self.misread.close()


class Site:
    """A broker, ingest with the default rules, and gateways."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.broker = folder, Broker(folder / "broker")
        (folder / "seals.keys").touch(mode=0o600)
        (folder / "seals.keys").write_text(key_file([NUMBER], 7))
        self.gateways: list[Gateway] = []

    def gateway(self, name: str) -> Gateway:
        """Begin one."""
        self.gateways.append(Gateway(name, self.folder, self.broker))
        return self.gateways[-1]

    def alarms(self, rule: str = "") -> list[Alarm]:
        """Return all alarms of a rule, or of all."""
        store = SqliteStore(self.folder / "haechi.db")
        found = [alarm for alarm in store.alarms() if rule in {"", alarm.key.rule}]
        store.close()
        return found

    def kept(self) -> int:
        """Return how many readings of the seal are in the store."""
        store = SqliteStore(self.folder / "haechi.db")
        count = len(store.history(f"seal:{NUMBER}", None))
        store.close()
        return count

    def order(self, *words: str) -> str:
        """Give an order as people do."""
        done = haechi(
            *("seal", "order", *words),
            folder=self.folder,
            site=SITE,
            mqtt_host="127.0.0.1",
            mqtt_port=self.broker.port,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rearm(self, gateway: str, bound_at: datetime) -> bool:
        """Tell a gateway of an order that binds the seal anew; return whether it was accepted."""
        settings = load(site=SITE, mqtt_host="127.0.0.1", mqtt_port=self.broker.port)
        task = Rearm(seal=NUMBER, order="O-2", bound_at=bound_at)
        command = command_of(gateway, task, "Kim", 60, datetime.now(UTC))
        return send(settings, command, _unheard, patience_s=20)

    def answers(self) -> list[bool]:
        """Return which commands about the seal were accepted, as the store has it."""
        store = SqliteStore(self.folder / "haechi.db")
        said = [seen.content for seen in store.history(f"seal:{NUMBER}", None)]
        store.close()
        return [each.accepted for each in said if isinstance(each, SealAnswer)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Return a site at work."""
    made = Site(tmp_path)
    with serving(by_default(tmp_path, made.broker.endpoint, SITE)):
        yield made
        for gateway in made.gateways:
            gateway.stop()
    made.broker.end()


def test_seal_1_and_2_a_tamper_report_that_was_held_back_for_six_hours(
    site: Site, eventually: Eventually
) -> None:
    """SEAL-1, SEAL-2: the gateway was offline; a newer position is known; heard by two gateways.

    The alarm is critical and has the time of then, and there is one of it.
    """
    day = frames((6, _E.TAMPERING))
    newest, before = day[-1:], day[:-1]
    site.gateway("gate-2").hear(*newest)
    eventually(lambda: site.kept() == 1)
    site.broker.end()
    offline = site.gateway("gate-1")
    offline.hear(*before)
    eventually(lambda: offline.outbox.pending == len(before))
    assert site.alarms("seal_tamper") == []
    site.broker.start()
    eventually(lambda: site.alarms("seal_tamper"), what="the alarm")
    site.gateway("gate-3").hear(*before)
    eventually(lambda: site.kept() == 1 + 2 * len(before), what="the same from another gateway")
    (alarm,) = site.alarms("seal_tamper")
    assert (alarm.severity, alarm.since, alarm.fired) == (Severity.CRITICAL, ago(6), 1)
    assert alarm.open_findings
    assert not site.alarms("seal_forgery"), "heard twice is no replay"


def test_seal_3_opened_and_closed_between_two_reports(site: Site, eventually: Eventually) -> None:
    """SEAL-3: the frames of it are lost; a disarming order of the registry ends it, late or not.

    The gateway takes the seal for another journey by an order that was made since, and no other.
    """
    day = frames((3.2, _E.UNLOCK), (3.1, _E.LOCK))
    gateway = site.gateway("gate-1")
    opened = next(place for place, raw in enumerate(day) if raw[5] == 3)
    gateway.hear(*day[:opened], *day[opened + 2 :])
    eventually(lambda: site.alarms("seal_opened"), what="the alarm")
    (alarm,) = site.alarms("seal_opened")
    assert "and closed again unheard" in alarm.text
    assert alarm.severity is Severity.CRITICAL
    gateway.hear(*day[opened : opened + 2])
    eventually(lambda: "was opened at" in site.alarms("seal_opened")[0].text, what="its time")
    assert len(site.alarms("seal_opened")) == 1, "the same alarm, revised"
    assert site.order("disarm", NUMBER, "--by", "Kim").count(": the platform has it, as of ")
    eventually(lambda: not site.alarms("seal_opened")[0].open_findings, what="its end")
    assert "ended by order" in site.alarms("seal_opened")[0].text
    refused, accepted = site.rearm("gate-1", ago(3.3)), site.rearm("gate-1", datetime.now(UTC))
    assert (refused, accepted) == (False, True)
    eventually(lambda: site.answers() == [False, True], what="both answers in the store")
    assert gateway.source.reader.state_of(NUMBER) is SealState.REARMED


def test_s7_what_an_adversary_sends_changes_no_alarm(site: Site, eventually: Eventually) -> None:
    """S5, S6, S7: bound by order, opened; then copies and flipped bits, which are found as such."""
    site.order("bind", NUMBER, "--container", BOX)
    day = frames((2, _E.UNLOCK), (1.9, _E.LOCK))
    gateway = site.gateway("gate-1")
    gateway.hear(*day)
    eventually(lambda: site.alarms("seal_opened"), what="the alarm")
    (before,) = site.alarms("seal_opened")
    gateway.heard = NOW + timedelta(minutes=4)
    flipped = [raw[:-1] + bytes([raw[-1] ^ 1]) for raw in day]
    gateway.hear(*day, *flipped, b"noise")
    eventually(lambda: {"seal_replay", "seal_forged"} <= _kinds(site), what="both attacks")
    eventually(lambda: site.kept() == 1 + 3 * len(day))
    assert site.alarms("seal_opened") == [before]
    assert gateway.misread.counts().total() == 1


def _unheard(_: str) -> None:
    """Listen to no progress."""


def _kinds(site: Site) -> set[str]:
    store = SqliteStore(site.folder / "haechi.db")
    found = {finding.kind for finding in store.findings(subject=f"seal:{NUMBER}")}
    store.close()
    return found
