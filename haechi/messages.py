"""Every message on the wire, and nothing else."""

from datetime import datetime
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from haechi.ids import BOOT_PATTERN, DEVICE_PATTERN, SUBJECT_PATTERN

MAX_PAYLOAD_BYTES: Final = 262_144
"""The broker's ``max_packet_size``, the outbox's limit and the decoder's: one number."""

MAX_READINGS: Final = 1000
"""Readings in one message."""

MAX_TEXT: Final = 64
"""Characters in a name that comes from a device."""

JSON: Final = "application/json"
MSGPACK: Final = "application/msgpack"

Moment = Annotated[datetime, Meta(tz=True)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Knots = Annotated[float, Meta(ge=0, le=1100)]
Bearing = Annotated[float, Meta(ge=0, lt=360)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Sequence = Annotated[int, Meta(ge=1, le=2**53)]
DeviceName = Annotated[str, Meta(pattern=DEVICE_PATTERN, max_length=32)]
BootName = Annotated[str, Meta(pattern=BOOT_PATTERN, max_length=48)]
SubjectName = Annotated[str, Meta(pattern=SUBJECT_PATTERN, max_length=80)]
DeviceText = Annotated[str, Meta(max_length=MAX_TEXT)]
AisType = Annotated[int, Meta(ge=0, le=63)]


class VesselParticulars(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a vessel says it is. ``None`` means not stated; every text is untrusted."""

    name: DeviceText | None = None
    callsign: DeviceText | None = None
    imo: Annotated[int, Meta(ge=0, le=2**30)] | None = None
    ship_type: Annotated[int, Meta(ge=0, le=255)] | None = None
    length_m: Annotated[float, Meta(ge=0, le=1100)] | None = None
    beam_m: Annotated[float, Meta(ge=0, le=200)] | None = None
    draught_m: Annotated[float, Meta(ge=0, le=30)] | None = None
    destination: DeviceText | None = None
    eta: DeviceText | None = None
    """Month, day, hour and minute as sent, ``MM-DD HH:MM``: AIS gives no year."""


class VesselPosition(
    Struct,
    frozen=True,
    kw_only=True,
    tag="vessel_position",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """One position report of one vessel, as the vessel itself states it (ITU-R M.1371).

    ``None`` means that the vessel said "not available".
    """

    lat: Latitude | None = None
    lon: Longitude | None = None
    speed_kn: Knots | None = None
    course_deg: Bearing | None = None
    heading_deg: Bearing | None = None
    turn_deg_min: Annotated[float, Meta(ge=-720, le=720)] | None = None
    navigation_status: Annotated[int, Meta(ge=0, le=15)] | None = None
    accurate: bool | None = None
    altitude_m: Annotated[float, Meta(ge=0, le=4095)] | None = None
    """Search and rescue aircraft only (type 9)."""
    ais_type: AisType = 0
    """ITU-R M.1371 message type; 0 where the source was not AIS."""
    particulars: VesselParticulars | None = None
    """Types 19 and 24 carry both."""


class VesselStatic(
    Struct,
    frozen=True,
    kw_only=True,
    tag="vessel_static",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """One report of what a vessel is and where it says it goes (types 5 and 24)."""

    particulars: VesselParticulars
    ais_type: AisType


class AisOther(
    Struct,
    frozen=True,
    kw_only=True,
    tag="ais_other",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Any other AIS message, kept whole: base stations, aids to navigation, safety text, ..."""

    ais_type: AisType
    sentences: Annotated[tuple[Annotated[str, Meta(max_length=512)], ...], Meta(max_length=9)]
    lat: Latitude | None = None
    lon: Longitude | None = None
    name: DeviceText | None = None


Content = VesselPosition | VesselStatic | AisOther
"""What a reading can be about. A new kind of sensor adds its structs here and nowhere else."""


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

    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
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
    reconnects: Count = 0
    outbox_bytes: Count = 0
    damaged_outboxes: Count = 0
    """Outbox files moved aside as damaged since the agent started: what they held may be lost."""
    agent: DeviceText = ""
    """Kind and version of the software."""


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
