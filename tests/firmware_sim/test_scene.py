"""Actors are where their tracks say, and the air takes what it should."""

from datetime import timedelta

import pytest

from firmware_sim.scene import Actor, Waypoint, Weather
from tests.firmware_sim.harbour_scene import NOON

TRACK = (
    Waypoint(NOON, 35.0, 129.0),
    Waypoint(NOON + timedelta(minutes=10), 35.1, 129.0),
    Waypoint(NOON + timedelta(minutes=20), 35.1, 129.1),
)


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (-5, (35.0, 129.0, 0.0)),
        (0, (35.0, 129.0, 0.0)),
        (5, (35.05, 129.0, 0.0)),
        (10, (35.1, 129.0, 90.0)),
        (15, (35.1, 129.05, 90.0)),
        (20, (35.1, 129.1, 0.0)),
        (60, (35.1, 129.1, 0.0)),
    ],
)
def test_an_actor_is_on_its_track(minute: int, expected: tuple[float, float, float]) -> None:
    """On straight lines between waypoints, still before and after."""
    actor = Actor(subject="mmsi:1", kind="tanker", track=TRACK)
    assert actor.stance(NOON + timedelta(minutes=minute)) == pytest.approx(expected)


def test_a_stated_heading_wins() -> None:
    """A ship at anchor points where the wind has it."""
    actor = Actor(subject="mmsi:1", kind="tanker", track=TRACK[:1], heading_deg=77)
    assert actor.stance(NOON) == (35.0, 129.0, 77)


@pytest.mark.parametrize(
    ("kind", "track", "said"),
    [("submarine", TRACK, "no kind 'submarine'; there are"), ("tanker", (), "one waypoint")],
)
def test_impossible_actors_are_refused(kind: str, track: tuple[Waypoint, ...], said: str) -> None:
    """With what is possible."""
    with pytest.raises(ValueError, match=said):
        Actor(subject="mmsi:1", kind=kind, track=track)


def test_visibility_is_where_contrast_is_two_percent() -> None:
    """As meteorologists define it; rain makes it shorter."""
    assert Weather(visibility_m=4_000).transmission(4_000) == pytest.approx(0.02, rel=1e-3)
    assert Weather(visibility_m=4_000, rain=1.0).transmission(4_000) < 0.001
