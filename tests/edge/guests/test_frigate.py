"""Frigate events: what becomes of them, and what is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.guests.frigate import FrameSize, read
from edge.guests.mailbox import GuestError
from edge.measured import Measured
from haechi.cameras import Detection
from haechi.messages import Reading

SIZES = {"front_door": FrameSize(1280, 720)}


def event(kind: str = "new", **changed: Any) -> bytes:
    """Return an event as Frigate documents it, with fields that are of no interest here too."""
    after: dict[str, Any] = {
        "id": "1767268800.5-mxklsc",
        "camera": "front_door",
        "frame_time": 1767268800.5,
        "snapshot": {"frame_time": 1767268800.5, "score": 0.7},
        "label": "person",
        "sub_label": None,
        "top_score": 0.96,
        "false_positive": False,
        "start_time": 1767268799.0,
        "end_time": None,
        "score": 0.79,
        "box": [640, 360, 768, 720],
        "area": 23744,
        "current_zones": ["driveway"],
        "entered_zones": ["yard"],
        "stationary": False,
    }
    return json.dumps({"type": kind, "before": {}, "after": after | changed}).encode()


def seen(payload: bytes) -> Measured:
    """Return what is read."""
    found = read("frigate/events", payload, SIZES)
    assert found is not None
    return found


def test_an_event_becomes_a_detection_with_its_own_time() -> None:
    """The box is a share of the frame; where on the ground it stands, Frigate does not say."""
    found = seen(event())
    assert found.subject == "object:front-door.1767268800-5-mxklsc"
    assert found.at == datetime(2026, 1, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert found.urgent
    assert found.content == Detection(
        phase="new",
        camera="front-door",
        label="person",
        score=0.79,
        box=(0.5, 0.5, 0.6, 1.0),
        zones=("driveway",),
        first_seen=datetime(2026, 1, 1, 11, 59, 59, tzinfo=UTC),
    )


def test_an_update_is_not_urgent_and_the_end_is() -> None:
    """Only what begins or ends must not be thinned."""
    assert not seen(event("update")).urgent
    assert seen(event("end")).urgent


def test_a_false_positive_is_of_no_interest() -> None:
    """Frigate itself has taken it back."""
    assert read("frigate/events", event(false_positive=True), SIZES) is None


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"online", "no frigate event"),
        (b"{}", "no frigate event"),
        (event("gone"), "no frigate event.*type"),
        (event(camera="back"), "camera 'back' has no frame size"),
        (event(frame_time=1e300), "no frigate event"),
        (event(box=[1, 2, 3]), "no frigate event.*box"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(payload: bytes, reason: str) -> None:
    """It is kept for a person by whoever asked."""
    with pytest.raises(GuestError, match=reason):
        read("frigate/events", payload, SIZES)


@given(
    st.text(max_size=100),
    st.text(max_size=100),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=4, max_size=4),
    st.floats(-10, 10),
)
def test_whatever_a_recorder_says_satisfies_the_wire(
    name: str, label: str, box: list[float], score: float
) -> None:
    """Names are untrusted, boxes and scores may be anything."""
    found = seen(event(id=name, label=label, box=box, score=score))
    reading = Reading(seq=1, at=found.at, subject=found.subject, content=found.content)
    assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading) == reading
