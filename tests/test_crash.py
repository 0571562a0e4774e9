"""The promise, over all tiers: whatever is killed, whenever, nothing is lost and nothing is new.

Real broker, real ingest and an agent, each a process over one data directory. The log is invented
(``tests/bad_days.py``). Times are never waited for: each kill comes at a share of the readings.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from random import Random
from typing import Any, Protocol

import msgspec
import pytest

from analytics.catalogue import load as load_rules
from analytics.fold import fold
from analytics.zones import ZoneSet
from haechi.commands.recording_report import DEVICE, published
from haechi.findings import Finding, Status, report_order
from haechi.ledger import Account
from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.observations import Observation
from haechi.settings import load
from haechi.vessels import VesselPosition
from ingest.broker.process import Broker, BrokerKind, start_broker
from ingest.stores.sqlite import SqliteStore
from tests import bad_days
from tests.bad_days import Row
from tests.conftest import Eventually
from tests.edge.rig import needs_mosquitto
from tests.processes import HAECHI, PYTHON, START_S, Actor, environment, haechi
from tests.recording_agent import PACE

pytestmark = [needs_mosquitto, pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = 60
SITE = "busan"
ALONE = (("broker",), ("broker",), ("edge",), ("edge",), ("ingest",), ("ingest",))
JOINTLY = (("ingest", "broker"), ("edge", "ingest", "broker"))
FAR_PAST_DAYS = 36_500
"""Retention: the log is of a fixed day, and must not fall due while a test uses it."""


@dataclass
class Platform:
    """Broker, ingest and agent over one data directory, and a listener at the broker."""

    folder: Path
    log: Path
    way: str
    broker: Broker = field(init=False)
    heard: int = 0
    """Messages that the broker has passed on to the listener."""

    def __post_init__(self) -> None:
        self.broker = start_broker(self.folder / "broker", kind=BrokerKind.MOSQUITTO)
        settings = environment(
            data_dir=self.folder / "data",
            site=SITE,
            mqtt_host=self.broker.host,
            mqtt_port=self.broker.port,
            metrics_port=0,
            snapshot_every_s=1,
            retention_days=FAR_PAST_DAYS,
        )
        agent = [PYTHON, "-m", "tests.recording_agent", str(self.log), DEVICE, self.way]
        self.edge = Actor(agent, settings, self.folder / "edge.log")
        serve = [*HAECHI, "ingest", "--no-ticks"]
        self.ingest = Actor(serve, settings, self.folder / "ingest.log")
        self._listener = Session(
            Endpoint(port=self.broker.port),
            "listener",
            Callbacks(delivered=self._on_delivered),
            live_subscriptions=("haechi/v1/+/+/up/#",),
            receive_maximum=1000,
        )
        self._listener.start()

    def store(self) -> SqliteStore:
        """Open the store beside ingest."""
        return SqliteStore(self.folder / "data" / "haechi.db")

    @cached_property
    def watched(self) -> SqliteStore:
        """The store opened once, for what is asked again and again."""
        return self.store()

    def begin(self, eventually: Eventually) -> None:
        """Start ingest, and the agent once there is a store."""
        self.ingest.start()
        eventually(self.ingest.facts, within_s=START_S, what="ingest serves")
        self.edge.start()

    def finish(self, eventually: Eventually) -> None:
        """Let the agent come to its end, wait for its last word, and end ingest in order."""
        eventually(lambda: self.edge.status is not None, within_s=120, what="the agent's end")
        assert self.edge.status == 0
        eventually(self._has_heard_the_end, within_s=START_S, what="the last state")
        assert self.ingest.end() == 0

    def kept(self) -> int:
        """Return how many readings are in the store."""
        return sum(account.kept for account in self.accounts())

    def has(self, readings: int) -> bool:
        """Return whether so many readings are in the store."""
        return self.kept() >= readings

    def accounts(self) -> list[Account]:
        """Return the ledger."""
        return self.watched.accounts()

    def observations(self) -> list[Observation]:
        """Return all that was kept, in the order of numbers."""
        with closing(self.store()) as store:
            subjects = [latest.subject for latest in store.latest()]
            kept = [seen for subject in subjects for seen in store.history(subject, None)]
        return sorted(kept, key=lambda seen: seen.seq)

    def standing(self) -> list[Finding]:
        """Return the findings that are not retracted."""
        with closing(self.store()) as store:
            found = store.findings()
        return [finding for finding in found if finding.status is not Status.RETRACTED]

    def kill(self, names: Sequence[str]) -> None:
        """Kill some of the processes, in this order, and start them again in the other."""
        for name in names:
            self._kill(name)
        for name in reversed(names):
            self._start(name)

    def close(self) -> None:
        """End everything that is left."""
        self._listener.stop()
        if "watched" in vars(self):
            self.watched.close()
        self.edge.kill()
        self.ingest.kill()
        self.broker.stop()

    def _has_heard_the_end(self) -> bool:
        with closing(self.store()) as store:
            return any(not state.online for _, state in store.device_states())

    def _kill(self, name: str) -> None:
        if name == "broker":
            os.kill(self.broker.pid, signal.SIGKILL)
        else:
            self._actor(name).kill()

    def _start(self, name: str) -> None:
        if name == "broker":
            self.broker.restart()
        else:
            self._actor(name).start()

    def _actor(self, name: str) -> Actor:
        return {"edge": self.edge, "ingest": self.ingest}[name]

    def _on_delivered(self, delivery: Delivery) -> None:
        self.heard += 1
        self._listener.acknowledge(delivery)


class Scene(Protocol):
    """Starts platforms that carry a log."""

    def __call__(self, rows: list[Row], way: str = "end-to-end") -> Platform:
        """Start one: the broker, and nothing else yet."""
        ...


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Return a starter of platforms, none of which outlives the test."""
    with ExitStack() as stack:

        def begin(rows: list[Row], way: str = "end-to-end") -> Platform:
            platform = Platform(tmp_path, bad_days.write(tmp_path / "day.csv", rows), way)
            stack.callback(platform.close)
            return platform

        yield begin


