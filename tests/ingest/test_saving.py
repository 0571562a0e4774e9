"""A snapshot is written a little at a time, and holds wherever it is interrupted."""

from datetime import timedelta

from analytics.engine import ENGINE_KEY
from analytics.packing import unpack_heard
from haechi.messages import Message, Reading, encode
from haechi.mqtt import Delivery
from ingest.judging import Judging
from ingest.pipeline import Pipeline
from ingest.saving import Saving
from ingest.stores.memory import MemoryStore
from tests.ingest.observed import after, position
from tests.ingest.rig import NOW, Trace, alarming, delivery, judging

VESSELS = [f"mmsi:{219000001 + number}" for number in range(10)]


class Clock:
    """Goes on when told."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def heard(minute: int) -> Delivery:
    """Return a report of every vessel."""
    readings = tuple(
        Reading(
            seq=len(VESSELS) * minute + place,
            at=after(60 * minute),
            subject=vessel,
            content=position(lat=35.0, speed_kn=31.0),
        )
        for place, vessel in enumerate(VESSELS, start=1)
    )
    return delivery(encode(Message(device="ais-1", boot="boot-1", readings=readings)))


def begun(store: MemoryStore, clock: Clock) -> tuple[Pipeline, Judging]:
    """Return a pipeline that takes a second for a snapshot, and its engines."""
    judge = judging()
    pipeline = Pipeline(
        store=store,
        judging=judge,
        alarming=alarming(),
        saving=Saving(judge, 1.0, clock),
        link=Trace(),
        ring=lambda: None,
        skew_limit=timedelta(minutes=5),
    )
    pipeline.recover(NOW)
    return pipeline, judge


def test_a_snapshot_is_spread_over_the_batches_of_its_time() -> None:
    """Each saves its share; the time of the beginning is what counts at the end."""
    store, clock = MemoryStore(), Clock()
    pipeline, _ = begun(store, clock)
    pipeline.take([heard(0)], NOW)
    assert store.snapshot().states == {}
    saved = list[int]()
    for minute in range(1, 7):
        clock.now += 1.0 if minute == 1 else 0.2
        pipeline.take([heard(minute)], NOW)
        saved.append(len(store.snapshot().states))
    assert saved == [0, 2, 4, 6, 8, 11]
    position, states = store.snapshot()
    assert position == states["busan/" + VESSELS[0]].position - 1
    assert unpack_heard(states["busan/" + ENGINE_KEY].packed).newest == after(60)


def test_a_restart_within_a_snapshot_judges_only_what_its_states_lack() -> None:
    """No vessel goes back, none is read from the store, and nothing is said anew."""
    store, clock = MemoryStore(), Clock()
    pipeline, _ = begun(store, clock)
    for minute in range(12):
        clock.now += 0.2
        pipeline.take([heard(minute)], NOW)
    position, states = store.snapshot()
    assert len({state.position for state in states.values()}) > 2
    assert 0 < position < store.position()
    findings = store.findings()
    _, judge = begun(store, clock)
    metrics = judge.metrics()["busan"]
    assert (metrics.histories, metrics.rewinds) == (0, 0)
    assert store.findings() == findings


def test_an_idle_hour_writes_nothing() -> None:
    """What has not changed is not saved again."""
    store, clock = MemoryStore(), Clock()
    pipeline, _ = begun(store, clock)
    pipeline.take([heard(0)], NOW)
    for _ in range(20):
        clock.now += 0.2
        pipeline.save_due()
    assert len(store.snapshot().states) == len(VESSELS) + 1
    before = store.position()
    clock.now += 3600
    pipeline.save_due()
    pipeline.save_all()
    assert store.position() == before
