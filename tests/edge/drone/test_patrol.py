"""Patrols: what is covered, how far, how round. Measured on the ellipsoid by another library."""

from itertools import pairwise
from math import cos, pi, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, Point, Polygon

from edge.drone.patrol import Plane, length_m, orbit, sweep
from haechi.fields import LonLat

WGS84 = Geod(ellps="WGS84")
BUSAN: LonLat = (129.08, 35.07)


def far_m(a: LonLat, b: LonLat) -> float:
    """Return the distance on the ellipsoid."""
    return float(WGS84.inv(*a, *b)[2])


def sector(corners: list[tuple[float, float]]) -> list[LonLat]:
    """Return a ring from angles in degrees and distances in metres about Busan."""
    plane = Plane(BUSAN)
    return [plane.place((d * sin(radians(a)), d * cos(radians(a)))) for a, d in corners]


SECTORS = st.lists(st.floats(100, 3000), min_size=3, max_size=9).map(
    lambda radii: sector([(360 * n / len(radii), r) for n, r in enumerate(radii)])
)
"""Stars around Busan: any radii, so also sectors that are not convex."""


@given(SECTORS, st.floats(40, 500), st.floats(0, 359))
@settings(max_examples=60, deadline=None)
def test_no_place_of_a_sector_is_further_from_a_leg_than_half_the_spacing(
    ring: list[LonLat], spacing_m: float, bearing_deg: float
) -> None:
    """Along the legs' normal: places are held against the legs' own lines."""
    turns = sweep(ring, spacing_m=spacing_m, bearing_deg=bearing_deg)
    plane = Plane(ring[0])
    legs = [plane.point(turn) for turn in turns]
    normal = cos(radians(bearing_deg)), -sin(radians(bearing_deg))
    lines = [x * normal[0] + y * normal[1] for x, y in legs]
    area = Polygon([plane.point(corner) for corner in ring])
    for place in (area.representative_point(), *map(Point, area.exterior.coords[:-1])):
        across = place.x * normal[0] + place.y * normal[1]
        assert min(abs(across - line) for line in lines) <= spacing_m / 2 + 0.01


def test_legs_lie_inside_and_run_as_asked() -> None:
    """A square of a kilometre swept to the north-east."""
    ring = sector([(0, 700), (90, 700), (180, 700), (270, 700)])
    turns = sweep(ring, spacing_m=100, bearing_deg=45)
    area = Polygon(ring).buffer(1e-6)
    assert all(area.contains(Point(turn)) for turn in turns)
    assert all(area.contains(LineString(leg)) for leg in zip(turns[::2], turns[1::2], strict=True))
    bearings = {round(WGS84.inv(*a, *b)[0]) % 180 for a, b in list(pairwise(turns))[::2]}
    assert bearings <= {44, 45, 46}
    assert len(turns) == 20


def test_a_sweep_begins_at_the_end_that_is_nearer() -> None:
    """The battery is for looking, not for going there."""
    ring = sector([(45, 1000), (135, 1000), (225, 1000), (315, 1000)])
    for start in (ring[0], ring[2]):
        turns = sweep(ring, spacing_m=150, start=start)
        assert far_m(start, turns[0]) < far_m(start, turns[-1])


@pytest.mark.parametrize(
    "corners", [[(0, 0), (0, 100), (0, 200)], [(0, 500), (180, 500), (90, 500), (270, 500)]]
)
def test_a_ring_that_is_no_sector_is_refused(corners: list[tuple[float, float]]) -> None:
    """A line, and a ring that crosses itself."""
    with pytest.raises(ValueError, match="ring"):
        sweep(sector(corners), spacing_m=100)


@given(st.floats(-70, 70), st.floats(10, 5000), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_an_orbit_keeps_its_distance(lat: float, radius_m: float, turns: int) -> None:
    """Within 0.7 %: the sphere against the ellipsoid."""
    centre = (129.0, lat)
    circle = orbit(centre, radius_m, turns)
    assert all(far_m(centre, place) == pytest.approx(radius_m, rel=0.007) for place in circle)
    assert circle[0] == circle[-1]
    assert length_m(circle) == pytest.approx(2 * pi * radius_m * turns, rel=0.01)
