"""What people ask about enrolled devices: their state, certificate, and when each was heard."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from msgspec import Struct

from haechi.messages import DeviceState
from ingest.broker.folder import read_register
from ingest.broker.register import Device

WARN_BEFORE: Final = timedelta(days=30)
"""How long before the end of a certificate people are told."""


class Line(Struct, frozen=True):
    """One device, as ``haechi device list --json`` prints it."""

    device: str
    """With its site."""
    state: str
    since: datetime
    enrolled_at: datetime | None
    """When it was given the first of the certificates that are good now."""
    expires_at: datetime | None
    """When the newest of them ends."""
    old_until: datetime | None
    """Until when an older one is good as well."""
    last_seen: datetime | None
    """When it last said how it is, by its own clock; ``None`` if ingest's store is not here."""
    doubt: str
    """What to do about its certificate; empty if nothing."""


def roster(directory: Path, states: Mapping[str, DeviceState], now: datetime) -> Iterator[Line]:
    """Yield a line for each device, by name.

    Args:
        directory: The broker's folder.
        states: What devices said last, by device; empty if unknown.
        now: For how long certificates have still to go.

    Raises:
        FolderError: it is no broker's folder.
    """
    for name, device in sorted(read_register(directory.absolute()).items()):
        yield _line(device, states.get(name), now)


def heading() -> str:
    """Return the names of the columns of ``row``."""
    return f"{'device':34} {'state':9} {'enrolled':10} {'ends':10} {'last seen':17} note"


def row(line: Line) -> str:
    """Return a line for a person; times are UTC."""
    seen = f"{line.last_seen:%Y-%m-%d %H:%MZ}" if line.last_seen else "-"
    words = f"{line.device:34} {line.state:9} {_day(line.enrolled_at)} {_day(line.expires_at)}"
    return f"{words} {seen:17} {line.doubt}".rstrip()


def doubts(directory: Path, now: datetime) -> Iterator[str]:
    """Yield what a person must know about the certificates of a broker's folder.

    Raises:
        FolderError: it is no broker's folder.
    """
    for line in roster(directory, {}, now):
        if line.doubt:
            yield f"{line.device}: {line.doubt}"
    for path in (directory / "tls" / "server.crt", *sorted((directory / "services").glob("*.crt"))):
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        if ends - now <= WARN_BEFORE:
            yield (
                f"{path} ends on {ends:%Y-%m-%d}: remove it and its key, repeat haechi broker "
                "config, and start again what uses it"
            )


def _line(device: Device, said: DeviceState | None, now: datetime) -> Line:
    good = [each for each in device.certificates if each.is_good()]
    current = device.current
    return Line(
        device=f"{device.site}/{device.device}",
        state=device.state,
        since=device.since,
        enrolled_at=good[0].issued_at if good else None,
        expires_at=None if current is None else current.expires_at,
        old_until=good[-2].retires_at if len(good) > 1 else None,
        last_seen=None if said is None else said.at,
        doubt=doubt(device, now),
    )


def doubt(device: Device, now: datetime) -> str:
    """Return what a person must know about a device's certificate; empty if all is well."""
    current = device.current
    if current is None:
        return ""
    who = f"{device.site}/{device.device}"
    if current.expires_at <= now:
        return f"expired: haechi device rotate {who}"
    if current.expires_at - now <= WARN_BEFORE:
        return f"ends in {(current.expires_at - now).days} days: haechi device rotate {who}"
    overdue = [each for each in device.certificates if each.is_good() and each.retires_at]
    if any(each.retires_at and each.retires_at <= now for each in overdue):
        return "its old certificate is overdue: haechi device retire"
    return ""


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else f"{'-':10}"
