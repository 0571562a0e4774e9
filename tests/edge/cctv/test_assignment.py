"""Pairs: no other choice is better, whatever the numbers."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.cctv.assignment import Floats, best_pairs

LIKENESS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.floats(0, 1) | st.sampled_from((0.0, 0.25, 0.5, 1.0)),
)


def best_sum(likeness: Floats) -> float:
    """Return the greatest sum by trying everything."""
    rows, columns = len(likeness), len(likeness[0])
    if rows > columns:
        return best_sum(likeness.T)
    return max(
        sum(float(likeness[row, column]) for row, column in enumerate(each))
        for each in permutations(range(columns), rows)
    )


@given(likeness=LIKENESS)
@settings(max_examples=100, deadline=None)
def test_no_other_choice_is_better(likeness: Floats) -> None:
    """Of the shorter side everybody has one, nobody has two."""
    pairs = best_pairs(likeness)
    assert pairs == sorted(pairs)
    assert len(pairs) == min(likeness.shape)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert sum(float(likeness[pair]) for pair in pairs) == pytest.approx(best_sum(likeness))


def test_a_crowd_is_told_apart() -> None:
    """Sixty that moved a little, among ten that are new: each is found again."""
    chance = np.random.default_rng(1)
    order: list[int] = [*map(int, chance.permutation(70)[:60])]
    likeness = chance.uniform(0, 0.4, (60, 70))
    likeness[np.arange(60), order] += 0.5
    assert best_pairs(likeness) == [*enumerate(order)]
