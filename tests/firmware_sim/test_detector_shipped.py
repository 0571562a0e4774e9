"""The detector that is shipped: it is the one of the model card, and it sees what is drawn."""

from datetime import UTC, datetime
from hashlib import sha256
from math import cos, hypot, radians, sin
from pathlib import Path

import pytest

from edge.cctv.agent import CctvSource
from edge.cctv.detector import find
from edge.cctv.evidence import evidence_in
from edge.cctv.films import Recorded
from edge.cctv.journal import Journal
from edge.cctv.onnx_detector import OnnxDetector
from firmware_sim.detector import WEIGHTS
from firmware_sim.detector.pictures import Picture
from firmware_sim.detector.score import score
from firmware_sim.drones import offset_m
from firmware_sim.encoding import on_air
from firmware_sim.filmed_day import Filmed
from firmware_sim.renderer import render
from firmware_sim.scenario import find as find_scenario
from firmware_sim.scene import DAY, WEATHERS, Scene
from haechi.cameras import Detection
from tests.firmware_sim import harbour_scene

CARD = Path(__file__).resolve().parents[2] / "docs" / "detector.md"
SURE = 0.5
"""Score at which a track begins."""


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    """Return it."""
    return OnnxDetector(WEIGHTS)


def test_it_is_the_one_of_the_model_card(detector: OnnxDetector) -> None:
    """By its digest; and it is small enough to be shipped."""
    body = WEIGHTS.read_bytes()
    assert sha256(body).hexdigest() in CARD.read_text()
    assert len(body) < 4_000_000
    assert detector.labels == ("boat", "truck", "person")


def test_it_finds_vessels_by_day(detector: OnnxDetector) -> None:
    """Five kinds at 300 to 1,600 m: the floor is below the 14 of 16 that were found."""
    kinds = ("container_ship", "tanker", "fishing_boat", "patrol_boat", "speedboat")
    shots: list[Picture] = []
    for number, range_m in enumerate((300, 500, 800, 1_200, 1_600)):
        actors = [
            harbour_scene.standing(
                f"mmsi:{place}", kind, max(range_m, 600) if place < 2 else range_m, bearing, 70
            )
            for place, (kind, bearing) in enumerate(
                zip(kinds, (118, 127, 135, 143, 151), strict=True)
            )
        ]
        seen = render(
            harbour_scene.scene(*actors, weather=DAY), harbour_scene.CAMERA, harbour_scene.NOON
        )
        shots.append(Picture(str(number), "day", seen.frame, seen.truths))
    got = score(detector, shots, "boat", least=SURE)
    assert got.wanted > 15
    assert got.found >= 0.7 * got.wanted
    assert got.average_precision > 0.6


@pytest.mark.parametrize("weather", WEATHERS)
def test_it_finds_nothing_where_there_is_nothing(detector: OnnxDetector, weather: str) -> None:
    """Waves, rain and a quay are no vessels."""
    empty = Scene(actors=(), quays=(harbour_scene.QUAY,), weather=WEATHERS[weather])
    seen = render(empty, harbour_scene.CAMERA, harbour_scene.NOON)
    assert [one for one in find(detector, seen.frame) if one.score >= SURE] == []


def test_the_camera_of_the_demo_sees_and_places_the_dark_runner(
    detector: OnnxDetector, tmp_path: Path
) -> None:
    """From its stream to readings: one boat, whose stated ellipse holds its true place."""
    day = find_scenario("busan-alexandria")
    filmed = Filmed(day, day.camera[0])
    start, since = datetime(2026, 5, 1, tzinfo=UTC), 240.0
    shots = (
        (second, render(filmed.scene(since + second), filmed.camera, day.at(since + second)).frame)
        for second in map(float, range(12))
    )
    film = tmp_path / "air.ts"
    film.write_bytes(b"".join(body for _, body in on_air(shots, 640, 360)))
    source = CctvSource(
        Recorded(film, start=start),
        detector,
        filmed.camera,
        evidence_in(tmp_path),
        Journal(tmp_path / "followed.json"),
        device="yeongdo",
        boot="20260501-a1b2c3d4",
        fps=1,
    )
    said = [each for batch in source.batches() for each in batch]
    seen = [
        (one.subject, one.at, one.content) for one in said if isinstance(one.content, Detection)
    ]
    assert {subject for subject, _, _ in seen} == {"object:yeongdo.a1b2c3d4-1"}
    assert {content.label for _, _, content in seen} == {"boat"}
    assert [content.phase for _, _, content in seen][:2] == ["new", "update"]
    held = [
        _holds(content, *_place(filmed, since + (at - start).total_seconds()))
        for _, at, content in seen
    ]
    assert len(held) > 3
    assert sum(held) >= 0.8 * len(held)


def _place(filmed: Filmed, second: float) -> tuple[float, float]:
    """Return where the dark runner is."""
    (actor,) = (a for a in filmed.scene(second).actors if a.subject == "mmsi:440999001")
    first = actor.track[0]
    return first.lat, first.lon


def _holds(seen: Detection, lat: float, lon: float) -> bool:
    """Return whether a detection's ellipse holds a place."""
    assert seen.lat is not None
    assert seen.lon is not None
    assert seen.ellipse is not None
    east, north = offset_m((seen.lon, seen.lat), (lon, lat))
    turn = radians(seen.ellipse.orientation_deg)
    along, beside = (
        east * sin(turn) + north * cos(turn),
        east * cos(turn) - north * sin(turn),
    )
    return hypot(along / seen.ellipse.semi_major_m, beside / seen.ellipse.semi_minor_m) <= 1
