"""From bytes that a broker delivered to observations, or to a reason why not."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from haechi.fields import BootName, DeviceName, Moment, Sequence, SubjectName
from haechi.messages import (
    MAX_PAYLOAD_BYTES,
    MAX_READINGS,
    MSGPACK,
    Content,
    DeviceState,
    MalformedMessageError,
    Message,
    PayloadRefusal,
    Reading,
    Refusal,
    decode_message,
    decode_state,
    place,
)
from haechi.mqtt import Delivery
from haechi.observations import Flag, Observation
from haechi.topics import Direction, InvalidTopicError, Topic, state_device
from ingest.ports import DeadLetter

T = TypeVar("T")

ROLLOVER: Final = timedelta(weeks=1024)
"""After so long a GPS receiver's week number begins again at 0 (IS-GPS-200, 20.3.3.3.1.1)."""

ROLLOVER_DELAY: Final = timedelta(days=14)
"""A repaired time must lie so shortly before its arrival, or it is not taken for a rollover."""

MAX_REASON: Final = 300
MAX_TOPIC: Final = 500
NAMES: Final = 65_536
"""Names of a kind that were checked and are remembered; more than there are devices, since of names
that come in turn a smaller memory holds none when it is needed."""
_SOONEST_ROLLOVER: Final = ROLLOVER - timedelta(days=1)


class Input(Struct, frozen=True, gc=False):
    """What became of one delivery. Every reading of it is in exactly one of the lists."""

    site: str = ""
    device: str = ""
    """As the topic says; empty where the topic is none of ours."""
    boot: str = ""
    observations: tuple[Observation, ...] = ()
    state: DeviceState | None = None
    refused: tuple[Refusal, ...] = ()
    refused_payload: PayloadRefusal | None = None
    letters: tuple[DeadLetter, ...] = ()


class _Envelope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message whose readings may be bad one by one."""

    version: Literal[1] = 1
    device: DeviceName
    boot: BootName
    readings: tuple[msgspec.Raw, ...]


class _Read(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A ``Reading`` but for the pattern of its subject, which costs as much as the rest."""

    seq: Sequence
    at: Moment
    subject: str
    content: Content


