"""Who is who from picture to picture."""

from pathlib import Path
from threading import Event
from typing import Protocol

import numpy as np
import pytest

from edge.cctv.detector import Found
from edge.cctv.films import Recorded
from edge.cctv.motion import Motion
from edge.cctv.onnx_detector import OnnxDetector
from edge.cctv.tracking import Bounds, Tracker
from tests.edge.cctv.car_park import CARS, FPS, cars_at, following
from tests.edge.cctv.scenes import NOON, after, car


class Recording(Protocol):
    """See ``tests/conftest.py``."""

    def __call__(self, name: str) -> Path:
        """Return where it is."""
        ...


def test_motion_is_the_filter_of_the_books() -> None:
    """Against the same filter with matrices, written out for one coordinate."""
    random = np.random.default_rng(3)
    edges = np.array([10.0, 20, 50, 80])
    motion = Motion.begun(edges)
    state = np.array([motion.place[0], motion.speed[0]])
    spread = np.diag([motion.place_variance[0], motion.speed_variance[0]])
    for step in (0.1, 0.2, 0.7, 0.1):
        width = max(motion.place[2], 1)
        move = np.array([[1, step], [0, 1]])
        shaken = (width / 3) ** 2 * np.array([[step**3 / 3, step**2 / 2], [step**2 / 2, step]])
        state, spread = move @ state, move @ spread @ move.T + shaken
        motion = motion.after(step)
        edges = edges + random.uniform(-5, 15, 4) * np.array([1, 1, 1, 1])
        seen, noise = (edges[0] + edges[2]) / 2, ((edges[2] - edges[0]) / 20) ** 2
        gain = spread[:, 0] / (spread[0, 0] + noise)
        state = state + gain * (seen - state[0])
        spread = spread - np.outer(gain, spread[0])
        motion = motion.corrected(edges)
        assert [motion.place[0], motion.speed[0]] == pytest.approx(state)
        assert motion.place_variance[0] == pytest.approx(spread[0, 0])
        assert motion.speed_variance[0] == pytest.approx(spread[1, 1])


def test_two_that_meet_stay_themselves() -> None:
    """They pass each other in opposite directions, each keeping its number."""
    tracker = Tracker()
    for step in range(41):
        tracker.see(after(step / 10), [car(0.1 + step / 50), car(0.9 - step / 50, 0.58)])
    first, second = tracker.tracks
    assert (first.number, second.number) == (1, 2)
    assert first.last.left > 0.8
    assert second.last.left < 0.2
    assert (first.frames, second.frames) == (41, 41)


def test_who_is_hidden_for_a_while_comes_back_as_himself() -> None:
    """Two seconds behind something, at a constant speed; and unsure boxes help."""
    tracker = Tracker()
    for step in range(60):
        seen = [] if 20 <= step < 40 else [car(0.1 + step / 100, score=0.9 if step < 40 else 0.3)]
        tracker.see(after(step / 10), seen)
    assert [(track.number, track.frames) for track in tracker.tracks] == [(1, 40)]


def test_who_is_gone_for_long_is_somebody_else() -> None:
    """And the end is told once."""
    tracker = Tracker(Bounds(lost_s=1))
    assert tracker.see(after(0), [car(0.5)]) == ()
    assert tracker.see(after(1), []) == ()
    assert [track.number for track in tracker.see(after(1.1), [])] == [1]
    tracker.see(after(1.2), [car(0.5)])
    assert [track.number for track in tracker.tracks] == [2]


def test_an_unsure_box_begins_nothing() -> None:
    """Only sure ones do."""
    tracker = Tracker()
    tracker.see(after(0), [car(0.5, score=0.4)])
    assert tracker.tracks == ()


def test_a_wavering_label_is_one_object() -> None:
    """Car, truck, car: detectors do that."""
    tracker = Tracker()
    for step in range(10):
        tracker.see(after(step / 10), [car(0.5, label="car" if step % 3 else "truck")])
    assert [track.number for track in tracker.tracks] == [1]


def test_four_cars_of_a_car_park_are_four_tracks() -> None:
    """With the true boxes, half of them missing at random: no car changes its number."""
    random = np.random.default_rng(11)
    tracker, numbers = Tracker(), {name: set[int]() for name in CARS}
    for step in range(int(30 * FPS)):
        truth = {name: box for name, box in cars_at(step / FPS).items() if random.random() < 0.5}
        tracker.see(after(step / FPS), [Found("car", 0.9, *box) for box in truth.values()])
        for name, box in truth.items():
            numbers[name] |= {track.number for track in tracker.tracks if track.last[2:] == box}
    assert {name: len(each) for name, each in numbers.items()} == dict.fromkeys(CARS, 1)


def test_the_tracks_of_the_car_park_are_stable(recording: Recording) -> None:
    """FastestDet over the real clip, under whatever label it has for cars seen from above."""
    detector = OnnxDetector(recording("models/FastestDet.onnx"))
    film = Recorded(recording("video/car-detection.mp4"), start=NOON)
    result = following(detector, film.frames(Event()))
    assert result.visible == 153
    assert result.followed >= 150  # measured: 152
    assert result.switches <= 1  # measured: 1, the red car once
