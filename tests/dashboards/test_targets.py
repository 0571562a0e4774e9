"""The console joins what cameras see with who says that it is there."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import cos, radians
from typing import Any, TypeVar

import pytest

from dashboards.targets import FRESH_S, Sighting, Targets
from haechi.cameras import Detection, Ellipse
from haechi.messages import Content
from haechi.observations import Observation
from haechi.units import METRES_PER_DEGREE
from haechi.vessels import VesselPosition
from ingest.stores.memory import MemoryStore

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHIP, MERGED, DARK = "mmsi:440000001", "object:mole.1", "object:mole.2"
LAT, LON = 35.0, 129.0

T = TypeVar("T")


async def in_store(ask: Callable[..., T], *arguments: object) -> T:
    """Ask at once."""
    return ask(*arguments)


def said(subject: str, second: int, content: Content) -> Observation:
    """Return an observation."""
    at = NOON + timedelta(seconds=second)
    return Observation(
        device=subject.partition(":")[0],
        boot=subject.rpartition(":")[2],
        seq=second + 1,
        site="busan",
        subject=subject,
        at=at,
        received_at=at,
        content=content,
    )


def east_of(metres: float) -> float:
    """Return a longitude."""
    return LON + metres / METRES_PER_DEGREE / cos(radians(LAT))


def seen(subject: str, second: int, east_m: float, phase: Any = "update") -> Observation:
    """Return a sighting of a boat, 15 m off either way."""
    content = Detection(
        phase=phase,
        camera="mole",
        label="boat",
        score=0.9,
        box=(0.4, 0.4, 0.5, 0.5),
        lat=LAT,
        lon=east_of(east_m),
        ellipse=Ellipse(semi_major_m=40, semi_minor_m=20, orientation_deg=10),
    )
    return said(subject, second, content)


def minute(begin: int) -> list[Observation]:
    """Return what is said in a minute: a ship goes east at 4 m/s, a dark boat 800 m before it."""
    ship = [
        said(SHIP, s, VesselPosition(lat=LAT, lon=east_of(4 * s), speed_kn=7.8, course_deg=90))
        for s in range(begin, begin + 60, 10)
    ]
    objects = [
        seen(subject, s, 4 * s + ahead_m)
        for s in range(begin, begin + 60, 2)
        for subject, ahead_m in ((MERGED, 15.0), (DARK, 800.0))
    ]
    return [*ship, *objects]


def kept(store: MemoryStore, observations: Sequence[Observation]) -> None:
    """Put observations into a store."""
    with store.writing() as writing:
        writing.keep(list(observations))


@pytest.mark.statement("K17")
def test_an_object_is_the_vessel_that_says_it_is_there_and_another_is_dark() -> None:
    """With what people need: who, since when, how often they agreed, how far apart."""
    store = MemoryStore()
    kept(store, minute(0))
    answer = asyncio.run(Targets(store).now(in_store))
    ship, dark = sorted(answer, key=lambda each: each.object)
    assert (ship.object, ship.target, ship.is_dark) == (MERGED, SHIP, False)
    assert (ship.since, ship.agreed) == (NOON, 30)
    assert ship.distance_m == pytest.approx(15, abs=8)
    assert dark == Sighting(object=DARK, target=DARK, is_dark=True)


def test_what_comes_late_is_in_the_next_answer_and_one_answer_serves_all_for_a_while() -> None:
    """AIS that was held up names the object; what has ended or is long unseen is gone."""
    store, now_s = MemoryStore(), 100.0
    everything = minute(0)
    by_camera = [each for each in everything if each.subject != SHIP]
    late = [each for each in everything if each.subject == SHIP]
    targets = Targets(store, clock=lambda: now_s)

    async def asked() -> dict[str, tuple[str, bool]]:
        answer = await targets.now(in_store)
        return {each.object: (each.target, each.is_dark) for each in answer}

    kept(store, by_camera)
    assert asyncio.run(asked()) == {MERGED: (MERGED, False), DARK: (DARK, False)}
    kept(store, late)
    assert asyncio.run(asked())[MERGED] == (MERGED, False)
    now_s += FRESH_S
    assert asyncio.run(asked()) == {MERGED: (SHIP, False), DARK: (DARK, True)}
    kept(store, [seen(DARK, 59, 236 + 800, "end")])
    now_s += FRESH_S
    assert set(asyncio.run(asked())) == {MERGED}


def test_without_any_ais_nobody_is_called_dark_and_without_cameras_there_is_nothing() -> None:
    """That no receiver hears anything says nothing about a boat."""
    store = MemoryStore()
    assert asyncio.run(Targets(store).now(in_store)) == []
    kept(store, [each for each in minute(0) if each.subject == DARK])
    (alone,) = asyncio.run(Targets(store).now(in_store))
    assert not alone.is_dark
