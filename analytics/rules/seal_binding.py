"""Seal binding: the seal hangs on something else than its order says, or on nothing ordered.

Definition: ``seal_mismatch`` while what a genuine frame of an armed seal says it hangs on is not
the container that the registry bound it to, or while the number in the documents is not the
seal's; ``seal_unbound`` where a seal was armed and no order bound it within ``grace_s``. Either
ends when they agree, when the seal is bound anew, or when it is disarmed.

Sources: rfidseal.com (identity of the seal at every control point); the tracking systems of East
Africa and Pakistan, in which arming is linked with the customs declaration; the time is ours.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Settings, Terms, Voice, version_of
from analytics.saying import english, saying
from analytics.seal_orders import Orders, may_order
from analytics.seals import Frames, admit, name_of
from haechi.findings import Finding, Saying, Word
from haechi.observations import Observation
from haechi.seals import SealOrder, SealReport

CODE: Final = 1


class SealBindingSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    grace_s: Duration = 3600
    """So long an armed seal may wait for its order: paperwork at the gate."""
    registry: str = "registry"
    """Device that orders; offices of it are called so with a hyphen and more."""


class Fault(Struct, frozen=True, gc=False):
    """Something that does not fit, since when, and what it rests on."""

    kind: str
    since: datetime
    seen: Observation
    text: Word
    """English in the states that older versions stored."""


class Tie(Struct, frozen=True, gc=False):
    """What a seal hangs on, by its own word and by order."""

    frames: Frames = Frames()
    orders: Orders = Orders()
    seen: Observation | None = None
    """The genuine frame before."""
    armed: Observation | None = None
    """The frame with which it was armed, for as long as it is."""
    fault: Fault | None = None


class SealBinding:
    """The rule."""

    state_type = Tie
    accepts = (SealReport, SealOrder)

    def __init__(self, settings: SealBindingSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._grace: Final = timedelta(seconds=settings.grace_s)

    def start(self) -> Tie:
        """Begin in stock."""
        return Tie()

    def on_event(self, state: Tie, event: Event) -> Step[Tie]:
        """Compare what is said with what was ordered."""
        seen, content = event.observation, event.content
        if isinstance(content, SealOrder):
            if may_order(seen, self._settings.registry):
                state = replace(state, orders=state.orders.told(content, seen))
            return self._judged(state, seen)
        if not isinstance(content, SealReport):
            return Step(state)
        frames, verdict = admit(state.frames, content, seen.at)
        state = replace(state, frames=frames)
        if not verdict.counts:
            return Step(state, wake_at=self._wake_at(state))
        armed = None if content.armed is False else state.armed or seen
        return self._judged(replace(state, seen=seen, armed=armed), seen)

    def on_wake(self, state: Tie, now: datetime) -> Step[Tie]:
        """Say that the order has not come."""
        if state.armed is None or state.fault is not None or state.orders.bound is not None:
            return Step(state)
        armed = state.armed
        text = saying(
            "seal_unbound", seal=name_of(armed), since=armed.at, grace_s=self._settings.grace_s
        )
        fault = Fault("seal_unbound", armed.at, armed, text)
        del now
        return Step(replace(state, fault=fault), (self._finding(state, fault, None),))

    def _wake_at(self, state: Tie) -> datetime | None:
        waits = state.armed is not None and state.fault is None and state.orders.bound is None
        return state.armed.at + self._grace if waits and state.armed is not None else None

    def _judged(self, state: Tie, now: Observation) -> Step[Tie]:
        """End the fault that holds no more, and open the one that does."""
        known, said = state.fault, list[Finding]()
        text = _mismatch(state)
        now_said = text and english(text)
        if known is not None and (known.kind, english(known.text)) != ("seal_mismatch", now_said):
            is_unbound = known.kind == "seal_unbound"
            if not is_unbound or state.armed is None or state.orders.bound is not None:
                said.append(self._finding(state, known, now))
                known = None
        if known is None and text is not None:
            known = Fault("seal_mismatch", now.at, now, text)
            said.append(self._finding(state, known, None))
        later = replace(state, fault=known)
        return Step(later, tuple(said), self._wake_at(later))

    def _finding(self, state: Tie, fault: Fault, end: Observation | None) -> Finding:
        bound = state.orders.bound
        values: dict[str, float | str] = {}
        if bound is not None:
            values = {"order": bound.order, "container": bound.container or ""}
        return self._voice.say(
            fault.kind,
            fault.seen,
            since=fault.since,
            until=None if end is None else end.at,
            saying=fault.text if end is None else saying("said_until", said=fault.text, at=end.at),
            values=values,
            thresholds={"grace_s": self._settings.grace_s},
            evidence=(fault.seen,) if end is None else (fault.seen, end),
        )


def _mismatch(state: Tie) -> Saying | None:
    """Return what does not fit, if anything."""
    bound, seen = state.orders.bound, state.seen
    if bound is None:
        return None
    subject = state.orders.binding.subject if state.orders.binding is not None else ""
    name = subject.partition(":")[2]
    if bound.number is not None and bound.number != name:
        return saying("seal_of_other_order", order=bound.order, number=bound.number, seal=name)
    report = None if seen is None or state.armed is None else seen.content
    told = report.container if isinstance(report, SealReport) else None
    if told is None or bound.container is None or told == bound.container:
        return None
    return saying(
        "seal_on_other_container",
        seal=name,
        told=told,
        order=bound.order,
        container=bound.container,
    )
