"""What is known of each device: whether it may speak, and every certificate it was ever given.

Pure: who keeps the register reads the clock and writes the files that follow from it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ingest.broker.names import Enrolment, device_name


class State(StrEnum):
    """Whether a device may speak."""

    PENDING = "pending"
    """Invited; it has not fetched its certificate yet."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Its certificates are on hold; ``resume`` makes them good again."""
    REVOKED = "revoked"
    """Its certificates are worth nothing for ever; only a new one lets it in again."""


class Act(StrEnum):
    """What can be done about a device."""

    INVITE = "invite"
    ENROLL = "enroll"
    ROTATE = "rotate"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


TRANSITIONS: Final[dict[State | None, dict[Act, State]]] = {
    None: {Act.INVITE: State.PENDING, Act.ENROLL: State.ACTIVE},
    State.PENDING: {
        Act.INVITE: State.PENDING,
        Act.ENROLL: State.ACTIVE,
        Act.REVOKE: State.REVOKED,
    },
    State.ACTIVE: {
        Act.ROTATE: State.ACTIVE,
        Act.SUSPEND: State.SUSPENDED,
        Act.REVOKE: State.REVOKED,
    },
    State.SUSPENDED: {
        Act.SUSPEND: State.SUSPENDED,
        Act.RESUME: State.ACTIVE,
        Act.REVOKE: State.REVOKED,
    },
    State.REVOKED: {
        Act.INVITE: State.PENDING,
        Act.ENROLL: State.ACTIVE,
        Act.REVOKE: State.REVOKED,
    },
}
"""The whole rule; the table in ``docs/devices.md`` says the same. ``None`` is a stranger. To
suspend or revoke again is lawful, so that an act that was cut short can be repeated."""


class Issued(Struct, frozen=True):
    """One certificate that a device was given."""

    serial: str
    """As hex digits."""
    issued_at: datetime
    expires_at: datetime
    retires_at: datetime | None = None
    """When it is revoked because another took its place."""
    revoked_at: datetime | None = None

    def is_good(self) -> bool:
        """Return whether nobody has revoked it; it may have expired."""
        return self.revoked_at is None


class Invitation(Struct, frozen=True):
    """A right to one certificate, for whoever knows the code."""

    digest: str
    """SHA-256 of the code's secret, in hex; the secret itself is kept nowhere."""
    expires_at: datetime
    key: str | None = None
    """SHA-256 of the public key that used it; the same key may ask again, no other may."""


class Device(Struct, frozen=True):
    """One device."""

    site: str
    device: str
    state: State
    since: datetime
    """When it came into this state."""
    certificates: tuple[Issued, ...] = ()
    """Oldest first."""
    invitation: Invitation | None = None

    @property
    def current(self) -> Issued | None:
        """The certificate it should be using."""
        good = [each for each in self.certificates if each.is_good()]
        return good[-1] if good else None


class Withdrawn(Struct, frozen=True):
    """A certificate that must be refused."""

    serial: int
    at: datetime
    on_hold: bool
    """It may become good again (RFC 5280, 5.3.1, certificateHold)."""


Register = dict[str, Device]
"""Devices by name."""


class NotLawfulError(Exception):
    """That cannot be done to a device in its state; the text says what can."""


def acted(known: Device | None, who: Enrolment, act: Act, now: datetime) -> Device:
    """Return a device after an act, its certificates not yet changed but for revocation.

    Raises:
        NotLawfulError: its state does not allow that, or it is enrolled at another site.
    """
    state = None if known is None else known.state
    lawful = TRANSITIONS[state]
    if act not in lawful:
        raise NotLawfulError(
            f"{who} is {state or 'not known here'}: cannot {act}, only {', '.join(lawful)}"
        )
    if known is None:
        return Device(who.site, who.device, lawful[act], now)
    is_free = state is State.REVOKED
    if known.site != who.site and not is_free:
        raise NotLawfulError(
            f"{who.device} belongs to {known.site}, not {who.site}: revoke it first"
        )
    then = lawful[act]
    changed = replace(known, site=who.site, state=then, since=known.since if then is state else now)
    if act is Act.REVOKE:
        spent = (_revoked(each, now) for each in known.certificates)
        return replace(changed, certificates=tuple(spent), invitation=None)
    return changed


def given(device: Device, issued: Issued, *, others_retire_at: datetime) -> Device:
    """Return a device with a new certificate, which its others give way to."""
    before = (
        replace(each, retires_at=min(each.retires_at or others_retire_at, others_retire_at))
        if each.is_good()
        else each
        for each in device.certificates
    )
    return replace(device, certificates=(*before, issued))


def retired(device: Device, now: datetime) -> Device:
    """Return a device without the certificates whose time to give way has come."""
    kept = (
        _revoked(each, each.retires_at) if each.retires_at and each.retires_at <= now else each
        for each in device.certificates
    )
    return replace(device, certificates=tuple(kept))


def admitted(register: Register) -> frozenset[Enrolment]:
    """Return who may speak."""
    return frozenset(
        Enrolment(each.site, each.device)
        for each in register.values()
        if each.state is State.ACTIVE
    )


def denied(register: Register) -> Iterator[Device]:
    """Yield those from whom ingest must take nothing."""
    for each in register.values():
        if each.state in {State.SUSPENDED, State.REVOKED}:
            yield each


def withdrawn(register: Register) -> Iterator[Withdrawn]:
    """Yield every certificate that must be refused, in an order that stays."""
    for _, device in sorted(register.items()):
        for each in device.certificates:
            if each.revoked_at is not None:
                yield Withdrawn(int(each.serial, 16), each.revoked_at, on_hold=False)
            elif device.state is State.SUSPENDED:
                yield Withdrawn(int(each.serial, 16), device.since, on_hold=True)


def dump(register: Register) -> bytes:
    """Return the register as it is kept: one JSON object a line, sorted, for people to read."""
    return b"".join(msgspec.json.encode(each) + b"\n" for _, each in sorted(register.items()))


def parse(lines: Iterable[bytes]) -> Register:
    """Invert ``dump``.

    Raises:
        ValueError: not a device, or one that stands there twice; the text names the line.
    """
    register: Register = {}
    for number, line in enumerate(lines, 1):
        try:
            device = _decoder.decode(line)
            Enrolment(device.site, device_name(device.device))
        except (ValueError, msgspec.DecodeError) as error:
            raise ValueError(f"line {number}: {error}") from error
        if device.device in register:
            raise ValueError(f"line {number}: {device.device} is there twice")
        register[device.device] = device
    return register


_decoder: msgspec.json.Decoder[Device] = msgspec.json.Decoder(Device)


def _revoked(certificate: Issued, at: datetime) -> Issued:
    return certificate if certificate.revoked_at else replace(certificate, revoked_at=at)