def test_d1_sixty_kills_lose_nothing_and_invent_nothing(
    scene: Scene, eventually: Eventually
) -> None:
    """Edge, broker and ingest, alone and jointly: generated = kept, findings as if undisturbed."""
    random = Random(60)  # noqa: S311 - a test's, seeded
    rows = bad_days.day(1, vessels=12, reports=600)
    places = [random.random() * 0.97 for _ in range(KILLS * 2 // 3)]
    shares = sorted(random.choices(places, k=KILLS))  # some strike while others are made good
    victims = random.choices([*ALONE, *JOINTLY], k=KILLS)
    platform = scene(rows)
    platform.begin(eventually)
    for share, names in zip(shares, victims, strict=True):
        target = int(share * len(rows))
        eventually(partial(platform.has, target), within_s=60, what=f"{target} kept")
        platform.kill(names)
    platform.finish(eventually)
    assert_all_is_kept(platform, rows)
    assert_findings_are_those_of(platform)
    assert_alarms_are_consistent(platform)


def test_d6_ingest_dies_between_any_two_steps(scene: Scene, eventually: Eventually) -> None:
    """Before the commit, after it, after the PUBACK, after the acknowledgement: all the same."""
    rows = bad_days.day(2, vessels=6, reports=400)
    platform = scene(rows)
    platform.edge.start()
    for place in ("before_commit", "after_commit", "after_puback", "after_ack"):
        platform.ingest.start(HAECHI_FAIL_POINT=f"{place}:4")
        eventually(lambda: platform.ingest.status is not None, within_s=START_S, what=place)
        assert platform.ingest.status == -signal.SIGKILL
    platform.ingest.start()
    platform.finish(eventually)
    assert_all_is_kept(platform, rows)
    assert_findings_are_those_of(platform)
    assert_alarms_are_consistent(platform)


def test_the_control_that_believes_a_puback_loses(scene: Scene, eventually: Eventually) -> None:
    """The same kills show loss where there is some: in the store, and in the ledger."""
    rows = bad_days.day(3, vessels=9, reports=400)
    platform = scene(rows, "puback")
    platform.begin(eventually)
    eventually(lambda: platform.has(100), within_s=60, what="100 kept")
    platform.ingest.kill()
    # More than the agent's window: so it believes that the first of them are safe.
    enough = platform.heard + PACE.window_messages + 10
    eventually(lambda: platform.heard >= enough, within_s=60, what="messages taken by the broker")
    platform.kill(("broker",))
    platform.ingest.start()
    platform.finish(eventually)
    (account,) = platform.accounts()
    assert account.numbered == len(rows)
    assert account.kept < len(rows)
    assert account.missing == len(rows) - account.kept - account.in_flight
    assert account.missing > 0


def assert_all_is_kept(platform: Platform, rows: list[Row]) -> None:
    """Every generated reading is in the store once, under its own number, and the ledger agrees."""
    kept = platform.observations()
    assert [seen.seq for seen in kept] == [*range(1, len(rows) + 1)]
    assert [_told(seen) for seen in kept] == [_row(row) for row in rows]
    (account,) = platform.accounts()
    assert (account.numbered, account.kept) == (len(rows), len(rows))
    assert (account.missing, account.in_flight, account.thinned) == (0, 0, 0)
    assert account.rejected == {}


def assert_findings_are_those_of(platform: Platform) -> None:
    """What stands is what a backtest of the log finds, and what the definition says."""
    standing = platform.standing()
    done = haechi("backtest", platform.log, "--json", folder=platform.folder, site=SITE)
    stated = json.loads(msgspec.json.encode([published(finding) for finding in standing]))
    assert stated == json.loads(done.stdout)["findings"]
    assert [finding.said for finding in standing] == _by_definition(platform.observations())
    assert len({finding.rule for finding in standing}) > 3, "the log must have something to find"


def assert_alarms_are_consistent(platform: Platform) -> None:
    """One alarm a key, each finding on one alarm, every event numbered once, and told once."""
    store = platform.store()
    alarms, pushes = store.alarms(), store.pushes()
    assert max(Counter(alarm.key for alarm in alarms).values()) == 1
    based = Counter(basis.finding for alarm in alarms for basis in alarm.basis)
    assert based == Counter(finding.id for finding in platform.standing())
    for alarm in alarms:
        numbers = [event.number for event in store.alarm_events(alarm.id)]
        assert numbers == [*range(1, alarm.events + 1)]
    told = Counter((push.alarm, push.channel, push.alert.number) for push in pushes)
    assert set(told.values()) == {1}
    assert len({push.id for push in pushes}) == len(pushes)
    first = {(alarm, number) for alarm, _, number in told if number == 1}
    assert first == {(alarm.id, 1) for alarm in alarms}
    store.close()


def _by_definition(kept: list[Observation]) -> list[Finding]:
    """Return what the reference fold says: no engine, no order of arrival, no process."""
    settings = load()
    zones = ZoneSet.parse(settings.zones_path.read_text())
    rules = load_rules(settings.rules_path.read_text(), zones)
    horizon = max(seen.at for seen in kept) - timedelta(seconds=settings.lateness_allowance_s)
    events = zones.locate(kept)
    subjects = {
        event.subject: [e for e in events if e.subject == event.subject] for event in events
    }
    said = (
        finding.said
        for rule in rules
        for own in subjects.values()
        for finding in fold(rule, own, horizon).values()
    )
    return sorted(said, key=report_order)


def _told(seen: Observation) -> tuple[Any, ...]:
    said = seen.content
    assert isinstance(said, VesselPosition)
    return (seen.subject, seen.at, said.lat, said.lon, said.speed_kn, said.course_deg)


def _row(row: Row) -> tuple[Any, ...]:
    return (f"mmsi:{row.mmsi}", *row[1:])
