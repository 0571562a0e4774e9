"""A receiver that delivers a backlog raises no alarm that its next messages would withdraw."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from haechi.findings import Status
from haechi.messages import Message, Reading, encode
from haechi.mqtt import Delivery
from ingest.ports import Store
from ingest.stores.memory import MemoryStore
from ingest.stores.sqlite import SqliteStore
from tests.ingest.observed import NOON, position
from tests.ingest.rig import TOPIC, delivery, reborn

MINUTE = timedelta(minutes=1)
RETURN = 30
"""Minutes after noon: until then the returning receiver was cut off, the other one never."""
FLEET = [f"mmsi:2190001{number:02}" for number in range(30)]
"""Heard by the returning receiver alone, once a minute."""
BUOY = "mmsi:219000001"
"""Heard by the other one, at every step."""
Until = dict[str, float]
"""When a vessel was heard for the last time, in minutes, where it fell silent."""


def at(minute: float) -> datetime:
    """Return a moment of the day."""
    return NOON + minute * MINUTE


def said(device: str, heard: Iterable[tuple[float, str]]) -> Delivery:
    """Return what a device says it heard: minutes and vessels. A number is used once."""
    readings = tuple(
        Reading(
            seq=round(minute * 60_000) + int(subject[-2:]) + 1,
            at=at(minute),
            subject=subject,
            content=position(lat=35 + int(subject[-2:]) / 20, speed_kn=0.1),
        )
        for minute, subject in heard
    )
    payload = encode(Message(device=device, boot="boot-1", readings=readings))
    return delivery(payload, topic=TOPIC.replace("ais-1", device))


def live(minute: float) -> Delivery:
    """Return what the receiver says that was never cut off."""
    return said("ais-1", [(minute, BUOY)])


def backlog(begin: int, end: int, until: Until | None = None) -> Delivery:
    """Return some minutes of what the other one heard."""
    silent = until or {}
    return said(
        "ais-2",
        [
            (minute + number / 60, vessel)
            for minute in range(begin, end)
            for number, vessel in enumerate(FLEET)
            if minute <= silent.get(vessel, minute)
        ],
    )


class Watch:
    """A pipeline, and what arrives there."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.work = reborn(store, at(0), spread_s=3.0)

    def take(self, minute: float, *deliveries: Delivery) -> None:
        """Carry what arrives at a time."""
        self.work.take(deliveries, at(minute))

    def crash(self, minute: float) -> None:
        """Start anew from what is kept: states of several ages, and the log."""
        self.work = reborn(self.store, at(minute), spread_s=3.0)

    def live_until(self, begin: float, end: float) -> None:
        """Let time pass, with reports every half minute by the receiver that is live."""
        for step in range(round(2 * (end - begin))):
            self.take(begin + (step + 1) / 2, live(begin + (step + 1) / 2))

    def deliver(
        self, messages: Sequence[tuple[int, int]], until: Until | None = None, crashes: int = 0
    ) -> None:
        """Bring a backlog, a message a second, between reports of the other receiver."""
        for number, (begin, end) in enumerate(messages, start=1):
            minute = RETURN + number / 60
            if number % 5 < crashes:
                self.crash(minute)
            self.take(minute, backlog(begin, end, until))
            self.take(minute, live(minute))

    def told(self) -> tuple[list[str], list[str]]:
        """Return the vessels that alarms were raised about, and those of pushes, ever."""
        alarms = [alarm.key.subject for alarm in self.store.alarms()]
        return sorted(alarms), sorted({push.alert.subject for push in self.store.pushes()})


EVERY_TWO_MINUTES = [(minute, minute + 2) for minute in range(0, RETURN, 2)]


@pytest.fixture
def watch() -> Watch:
    """Return a watch that has heard one receiver for half an hour."""
    made = Watch(MemoryStore())
    made.live_until(0, RETURN)
    return made


def test_a_backlog_of_vessels_that_go_on_raises_nothing(watch: Watch) -> None:
    """Thirty vessels, half an hour: no alarm, no push, not even a finding to withdraw."""
    watch.deliver(EVERY_TWO_MINUTES)
    watch.take(31, backlog(30, 31), live(31))
    watch.live_until(31, 35)
    assert watch.told() == ([], [])
    assert watch.store.findings() == []


def test_who_fell_silent_in_a_backlog_is_found_when_all_of_it_is_there(watch: Watch) -> None:
    """At once, not ten minutes later; once, and nobody else."""
    until = {FLEET[7]: 12.0}
    watch.deliver(EVERY_TWO_MINUTES, until)
    assert watch.told() == ([], [])
    watch.take(31, backlog(30, 31, until), live(31))
    assert watch.told() == ([FLEET[7]], [FLEET[7]])
    [silence] = watch.store.findings()
    assert (silence.since, silence.revision) == (at(12 + 7 / 60), 0)


def test_a_receiver_that_dies_in_its_backlog_is_waited_for_as_a_rule_waits(watch: Watch) -> None:
    """Ten minutes after its last message nobody has heard of its vessels: that is told."""
    watch.deliver(EVERY_TWO_MINUTES[:7])
    watch.live_until(30.5, 39.5)
    assert watch.told() == ([], [])
    watch.live_until(39.5, 41)
    assert watch.told() == (FLEET, FLEET)
    assert {found.revision for found in watch.store.findings()} == {0}


def test_who_was_found_silent_is_not_told_anew_when_the_receiver_returns() -> None:
    """Of the vessels that it had told of before it was cut off: withdrawn, and no further push."""
    watch = Watch(MemoryStore())
    store = watch.store
    for minute in range(12):
        watch.take(minute + 1, backlog(minute, minute + 1), live(minute + 1))
    watch.live_until(12, RETURN)
    pushed = len(store.pushes())
    assert watch.told() == (FLEET, FLEET)
    until = {FLEET[7]: 14.0}
    watch.deliver(EVERY_TWO_MINUTES[6:], until)
    watch.take(31, backlog(30, 31, until), live(31))
    watch.live_until(31, 35)
    assert len(store.pushes()) == pushed
    assert [each.key.subject for each in store.alarms() if each.active] == [FLEET[7]]
    standing = [f.subject for f in store.findings() if f.status is not Status.RETRACTED]
    assert standing == [FLEET[7]]


def test_wakes_go_on_waiting_after_a_crash(tmp_path: Path) -> None:
    """Whether the states were written before the backlog, during it, or at several times of it."""
    watch = Watch(SqliteStore(tmp_path / "s", keeper=True))
    watch.live_until(0, RETURN)
    watch.deliver(EVERY_TWO_MINUTES, {FLEET[7]: 12.0}, crashes=3)
    assert watch.told() == ([], [])
    watch.crash(31)
    watch.live_until(30.5, 36)
    watch.crash(36)
    watch.live_until(36, 41)
    assert watch.told() == (FLEET, FLEET)
    watch.store.close()
