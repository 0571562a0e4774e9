"""Kept first, acknowledged last; what is refused is refused singly; order does not matter."""

import random
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haechi.findings import Status
from haechi.messages import Ack, Message, Reading, Refusal, encode
from ingest.ports import Store, StoreUnavailableError, Writing
from ingest.stores.memory import MemoryStore
from ingest.stores.sqlite import SqliteStore
from tests.ingest.observed import SHIP, after, payload, position
from tests.ingest.rig import NOW, TOPIC, Trace, delivery, pipeline


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return an empty store of each kind."""
    opened = (
        MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "s", keeper=True)
    )
    yield opened
    opened.close()


def voyage(speeds: list[float]) -> list[bytes]:
    """Return a message a minute, numbered from 1."""
    return [
        encode(
            Message(
                device="ais-1",
                boot="boot-1",
                readings=(
                    Reading(
                        seq=number,
                        at=after(60 * number),
                        subject=SHIP,
                        content=position(lat=35 + number / 1000, speed_kn=speed),
                    ),
                ),
            )
        )
        for number, speed in enumerate(speeds, start=1)
    ]


def test_nothing_is_acknowledged_before_the_commit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D3: of everything that happens, the commit is first, the agent's answer last."""
    trace = Trace()
    monkeypatch.setattr("ingest.pipeline.passing", trace.passing)
    work = pipeline(store, trace)
    work.take([delivery(payload([1, 2]), mid=7), delivery(payload([3]), mid=8)], NOW)
    assert trace.lines == [
        *("before_commit", "after_commit"),
        *("puback 7", "puback 8", "after_puback"),
        *("ack", "after_ack"),
    ]
    assert trace.acks == [Ack(boot="boot-1", kept=((1, 3),))]
    assert trace.topics == ["haechi/v1/busan/ais-1/down/ack"]


def test_redelivery_is_acknowledged_and_kept_once(store: Store) -> None:
    """ING-3, D2: a copy gets the same answer and makes no row."""
    trace = Trace()
    work = pipeline(store, trace)
    for _ in range(3):
        work.take([delivery(payload([1, 2]))], NOW)
    assert len(store.history(SHIP, None)) == 2
    assert trace.acks == [Ack(boot="boot-1", kept=((1, 2),))] * 3
    [account] = store.accounts()
    assert (account.kept, account.duplicate) == (2, 4)


def test_a_bad_payload_does_not_stop_the_good_ones(store: Store) -> None:
    """I1: it is set aside whole with its reason, named to the agent, and its neighbours kept."""
    trace = Trace()
    noise = b"{not json"
    batch = [delivery(payload([1]), mid=1), delivery(noise, mid=2), delivery(payload([2]), mid=3)]
    pipeline(store, trace).take(batch, NOW)
    assert [o.seq for o in store.history(SHIP, None)] == [1, 2]
    [letter] = store.dead_letters(9)
    assert (letter.payload, letter.topic) == (noise, TOPIC)
    assert letter.reason.startswith("schema: JSON is malformed")
    refused = [payload for ack in trace.acks for payload in ack.refused_payloads]
    assert [len(each.digest) for each in refused] == [64]
    assert trace.lines[:3] == ["puback 1", "puback 2", "puback 3"]


def test_a_bad_reading_is_refused_alone(store: Store) -> None:
    """Its neighbours in the message are kept; the ledger has each reading in one place."""
    trace = Trace()
    mixed = payload([1, 2, 3]).replace(b'"lat":35.002', b'"lat":95.002')
    work = pipeline(store, trace)
    for _ in range(2):
        work.take([delivery(mixed)], NOW)
    assert [o.seq for o in store.history(SHIP, None)] == [1, 3]
    reason = "schema: Expected `float` <= 90.0 - at `$.content.lat`"
    kept, refused = trace.acks[:2]
    assert kept == Ack(boot="boot-1", kept=((1, 1), (3, 3)))
    assert refused == Ack(boot="boot-1", refused=(Refusal(seq=2, reason=reason),))
    [account] = store.accounts()
    assert (account.kept, account.duplicate, account.rejected) == (2, 2, {"schema": 1})
    assert store.dead_letter_count() == 1


def test_another_device_s_name_in_the_payload_is_refused(store: Store) -> None:
    """I10: the topic is the only authority on who speaks."""
    trace = Trace()
    pipeline(store, trace).take([delivery(payload([1], device="ais-2"))], NOW)
    assert store.history(SHIP, None) == []
    assert store.dead_letters(1)[0].reason == "identity: ais-1 claims to be ais-2"
    assert trace.topics == ["haechi/v1/busan/ais-1/down/ack"]


def test_a_finding_raises_an_alarm_and_a_push_in_the_same_transaction(store: Store) -> None:
    """They are kept with the observation or not at all, and said once."""
    trace = Trace()
    work = pipeline(store, trace)
    for _ in range(2):
        work.take([delivery(each) for each in voyage([10, 31, 31])], NOW)
    [finding], [alarm], [push] = store.findings(), store.alarms(), store.pushes()
    assert (finding.since, finding.status) == (after(120), Status.OPEN)
    assert (alarm.id, push.alarm) == (finding.id, finding.id)
    assert [line.signal for line in store.alarm_events(alarm.id)] == ["opened"]


