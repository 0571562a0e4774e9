"""Distances and bearings around a camera are the geodesic ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from edge.camera.earth import offset_of, place_at

GEOD = Geod(ellps="WGS84")
LATITUDES = st.floats(-85, 85)
LONGITUDES = st.floats(-180, 180)
BEARINGS = st.floats(0, 360)


@pytest.mark.parametrize(("distance_m", "error_m"), [(1e3, 1e-6), (2e4, 2e-4), (1e5, 0.02)])
def test_places_are_the_geodesic_ones(distance_m: float, error_m: float) -> None:
    """PROJ agrees to the stated error, there and back, at any latitude."""
    rng = np.random.default_rng(3)
    for lat, lon, bearing in rng.uniform([-85, -180, 0], [85, 180, 360], size=(200, 3)):
        far_lon, far_lat, _ = GEOD.fwd(lon, lat, bearing, distance_m)
        step = distance_m * np.array([np.sin(np.radians(bearing)), np.cos(np.radians(bearing))])
        lats, lons = place_at(lat, lon, step[:1], step[1:])
        assert GEOD.inv(far_lon, far_lat, lons[0], lats[0])[2] < error_m
        back = np.concatenate(offset_of(lat, lon, np.array([far_lat]), np.array([far_lon])))
        assert np.hypot(*(back - step)) < error_m


@given(LATITUDES, LONGITUDES, BEARINGS, st.floats(0, 50_000))
def test_a_place_leads_back_to_its_offset(
    lat: float, lon: float, bearing: float, distance: float
) -> None:
    """``offset_of`` inverts ``place_at``, also across the date line."""
    east, north = distance * np.sin(np.radians(bearing)), distance * np.cos(np.radians(bearing))
    lats, lons = place_at(lat, lon, np.array([east]), np.array([north]))
    back_east, back_north = offset_of(lat, lon, lats, lons)
    assert np.hypot(back_east[0] - east, back_north[0] - north) < 0.005
