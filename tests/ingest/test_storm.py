"""A storm of alarms through the real pipeline: few messages, every alarm kept, none told twice."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from msgspec import UNSET, Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.wording import Voice
from haechi.alarms import AlarmPolicy, Signal
from haechi.findings import Finding, Severity, finding_id
from haechi.messages import Message, Reading, encode
from haechi.observations import Observation
from haechi.pushes import Channel, Digest, Push, PushPolicy, PushRule
from haechi.vessels import VesselPosition
from ingest.alarming import Alarming
from ingest.judging import Judging
from ingest.pipeline import Pipeline
from ingest.ports import Store, StoreUnavailableError, Writing
from ingest.saving import Saving
from ingest.stores.sqlite import SqliteStore
from tests.ingest.rig import NOW, Trace, delivery

VESSELS: Final = 1000
ROUNDS: Final = 10
AT_ONCE: Final = 250
"""Readings in a transaction."""

BROKEN: Final = "mmsi:440000500"
"""The vessel on which something is wrong that cannot wait."""


PUSHES: Final = PushPolicy(
    channels=(
        Channel(name="alerts", type="mqtt"),
        Channel(name="mail", type="apprise", url_env="X"),
    ),
    rules=(PushRule(name="all", channels=("alerts", "mail"), on=(Signal.OPENED,)),),
)


class Nothing(Struct, frozen=True):
    """What the rule remembers."""


class Breaches:
    """Finds a breach in every report; those of one vessel are critical."""

    name = "breach"
    version = "1"
    state_type = Nothing
    accepts = (VesselPosition,)

    def start(self) -> Nothing:
        """Return nothing."""
        return Nothing()

    def on_event(self, state: Nothing, event: Event) -> Step[Nothing]:
        """Say so."""
        found = Finding(
            id=finding_id(self.name, event.subject, event.at.isoformat()),
            rule=self.name,
            kind="overspeed",
            rule_version=self.version,
            subject=event.subject,
            severity=Severity.CRITICAL if event.subject == BROKEN else Severity.MAJOR,
            since=event.at,
            until=None,
            text="a breach",
            values={},
            thresholds={},
        )
        return Step(state, (found,))

    def on_wake(self, state: Nothing, now: datetime) -> Step[Nothing]:
        """Never happen."""
        raise NotImplementedError(now)


class Failing(SqliteStore):
    """A store that refuses a transaction on command, at its end."""

    fails = False

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Write, or roll back."""
        with super().writing() as writing:
            yield writing
            if self.fails:
                self.fails = False
                raise StoreUnavailableError("disk full")


def pipeline(store: Store, now: datetime) -> Pipeline:
    """Return a pipeline as a new process makes it, with mail for people and alerts for programs."""

    def locate(observations: Sequence[Observation]) -> list[Event]:
        return [Event(observation) for observation in observations]

    judging = Judging(
        [Breaches()], locate, allowance=timedelta(seconds=30), idle_limit=timedelta(minutes=10)
    )
    built = Pipeline(
        store=store,
        judging=judging,
        alarming=Alarming(AlarmPolicy(), PUSHES, Voice(zone=UTC, zone_name="UTC")),
        saving=Saving(judging, 1.0),
        link=Trace(),
        ring=lambda: None,
        skew_limit=timedelta(minutes=5),
    )
    built.recover(now)
    return built


def storm(rounds: int) -> list[tuple[datetime, bytes]]:
    """Return a thousand breaches a second, as they arrive."""
    readings = [
        Reading(
            seq=1 + number + VESSELS * turn,
            at=NOW + timedelta(seconds=turn, milliseconds=number),
            subject=f"mmsi:{440_000_000 + number}",
            content=VesselPosition(lat=35.0, lon=129.0),
        )
        for turn in range(rounds)
        for number in range(VESSELS)
    ]
    starts = range(0, len(readings), AT_ONCE)
    batches = [tuple(readings[start : start + AT_ONCE]) for start in starts]
    return [
        (batch[-1].at, encode(Message(device="ais-1", boot="boot-1", readings=batch)))
        for batch in batches
    ]


