"""A restart is not an event: what is said before, over and after it is what was said without it."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Any

import pytest

from haechi.messages import Message, Reading, encode
from haechi.vessels import VesselPosition
from ingest.stores.memory import MemoryStore
from tests import bad_days
from tests.bad_days import Row
from tests.ingest.rig import TOPIC, delivery, reborn

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT_ONCE = 20


def messages(rows: list[Row]) -> list[bytes]:
    """Return a log as an agent sends it."""
    readings = (
        Reading(
            seq=seq,
            at=row.at,
            subject=f"mmsi:{row.mmsi}",
            content=VesselPosition(
                lat=row.lat, lon=row.lon, speed_kn=row.speed_kn, course_deg=row.course_deg
            ),
        )
        for seq, row in enumerate(rows, start=1)
    )
    batches = iter(lambda: tuple(islice(readings, AT_ONCE)), ())
    return [encode(Message(device="ais-1", boot="boot-1", readings=batch)) for batch in batches]


def everything_said(log: list[bytes], happens: Callable[[float], bool]) -> list[Any]:
    """Return all revisions, alarms, their histories and pushes; crashes happen."""
    store = MemoryStore()
    pipeline = reborn(store, NOW, 8.0)
    for payload in log:
        pipeline.take([delivery(payload, topic=TOPIC)], NOW)
        if happens(0.1):
            pipeline = reborn(store, NOW, 8.0)
    revisions = [store.finding_revisions(f.id) for f in store.findings()]
    alarms = store.alarms()
    return [revisions, alarms, [store.alarm_events(a.id) for a in alarms], store.pushes()]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_crashes_leave_no_trace(seed: int) -> None:
    """Killed after any commit, with snapshots of any age, complete or not, and late data."""
    log = messages(bad_days.day(seed, vessels=3, reports=420))
    random = Random(seed)  # noqa: S311 - a test's, seeded
    undisturbed = everything_said(log, lambda _: False)
    assert len(undisturbed[0]) > 10, "the log must have something to find"
    assert everything_said(log, lambda share: random.random() < share) == undisturbed
