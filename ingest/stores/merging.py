"""What newer reports do to what is known, the same in every store and for every arrival order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from haechi.ledger import Account
from haechi.messages import AisOther, DeviceState, VesselParticulars, VesselPosition
from haechi.observations import Flag, Observation
from haechi.text import plain
from ingest.ports import Latest

Order = tuple[datetime, str, str, int]
"""``Observation.order`` of what a value was taken from."""

T = TypeVar("T")

_NOTHING: Final = VesselParticulars()


class Fix(Struct, frozen=True, array_like=True):
    """The newest position of a subject."""

    order: Order
    site: str
    lat: float
    lon: float
    speed_kn: float | None
    course_deg: float | None
    heading_deg: float | None


class Live(Struct, frozen=True, array_like=True):
    """What is known of a subject now; each part remembers where it is from."""

    fix: Fix | None = None
    name: tuple[Order, str] | None = None
    ship_type: tuple[Order, int] | None = None
    length_m: tuple[Order, float] | None = None


def is_located(observation: Observation) -> bool:
    """Return whether it has a position that no flag makes doubtful."""
    content = observation.content
    if not isinstance(content, VesselPosition | AisOther):
        return False
    placed = content.lat is not None and content.lon is not None
    doubtful = Flag.NULL_ISLAND in observation.flags or Flag.CLOCK_AHEAD in observation.flags
    return placed and not doubtful


def live_after(live: Live, observation: Observation) -> Live:
    """Return what is known after one more observation, early or late.

    A reading dated in the future says nothing here: it would outlast every true one.
    """
    if Flag.CLOCK_AHEAD in observation.flags:
        return live
    order, said = observation.order, _particulars(observation)
    fix = live.fix
    if is_located(observation) and (fix is None or order > fix.order):
        fix = _fix(observation, order)
    if said is _NOTHING:
        return live if fix is live.fix else replace(live, fix=fix)
    return Live(
        fix,
        _newer(live.name, order, None if said.name is None else plain(said.name)),
        _newer(live.ship_type, order, said.ship_type),
        _newer(live.length_m, order, said.length_m),
    )


def as_latest(subject: str, position: int, live: Live) -> Latest | None:
    """Return the row that people see, or ``None`` while no position is known."""
    fix = live.fix
    if fix is None:
        return None
    return Latest(
        position=position,
        subject=subject,
        site=fix.site,
        at=fix.order[0],
        lat=fix.lat,
        lon=fix.lon,
        speed_kn=fix.speed_kn,
        course_deg=fix.course_deg,
        heading_deg=fix.heading_deg,
        name=live.name and live.name[1],
        ship_type=live.ship_type and live.ship_type[1],
        length_m=live.length_m and live.length_m[1],
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


def _fix(observation: Observation, order: Order) -> Fix | None:
    content = observation.content
    if isinstance(content, VesselPosition) and content.lat is not None and content.lon is not None:
        movement = (content.speed_kn, content.course_deg, content.heading_deg)
        return Fix(order, observation.site, content.lat, content.lon, *movement)
    if isinstance(content, AisOther) and content.lat is not None and content.lon is not None:
        return Fix(order, observation.site, content.lat, content.lon, None, None, None)
    return None


def _particulars(observation: Observation) -> VesselParticulars:
    content = observation.content
    if isinstance(content, AisOther):
        return _NOTHING if content.name is None else VesselParticulars(name=content.name)
    return content.particulars or _NOTHING


def _newer(held: tuple[Order, T] | None, order: Order, value: T | None) -> tuple[Order, T] | None:
    if value is None or (held is not None and held[0] > order):
        return held
    return (order, value)
