"""Who and what is in a scenario: the tables of its file, one by one."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from edge.cctv.scene import Scene as Watched
from haechi.declared import PortCall
from haechi.fields import (
    ContainerNumber,
    DeviceName,
    DeviceText,
    LonLat,
    SealNumber,
    SubjectName,
    ZoneName,
)
from haechi.seals import SealEventKind, SealOrderKind

Second = Annotated[float, Meta(ge=-604_800, le=2_678_400)]
"""Seconds since the scenario's start; negative is before."""
Span = tuple[Second, Second]
"""From one second until another."""
Metres = Annotated[float, Meta(ge=-10_000_000, le=10_000_000)]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every table of a scenario has in common."""


class Voyage(Part, frozen=True, kw_only=True):
    """What is declared about a vessel beforehand."""

    number: DeviceText
    version: int = 1
    declared_at_s: Second = -3600
    begins_s: Second = -3600
    ends_s: Second | None = None
    corridor_m: Metres = 5000
    route: tuple[LonLat, ...] = ()
    """The declared line; the vessel's own way if empty."""
    calls: tuple[PortCall, ...] = ()
    allowed_stops: tuple[ZoneName, ...] = ()
    containers: tuple[ContainerNumber, ...] = ()
    """Declared aboard."""
    withdrawn_at_s: Second | None = None


class Shift(Part, frozen=True, kw_only=True):
    """Adversary move: the transponder states a place that is not the vessel's."""

    during_s: Span
    north_m: Metres = 0.0
    east_m: Metres = 0.0


class Ship(Part, frozen=True, kw_only=True):
    """A vessel with an AIS transponder."""

    name: DeviceText
    mmsi: Annotated[int, Meta(ge=200_000_000, le=799_999_999)]
    callsign: Annotated[str, Meta(max_length=7)] = ""
    imo: Annotated[int, Meta(ge=0, le=9_999_999)] = 0
    ship_type: Annotated[int, Meta(ge=0, le=99)] = 70
    length_m: Annotated[int, Meta(ge=1, le=450)] = 150
    destination: Annotated[str, Meta(max_length=20)] = ""
    way: Annotated[tuple[LonLat, ...], Meta(min_length=2, max_length=2000)]
    """Where it really goes, longitude first."""
    by_lanes: bool = False
    """Between the places of ``way`` it follows the published graph of sea lanes."""
    starts_at_m: Metres = 0.0
    """Where on its way it is at second 0."""
    speeds_kn: Annotated[tuple[tuple[Second, float], ...], Meta(min_length=1)]
    """(from second, knots), ascending; before the first it lies still."""
    silent_s: tuple[Span, ...] = ()
    """Adversary move: its transponder is off."""
    is_lit: bool = True
    """Whether its lamps burn at night."""
    shifts: tuple[Shift, ...] = ()
    noise_m: Annotated[float, Meta(ge=0, le=1000)] = 0.0
    """Standard deviation of the stated position, each way."""
    voyage: Voyage | None = None


class Order(Part, frozen=True, kw_only=True):
    """What the registry orders about a seal."""

    at_s: Second
    order: DeviceText
    kind: SealOrderKind
    container: ContainerNumber | None = None
    number: SealNumber | None = None
    valid_s: Span | None = None
    zones: tuple[ZoneName, ...] = ()


class Attack(Part, frozen=True, kw_only=True):
    """Adversary move: frames are recorded and played again, a copy speaks, bits are turned."""

    kind: Literal["replay", "clone", "flip"]
    at_s: Second
    """Since when."""
    frame: Annotated[int, Meta(ge=0, le=100_000)] = 0
    """Which of its frames is played again or turned, counted from 0."""
    at: LonLat | None = None
    """Where the copy is."""


class Closure(Part, frozen=True, kw_only=True):
    """An electronic seal on a container."""

    number: SealNumber
    container: ContainerNumber | None = None
    aboard: SubjectName | None = None
    """The vessel it travels with, which knows its place."""
    moves: tuple[tuple[Second, SubjectName], ...] = ()
    """[second, vessel or truck]: from then on it travels with another."""
    at: LonLat | None = None
    """Where it stands, if not aboard."""
    begins_s: Second = 0.0
    """Of its first report."""
    period_s: Annotated[float, Meta(gt=0, le=86_400)] = 300.0
    acts: tuple[tuple[Second, SealEventKind], ...] = ()
    """[second, event]: what is done to it."""
    unheard_s: tuple[Span, ...] = ()
    """No gateway is in reach: it stores, and sends later."""
    jammed_s: tuple[Span, ...] = ()
    """Adversary move: somebody jams."""
    clock_ahead_s: float = 0.0
    clock_drift_ppm: float = 0.0
    battery_percent: Annotated[float, Meta(ge=0, le=100)] = 100.0
    orders: tuple[Order, ...] = ()
    attacks: tuple[Attack, ...] = ()


class Area(Part, frozen=True, kw_only=True):
    """A sector that a drone flies over in parallel legs."""

    ring: Annotated[tuple[LonLat, ...], Meta(min_length=3, max_length=100)]
    spacing_m: Annotated[float, Meta(ge=5, le=10_000)]
    bearing_deg: Annotated[float, Meta(ge=0, lt=360)] = 0.0