def after_storm(file: Path, rounds: int, happens: Mapping[int, str]) -> Store:
    """Return the store afterwards; by number of a transaction, what goes wrong before it."""
    store = Failing(file, durable=False)
    at_work = pipeline(store, NOW)
    for number, (now, payload) in enumerate(storm(rounds)):
        if happens.get(number) == "killed":
            at_work = pipeline(store, now)
        if happens.get(number) == "given out":
            close_digests(store)
        if happens.get(number) == "refused":
            store.fails = True
            with pytest.raises(StoreUnavailableError):
                at_work.take([delivery(payload)], now)
            at_work.recover(now)
        at_work.take([delivery(payload)], now)
    return store


def close_digests(store: Store) -> None:
    """Do what the worker does when it gives out a digest."""
    with store.writing() as writing:
        for push in store.pushes():
            if push.is_open:
                writing.put_push(replace(push, is_open=False))


def rows(store: Store, channel: str) -> tuple[list[Push], list[Push]]:
    """Return the messages of a channel: about one alarm, and digests."""
    mine = [push for push in store.pushes() if push.channel == channel]
    alone = [push for push in mine if push.alert.digest is UNSET]
    return alone, [push for push in mine if push.alert.digest is not UNSET]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return the store after a storm in which nothing else went wrong."""
    return after_storm(tmp_path_factory.mktemp("calm") / "haechi.sqlite", ROUNDS, {})


def test_a2_ten_thousand_breaches_are_one_alarm_a_subject_and_all_are_kept(
    calm: Store,
) -> None:
    """Nothing is lost from the log, the findings or the histories."""
    assert sum(account.kept for account in calm.accounts()) == VESSELS * ROUNDS
    assert len(calm.findings()) == VESSELS * ROUNDS
    alarms = calm.alarms(open_only=True)
    assert len(alarms) == len({(alarm.key.subject, alarm.key.rule) for alarm in alarms}) == VESSELS
    lines = [event for alarm in alarms for event in calm.alarm_events(alarm.id)]
    assert [event.signal for event in lines] == [Signal.OPENED] * VESSELS * ROUNDS


def test_a2_people_are_told_a_few_and_how_many_more_exactly(calm: Store) -> None:
    """Ten messages, the one that is critical at once, and a digest of the rest."""
    alone, (digest,) = rows(calm, "mail")
    assert sorted(push.severity for push in alone) == [Severity.CRITICAL, *[Severity.MAJOR] * 10]
    assert digest.alert.digest == Digest(
        messages=VESSELS - 11,
        kinds={"overspeed": VESSELS - 11},
        zones={"": VESSELS - 11},
        first=tuple(f"mmsi:{440_000_010 + number}" for number in range(5)),
    )
    assert digest.alert.since == NOW + timedelta(milliseconds=10)
    assert digest.due_at == NOW + timedelta(minutes=1)


def test_a2_a_critical_alarm_in_the_middle_is_told_at_once(calm: Store) -> None:
    """Neither after the others nor in a digest: it is due when its alarm is raised."""
    alone, _ = rows(calm, "mail")
    (urgent,) = [push for push in alone if push.severity is Severity.CRITICAL]
    alarm = calm.alarm(urgent.alarm)
    assert alarm is not None
    assert (alarm.key.subject, urgent.due_at) == (BROKEN, alarm.raised_at)


def test_a2_programs_are_told_of_each_alarm(calm: Store) -> None:
    """They can count."""
    alone, digests = rows(calm, "alerts")
    assert (len({push.alarm for push in alone}), digests) == (VESSELS, [])


def test_a2_crashes_in_the_middle_change_nothing(calm: Store, tmp_path: Path) -> None:
    """A new process, and a transaction that was undone, count what is held back the same.

    The first two seconds will do: whose alarm is active is not told of again.
    """
    happens = {0: "refused", 1: "killed", 2: "refused", 3: "killed", 5: "killed"}
    stormy = after_storm(tmp_path / "haechi.sqlite", 2, happens)
    assert stormy.pushes() == calm.pushes()
    assert len(stormy.alarms()) == VESSELS


def test_a2_what_comes_after_a_digest_was_given_out_is_in_another(tmp_path: Path) -> None:
    """Ingest may believe that a window lasts which the worker has seen end: nobody is lost."""
    happens = {1: "given out", 2: "killed", 3: "given out"}
    stormy = after_storm(tmp_path / "haechi.sqlite", 1, happens)
    alone, digests = rows(stormy, "mail")
    told = [push.alert.digest.messages for push in digests if push.alert.digest is not UNSET]
    assert (len(alone), sorted(told)) == (11, [240, 250, 499])
