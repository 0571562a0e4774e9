"""The detector's recipe: its pictures are repeatable, its lessons right, its examination just."""

import numpy as np

from edge.cctv.detector import FakeDetector, Found
from edge.cctv.frames import Pixels
from firmware_sim.detector import pictures
from firmware_sim.detector.lessons import CUT_PX, STRIDE, Shown, answer, batches, cut_out, shown
from firmware_sim.detector.score import longer_side_px, score

PICTURES = tuple(pictures.pictures("test", 7, cameras=1))


def told(shift_px: float = 0.0) -> FakeDetector:
    """Return a detector that knows the truth, a little beside it."""

    def finds(frame: Pixels) -> list[Found]:
        (picture,) = (one for one in PICTURES if one.frame is frame)
        rows, columns = frame.shape[:2]
        return [
            Found(truth.label, 0.9, *truth.box)
            .scaled(columns, rows)
            ._replace(
                left=truth.box[0] * columns + shift_px, right=truth.box[2] * columns + shift_px
            )
            for truth in picture.truths
        ]

    return FakeDetector(finds, pictures.LABELS)


def test_the_same_seed_gives_the_same_pictures() -> None:
    """Who repeats the recipe trains on the same bytes."""
    again = next(pictures.pictures("test", 7, cameras=1))
    other = next(pictures.pictures("test", 8, cameras=1))
    assert np.array_equal(again.frame, PICTURES[0].frame)
    assert not np.array_equal(again.frame, other.frame)


def test_half_of_the_pictures_went_through_a_stream() -> None:
    """They have the same size and less of the sensor's noise."""
    first, second = PICTURES[0].frame, PICTURES[-1].frame
    assert first.shape == second.shape
    grain = [np.abs(np.diff(one.astype(np.int16), axis=1)).mean() for one in (first, second)]
    assert grain[1] < grain[0] / 2


def test_who_says_the_truth_has_full_marks() -> None:
    """Boxes on truths that are too small or do not count are not held against the detector."""
    got = score(told(), PICTURES, "boat")
    assert got.wanted == got.found > 0
    assert got.average_precision == 1.0
    large = score(
        told(), PICTURES, "boat", counts=lambda truth, frame: longer_side_px(truth, frame) > 20
    )
    assert 0 < large.wanted < got.wanted
    assert large.average_precision == 1.0


def test_boxes_beside_the_truth_have_none() -> None:
    """A box that is a frame away overlaps with nothing, and one too unsure is not heard."""
    assert score(told(5_000.0), PICTURES, "boat").average_precision == 0.0
    assert score(told(), PICTURES, "boat", least=0.95).found == 0


def test_the_answer_is_the_middle_and_the_box_of_each_object() -> None:
    """Where two overlap the smaller one counts; what nobody asks about is not held against it."""
    boxes = np.array([[8, 8, 88, 56], [40, 24, 56, 40], [100, 80, 120, 90]], np.float32)
    one = Shown(np.zeros((96, 128, 3), np.uint8), boxes, np.array([0, 1, -1]))
    wanted = answer(one)
    assert wanted.heat.shape == (3, 96 // STRIDE, 128 // STRIDE)
    assert [tuple(np.argwhere(wanted.heat[label] == 1)[0]) for label in (0, 1)] == [
        (8, 12),
        (8, 12),
    ]
    assert wanted.boxes[:, 8, 12].tolist() == boxes[1].tolist()
    assert (wanted.counts == 0).sum() == 5 * 3
    assert 1 < wanted.weights.sum() <= 2 + 1e-5


def test_a_cut_out_shows_an_object_and_forgets_what_is_cut_away() -> None:
    """Of what its edge cuts too much of, nothing is asked."""
    boxes = np.array([[300, 150, 330, 170], [0, 0, 20, 20]], np.float32)
    one = Shown(np.zeros((256, 448, 3), np.uint8), boxes, np.array([0, -1]))
    for seed in range(20):
        cut = cut_out(one, np.random.default_rng(seed))
        assert cut.pixels.shape == (CUT_PX, CUT_PX, 3)
        assert len(cut.labels) == 1
        left, top, right, bottom = cut.boxes[0]
        is_whole = (right - left) * (bottom - top) >= 0.4 * 30 * 20
        assert (cut.labels[0] == 0) == is_whole


def test_lessons_are_repeatable_and_some_show_the_whole() -> None:
    """A step of cut-outs, then one of whole pictures; half of them mirrored."""
    taught = [shown(one) for one in PICTURES]
    steps = [list(batches(taught, 2, np.random.default_rng(1))) for _ in range(2)]
    assert [len(batch) for batch in steps[0]] == [8, 3]
    assert steps[0][1][0].pixels.shape == (pictures.HEIGHT, pictures.WIDTH, 3)
    for some, same in zip(*steps, strict=True):
        for one, other in zip(some, same, strict=True):
            assert np.array_equal(one.pixels, other.pixels)
            assert np.array_equal(one.boxes, other.boxes)
