"""What a reading about an electronic seal says. Its subject is ``seal:<number>``."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from haechi.fields import (
    AcidNumber,
    Celsius,
    ContainerNumber,
    Count,
    DeviceText,
    Latitude,
    LongDeviceText,
    Longitude,
    Moment,
    Percent,
    SealNumber,
)


class SealEventKind(StrEnum):
    """What a seal says of itself: Traccar's alarm keys where it has one, else our own."""

    STATUS = "status"
    """Nothing happened: a periodic report."""
    ARMED = "armed"
    LOCK = "lock"
    UNLOCK = "unlock"
    DOOR = "door"
    TAMPERING = "tampering"
    REMOVING = "removing"
    JAMMING = "jamming"
    LOW_BATTERY = "lowBattery"
    POWER_CUT = "powerCut"
    TEMPERATURE = "temperature"
    DISARMED = "disarmed"


class Authenticity(StrEnum):
    """What the gateway found out about the signature of a frame."""

    VALID = "valid"
    INVALID = "invalid"
    """The gateway has a key of this seal, and it did not sign these bytes."""
    UNKNOWN_KEY = "unknown_key"
    """The gateway has no key of this seal."""


class SealReport(
    Struct,
    frozen=True,
    kw_only=True,
    tag="seal_report",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """One frame of a seal, as its gateway heard it; a signed one is dated with its own time."""

    event: SealEventKind
    counter: Count
    """Grows by one with every frame the seal makes; never falls, unless the seal is not itself."""
    openings: Count = 0
    """How often it has ever been opened: a latch that no later frame takes back."""
    authenticity: Authenticity
    sealed: bool | None = None
    armed: bool | None = None
    battery_percent: Percent | None = None
    temperature_c: Celsius | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    speed_kn: Annotated[float, Meta(ge=0, le=1100)] | None = None
    container: ContainerNumber | None = None
    """What the seal was told at arming that it hangs on."""
    heard_at: Moment | None = None
    """When its gateway heard it, much later than it was made if the seal had to store it; ``None``
    if nobody knows, as for a file."""
    stated_at: Moment | None = None
    """The time in the frame, where the reading is dated otherwise: with ``heard_at``, since the
    frame is not to be believed or says it comes from the future."""
    frame: Annotated[str, Meta(pattern=r"^([0-9a-f]{2}){0,256}\Z")] = ""
    """The bytes as they came, in hexadecimal: the evidence."""


class SealOrderKind(StrEnum):
    """What somebody with authority wants of a seal."""

    BIND = "bind"
    """This seal hangs on this container of this shipment."""
    DISARM = "disarm"
    """It may be opened, from ``valid_from`` to ``valid_to`` in one of ``zones``."""
    INSPECT = "inspect"
    """Customs open it to inspect (DCSA ``RMVD``, ``INSP``); the same window."""
    WITHDRAW = "withdraw"
    """An earlier order no longer holds."""


class SealOrder(
    Struct,
    frozen=True,
    kw_only=True,
    tag="seal_order",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """What was ordered about a seal: from the registry, never from the seal or its gateway."""

    order: DeviceText
    """Number of the order."""
    kind: SealOrderKind
    container: ContainerNumber | None = None
    acid: AcidNumber | None = None
    number: SealNumber | None = None
    """The seal number that the documents name."""
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    zones: tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...] = ()
    """Where it may be done; anywhere if empty."""
    by: DeviceText = ""
    """Who ordered it."""


class SealAnswer(
    Struct,
    frozen=True,
    kw_only=True,
    tag="seal_answer",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """What became of a command about a seal, as the gateway that it was sent to says."""

    command: DeviceText
    """Id of the command."""
    order: DeviceText
    """Number of the registry's order that it names."""
    accepted: bool
    text: LongDeviceText
    """What was done, or why it was refused."""