def test_the_bell_rings_for_alarms_alone_and_before_anybody_is_answered(store: Store) -> None:
    """Whoever is to be alarmed waits for nothing else; others look when it suits them."""
    trace = Trace()
    work = pipeline(store, trace)
    work.take([delivery(payload([1]))], NOW)
    assert trace.lines == ["puback 1", "ack"]
    trace.lines.clear()
    work.take([delivery(each) for each in voyage([10, 31])], NOW)
    assert trace.lines[0] == "ring"


class Full(SqliteStore):
    """A store whose disk can be full: everything works until the commit."""

    is_full = False

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Fail late, when the engines have seen it all."""
        with super().writing() as writing:
            yield writing
            if self.is_full:
                raise StoreUnavailableError("database or disk is full")


def test_a_failed_transaction_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    """D9: engines that are ahead of the store come back to it, as after a crash."""
    store, trace = Full(tmp_path / "s", keeper=True), Trace()
    work = pipeline(store, trace)
    work.take([delivery(each) for each in voyage([10, 31])], NOW)
    work.save_all()
    more = [delivery(each) for each in voyage([10, 31, 31, 10])[2:]]
    store.is_full, trace.lines = True, []
    with pytest.raises(StoreUnavailableError):
        work.take(more, NOW)
    assert trace.lines == []
    store.is_full = False
    work.recover(NOW)
    work.take(more, NOW)
    [finding] = store.findings()
    assert (finding.status, finding.until, finding.revision) == (Status.ENDED, after(240), 1)
    assert [line.signal for line in store.alarm_events(finding.id)] == ["opened", "ended"]
    store.close()


def test_a_restart_says_nothing_twice(store: Store) -> None:
    """What the log since the snapshot leads to was said before the crash."""
    first = pipeline(store, Trace())
    parts = [delivery(each) for each in voyage([10, 31, 31, 10, 40])]
    first.take(parts[:1], NOW)
    first.save_all()
    first.take(parts[1:4], NOW)
    first.tick([("busan", after(9999))], NOW)
    before = (store.findings(), store.alarms(), store.pushes())
    second = pipeline(store, Trace())
    assert (store.findings(), store.alarms(), store.pushes()) == before
    second.take(parts[4:], NOW)
    uninterrupted = MemoryStore()
    work = pipeline(uninterrupted, Trace())
    work.take(parts[:4], NOW)
    work.tick([("busan", after(9999))], NOW)
    work.take(parts[4:], NOW)
    assert store.findings() == uninterrupted.findings()


def test_silence_is_found_by_a_tick_and_the_log_remembers_it(store: Store) -> None:
    """Nobody speaks, so the shell does; a restart judges the same tick again."""
    work = pipeline(store, Trace())
    work.take([delivery(payload([1]))], NOW)
    assert store.findings() == []
    work.tick([("busan", after(3600))], NOW)
    [finding] = store.findings()
    assert finding.kind == "silence"
    assert [entry.ticks for entry in store.log_since(0)] == [(), (("busan", after(3600)),)]
    pipeline(store, Trace())
    assert store.findings() == [finding]


def test_alarms_clear_when_their_quiet_time_is_over(store: Store) -> None:
    """The clock acts through the same transaction; nothing due opens none."""
    work = pipeline(store, Trace())
    work.take([delivery(each) for each in voyage([10, 31, 10])], NOW)
    position_before = store.position()
    assert work.wake_alarms(NOW) == 0
    assert store.position() == position_before
    assert work.wake_alarms(NOW + timedelta(hours=1)) == 1
    assert [alarm.active for alarm in store.alarms()] == [False]


def test_a_thousand_refusals_fit_into_payloads() -> None:
    """An acknowledgement is itself within the limit of a payload."""
    trace, store = Trace(), MemoryStore()
    bad = payload(range(1, 1001)).replace(b'"speed_kn":10.0', b'"speed_kn":-1.0')
    pipeline(store, trace).take([delivery(bad)], NOW)
    assert sorted(r.seq for ack in trace.acks for r in ack.refused) == list(range(1, 1001))
    assert [len(ack.refused) for ack in trace.acks] == [400, 400, 200]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from([5, 31, 45]), max_size=12))
def test_arrival_order_does_not_matter(chance: random.Random, speeds: list[float]) -> None:
    """Any order, cut and duplication leads to the same findings, live row and track."""
    parts = voyage(speeds)
    arrivals = [*parts, *chance.choices(parts, k=3)] if parts else []
    chance.shuffle(arrivals)
    seen: list[object] = []
    for order in (parts, arrivals):
        store = MemoryStore()
        work = pipeline(store, Trace())
        rest = list(order)
        while rest:
            cut = chance.randint(1, len(rest))
            work.take([delivery(each) for each in rest[:cut]], NOW)
            rest = rest[cut:]
        latest = store.latest_of(SHIP)
        seen.append(
            (
                [f.said for f in store.findings() if f.status is not Status.RETRACTED],
                latest and (latest.at, latest.lat),
                [o.identity for o in store.track(SHIP, after(0), after(9999), 100)],
            )
        )
    assert seen[0] == seen[1]
