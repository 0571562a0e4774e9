"""Zones on a round Earth: containment, distance, crossing, and files that are refused."""

import json
from collections.abc import Sequence
from math import cos, hypot, radians, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analytics.rule import Near
from analytics.zone import ZoneError
from analytics.zones import MARGIN_M, ZoneSet
from haechi.observations import Flag
from haechi.units import METRES_PER_DEGREE
from tests.analytics.sailing import METRE, feature, fix, square, static, zone_set

LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-180, 180)
RING = [[-1.0, -1.0], [2.0, -1.0], [2.0, 1.0], [0.5, 0.2], [-1.0, 1.0], [-1.0, -1.0]]

HOLE = [[-0.2, -0.2], [0.2, -0.2], [0.2, 0.2], [-0.2, 0.2], [-0.2, -0.2]]


def polygon(*rings: Sequence[Sequence[float | str]]) -> dict[str, Any]:
    """Return a GeoJSON polygon."""
    return {"type": "Polygon", "coordinates": list(rings)}


def turned(degrees: float) -> ZoneSet:
    """Return the ring after the world was rotated eastward."""
    ring = [[lon + degrees, lat] for lon, lat in RING]
    return zone_set(feature("ring", polygon(ring)))


def at(zones: ZoneSet, lat: float, lon: float) -> dict[str, float]:
    """Return the zones near one position with their distances."""
    (near,) = zones.near(np.array([lat]), np.array([lon]))
    return dict(near)


def wrapped(lon: float) -> float:
    """Return a longitude from -180 to 180."""
    return (lon + 180.0) % 360.0 - 180.0


def test_distances_are_metres_and_negative_inside() -> None:
    """A square of 2 km at the equator, measured at four places."""
    zones = zone_set(square())
    events = zones.locate([fix(0, -100, 100), fix(1, 300, 400), fix(2, 0, 100), fix(3, 0, 99_000)])
    distances = [dict(event.near).get("box") for event in events]
    assert distances[:3] == pytest.approx([100, -300, 0], abs=0.01)
    assert distances[3] is None


def test_deep_inside_the_distance_is_the_margin() -> None:
    """Beyond the margin nothing is measured, on either side of the boundary; one or many."""
    zones = zone_set(square(side_m=20_000))
    for count in (1, 9):
        events = zones.locate([fix(number, 10_000, 10_000) for number in range(count)])
        assert {event.near for event in events} == {(Near("box", -MARGIN_M),)}


def test_what_has_no_position_is_near_nothing() -> None:
    """Static reports, missing positions and flagged 0, 0 keep their place in the list."""
    zones = zone_set(feature("null", polygon([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])))
    null = fix(2, lat=0.0, lon=0.0)
    flagged = replace(null, flags=(Flag.NULL_ISLAND,))
    batch = [static(0), fix(1, lat=None, lon=None), flagged, null]
    events = zones.locate(batch)
    assert [event.observation for event in events] == batch
    assert [bool(event.near) for event in events] == [False, False, False, True]


def test_geo_6_a_hole_is_outside_and_its_edge_is_a_boundary() -> None:
    """In the middle of the hole the nearest boundary is the hole's own."""
    outer = [[0.0, 0.0], [0.1, 0.0], [0.1, 0.1], [0.0, 0.1], [0.0, 0.0]]
    hole = [[0.04, 0.04], [0.06, 0.04], [0.06, 0.06], [0.04, 0.06], [0.04, 0.04]]
    zones = zone_set(feature("ring", polygon(outer, hole)))
    assert at(zones, 0.05, 0.05)["ring"] == pytest.approx(0.01 / METRE, rel=1e-6)
    assert at(zones, 0.05, 0.03)["ring"] == pytest.approx(-0.01 / METRE, rel=1e-6)
    assert zones.containing(0.05, 0.05) == ()
    assert zones.containing(0.04, 0.05) == ("ring",)


@pytest.mark.parametrize(
    "geometry",
    [
        polygon([[179.9, -0.1], [180.1, -0.1], [180.1, 0.1], [179.9, 0.1], [179.9, -0.1]]),
        polygon([[-180.1, -0.1], [-179.9, -0.1], [-179.9, 0.1], [-180.1, 0.1], [-180.1, -0.1]]),
        {
            "type": "MultiPolygon",
            "coordinates": [
                [[[179.9, -0.1], [180, -0.1], [180, 0.1], [179.9, 0.1], [179.9, -0.1]]],
                [[[-180, -0.1], [-179.9, -0.1], [-179.9, 0.1], [-180, 0.1], [-180, -0.1]]],
            ],
        },
    ],
    ids=["past 180", "past -180", "cut as RFC 7946 says"],
)
def test_geo_6_a_zone_over_the_antimeridian_has_no_seam(geometry: dict[str, Any]) -> None:
    """However it is written, the antimeridian is the middle of it and not a boundary."""
    zones = zone_set(feature("pacific", geometry))
    for lon in (180.0, -180.0, 179.95, -179.95):
        assert at(zones, 0.0, lon)["pacific"] == -MARGIN_M
    assert at(zones, 0.0, 179.899)["pacific"] == pytest.approx(0.001 / METRE, rel=1e-6)
    assert at(zones, 0.0, -179.899)["pacific"] == pytest.approx(0.001 / METRE, rel=1e-6)
    (crossing,) = zones.crossed(0.0, 179.85, 0.0, -179.85)
    assert (crossing.entry, crossing.exit) == pytest.approx((1 / 6, 5 / 6))