class Flyer(Part, frozen=True, kw_only=True):
    """A drone: an autopilot with MAVLink, flown along its patrol and home again."""

    name: DeviceName
    home: LonLat
    patrol: tuple[LonLat, ...] = ()
    """Places that it flies to in turn, longitude first."""
    sweep: Area | None = None
    """A sector instead of places."""
    height_m: Annotated[float, Meta(ge=2, le=3000)] = 60.0
    """Above home."""
    speed_m_s: Annotated[float, Meta(ge=0.5, le=18)] = 10.0
    takes_off_s: Annotated[float, Meta(ge=0, le=2_678_400)] = 5.0
    rests_s: Annotated[float, Meta(ge=0, le=86_400)] | None = None
    """So long after landing it goes again, with a full battery; if left out, it stays."""
    unheard_s: tuple[Span, ...] = ()
    """No radio reaches it; after 10 s it flies home by itself."""
    battery_percent: Annotated[float, Meta(gt=15, le=100)] = 100.0
    endurance_s: Annotated[float, Meta(ge=60, le=86_400)] = 1800.0
    """Of a full battery in the air."""
    fence_m: Annotated[float, Meta(gt=0, le=100_000)] = 10_000.0
    """Further from home it turns back by itself."""
    wind_m_s: tuple[float, float] = (0.0, 0.0)
    """East, north; gusts of 0.5 m/s are added."""
    sees_m: Annotated[float, Meta(ge=0, le=10_000)] = 0.0
    """In a score its camera reports every ship within this distance, as it really is."""


class Lookout(Part, frozen=True, kw_only=True):
    """A fixed camera; what it shows is drawn from where everybody really is."""

    name: DeviceName
    at: LonLat
    height_m: Annotated[float, Meta(gt=0, le=1000)]
    bearing_deg: Annotated[float, Meta(ge=0, lt=360)]
    tilt_deg: Annotated[float, Meta(ge=-90, le=90)] = -3.0
    view_deg: Annotated[float, Meta(gt=0, lt=180)] = 60.0
    """From left to right."""
    width_px: Annotated[int, Meta(ge=64, le=3840)] = 640
    height_px: Annotated[int, Meta(ge=64, le=2160)] = 360
    fps: Annotated[float, Meta(ge=0.1, le=25)] = 1.0
    scored_fps: Annotated[float, Meta(ge=0, le=25)] = 0.0
    """In a score so many pictures a second are drawn and looked at; at 0 it sees nothing there."""
    watch: Watched = Watched()
    """Lines and zones of its picture, as in the scene file of its agent."""


class Land(Part, frozen=True, kw_only=True):
    """A quay before the cameras."""

    ring: Annotated[tuple[LonLat, ...], Meta(min_length=3, max_length=100)]
    height_m: Annotated[float, Meta(ge=0, le=50)] = 3.0


class Walker(Part, frozen=True, kw_only=True):
    """Somebody on foot, who carries nothing and is seen by cameras alone."""

    name: DeviceName
    way: Annotated[tuple[LonLat, ...], Meta(min_length=2, max_length=2000)]
    starts_at_m: Metres = 0.0
    speeds_kn: Annotated[tuple[tuple[Second, float], ...], Meta(min_length=1)]


class Truck(Part, frozen=True, kw_only=True):
    """A lorry that says where it is."""

    name: DeviceName
    way: Annotated[tuple[LonLat, ...], Meta(min_length=2, max_length=2000)]
    starts_at_m: Metres = 0.0
    speeds_kn: Annotated[tuple[tuple[Second, float], ...], Meta(min_length=1)]
    period_s: Annotated[float, Meta(ge=1, le=86_400)] = 30.0
    unheard_s: tuple[Span, ...] = ()
    """It says nothing."""
    noise_m: Annotated[float, Meta(ge=0, le=1000)] = 5.0
    voyage: Voyage | None = None


class Crowd(Part, frozen=True, kw_only=True):
    """Vessels that behave, on sea lanes off the four ports."""

    count: Annotated[int, Meta(ge=0, le=20_000)]


class Truth(Part, frozen=True, kw_only=True):
    """What should be found."""

    rule: DeviceText
    """Name of the active rule."""
    subject: SubjectName
    kind: DeviceText = ""
    """Of the finding; any if empty."""
    zone: DeviceText = ""
    at_s: Second
    """When it happens."""
    within_s: Annotated[float, Meta(ge=0, le=604_800)] = 600
    """How far from that the finding may begin."""
    sensors: tuple[DeviceText, ...] = ("ais",)
    """Who should find it, all of them: ``ais``, ``seal``, ``truck``, ``registry``, ``drone``,
    ``camera``, or one of the latter two by name, such as ``camera:mole``."""
    place_m: Annotated[float, Meta(gt=0, le=10_000)] = 100.0
    """How far from the subject's true place a camera may see it; else it saw somebody else."""
    later: Annotated[str, Meta(max_length=100)] = ""
    """What has to be built before it can be found; such a label is shown, and does not count."""
    why: Annotated[str, Meta(max_length=200)] = ""
