"""CAM-3: cameras whose views overlap raise one incident for one intruder (frigate#23289).

Through the pipeline, from readings to alarms, with a watched zone and the rule that guards it.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from analytics.rules.geofence import Geofence, GeofenceSettings
from analytics.rules.terms import Terms
from haechi.alarms import Alarm
from haechi.cameras import Detection, Ellipse
from haechi.messages import Message, Reading, encode
from ingest.judging import Judging
from ingest.pipeline import Pipeline
from ingest.ports import Store
from ingest.saving import Saving
from ingest.stores.memory import MemoryStore
from ingest.stores.sqlite import SqliteStore
from tests.analytics.sailing import METRE, square, zone_set
from tests.ingest.observed import after
from tests.ingest.rig import NOW, Trace, alarming, delivery

EAST, NORTH = "cctv-east", "cctv-north"
ZONES = zone_set(square("gate", kind="watched", report=["enter", "inside"]))


class Look(NamedTuple):
    """What a camera says of one object: metres north and east of the zone's corner."""

    camera: str
    track: int
    seconds: float
    north_m: float
    east_m: float = 500
    label: str = "person"
    phase: Literal["new", "update", "end"] = "update"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return an empty store of each kind."""
    opened = (
        MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "s", keeper=True)
    )
    yield opened
    opened.close()


def watched(store: Store, looks: Sequence[Look], *, together: bool = False) -> list[Alarm]:
    """Let cameras speak, each look by itself or all at once, and return the open alarms."""
    judge = Judging(
        [Geofence(GeofenceSettings(), Terms("geofence"), ZONES)],
        ZONES.locate,
        allowance=timedelta(seconds=30),
        idle_limit=timedelta(minutes=10),
    )
    trace = Trace()
    work = Pipeline(
        store=store,
        judging=judge,
        alarming=alarming(),
        saving=Saving(judge, 1.0),
        link=trace,
        ring=trace.ring,
        skew_limit=timedelta(minutes=5),
    )
    work.recover(after(0))
    deliveries = [
        delivery(
            encode(Message(device=look.camera, boot="boot-1", readings=(_reading(number, look),))),
            topic=f"haechi/v1/busan/{look.camera}/up/event",
            mid=number,
        )
        for number, look in enumerate(looks, 1)
    ]
    for batch in [deliveries] if together else [[each] for each in deliveries]:
        work.take(batch, NOW)
    return store.alarms(open_only=True)


def walk(
    camera: str, track: int, *, since: float, east_m: float = 500, label: str = "person"
) -> list[Look]:
    """Return how a camera sees somebody walk 14 m up to the zone and in, looked at every 2 s."""
    return [
        Look(camera, track, since + 2 * n, 1.4 * (since + 2 * n) - 14, east_m, label)
        for n in range(10)
    ]


def subjects(alarm: Alarm) -> set[str]:
    """Return about whom it is."""
    return {basis.subject for basis in alarm.basis}


def in_turn(*ways: list[Look]) -> list[Look]:
    """Return all looks by their times."""
    return sorted((look for way in ways for look in way), key=lambda look: look.seconds)


@pytest.mark.parametrize("together", [False, True])
def test_cam_3_one_intruder_before_two_cameras_is_one_incident(
    store: Store, *, together: bool
) -> None:
    """Each camera has its own finding; they share an alarm, and one push tells of it."""
    looks = in_turn(walk(EAST, 1, since=0), walk(NORTH, 9, since=0.7, east_m=502))
    (alarm,) = watched(store, looks, together=together)
    assert subjects(alarm) == {_name(EAST, 1), _name(NORTH, 9)}
    assert len(store.pushes()) == 1


def test_cam_3_it_lasts_until_the_last_camera_has_lost_him(store: Store) -> None:
    """And is told of by the one that still sees him."""
    seen = in_turn(walk(EAST, 1, since=0), walk(NORTH, 9, since=0.7, east_m=502))
    lost = [seen[-2]._replace(seconds=20, phase="end"), seen[-1]._replace(seconds=25, phase="end")]
    (alarm,) = watched(store, [*seen, lost[0]])
    assert (alarm.active, len(alarm.open_findings), alarm.until) == (True, 1, None)
    (alarm,) = watched(store, [*seen, *lost])
    assert (alarm.open_findings, alarm.until) == ((), after(25))


def test_two_intruders_before_two_cameras_are_two_incidents(store: Store) -> None:
    """Each is seen by both, ten metres apart."""
    ways = [walk(EAST, 1, since=0), walk(EAST, 2, since=0.2, east_m=510)]
    ways += [walk(NORTH, 8, since=0.5, east_m=511), walk(NORTH, 9, since=0.7, east_m=501)]
    alarms = watched(store, in_turn(*ways))
    assert sorted(map(sorted, map(subjects, alarms))) == [
        [_name(EAST, 1), _name(NORTH, 9)],
        [_name(EAST, 2), _name(NORTH, 8)],
    ]


@pytest.mark.parametrize(
    "second",
    [
        walk(EAST, 2, since=0.3, east_m=501),
        walk(NORTH, 9, since=0.7, east_m=506),
        walk(NORTH, 9, since=0.7, label="dog"),
        walk(NORTH, 9, since=30),
    ],
    ids=["seen by the same camera", "further than both ellipses", "something else", "later"],
)
def test_in_doubt_there_are_two_incidents(store: Store, second: list[Look]) -> None:
    """None hides another intruder."""
    assert len(watched(store, in_turn(walk(EAST, 1, since=0), second))) == 2


def _name(camera: str, track: int) -> str:
    return f"object:{camera}.a1b2c3d4-{track}"


def _reading(number: int, look: Look) -> Reading:
    content = Detection(
        phase=look.phase,
        camera=look.camera,
        label=look.label,
        score=0.9,
        box=(0, 0, 0.1, 0.1),
        frame="0" * 64,
        lat=0.5 + look.north_m * METRE,
        lon=0.5 + look.east_m * METRE,
        ellipse=Ellipse(semi_major_m=3, semi_minor_m=1, orientation_deg=0),
        speed_kn=2.7,
        course_deg=0,
        first_seen=after(0),
        frames=10,
    )
    return Reading(
        seq=number, at=after(look.seconds), subject=_name(look.camera, look.track), content=content
    )