@settings(deadline=None)  # correctness, not speed
@given(LATITUDES, LONGITUDES, st.floats(-180, 180))
@example(1.0, 1.0, 179.0)
@example(-0.0, -1.0, -180.0)
@example(0.0, 0.0, 180.0)
def test_i8_rotating_the_world_changes_nothing(lat: float, lon: float, degrees: float) -> None:
    """Containment and distance depend on the position relative to the zone alone."""
    plain, moved = at(turned(0), lat, lon), at(turned(degrees), lat, wrapped(lon + degrees))
    for zone in plain.keys() | moved.keys():
        one, other = plain.get(zone, MARGIN_M), moved.get(zone, MARGIN_M)
        assert abs(one - other) < 1e-6 * METRES_PER_DEGREE


@settings(deadline=None)  # correctness, not speed
@given(LATITUDES, LONGITUDES, st.sampled_from([-360.0, 360.0]))
def test_i8_a_zone_written_a_turn_away_is_the_same(lat: float, lon: float, turn: float) -> None:
    """Longitudes of a file may count past either end."""
    ring = [[place[0] / 2 + turn / 2, place[1]] for place in RING]
    other = [[place[0] - turn, place[1]] for place in ring]
    near, same = (at(zone_set(feature("r", polygon(r))), lat, lon) for r in (ring, other))
    assert near.keys() == same.keys()
    assert list(near.values()) == pytest.approx(list(same.values()), abs=0.01)


@settings(deadline=None)  # correctness, not speed
@given(LONGITUDES, st.floats(0, 5))
def test_i8_a_polar_cap_contains_its_pole_from_every_side(lon: float, below: float) -> None:
    """A box from 84 degrees to the pole, all the way round: neither seam nor pole is a boundary."""
    ring = [[-180.0, 84.0], [180.0, 84.0], [180.0, 90.0], [-180.0, 90.0], [-180.0, 84.0]]
    north = zone_set(feature("cap", polygon(ring)))
    south = zone_set(feature("cap", polygon([[x, -y] for x, y in ring])))
    assert at(north, 90.0 - below, lon) == {"cap": -MARGIN_M}
    assert at(south, below - 90.0, lon) == {"cap": -MARGIN_M}


@settings(deadline=None)  # correctness, not speed
@given(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03), st.sampled_from([0.0, 35.0, 60.0, 80.0]))
def test_the_distance_to_a_corner_agrees_with_plane_geometry(
    north: float, west: float, lat: float
) -> None:
    """Outside a corner the distance is that to the corner, scaled by the latitude."""
    south, east = abs(north), abs(west)
    ring = [[10.0, lat], [11.0, lat], [11.0, lat + 1], [10.0, lat + 1], [10.0, lat]]
    expected = hypot(south, east * cos(radians(lat - south))) * METRES_PER_DEGREE
    distance = at(zone_set(feature("r", polygon(ring))), lat - south, 10.0 - east).get("r")
    assert distance == pytest.approx(expected, abs=0.01) if expected < MARGIN_M else True


def test_the_grid_hides_nothing() -> None:
    """Positions that the grid passes over are indeed near no zone."""
    zones = ZoneSet.parse(
        json.dumps(
            {"type": "FeatureCollection", "features": [square(), square("far", north_m=9e5)]}
        )
    )
    places = np.random.default_rng(7).uniform(0.2, 1.2, (20_000, 2))
    batch = [fix(0, lat=float(lat), lon=float(lon)) for lat, lon in places]
    by_grid = [event.near for event in zones.locate(batch)]
    assert by_grid == zones.near(places[:, 0], places[:, 1])
    assert sum(map(bool, by_grid)) > 10


MANY_EDGES = [
    [radius * cos(radians(turn / 10)), radius * sin(radians(turn / 10))]
    for turn in range(3600)
    for radius in (0.3 if turn % 2 else 0.31,)
]
SOME = zone_set(
    feature("large", polygon([*MANY_EDGES, MANY_EDGES[0]])),
    feature("ring", polygon(RING)),
    feature("holed", polygon(*([[x / 2 + 1, y / 2] for x, y in ring] for ring in (RING, HOLE)))),
)
PLACES = st.tuples(
    st.one_of(st.floats(-1.2, 1.2), st.sampled_from([-1.0, -0.1, 0.0, 0.1, 0.2, 1.0])),
    st.one_of(st.floats(-1.2, 2.2), st.sampled_from([-1.0, 0.5, 0.9, 1.1, 1.25, 2.0])),
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(PLACES, min_size=5, max_size=40))
def test_one_position_is_where_it_is_among_many(places: list[tuple[float, float]]) -> None:
    """Few are looked at one by one and many together: findings must not depend on batches."""
    lats, lons = (np.array(each) for each in zip(*places, strict=True))
    one_by_one = [SOME.near(lats[[i]], lons[[i]])[0] for i in range(len(places))]
    assert SOME.near(lats, lons) == one_by_one


