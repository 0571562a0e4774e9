"""Seal breach: opened, disarmed, tampered with or removed, and nobody with authority allowed it.

Definition: a genuine new frame of a seal on duty (armed in it or in the frame before) says that
it happened, or its latch ``openings`` has grown since the frame before, which finds what was
opened and closed again unheard. It is allowed by an order to disarm or inspect that was made
before, not withdrawn, in its time window and inside one of its zones. The finding is open from
then on. No frame ends it: that takes an order made later, to disarm or to bind anew.

One rule serves two types, ``seal_opened`` and ``seal_tamper``, so that each has alarms of its own.

Sources: ISO 18185-2 (status sealed or opened, which is never taken back); Overhaul's comparison of
an unseal with its expected time and place (WO2023177826); the tracking systems of East Africa and
Pakistan, which call an opening outside its place or without order unlawful.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.rules.terms import Settings, Terms, Voice, version_of
from analytics.saying import saying
from analytics.seal_orders import Orders, may_order
from analytics.seals import Frames, Verdict, admit, inside, name_of
from haechi.findings import Finding, Saying, Word
from haechi.observations import Observation
from haechi.seals import SealEventKind, SealOrder, SealOrderKind, SealReport

CODE: Final = 1

OPENINGS: Final[Mapping[SealEventKind, str]] = MappingProxyType(
    {
        SealEventKind.UNLOCK: "seal_opened",
        SealEventKind.DOOR: "seal_opened",
        SealEventKind.DISARMED: "seal_disarmed",
    }
)
TAMPERINGS: Final[Mapping[SealEventKind, str]] = MappingProxyType(
    {
        SealEventKind.TAMPERING: "seal_tampering",
        SealEventKind.REMOVING: "seal_removed",
        SealEventKind.POWER_CUT: "seal_power_cut",
    }
)
_ACTS: Final = frozenset({SealOrderKind.BIND, SealOrderKind.DISARM})
"""Orders by which somebody with authority ends a breach."""


class SealBreachSettings(Settings, frozen=True, kw_only=True):
    """Thresholds: there are none, only whose word counts."""

    registry: str = "registry"
    """Device that orders; offices of it are called so with a hyphen and more."""


class Breach(Struct, frozen=True, gc=False):
    """What happened to a seal and was not allowed."""

    kind: str
    before: Observation
    """The frame before, itself where there was none."""
    seen: Observation
    """The frame that said so."""
    is_latch: bool
    """Known only from the latch: it happened between the two."""
    why: Word
    """Why it was not allowed; English in the states that older versions stored."""
    openings: int

    @property
    def since(self) -> datetime:
        """When it happened, at the earliest."""
        return self.before.at if self.is_latch else self.seen.at


class Watch(Struct, frozen=True, gc=False):
    """What is known of a seal."""

    frames: Frames = Frames()
    orders: Orders = Orders()
    last: Observation | None = None
    """The genuine frame before."""
    openings: int | None = None
    breaches: tuple[Breach, ...] = ()
    """Those that are open, one of a kind."""


class SealBreach:
    """The rule, for the events of one type."""

    state_type = Watch
    accepts = (SealReport, SealOrder)

    def __init__(
        self, settings: SealBreachSettings, terms: Terms, events: Mapping[SealEventKind, str]
    ) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms, sorted(events.items()))
        self._voice: Final = Voice(terms, self.version)
        self._registry: Final = settings.registry
        self._events: Final = events
        self._reads_latch: Final = SealEventKind.UNLOCK in events

    def start(self) -> Watch:
        """Begin with a seal of which nothing was heard."""
        return Watch()

    def on_event(self, state: Watch, event: Event) -> Step[Watch]:
        """Hold one frame or order against what was allowed."""
        content = event.content
        if isinstance(content, SealOrder):
            return self._ordered(state, event.observation, content)
        if not isinstance(content, SealReport):
            return Step(state)
        frames, verdict = admit(state.frames, content, event.at)
        if not verdict.counts:
            return Step(replace(state, frames=frames))
        found = self._breach(state, event, content, verdict)
        later = self._later(replace(state, frames=frames), event.observation, content, verdict)
        return Step(later) if found is None else self._latched(later, found)

    def on_wake(self, state: Watch, now: datetime) -> Step[Watch]:
        """Time alone breaks no seal and mends none."""
        del now
        return Step(state)

    def _later(
        self, state: Watch, seen: Observation, report: SealReport, verdict: Verdict
    ) -> Watch:
        openings = max(state.openings or 0, report.openings)
        if verdict is Verdict.LATE:
            return replace(state, openings=openings)
        return replace(state, last=seen, openings=openings)

    def _breach(
        self, state: Watch, event: Event, report: SealReport, verdict: Verdict
    ) -> Breach | None:
        before = _report(state.last)
        if report.armed is False and (before is None or before.armed is False):
            return None
        kind = self._events.get(report.event)
        is_latch = kind is None and verdict is Verdict.NEW and self._has_grown(state, report)
        if kind is None and not is_latch:
            return None
        seen, first = event.observation, state.last or event.observation
        since = first.at if is_latch else seen.at
        why = _why_not(state.orders, since, seen.at, inside(event.near))
        if why is None:
            return None
        return Breach(kind or "seal_opened", first, seen, is_latch, why, report.openings)

    def _has_grown(self, state: Watch, report: SealReport) -> bool:
        return self._reads_latch and state.openings is not None and report.openings > state.openings

    def _latched(self, state: Watch, found: Breach) -> Step[Watch]:
        """Open a breach; of one that is open only the number of openings changes."""
        known = next((each for each in state.breaches if each.kind == found.kind), None)
        if known is None:
            breaches, said = (*state.breaches, found), found
        else:
            said = replace(known, openings=max(known.openings, found.openings))
            breaches = tuple(said if each is known else each for each in state.breaches)
        return Step(replace(state, breaches=breaches), (self._finding(state, said, None, ""),))

    def _ordered(self, state: Watch, seen: Observation, order: SealOrder) -> Step[Watch]:
        if not may_order(seen, self._registry):
            return Step(state)
        later = replace(state, orders=state.orders.told(order, seen))
        if order.kind not in _ACTS:
            return Step(later)
        by = saying("ordered_by", by=order.by) if order.by else ""
        act = saying("ended_by_order", order=order.order, by=by, at=seen.at)
        ended = tuple(self._finding(state, each, seen, act) for each in state.breaches)
        return Step(replace(later, breaches=()), ended)

    def _finding(self, state: Watch, breach: Breach, act: Observation | None, how: Word) -> Finding:
        seen, bound = breach.seen, state.orders.bound
        when = saying("happened_at", at=seen.at)
        if breach.is_latch:
            when = saying("happened_between", since=breach.since, until=seen.at)
        container = None if bound is None else bound.container
        evidence = (breach.before, seen) if breach.is_latch else (seen,)
        return self._voice.say(
            breach.kind,
            seen,
            since=breach.since,
            until=None if act is None else act.at,
            saying=saying(
                breach.kind,
                seal=name_of(seen),
                hangs="" if container is None else saying("hangs_on", container=container),
                when=when,
                why=breach.why,
                how=how,
            ),
            values=_values(breach, bound),
            thresholds={"registry": self._registry},
            evidence=evidence if act is None else (*evidence, act),
        )


def _values(breach: Breach, bound: SealOrder | None) -> dict[str, float | str]:
    values: dict[str, float | str] = {"openings": breach.openings}
    report = _report(breach.seen)
    if report is not None:
        values["counter"] = report.counter
        values["event"] = report.event.value
    if bound is not None:
        values |= {
            "order": bound.order,
            "container": bound.container or "",
            "acid": bound.acid or "",
        }
    return values


def _why_not(
    orders: Orders, since: datetime, until: datetime, zones: frozenset[str]
) -> Saying | None:
    """Return why it was not allowed, ``None`` if it was."""
    if orders.permit(since, until, zones) is not None:
        return None
    if not orders.permits:
        return saying("no_order")
    in_time = [
        each for each in orders.permits if replace(each, zones=()).covers(since, until, zones)
    ]
    if in_time:
        order, zones_named = in_time[-1].order, ", ".join(in_time[-1].zones)
        return saying("order_elsewhere", order=order, zones=zones_named)
    return saying("order_not_now", order=orders.permits[-1].order)


def _report(seen: Observation | None) -> SealReport | None:
    content = None if seen is None else seen.content
    return content if isinstance(content, SealReport) else None
