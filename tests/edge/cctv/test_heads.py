"""What the numbers of models mean, against made numbers whose boxes are known."""

import numpy as np
import pytest

from edge.cctv import heads
from edge.cctv.heads import Boxes, head_for, overlaps, surest


def test_a_fastestdet_cell_becomes_its_box() -> None:
    """A cell in the middle with half the width and a quarter of the height."""
    output = np.full((1, 7, 4, 4), -9.0)
    output[0, :, 1, 2] = (0.9, 0, 0, 0, np.log(1 / 3), 0.1, 0.8)
    boxes = heads.fastestdet(output, 100, 200)
    assert boxes.edges.round(6).tolist() == [[25, 25, 75, 75]]
    assert boxes.labels.tolist() == [1]
    assert boxes.scores[0] == pytest.approx(0.9**0.6 * 0.8**0.4)


@pytest.mark.parametrize("scale", [1, 1 / 640], ids=["pixels", "shares"])
def test_a_yolo_column_becomes_its_box(scale: float) -> None:
    """Whether the export says pixels or shares of the input."""
    output = np.zeros((1, 6, 3))
    output[0, :, 0] = (320 * scale, 160 * scale, 100 * scale, 50 * scale, 0.7, 0.2)
    boxes = heads.yolo(output, 640, 640)
    assert boxes.edges.round(6).tolist() == [[270, 135, 370, 185]]
    assert (boxes.labels.tolist(), boxes.scores.tolist()) == ([0], [0.7])


def test_an_end_to_end_row_is_its_box() -> None:
    """Rows without a score are padding."""
    output = np.array([[[10, 20, 30, 40, 0.9, 1], [0, 0, 0, 0, 0, 0]]])
    boxes = heads.yolo_end_to_end(output, 640, 640)
    assert (boxes.edges.tolist(), boxes.labels.tolist()) == ([[10, 20, 30, 40]], [1])


@pytest.mark.parametrize(
    ("shape", "head"),
    [
        ((1, 85, 22, 22), heads.fastestdet),
        ((1, 84, 8400), heads.yolo),
        ((1, 300, 6), heads.yolo_end_to_end),
        ((1, 25200, 85), None),
        ((1, 1000), None),
    ],
)
def test_a_head_is_known_by_its_shape(shape: tuple[int, ...], head: heads.Head | None) -> None:
    """And what is not known is not guessed."""
    assert head_for(shape, 80) is head


def test_the_surest_of_a_heap_remains() -> None:
    """Against a plain loop, over random heaps."""
    random = np.random.default_rng(5)
    for _ in range(20):
        corner = random.uniform(0, 60, (40, 2))
        edges = np.concatenate((corner, corner + random.uniform(10, 40, (40, 2))), axis=1)
        boxes = Boxes(edges, random.uniform(0.2, 1, 40), random.integers(0, 3, 40))
        kept: list[int] = []
        for index in np.argsort(-boxes.scores).tolist():
            same = [other for other in kept if boxes.labels[other] == boxes.labels[index]]
            over = overlaps(edges[[index]], edges[same]) if same else np.zeros((1, 1))
            if over.max() <= heads.SAME_OVERLAP:
                kept.append(index)
        assert surest(boxes).scores.tolist() == boxes.scores[kept].tolist()


def test_what_is_no_number_is_no_box() -> None:
    """A model that overflows invents nothing."""
    boxes = Boxes(np.array([[0, 0, np.nan, 1], [0, 0, np.inf, 1]]), np.ones(2), np.zeros(2, int))
    assert len(surest(boxes).scores) == 0
