"""Distances from a line, against an independent geodesic library and plain cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from analytics.corridor import off_line_m
from haechi.units import EARTH_RADIUS

SPHERE = Geod(a=EARTH_RADIUS, b=EARTH_RADIUS)
LON = st.floats(-180, 180)
LAT = st.floats(-85, 85)


@given(LON, LAT, st.floats(1_000, 5_000_000), st.floats(0, 360), st.floats(0, 1))
def test_a_position_abeam_of_a_leg_is_as_far_as_it_was_set_off(
    lon: float, lat: float, length_m: float, bearing: float, share: float
) -> None:
    """Somewhere along a great circle, then at a right angle to it."""
    off_m = 900_000 * share
    end_lon, end_lat, _ = SPHERE.fwd(lon, lat, bearing, length_m)
    foot_lon, foot_lat, back = SPHERE.fwd(lon, lat, bearing, max(1.0, length_m * share))
    here_lon, here_lat, _ = SPHERE.fwd(foot_lon, foot_lat, back + 90, off_m)
    line = ((lon, lat), (end_lon, end_lat))
    assert off_line_m(line, here_lat, here_lon) == pytest.approx(off_m, abs=0.5)


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=6), LON, LAT)
def test_it_is_never_further_than_the_nearest_place_of_the_line(
    line: list[tuple[float, float]], lon: float, lat: float
) -> None:
    """And never negative."""
    to_places = [SPHERE.inv(lon, lat, *place)[2] for place in line]
    assert 0 <= off_line_m(tuple(line), lat, lon) <= min(to_places) + 0.5


def test_a_line_over_the_antimeridian_runs_the_shorter_way() -> None:
    """From 179 E to 179 W is two degrees."""
    assert off_line_m(((179.0, 0.0), (-179.0, 0.0)), 0.0, 180.0) == pytest.approx(0, abs=0.01)


def test_a_place_said_twice_changes_nothing() -> None:
    """Real route files repeat places."""
    twice = ((0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (1.0, 0.0))
    assert off_line_m(twice, 0.1, 0.5) == off_line_m(((0.0, 0.0), (1.0, 0.0)), 0.1, 0.5)
    assert off_line_m(((180.0, 0.0), (-180.0, 0.0)), 1.0, 180.0) == pytest.approx(111_195, abs=1)


def test_one_place_is_a_line() -> None:
    """The distance is that to the place."""
    assert off_line_m(((0.0, 0.0),), 1.0, 0.0) == pytest.approx(np.radians(1) * EARTH_RADIUS)


def test_no_place_at_all_is_refused() -> None:
    """Rather than some distance to nothing."""
    with pytest.raises(ValueError, match="at least one place"):
        off_line_m((), 0.0, 0.0)
