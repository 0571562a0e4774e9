"""Frigate network video recorders: what they publish on ``frigate/events`` becomes detections.

Source: Frigate's documentation of its MQTT integration. Boxes are pixels of the stream that it
detects on, whose size it does not publish, so the field engineer states it for each camera.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import msgspec

from edge.guests.mailbox import GuestError
from edge.measured import Measured
from haechi.cameras import Box, Detection
from haechi.ids import InvalidIdError, device_id
from haechi.text import plain

FILTERS: Final = ("frigate/events",)
MAX_LABEL: Final = 64


class FrameSize(NamedTuple):
    """Width and height in pixels of the stream on which a camera's objects are detected."""

    width: int
    height: int


class _Tracked(msgspec.Struct, frozen=True):
    id: str
    camera: str
    frame_time: float
    label: str
    top_score: float
    score: float
    box: tuple[float, float, float, float]
    start_time: float
    sub_label: str | list[str | float] | None = None
    false_positive: bool = False
    current_zones: tuple[str, ...] = ()


class _Event(msgspec.Struct, frozen=True):
    type: Literal["new", "update", "end"]
    after: _Tracked


_decoder: msgspec.json.Decoder[_Event] = msgspec.json.Decoder(_Event)


def read(topic: str, payload: bytes, sizes: Mapping[str, FrameSize]) -> Measured | None:
    """Return the detection that an event reports, or nothing of a false positive.

    Raises:
        GuestError: not an event, a camera whose size is not stated, or a name that is none here.
    """
    del topic
    try:
        event = _decoder.decode(payload)
        seen = event.after
        size = sizes[seen.camera]
        camera = device_id(seen.camera.lower().replace("_", "-"))
        at, since = (datetime.fromtimestamp(s, UTC) for s in (seen.frame_time, seen.start_time))
    except KeyError as error:
        raise GuestError(f"camera {error} has no frame size; state it with --frame") from error
    except (msgspec.DecodeError, InvalidIdError, OverflowError, OSError, ValueError) as error:
        raise GuestError(f"no frigate event: {error}") from error
    if seen.false_positive:
        return None
    content = Detection(
        phase=event.type,
        camera=camera,
        label=plain(seen.label)[:MAX_LABEL] or "unknown",
        score=_share(seen.score),
        box=_box(seen.box, size),
        zones=tuple(zone[:MAX_LABEL] for zone in seen.current_zones if zone),
        first_seen=since,
    )
    return Measured(at, f"object:{camera}.{_key(seen.id)}", content, urgent=event.type != "update")


def _box(pixels: tuple[float, float, float, float], size: FrameSize) -> Box:
    left, top, right, bottom = pixels
    return (
        _share(left / size.width),
        _share(top / size.height),
        _share(right / size.width),
        _share(bottom / size.height),
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _key(text: str) -> str:
    """Return an event's id as the part of a subject's name that it can be."""
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in text)
    return kept[:30] or "none"
