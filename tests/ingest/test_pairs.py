"""Meetings through the whole pipeline and a real store: over restarts, and in any order."""

from pathlib import Path
from random import Random

import pytest

from haechi.findings import Status
from haechi.messages import Message, Reading, encode
from haechi.vessels import VesselPosition
from ingest.stores.sqlite import SqliteStore
from tests.ingest.observed import after
from tests.ingest.rig import delivery, reborn

FIRST, SECOND, OTHER = "mmsi:440000001", "mmsi:440000002", "mmsi:440000003"
LASTED_S = 9000


def messages() -> list[bytes]:
    """Return two vessels that lie together for two and a half hours, and one that passes."""
    readings = [
        Reading(seq=1, at=after(second), subject=subject, content=content)
        for second in range(0, LASTED_S, 150)
        for subject, content in (
            (FIRST, VesselPosition(lat=33.0, lon=127.0, speed_kn=0.2)),
            (SECOND, VesselPosition(lat=33.001, lon=127.0, speed_kn=0.3)),
            (OTHER, VesselPosition(lat=32.9 + second * 5e-5, lon=127.0, speed_kn=12.0)),
        )
    ]
    numbered = [
        Reading(seq=seq, at=each.at, subject=each.subject, content=each.content)
        for seq, each in enumerate(readings, start=1)
    ]
    cuts = range(0, len(numbered), 9)
    return [
        encode(Message(device="ais-1", boot="boot-1", readings=tuple(numbered[cut : cut + 9])))
        for cut in cuts
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_meeting_is_found_over_restarts_and_in_any_order(seed: int, tmp_path: Path) -> None:
    """It has one finding and one alarm, about one vessel and naming the other."""
    chance, now = Random(seed), after(LASTED_S)  # noqa: S311 - repeatable, no secret
    store = SqliteStore(tmp_path / "store.db", keeper=True)
    pipeline, log = reborn(store, after(LASTED_S), 6.0), messages()
    if seed:
        chance.shuffle(log)
    for payload in log:
        pipeline.take([delivery(payload)], now)
        if chance.random() < 0.3:
            pipeline = reborn(store, after(LASTED_S), 6.0)
    pipeline.tick([("busan", after(LASTED_S + 1200))], now)
    stand = [each for each in store.findings() if each.status is not Status.RETRACTED]
    (meeting,) = [each for each in stand if each.rule == "encounter"]
    assert (meeting.subject, meeting.other, meeting.status) == (FIRST, SECOND, Status.ENDED)
    assert (meeting.since, meeting.until) == (after(0), after(8700))
    (alarm,) = [each for each in store.alarms() if each.key.rule == "encounter"]
    assert alarm.key.subject == FIRST
    store.close()
