"""The one shape every rule has, and what it is told."""

from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from msgspec import Struct

from haechi.findings import Finding
from haechi.messages import Content
from haechi.observations import Flag, Observation
from haechi.vessels import VesselPosition

S = TypeVar("S")

SpeedBand = tuple[float, float]
"""Speeds above the first and up to the second, in knots."""

ANY_SPEED: Final[SpeedBand] = (-inf, inf)
STEADY_DEG: Final = 0.0089
"""Fixes closer to one fix than this, in degrees of latitude and longitude added, are less than two
kilometres from each other: not so far that a rule looks at the way between them."""


class Near(NamedTuple):
    """A zone close to a position."""

    zone: str
    """Id of the zone."""
    distance_m: float
    """Distance to its boundary in metres, negative inside."""


class Event(Struct, frozen=True, gc=False):
    """One observation with what geometry says about it: what a rule is given."""

    observation: Observation
    near: tuple[Near, ...] = ()
    """Zones that contain the position or lie within the locating margin, by zone id."""

    @property
    def at(self) -> datetime:
        """When it was true."""
        return self.observation.at

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.observation.subject

    @property
    def content(self) -> Content:
        """What was reported."""
        return self.observation.content


class Step(Struct, Generic[S], frozen=True, gc=False):
    """What a rule answers: its next state, what it found, and when it wants to be asked again.

    ``wake_at`` replaces any earlier wish; ``None`` withdraws it.
    """

    state: S
    findings: tuple[Finding, ...] = ()
    wake_at: datetime | None = None


class Rule(Protocol[S]):
    """A state machine over one subject's events in event-time order, driven by its caller.

    It reads no clock and keeps nothing: state goes in and comes out, frozen and serialisable by
    msgspec as ``state_type``. The same finding id said again replaces what was said before: an
    episode is reported when it begins (``until=None``, ``Status.OPEN``) and again, under its id,
    when it has ended (``Status.ENDED``).

    A rule about clocks says ``judges_clocks = True``; only such a rule is given observations
    flagged ``CLOCK_AHEAD``, beside all others.

    A rule that bare fixes mean nothing to, as long as it has not been told something else, may have
    ``awaits_statement(state: S) -> bool`` and is then spared them: where that is true, it wishes no
    wake, and ``on_event`` would answer a bare fix with ``Step(state)``.

    A rule that a vessel's steady way means nothing to may have ``steady_at(state: S, fix:
    VesselPosition, speed_kn: float) -> SpeedBand | None``, and is told only the last fix of it.
    Where the band holds the speed, the state wishes no wake, and every bare fix of such a speed and
    of this AIS type, near no zone and within ``STEADY_DEG`` of the last one told, finds nothing and
    leads to a state that answers the same, and that is the same without such fixes before it.
    """

    @property
    def name(self) -> str:
        """Name of the active rule, unique in the rules file."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever thresholds or code would change findings."""
        ...

    @property
    def state_type(self) -> type[S]:
        """The type msgspec decodes a stored state into."""
        ...

    @property
    def accepts(self) -> tuple[type, ...]:
        """Kinds of content it wants to see."""
        ...

    def start(self) -> S:
        """Return the state before any event."""
        ...

    def on_event(self, state: S, event: Event) -> Step[S]:
        """Advance by one event."""
        ...

    def on_wake(self, state: S, now: datetime) -> Step[S]:
        """Advance by time alone; ``now`` is exactly the ``wake_at`` last asked for."""
        ...


def judges_clocks(rule: Rule[Any]) -> bool:
    """Return whether a rule wants observations whose time is not believed."""
    return getattr(rule, "judges_clocks", False)


def awaiting(rule: Rule[Any]) -> Callable[[Any], bool] | None:
    """Return how a rule says that a state is of no interest to bare fixes, if it does."""
    return getattr(rule, "awaits_statement", None)


def steadying(rule: Rule[Any]) -> Callable[[Any, VesselPosition, float], SpeedBand | None] | None:
    """Return how a rule says which steady way means nothing to a state, if it does."""
    return getattr(rule, "steady_at", None)


def is_bare_fix(observation: Observation) -> bool:
    """Return whether this is a vessel's position and nothing else, and nothing doubtful."""
    content = observation.content
    return type(content) is VesselPosition and content.particulars is None and not observation.flags


def wants(rule: Rule[Any], event: Event) -> bool:
    """Return whether an event is for this rule at all."""
    believed = Flag.CLOCK_AHEAD not in event.observation.flags
    return type(event.content) in rule.accepts and (believed or judges_clocks(rule))
