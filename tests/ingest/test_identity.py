"""S4: two senders with one certificate are noticed, and one that starts again is not."""

from datetime import datetime, timedelta

import pytest

from haechi.messages import DeviceState, encode
from ingest.decoding import Input
from ingest.identity import RULE, WITHIN, Identities
from ingest.stores.memory import MemoryStore
from tests.ingest.rig import NOW, Trace, delivery, pipeline

Said = tuple[float, str, int]
"""Second, start, and how many readings it has numbered."""


def state(second: float, boot: str, numbered: int, *, online: bool = True) -> DeviceState:
    """Return what a receiver says of itself."""
    at = NOW + timedelta(seconds=second)
    return DeviceState(device="ais-1", boot=boot, online=online, at=at, numbered=numbered)


def conflicts(said: list[Said]) -> list[str]:
    """Return the texts of what is found when a device says all that, each at its time."""
    identities = Identities()
    return [
        finding.text
        for second, boot, numbered in said
        for _, findings in identities.notice(
            [Input("busan", "ais-1", state=state(second, boot, numbered))],
            NOW + timedelta(seconds=second),
        )
        for finding in findings
    ]


@pytest.mark.parametrize(
    "said",
    [
        [(0, "one", 5), (10, "one", 9), (20, "one", 12)],
        [(0, "one", 5), (10, "two", 0), (20, "three", 0), (30, "four", 0)],
        [(0, "one", 5), (10, "two", 0), (20, "one", 5), (30, "one", 6)],
        [(0, "one", 5), (10, "two", 0), (0, "one", 5), (10, "two", 0), (0, "one", 5)],
        [(0, "a-1", 1), (9, "b-1", 1), (19, "a-1", 2), (999, "b-1", 2), (9999, "a-1", 3)],
    ],
    ids=["reports", "restarts", "one replay", "echoes", "replays far apart"],
)
def test_one_sender_is_no_conflict(said: list[Said]) -> None:
    """An agent may start again, replay a file once, or be heard twice."""
    assert conflicts(said) == []


def test_two_that_take_turns_are_named() -> None:
    """The same pair is the same finding, however often they change places within the hour."""
    said: list[Said] = [(4 * turn, ("one", "two")[turn % 2], turn) for turn in range(8)]
    found = conflicts(said)
    assert len(found) == 5
    assert len(set(found)) == 1
    assert "start one" in found[0]
    assert "start two" in found[0]


def test_two_of_one_cloned_disk_are_noticed() -> None:
    """They share even the name of their start, but each counts on its own."""
    said: list[Said] = [(0, "one", 50), (5, "one", 20), (9, "one", 51), (14, "one", 21)]
    assert len(conflicts(said)) == 1


def test_turns_are_forgotten_in_time() -> None:
    """Two a year are an engineer at work."""
    apart = WITHIN.total_seconds() + 1
    said: list[Said] = [(0, "one", 0), (1, "two", 0), (2, "one", 0), (2 + apart, "two", 0)]
    assert conflicts(said) == []


def test_a_conflict_is_an_alarm() -> None:
    """Once, on the device, and the most urgent there is."""
    store, trace = MemoryStore(), Trace()
    at_work = pipeline(store, trace)
    for second in range(0, 40, 4):
        boot = "boot-two" if second % 8 else "boot-one"
        now: datetime = NOW + timedelta(seconds=second)
        said = encode(state(second, boot, second))
        at_work.take([delivery(said, topic="haechi/v1/busan/ais-1/state")], now)
    (alarm,) = store.alarms()
    assert (alarm.key.rule, alarm.key.subject, alarm.severity) == (RULE, "device:ais-1", "CRITICAL")
    assert len(store.findings()) == 1
