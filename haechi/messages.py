"""Every message on the wire, and nothing else."""

from typing import Annotated, Any, Final, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from haechi.cameras import CameraView, ContainerRead, Detection
from haechi.cargo import CargoVerdict
from haechi.declared import DeclaredVoyage
from haechi.drones import DroneEvent, DronePosition
from haechi.fields import (
    BootName,
    Count,
    DeviceName,
    DeviceText,
    Digest,
    Moment,
    Sequence,
    SubjectName,
)
from haechi.ground import UnitPosition, VehiclePosition
from haechi.seals import SealAnswer, SealOrder, SealReport
from haechi.vessels import AisOther, VesselPosition, VesselStatic

MAX_PAYLOAD_BYTES: Final = 262_144
"""The broker's ``max_packet_size``, the outbox's limit and the decoder's: one number."""

MAX_READINGS: Final = 1000
"""Readings in one message."""

JSON: Final = "application/json"
MSGPACK: Final = "application/msgpack"

Content = (
    VesselPosition
    | VesselStatic
    | AisOther
    | DronePosition
    | DroneEvent
    | SealReport
    | SealOrder
    | SealAnswer
    | CameraView
    | Detection
    | ContainerRead
    | UnitPosition
    | VehiclePosition
    | DeclaredVoyage
    | CargoVerdict
)
"""What a reading can be about. A new kind of sensor adds its structs here and nowhere else."""

_PLACED: Final = frozenset(
    kind for kind in get_args(Content) if {"lat", "lon"} <= {*kind.__struct_fields__}
)


def place(content: Content) -> tuple[float, float] | None:
    """Return latitude and longitude of what is reported, where it says any.

    >>> place(VesselPosition(lat=35.1, lon=129.0))
    (35.1, 129.0)
    """
    if type(content) not in _PLACED:
        return None
    placed: Any = content
    lat: float | None = placed.lat
    lon: float | None = placed.lon
    return None if lat is None or lon is None else (lat, lon)


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent measured: numbered within a boot, dated with when it was true."""

    seq: Sequence
    at: Moment
    subject: SubjectName
    content: Content


class Message(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One payload on an upward channel: readings of one boot of one device."""

    version: Literal[1] = 1
    device: DeviceName
    boot: BootName
    readings: Annotated[tuple[Reading, ...], Meta(min_length=1, max_length=MAX_READINGS)]


class Refusal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading that will never be kept, and why."""

    seq: Sequence
    reason: Annotated[str, Meta(max_length=300)]


class PayloadRefusal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole payload that could not be read, named by the SHA-256 of its bytes in hex."""

    digest: Digest
    reason: Annotated[str, Meta(max_length=300)]


class Ack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What ingest answers after its commit; only this lets an agent forget a reading."""

    version: Literal[1] = 1
    boot: BootName
    kept: tuple[tuple[Sequence, Sequence], ...] = ()
    """Inclusive ranges of ``seq`` that the store has, whether new or already there."""
    refused: tuple[Refusal, ...] = ()
    refused_payloads: tuple[PayloadRefusal, ...] = ()


class DeviceState(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """How a device is; retained. The last will is the same with ``online`` false."""

    version: Literal[1] = 1
    device: DeviceName
    boot: BootName
    online: bool
    at: Moment
    numbered: Count = 0
    """Readings numbered so far in this boot, that is the last ``seq``."""
    in_flight: Count = 0
    """Readings of this boot in the outbox."""
    thinned: Count = 0
    quarantined: dict[Annotated[str, Meta(max_length=80)], Count] = {}
    """Readings the agent itself gave up on, by reason; refusals of ingest are not in here."""
    undecodable: Count = 0
    """Inputs from the sensor that no decoder understood; kept at the edge."""
    source_failures: Count = 0
    """How often the source broke off or could not be opened, since the agent started."""
    reconnects: Count = 0
    outbox_bytes: Count = 0
    damaged_outboxes: Count = 0
    """Outbox files moved aside as damaged since the agent started: what they held may be lost."""
    agent: DeviceText = ""
    """Kind and version of the software."""
    complete_until: Moment | None = None
    """A promise: ingest has all that was measured up to then. Who makes it is not waited for."""


class MalformedMessageError(ValueError):
    """The payload does not satisfy the wire schema."""


T = TypeVar("T")
_json_message: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_msgpack_message: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_json_state: msgspec.json.Decoder[DeviceState] = msgspec.json.Decoder(DeviceState)
_json_ack: msgspec.json.Decoder[Ack] = msgspec.json.Decoder(Ack)


def encode(message: Message | Reading | Ack | DeviceState) -> bytes:
    """Return the JSON form."""
    return msgspec.json.encode(message)


def decode_message(payload: bytes, content_type: str | None = None) -> Message:
    """Parse and check one upward payload, JSON unless the content type says MessagePack.

    Raises:
        MalformedMessageError: too large, not JSON, an unknown field, or a value out of range; the
            text names the path.

    >>> decode_message(b'{"device":"ais-1","boot":"b-1","readings":[]}')
    Traceback (most recent call last):
    ...
    haechi.messages.MalformedMessageError: Expected `array` of length >= 1 - at `$.readings`
    """
    decoder = _msgpack_message if content_type == MSGPACK else _json_message
    return _decoded(decoder, payload)


def decode_state(payload: bytes) -> DeviceState:
    """Parse and check one state payload; raises ``MalformedMessageError``."""
    return _decoded(_json_state, payload)


def decode_ack(payload: bytes) -> Ack:
    """Parse and check one acknowledgement; raises ``MalformedMessageError``."""
    return _decoded(_json_ack, payload)


def _decoded(decoder: msgspec.json.Decoder[T] | msgspec.msgpack.Decoder[T], payload: bytes) -> T:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MalformedMessageError(f"{len(payload)} bytes, more than {MAX_PAYLOAD_BYTES}")
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedMessageError(str(error)) from error