class _Quick(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ``Message`` but for the patterns of its names, which are seen again and again."""

    version: Literal[1] = 1
    device: str
    boot: str
    readings: Annotated[tuple[_Read, ...], msgspec.Meta(min_length=1, max_length=MAX_READINGS)]


class _Numbered(Struct, frozen=True):
    """As much of a bad reading as must be readable to refuse it alone."""

    seq: Sequence


_quick: msgspec.json.Decoder[_Quick] = msgspec.json.Decoder(_Quick)


class _Source(Struct, frozen=True, gc=False):
    """Who speaks, by the topic."""

    site: str
    device: str
    is_state: bool


class _RefusedError(Exception):
    """The whole payload is refused; the text is the reason."""


def decode(delivery: Delivery, received_at: datetime, skew_limit: timedelta) -> Input:
    """Return what a delivery holds; nothing that a device can send makes this fail.

    Args:
        delivery: Its topic is the only authority on who speaks.
        received_at: Now, UTC.
        skew_limit: How far in the future a reading may be dated before it is flagged.
    """
    try:
        source = _source(delivery.topic)
    except _RefusedError as error:
        return _refused(delivery, None, received_at, str(error))
    try:
        if source.is_state:
            return Input(source.site, source.device, state=_state(source, delivery.payload))
        return _readings(source, delivery, received_at, skew_limit)
    except _RefusedError as error:
        return _refused(delivery, source, received_at, str(error))


def letter_of(delivery: Delivery, received_at: datetime, reason: str) -> DeadLetter:
    """Return a payload whole, as it is set aside."""
    return DeadLetter(
        topic=delivery.topic[:MAX_TOPIC],
        payload=delivery.payload,
        reason=reason,
        received_at=received_at,
    )


def refused_whole(delivery: Delivery, received_at: datetime, reason: str) -> Input:
    """Return the refusal of a payload for a reason that lies outside of it."""
    try:
        return _refused(delivery, _source(delivery.topic), received_at, reason)
    except _RefusedError:
        return _refused(delivery, None, received_at, reason)


def _refused(
    delivery: Delivery, source: _Source | None, received_at: datetime, reason: str
) -> Input:
    letter = letter_of(delivery, received_at, reason)
    if source is None:
        return Input(letters=(letter,))
    digest = PayloadRefusal(digest=sha256(delivery.payload).hexdigest(), reason=reason[:MAX_REASON])
    return Input(source.site, source.device, refused_payload=digest, letters=(letter,))


@lru_cache(maxsize=NAMES)
def _source(text: str) -> _Source:
    if (site_and_device := state_device(text)) is not None:
        return _Source(*site_and_device, is_state=True)
    try:
        topic = Topic.parse(text)
    except InvalidTopicError as error:
        raise _RefusedError(f"topic: {error}") from error
    if topic.direction is not Direction.UP:
        raise _RefusedError(f"topic: nothing is sent up on {text[:120]!r}")
    return _Source(topic.site, topic.device, is_state=False)


def _state(source: _Source, payload: bytes) -> DeviceState:
    try:
        state = decode_state(payload)
    except MalformedMessageError as error:
        raise _RefusedError(f"schema: {error}") from error
    _check_identity(source, state.device)
    return state


def _readings(
    source: _Source, delivery: Delivery, received_at: datetime, skew_limit: timedelta
) -> Input:
    """Read quickly, else strictly; look at readings one by one only where that fails."""
    try:
        message = _quickly(source, delivery) or _strictly(source, delivery)
        observations = _observations(
            source, message.boot, message.readings, received_at, skew_limit
        )
    except (MalformedMessageError, OverflowError) as error:
        return _salvaged(source, delivery, received_at, skew_limit, str(error))
    return Input(source.site, source.device, message.boot, observations)


def _quickly(source: _Source, delivery: Delivery) -> _Quick | None:
    """Return a message in which everything is right; ``None`` where the strict way must say."""
    payload = delivery.payload
    if delivery.content_type == MSGPACK or len(payload) > MAX_PAYLOAD_BYTES:
        return None
    try:
        message = _quick.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if message.device != source.device or not _is_boot(message.boot):
        return None
    return message if all(map(_is_subject, [r.subject for r in message.readings])) else None


def _strictly(source: _Source, delivery: Delivery) -> Message:
    message = decode_message(delivery.payload, delivery.content_type)
    _check_identity(source, message.device)
    return message


@lru_cache(maxsize=NAMES)
def _is_boot(name: str) -> bool:
    return _satisfies(name, BootName)


@lru_cache(maxsize=NAMES)
def _is_subject(name: str) -> bool:
    return _satisfies(name, SubjectName)


def _satisfies(name: str, kind: Any) -> bool:
    try:
        msgspec.convert(name, kind)
    except msgspec.ValidationError:
        return False
    return True


def _salvaged(
    source: _Source, delivery: Delivery, received_at: datetime, skew_limit: timedelta, why: str
) -> Input:
    """Keep the good readings of a sound envelope and refuse the others by their number."""
    envelope = _envelope(delivery, why)
    _check_identity(source, envelope.device)
    kept: list[Observation] = []
    refused: list[Refusal] = []
    letters: list[DeadLetter] = []
    for raw in envelope.readings:
        try:
            reading = _parsed(raw, Reading, delivery.content_type)
            kept += _observations(source, envelope.boot, (reading,), received_at, skew_limit)
        except (MalformedMessageError, OverflowError) as error:
            seq, reason = _number(raw, delivery.content_type, why), f"schema: {error}"
            refused.append(Refusal(seq=seq, reason=reason[:MAX_REASON]))
            letters.append(
                DeadLetter(
                    topic=delivery.topic[:MAX_TOPIC],
                    payload=bytes(raw),
                    reason=reason,
                    received_at=received_at,
                    device=source.device,
                    boot=envelope.boot,
                    seq=seq,
                )
            )
    return Input(
        source.site,
        source.device,
        envelope.boot,
        tuple(kept),
        refused=tuple(refused),
        letters=tuple(letters),
    )


def _envelope(delivery: Delivery, why: str) -> _Envelope:
    if len(delivery.payload) > MAX_PAYLOAD_BYTES:
        raise _RefusedError(f"size: {why}")
    try:
        envelope = _parsed(delivery.payload, _Envelope, delivery.content_type)
    except MalformedMessageError as error:
        raise _RefusedError(f"schema: {why}") from error
    if not 1 <= len(envelope.readings) <= MAX_READINGS:
        raise _RefusedError(f"schema: {why}")
    return envelope


def _number(raw: msgspec.Raw, content_type: str | None, why: str) -> int:
    try:
        return _parsed(raw, _Numbered, content_type).seq
    except MalformedMessageError as error:
        raise _RefusedError(f"schema: {why}") from error


def _observations(
    source: _Source,
    boot: str,
    readings: Iterable[Reading | _Read],
    received_at: datetime,
    skew_limit: timedelta,
) -> tuple[Observation, ...]:
    """Return readings as they are kept.

    Raises:
        OverflowError: a time in another zone has no equal in UTC between years 1 and 9999.
    """
    site, device = source.site, source.device
    latest, earliest = received_at + skew_limit, received_at - _SOONEST_ROLLOVER
    observations: list[Observation] = []
    for reading in readings:
        at, content = reading.at, reading.content
        if at.tzinfo is not UTC:
            at = at.astimezone(UTC)
        observation = Observation(
            device=device,
            boot=boot,
            seq=reading.seq,
            site=site,
            subject=reading.subject,
            at=at,
            received_at=received_at,
            content=content,
        )
        if at > latest or at < earliest or _is_null_island(reading):
            observation = _flagged(observation, latest)
        observations.append(observation)
    return tuple(observations)


def _flagged(observation: Observation, latest: datetime) -> Observation:
    """Return an observation with what is doubtful about it, its time repaired if that is sure."""
    flags: list[Flag] = []
    at, stated_at = _repaired(observation.at, observation.received_at), None
    if at != observation.at:
        flags.append(Flag.WEEK_ROLLOVER)
        stated_at = observation.at
    if at > latest:
        flags.append(Flag.CLOCK_AHEAD)
    if _is_null_island(observation):
        flags.append(Flag.NULL_ISLAND)
    return replace(observation, at=at, stated_at=stated_at, flags=tuple(flags))


def _repaired(at: datetime, received_at: datetime) -> datetime:
    """Return the time with whole rollovers added, if it then lies shortly before its arrival.

    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> str(_repaired(noon - ROLLOVER, noon))
    '2026-01-01 12:00:00+00:00'
    >>> str(_repaired(datetime(2016, 1, 1, tzinfo=UTC), noon))
    '2016-01-01 00:00:00+00:00'
    """
    rollovers = (received_at - at + timedelta(days=1)) // ROLLOVER
    if rollovers < 1:
        return at
    repaired = at + rollovers * ROLLOVER
    return repaired if received_at - repaired <= ROLLOVER_DELAY else at


def _is_null_island(about: Reading | _Read | Observation) -> bool:
    content: Any = about.content
    return getattr(content, "lat", None) == 0 and place(content) == (0, 0)


def _check_identity(source: _Source, claimed: str) -> None:
    if claimed != source.device:
        raise _RefusedError(f"identity: {source.device} claims to be {claimed}")


def _parsed(raw: bytes | msgspec.Raw, kind: type[T], content_type: str | None) -> T:
    try:
        if content_type == MSGPACK:
            return msgspec.msgpack.decode(raw, type=kind)
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedMessageError(str(error)) from error
