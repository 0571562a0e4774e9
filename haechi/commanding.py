"""What operators may tell a device, as it goes down to the agent beside it."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from haechi.fields import (
    Bearing,
    DeviceName,
    DeviceText,
    Latitude,
    Longitude,
    LonLat,
    Moment,
    SealNumber,
)

MAX_COMMAND_BYTES: Final = 65_536

CommandId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{7,47}\Z")]
Height = Annotated[float, Meta(ge=2, le=3000)]
"""Metres above the place the drone took off from."""
Pace = Annotated[float, Meta(gt=0, le=60)]
"""Metres a second over the ground."""


class GoTo(Struct, frozen=True, kw_only=True, tag="go_to", forbid_unknown_fields=True):
    """Fly to a place and stay over it."""

    lat: Latitude
    lon: Longitude
    height_m: Height
    speed_m_s: Pace | None = None


class Sweep(Struct, frozen=True, kw_only=True, tag="sweep", forbid_unknown_fields=True):
    """Fly over a sector in parallel legs, then return home."""

    ring: Annotated[tuple[LonLat, ...], Meta(min_length=3, max_length=64)]
    """The sector's corners, open."""
    spacing_m: Annotated[float, Meta(ge=5, le=10_000)]
    """Between legs: what the camera sees across, less the overlap wanted."""
    bearing_deg: Bearing = 0
    """Of the legs."""
    height_m: Height
    speed_m_s: Pace | None = None


class Orbit(Struct, frozen=True, kw_only=True, tag="orbit", forbid_unknown_fields=True):
    """Fly around an object, camera towards it, then return home."""

    lat: Latitude
    lon: Longitude
    radius_m: Annotated[float, Meta(ge=5, le=5000)]
    turns: Annotated[int, Meta(ge=1, le=20)] = 1
    height_m: Height
    speed_m_s: Pace | None = None


class Follow(Struct, frozen=True, kw_only=True, tag="follow", forbid_unknown_fields=True):
    """Fly along a track and stay over its end."""

    track: Annotated[tuple[LonLat, ...], Meta(min_length=2, max_length=200)]
    height_m: Height
    speed_m_s: Pace | None = None


class ReturnHome(Struct, frozen=True, kw_only=True, tag="return_home", forbid_unknown_fields=True):
    """Return to the place of take-off, as the autopilot is set to."""


class Hold(Struct, frozen=True, kw_only=True, tag="hold", forbid_unknown_fields=True):
    """Stay where it is."""


Patrol = GoTo | Sweep | Orbit | Follow
"""What is flown as a mission."""


class Rearm(Struct, frozen=True, kw_only=True, tag="rearm", forbid_unknown_fields=True):
    """Let a seal that was broken serve the journey that the registry has bound it to."""

    seal: SealNumber
    order: DeviceText
    """Number of the registry's order."""
    bound_at: Moment
    """When that order was made: what the seal did before belongs to an earlier journey."""


Task = Patrol | ReturnHome | Hold | Rearm


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order to one device; carried out once, however often it arrives, or not at all."""

    version: Literal[1] = 1
    id: CommandId
    device: DeviceName
    by: DeviceText
    """Who gave it."""
    issued_at: Moment
    expires_at: Moment
    """Not begun at or after this moment."""
    task: Task


class MalformedCommandError(ValueError):
    """The payload is not a command."""


_command: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def encode_command(command: Command) -> bytes:
    """Return the JSON form."""
    return msgspec.json.encode(command)


def decode_command(payload: bytes) -> Command:
    """Parse and check one command.

    Raises:
        MalformedCommandError: too large, not JSON, an unknown field, or a value out of range; the
            text names the path.

    >>> decode_command(b'{"version": 2}')
    Traceback (most recent call last):
    ...
    haechi.commanding.MalformedCommandError: Invalid enum value 2 - at `$.version`
    """
    if len(payload) > MAX_COMMAND_BYTES:
        raise MalformedCommandError(f"{len(payload)} bytes, more than {MAX_COMMAND_BYTES}")
    try:
        return _command.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedCommandError(str(error)) from error
