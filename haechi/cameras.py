"""What a reading of a camera says: where it looks, what it sees, what it reads."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from haechi.fields import (
    Altitude,
    Bearing,
    ContainerNumber,
    Count,
    DeviceName,
    DeviceText,
    Digest,
    Knots,
    Latitude,
    Longitude,
    LonLat,
    Metres,
    Moment,
    Share,
    Tilt,
    ZoneName,
)

ViewAngle = Annotated[float, Meta(gt=0, le=180)]
Box = tuple[Share, Share, Share, Share]
"""Left, top, right, bottom as shares of the frame's width and height."""


class CameraView(
    Struct,
    frozen=True,
    kw_only=True,
    tag="camera_view",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Where a camera stands and looks; its subject is ``camera:<name>``."""

    lat: Latitude
    lon: Longitude
    altitude_m: Altitude
    bearing_deg: Bearing
    tilt_deg: Tilt
    """0 looks at the horizon, below 0 downwards."""
    horizontal_view_deg: ViewAngle
    vertical_view_deg: ViewAngle
    footprint: Annotated[tuple[LonLat, ...], Meta(max_length=64)] = ()
    """What it sees of the ground or the sea, as an open ring; empty if it sees sky only."""
    residual_px: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    """Root mean square error of its calibration, where it has one."""


class Ellipse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the truth is with 95 % probability, around a stated place."""

    semi_major_m: Metres
    semi_minor_m: Metres
    orientation_deg: Annotated[float, Meta(ge=0, lt=180)]
    """Of the major axis, clockwise from true north."""


class Detection(
    Struct,
    frozen=True,
    kw_only=True,
    tag="detection",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """An object that a camera follows; its subject is ``object:<camera>.<track>``.

    Phases are Frigate's: ``new`` once confirmed, ``update`` as it goes on, ``end`` once.
    """

    phase: Literal["new", "update", "end"]
    camera: DeviceName
    label: DeviceText
    score: Share
    """Median of its latest scores."""
    box: Box
    frame: Digest | None = None
    """SHA-256 of the whole frame's bytes as decoded (height, width, RGB); not of other systems."""
    crop: Digest | None = None
    """SHA-256 of the evidence picture kept at the edge."""
    lat: Latitude | None = None
    lon: Longitude | None = None
    ellipse: Ellipse | None = None
    speed_kn: Knots | None = None
    course_deg: Bearing | None = None
    zones: tuple[ZoneName, ...] = ()
    """Zones of the picture that it stands in."""
    crossed: tuple[ZoneName, ...] = ()
    """Lines of the picture that it has crossed since the last report."""
    loitering: bool = False
    first_seen: Moment | None = None
    frames: Count = 0
    """In how many frames it was detected."""
    dropped_frames: Count = 0
    """Frames replaced by newer ones before anybody looked, since the agent started."""


class ContainerRead(
    Struct,
    frozen=True,
    kw_only=True,
    tag="container_read",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """A container number read from a picture; its subject is ``container:<number>``."""

    camera: DeviceName
    number: ContainerNumber
    """Owner, category and serial as read, and the check digit computed from them."""
    check_digit_read: Annotated[int, Meta(ge=0, le=9)] | None = None
    """As painted, where it could be read; it may disagree."""
    score: Share
    text: DeviceText = ""
    """What the reader saw, before anything was made of it."""
    box: Box | None = None
    frame: Digest
    lat: Latitude | None = None
    lon: Longitude | None = None
