"""What was ordered about a seal, and by whom: authority is an observation like any other.

An order counts from the moment it was made, wherever it stands in the order of arrival. One that
was made before an opening and arrives after it takes the finding back, since it then follows no
more; one that was made afterwards does not.
"""

from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from haechi.observations import Observation
from haechi.seals import SealOrder, SealOrderKind

MOST_PERMITS: Final = 16

_PERMITS: Final = frozenset({SealOrderKind.DISARM, SealOrderKind.INSPECT})


class Permit(Struct, frozen=True, gc=False):
    """Leave to open a seal for a time, somewhere or anywhere."""

    order: str
    begin: datetime
    end: datetime | None
    zones: tuple[str, ...]

    def covers(self, since: datetime, until: datetime, zones: frozenset[str]) -> bool:
        """Return whether it may have happened in this time, inside these zones.

        Where the order names places, one that is not known is not one of them.
        """
        in_time = self.begin <= until and (self.end is None or since <= self.end)
        return in_time and (not self.zones or not zones.isdisjoint(self.zones))


class Orders(Struct, frozen=True, gc=False):
    """What holds for a seal."""

    binding: Observation | None = None
    """The order that says what it hangs on."""
    permits: tuple[Permit, ...] = ()

    @property
    def bound(self) -> SealOrder | None:
        """What the order says of it."""
        content = None if self.binding is None else self.binding.content
        return content if isinstance(content, SealOrder) else None

    def permit(self, since: datetime, until: datetime, zones: frozenset[str]) -> Permit | None:
        """Return the order by which it might be opened in this time and place, if any."""
        return next((each for each in self.permits if each.covers(since, until, zones)), None)

    def told(self, order: SealOrder, seen: Observation) -> "Orders":
        """Return what holds after an order of somebody with authority.

        A binding begins a new journey: what was permitted before does not hold for it.
        """
        if order.kind is SealOrderKind.BIND:
            return Orders(seen)
        if order.kind in _PERMITS:
            begin = order.valid_from or seen.at
            permit = Permit(order.order, max(begin, seen.at), order.valid_to, order.zones)
            return replace(self, permits=(*self.permits[1 - MOST_PERMITS :], permit))
        bound = self.bound
        return Orders(
            None if bound is not None and bound.order == order.order else self.binding,
            tuple(permit for permit in self.permits if permit.order != order.order),
        )


def may_order(seen: Observation, registry: str) -> bool:
    """Return whether the device that speaks is the registry, or one of its offices.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> def by(device):
    ...     return Observation(device=device, boot="b-1", seq=1, site="busan", subject="seal:X",
    ...                        at=at, received_at=at, content=SealOrder(order="1", kind="bind"))
    >>> [may_order(by(name), "registry") for name in ("registry", "registry-busan", "gate-3")]
    [True, True, False]
    """
    return seen.device == registry or seen.device.startswith(f"{registry}-")
