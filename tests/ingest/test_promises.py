"""Nobody waits for a device that says it has nothing more to say; what is found stays the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.findings import Finding, Status
from haechi.messages import DeviceState, Message, Reading, encode
from haechi.mqtt import Delivery
from haechi.topics import state_topic
from ingest.pipeline import Pipeline
from ingest.stores.memory import MemoryStore
from tests.ingest.observed import NOON, SHIP, position
from tests.ingest.rig import NOW, TOPIC, Trace, delivery, pipeline

MINUTE = timedelta(minutes=1)
SUBJECTS = {"ais-1": SHIP, "ais-2": "mmsi:219000002", "seal-1": "seal:SIM-000001"}
Said = tuple[str, float, bool]
"""A device, minutes after noon, and whether it is a promise rather than a reading."""


def reading(device: str, minute: float) -> Delivery:
    """Return what a device measured of its own subject; each minute has its number."""
    measured = Reading(
        seq=round(minute * 60) + 1,
        at=NOON + minute * MINUTE,
        subject=SUBJECTS[device],
        content=position(),
    )
    payload = encode(Message(device=device, boot="boot-1", readings=(measured,)))
    return delivery(payload, topic=TOPIC.replace("ais-1", device))


def promise(device: str, until: datetime) -> Delivery:
    """Return a state with a promise."""
    state = DeviceState(device=device, boot="boot-1", online=True, at=until, complete_until=until)
    return delivery(encode(state), topic=state_topic("busan", device))


def watermark(work: Pipeline) -> datetime:
    """Return how far time has passed."""
    return work.judging.watermarks()["busan"]


@pytest.fixture
def store() -> MemoryStore:
    """Return an empty store."""
    return MemoryStore()


@pytest.fixture
def waiting(store: MemoryStore) -> Pipeline:
    """Return a pipeline that has heard a gateway at noon, and a receiver nine minutes later."""
    work = pipeline(store, Trace())
    work.take([reading("seal-1", 0), reading("ais-1", 9)], NOW)
    assert watermark(work) == NOON - MINUTE / 2
    return work


def test_time_passes_as_a_quiet_device_promises(store: MemoryStore, waiting: Pipeline) -> None:
    """No further than the allowance behind readings; a restart knows it from the log."""
    waiting.take([promise("seal-1", NOON + 5 * MINUTE)], NOW)
    assert watermark(waiting) == NOON + 5 * MINUTE
    waiting.take([promise("seal-1", NOON + 8.9 * MINUTE)], NOW)
    assert watermark(waiting) == NOON + 8.5 * MINUTE
    assert watermark(pipeline(store, Trace())) == NOON + 8.5 * MINUTE


def test_a_kept_promise_counts_for_later_readings_of_others(waiting: Pipeline) -> None:
    """Time passes with them, at most a second behind, and each step is in the log once."""
    waiting.take([promise("seal-1", NOON + 20 * MINUTE)], NOW)
    waiting.take([reading("ais-1", 9.5)], NOW)
    assert watermark(waiting) == NOON + 9 * MINUTE
    waiting.take([reading("ais-1", 9.51)], NOW)
    assert watermark(waiting) == NOON + 9 * MINUTE


def test_a_silence_is_found_while_a_quiet_device_is_alive(store: MemoryStore) -> None:
    """A vessel says nothing for ten minutes; a late report takes that back."""
    work = pipeline(store, Trace())
    work.take([reading("ais-1", 0)], NOW)
    work.take([reading("seal-1", 5), reading("ais-2", 10.5)], NOW)
    work.take([promise("seal-1", NOON + 9.9 * MINUTE), promise("ais-1", NOON + 11 * MINUTE)], NOW)
    assert store.findings() == []
    work.take([promise("seal-1", NOON + 10 * MINUTE)], NOW)
    assert [found.since for found in store.findings()] == [NOON]
    work.take([reading("ais-1", 7)], NOW)
    assert [found.status for found in store.findings()] == [Status.RETRACTED]


def test_a_clock_that_is_not_believed_promises_nothing(waiting: Pipeline) -> None:
    """Ahead of its arrival by more than the skew limit: else it would never be waited for."""
    waiting.take([promise("seal-1", NOW + 6 * MINUTE)], NOW)
    assert watermark(waiting) == NOON - MINUTE / 2


def test_in_a_replay_promises_are_of_another_time(waiting: Pipeline) -> None:
    """Event time is not now, so no clock of now says anything of it."""
    replaying = replace(waiting, is_live=False)
    replaying.take([promise("seal-1", NOON + 8 * MINUTE)], NOW)
    assert watermark(replaying) == NOON - MINUTE / 2


def found_of(said: Sequence[Said], cuts: Sequence[int], *, heeded: bool) -> list[Finding]:
    """Return what stands in the end, with restarts after some batches."""
    store = MemoryStore()
    work = replace(pipeline(store, Trace()), is_live=heeded)
    for number, (device, minute, is_promise) in enumerate(said):
        at = NOON + minute * MINUTE
        work.take([promise(device, at) if is_promise else reading(device, minute)], NOW)
        if number in cuts:
            before = watermark(work) if work.judging.watermarks() else None
            work = replace(pipeline(store, Trace()), is_live=heeded)
            assert before in {None, work.judging.watermarks().get("busan")}
    work.tick([("busan", NOON + 60 * MINUTE)], NOW)
    standing = [f for f in store.findings() if f.status is not Status.RETRACTED]
    return sorted((f.said for f in standing), key=lambda each: each.id)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ais-1", "seal-1"]), st.integers(0, 40), st.booleans()),
        max_size=16,
    ),
    st.lists(st.integers(0, 15), max_size=2),
)
def test_promises_change_when_and_never_what(said: list[Said], cuts: list[int]) -> None:
    """True or false, kept or broken, over restarts: in the end the same findings stand."""
    assert found_of(said, cuts, heeded=True) == found_of(said, [], heeded=False)