def test_zones_on_a_way_are_named_in_the_order_of_entry() -> None:
    """Two boxes on one way, and one far beside it."""
    zones = zone_set(
        square("second", side_m=100, north_m=500),
        square("first", side_m=100),
        square("off", north_m=9e4),
    )
    lon = 0.5 + 50 * METRE
    crossed = zones.crossed(0.5 - 100 * METRE, lon, 0.5 + 900 * METRE, lon)
    assert [crossing.zone for crossing in crossed] == ["first", "second"]
    assert crossed[0][1:] == pytest.approx((0.1, 0.2))
    assert zones.crossed(40.0, 5.0, 40.1, 5.0) == ()


def test_an_empty_file_of_zones_is_a_set_of_none() -> None:
    """Rules without zones are common: nothing is near and nothing is crossed."""
    zones = zone_set()
    assert zones.locate([fix(0)])[0].near == ()
    assert zones.crossed(0.5, 0.5, 0.6, 0.6) == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "No Spaces"}, r"feature 1 \(id 'No Spaces'\): .*regex"),
        ({"id": None}, r"feature 1 \(id None\): Expected `str`.*\$\.id"),
        (
            {"properties": {"name": "x", "kind": "port", "dwell": 1}},
            r"unknown field `dwell`.*known.*enter_dwell_s",
        ),
        ({"properties": {"name": "x", "kind": "port", "hysteresis_m": -1}}, r">= 0.*hysteresis_m"),
        (
            {"properties": {"name": "x", "kind": "port", "report": ["left"]}},
            r"Invalid enum value 'left'",
        ),
        (
            {
                "properties": {
                    "name": "x",
                    "kind": "port",
                    "schedule": {
                        "time_zone": "Asia/Pusan",
                        "windows": [{"opens": "01:00", "closes": "02:00"}],
                    },
                }
            },
            r"Asia/Pusan.*IANA",
        ),
        (
            {"geometry": {"type": "Point", "coordinates": [0, 0]}},
            r"geometry is a Point; only Polygon",
        ),
        ({"geometry": {"type": "MultiPolygon", "coordinates": []}}, r"empty"),
        ({"geometry": polygon([[0, 0], [1, 0], [1, 1], [0, 1]])}, r"does not end where it began"),
        (
            {"geometry": polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])},
            r"Self-intersection.*redraw",
        ),
        (
            {"geometry": polygon([[0, 99], [1, 99], [1, 98], [0, 99]])},
            r"latitude 99.*longitude comes first",
        ),
        (
            {"geometry": polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]])},
            r"antimeridian.*past 180",
        ),
        (
            {"geometry": polygon([["a", 0], [1, 0], [1, 1], ["a", 0]])},
            r"could not convert.*list of",
        ),
        ({"geometry": polygon([])}, r"feature 1.*list of"),
        ({"geometry": polygon([[10**400, 0], [1, 0], [1, 1], [10**400, 0]])}, r"int too large"),
        (
            {
                "properties": {
                    "name": "x",
                    "kind": "port",
                    "schedule": {
                        "time_zone": "../etc",
                        "windows": [{"opens": "01:00", "closes": "02:00"}],
                    },
                }
            },
            r"feature 1.*\.\./etc",
        ),
    ],
)
def test_a_bad_feature_is_refused_by_name_with_a_way_out(
    change: dict[str, Any], message: str
) -> None:
    """The text says which feature, what is wrong and what to do."""
    with pytest.raises(ZoneError, match=message):
        zone_set({**square(), **change})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "FeatureCollection"),
        (b"\xff\xfe", "FeatureCollection"),
        ('{"type": "Feature", "features": []}', "wrap the zones"),
        ('{"type": "x", "features": [{"a": ' + "[" * 100_000, "recursion"),
    ],
)
def test_what_is_not_a_collection_is_refused(text: str | bytes, message: str) -> None:
    """So is anything that is not GeoJSON at all."""
    with pytest.raises(ZoneError, match=message):
        ZoneSet.parse(text)


def test_an_id_used_twice_is_refused() -> None:
    """Findings are filed under ids."""
    with pytest.raises(ZoneError, match="'box' is used twice"):
        zone_set(square(), square())


def test_the_version_is_that_of_the_text() -> None:
    """Any change of the file changes it."""
    assert zone_set(square()).version != zone_set(square(side_m=1999)).version
    assert zone_set(square()).version == zone_set(square()).version
