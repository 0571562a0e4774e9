"""What newer reports do to what is known, the same in every store and for every arrival order."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from haechi.ground import UnitPosition, VehiclePosition
from haechi.kept import Latest
from haechi.ledger import Account
from haechi.messages import DeviceState, place
from haechi.observations import Flag, Observation
from haechi.text import plain
from haechi.vessels import AisOther, VesselParticulars, VesselPosition, VesselStatic
from ingest.stores.appearance import equipment, motion

Order = tuple[datetime, str, str, int]
"""``Observation.order`` of what a value was taken from."""

T = TypeVar("T")


class Known(Struct, frozen=True, array_like=True):
    """What a subject has said it is; each part remembers where it is from."""

    name: tuple[Order, str] | None = None
    ship_type: tuple[Order, int] | None = None
    length_m: tuple[Order, float] | None = None


def is_located(observation: Observation) -> bool:
    """Return whether it has a position that no flag makes doubtful."""
    if place(observation.content) is None:
        return False
    flags = observation.flags
    return not flags or (Flag.NULL_ISLAND not in flags and Flag.CLOCK_AHEAD not in flags)


def describes(observation: Observation) -> bool:
    """Return whether it says anything of what its subject is.

    A reading dated in the future says nothing here: it would outlast every true one.
    """
    content = observation.content
    if type(content) is VesselPosition and content.particulars is None:
        return False  # nearly always
    said = _particulars(observation)
    return said is not None and Flag.CLOCK_AHEAD not in observation.flags


def known_after(known: Known, observation: Observation) -> Known:
    """Return what is known after one more observation that ``describes``, early or late."""
    order, said = observation.order, _particulars(observation) or VesselParticulars()
    return Known(
        _newer(known.name, order, None if said.name is None else plain(said.name)),
        _newer(known.ship_type, order, said.ship_type),
        _newer(known.length_m, order, said.length_m),
    )


def as_latest(position: int, fix: Observation, known: Known) -> Latest:
    """Return the row that people see.

    Args:
        position: When the store changed.
        fix: The newest observation of the subject that ``is_located``.
        known: What is known of it.
    """
    content, where = fix.content, place(fix.content)
    if where is None:
        raise TypeError(f"no position in {fix.identity}")
    moving = motion(content)
    return Latest(
        position=position,
        subject=fix.subject,
        site=fix.site,
        at=fix.at,
        lat=where[0],
        lon=where[1],
        speed_kn=moving.speed_kn,
        course_deg=moving.course_deg,
        heading_deg=moving.heading_deg,
        name=known.name and known.name[1],
        ship_type=known.ship_type and known.ship_type[1],
        length_m=known.length_m and known.length_m[1],
        equipment=equipment(content),
    )


def state_after(old: DeviceState | None, new: DeviceState) -> DeviceState:
    """Return a boot's state after another arrived.

    A last will is written when a session begins, so it brings news of one thing only: that the
    device is gone. Its counters are older than what the device has said since.
    """
    if old is None or new.online or new.at >= old.at:
        return new
    return replace(old, online=False)


def account(
    device: str,
    boot: str,
    state: DeviceState | None,
    *,
    kept: int,
    duplicate: int,
    refused: Mapping[str, int],
) -> Account:
    """Return one line of the ledger: what the agent says of itself, and what is here."""
    given_up = {} if state is None else state.quarantined
    return Account(
        device=device,
        boot=boot,
        numbered=0 if state is None else state.numbered,
        kept=kept,
        duplicate=duplicate,
        rejected={
            reason: refused.get(reason, 0) + given_up.get(reason, 0)
            for reason in sorted({*refused, *given_up})
        },
        thinned=0 if state is None else state.thinned,
        in_flight=0 if state is None else state.in_flight,
    )


def evenly(items: list[T], limit: int) -> list[T]:
    """Return at most ``limit`` items, evenly spread, the first and the last among them.

    >>> evenly([0, 1, 2, 3, 4, 5, 6], 3)
    [0, 3, 6]
    """
    if len(items) <= limit:
        return items
    if limit <= 1:
        return items[-1:] if limit == 1 else []
    last = len(items) - 1
    return [items[place * last // (limit - 1)] for place in range(limit)]


def _particulars(observation: Observation) -> VesselParticulars | None:
    """Return what a report says of what its subject is, if anything."""
    match observation.content:
        case VesselPosition(particulars=said) | VesselStatic(particulars=said):
            return said
        case AisOther(name=str() as name) | UnitPosition(name=str() as name):
            return VesselParticulars(name=name)
        case VehiclePosition(name=str() as name):
            return VesselParticulars(name=name)
        case _:
            return None


def _newer(held: tuple[Order, T] | None, order: Order, value: T | None) -> tuple[Order, T] | None:
    if value is None or (held is not None and held[0] > order):
        return held
    return (order, value)
