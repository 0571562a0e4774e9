"""OwnTracks locations: what becomes of them, and what is refused."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.guests.mailbox import GuestError
from edge.guests.owntracks import read
from haechi.ground import UnitPosition

TOPIC = "owntracks/kim/boat-3"


def location(**changed: Any) -> bytes:
    """Return a location as the booklet documents it, with fields of no interest here too."""
    stated: dict[str, Any] = {
        "_type": "location",
        "lat": 35.1,
        "lon": 129.05,
        "tst": 1767268800,
        "acc": 12,
        "alt": 4,
        "vel": 36,
        "cog": 271,
        "batt": 88,
        "tid": "K3",
        "conn": "m",
        "bs": 1,
    }
    return json.dumps(stated | changed).encode()


def test_a_phone_becomes_a_unit_with_the_time_of_its_fix() -> None:
    """Speed is in km/h there and in knots here."""
    found = read(TOPIC, location())
    assert found is not None
    assert (found.subject, found.at) == ("unit:kim-boat-3", datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert isinstance(found.content, UnitPosition)
    assert found.content.speed_kn == pytest.approx(19.438, abs=0.001)
    assert (found.content.accuracy_m, found.content.name) == (12, "K3")


def test_what_is_not_known_is_none() -> None:
    """Phones say -1 for a speed or a course that it does not have."""
    found = read(TOPIC, location(vel=-1, cog=-1))
    assert found is not None
    assert isinstance(found.content, UnitPosition)
    assert (found.content.speed_kn, found.content.course_deg) == (None, None)


@pytest.mark.parametrize("kind", ["lwt", "transition", "waypoint", "status", "card"])
def test_other_types_are_of_no_interest(kind: str) -> None:
    """They say nothing of where the phone is."""
    assert read(TOPIC, location(_type=kind)) is None


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (TOPIC, b"", "no owntracks location"),
        (TOPIC, b"[]", "no owntracks location"),
        (TOPIC, b'{"_type":"encrypted","data":"xx"}', "encrypted"),
        (TOPIC, location(lat=95), "no owntracks location.*lat"),
        (TOPIC, location(tst=1e300), "no owntracks location"),
        (TOPIC, location(tst=None), "no owntracks location.*tst"),
        ("owntracks/kim", location(), "no user and device"),
        ("owntracks/../boat", location(), "no user and device"),
    ],
)
def test_what_is_no_location_is_refused_with_a_reason(
    topic: str, payload: bytes, reason: str
) -> None:
    """It is kept for a person by whoever asked."""
    with pytest.raises(GuestError, match=reason):
        read(topic, payload)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_of_no_interest(payload: bytes) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(GuestError):
        assert read(TOPIC, payload) is None
