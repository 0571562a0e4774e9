"""One contract for everything that finds objects; ``make test-yolo`` runs it with ultralytics."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Protocol

import numpy as np
import pytest

from edge.cctv.detector import Detector, DetectorError, FakeDetector, Found, find
from edge.cctv.films import Recorded
from edge.cctv.heads import overlaps
from edge.cctv.picture import unpacked
from edge.cctv.tiles import TiledDetector
from edge.cctv.ultralytics_detector import MISSING, UltralyticsDetector
from tests.edge.cctv.car_park import following
from tests.edge.cctv.scenes import NOON, block, red_detector


class Recording(Protocol):
    """See ``tests/conftest.py``."""

    def __call__(self, name: str) -> Path:
        """Return where it is."""
        ...


def onnx(recording: Recording) -> Detector:
    """Return FastestDet, which has 80 labels and needs a few milliseconds."""
    module = pytest.importorskip("edge.cctv.onnx_detector", exc_type=ImportError)
    made: Detector = module.OnnxDetector(recording("models/FastestDet.onnx"))
    return made


_loaded = cache(UltralyticsDetector)


def ultralytics(recording: Recording) -> Detector:
    """Return YOLOv8n for TensorFlow Lite, where ultralytics is installed: then it must work."""
    if find_spec("ultralytics") is None:
        pytest.skip("ultralytics is not installed here: make test-yolo has an environment with it")
    return _loaded(recording("models/yolov8n_int8.tflite"))


def tiled(recording: Recording) -> Detector:
    """Return FastestDet over tiles."""
    return TiledDetector(onnx(recording), 2, 2)


def fake(_: Recording) -> Detector:
    """Return the fake."""
    return red_detector()


@pytest.fixture(params=[fake, onnx, tiled, ultralytics], ids=lambda make: make.__name__)
def detector(request: pytest.FixtureRequest, recording: Recording) -> Detector:
    """Give each detector in turn."""
    made: Detector = request.param(recording)
    return made


def test_what_is_found_is_lawful_and_comes_in_order(
    detector: Detector, recording: Recording
) -> None:
    """Scores within 0 and 1, boxes within the picture, known labels, the surest first."""
    for pixels in (unpacked(recording("images/bus.jpg").read_bytes()), block(50)):
        height, width = pixels.shape[:2]
        found = find(detector, pixels)
        assert found == sorted(found, key=lambda one: -one.score)
        for one in found:
            assert one.label in detector.labels
            assert 0 <= one.score <= 1
            assert 0 <= one.left <= one.right <= width
            assert 0 <= one.top <= one.bottom <= height


def test_the_same_picture_gives_the_same_objects(detector: Detector) -> None:
    """Preparing changes nothing of the picture, running nothing of what is prepared."""
    pixels = block(50)
    prepared = detector.prepare(pixels)
    first = detector.found(detector.run(prepared))
    assert detector.found(detector.run(prepared)) == first
    assert find(detector, pixels) == first
    assert bool((pixels == block(50)).all())


def test_no_object_is_found_twice(detector: Detector, recording: Recording) -> None:
    """No two boxes of one label overlap by more than half."""
    pixels = unpacked(recording("images/bus.jpg").read_bytes())
    found = find(detector, pixels)
    for label in {one.label for one in found}:
        same = [one for one in found if one.label == label]
        if len(same) > 1:
            edges = np.array([one[2:] for one in same])
            assert np.triu(overlaps(edges, edges), 1).max() <= 0.5


def test_people_and_the_bus_are_found_in_a_street(recording: Recording) -> None:
    """FastestDet: four people of four (one cut off by the edge) and the bus, where they are."""
    detector = onnx(recording)
    pixels = unpacked(recording("images/bus.jpg").read_bytes())
    sure = [one for one in find(detector, pixels) if one.score >= 0.55]
    counts = Counter(one.label for one in sure)
    assert (counts["person"], counts["bus"]) == (4, 1)
    assert _covers(sure, "bus", (20, 230, 805, 750))
    for person in ((50, 400, 245, 905), (222, 405, 345, 860), (670, 390, 810, 880)):
        assert _covers(sure, "person", person)


def test_ultralytics_finds_the_same_street(recording: Recording) -> None:
    """YOLOv8n, quantised, by TensorFlow Lite: the bus, and three or four people."""
    detector = ultralytics(recording)
    pixels = unpacked(recording("images/bus.jpg").read_bytes())
    sure = [one for one in find(detector, pixels) if one.score >= 0.5]
    counts = Counter(one.label for one in sure)
    assert counts["bus"] == 1
    assert counts["person"] in {3, 4}
    assert _covers(sure, "bus", (20, 230, 805, 750))


def test_boats_from_above_are_found_only_in_tiles(recording: Recording) -> None:
    """Ultralytics on a marina: small boats that the whole picture does not give, tiles do."""
    detector = ultralytics(recording)
    pixels = unpacked(recording("images/boats.jpg").read_bytes())

    def boats(by: Detector) -> int:
        found = find(by, pixels)
        return sum(one.label == "boat" and one.score >= 0.25 for one in found)

    assert boats(TiledDetector(detector, 3, 2)) > boats(detector)


@pytest.mark.parametrize("make", [onnx, ultralytics], ids=lambda make: make.__name__)
def test_people_who_pass_one_by_one_are_found(
    make: Callable[[Recording], Detector], recording: Recording
) -> None:
    """One of 50 frames of the real clip is looked at; each model sees a person in 20."""
    detector = make(recording)
    film = Recorded(recording("video/one-by-one-person-detection.mp4"), start=NOON)
    seen = [
        any(one.label == "person" and one.score >= 0.5 for one in find(detector, frame.pixels))
        for frame in islice(film.frames(Event()), 0, None, 50)
    ]
    assert len(seen) == 28
    assert 18 <= sum(seen) <= 22  # measured: 20


def test_ultralytics_follows_the_cars_of_a_car_park(recording: Recording) -> None:
    """YOLOv8n over every third frame of the real clip: what it finds keeps its number."""
    detector = ultralytics(recording)
    film = Recorded(recording("video/car-detection.mp4"), start=NOON)
    result = following(detector, islice(film.frames(Event()), 0, None, 3))
    assert result.visible == 53
    assert result.followed >= 35  # measured: 38
    assert result.switches == 0


def test_without_ultralytics_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named, and so is its licence."""
    model = tmp_path / "any.pt"
    model.write_bytes(b"weights")
    monkeypatch.setitem(__import__("sys").modules, "ultralytics", None)
    with pytest.raises(DetectorError, match=r"haechi\[yolo\].*") as refused:
        UltralyticsDetector(model)
    assert str(refused.value) == MISSING
    assert "AGPL" in MISSING


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    module = pytest.importorskip("edge.cctv.onnx_detector", exc_type=ImportError)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(DetectorError, match=r"broken\.onnx"):
        module.OnnxDetector(broken)
    with pytest.raises(DetectorError, match="no such model"):
        UltralyticsDetector(tmp_path / "absent.pt")


def test_the_fake_finds_what_it_is_told() -> None:
    """And orders it."""
    told = [Found("car", 0.3, 0, 0, 1, 1), Found("car", 0.8, 2, 2, 3, 3)]
    detector = FakeDetector(lambda _: told, ("car",))
    assert [one.score for one in find(detector, block(0))] == [0.8, 0.3]


def _covers(found: list[Found], label: str, box: tuple[float, ...]) -> bool:
    edges = np.array([one[2:] for one in found if one.label == label])
    return bool(overlaps(edges, np.array([box])).max() > 0.6)
