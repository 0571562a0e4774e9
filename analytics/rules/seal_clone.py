"""Seal clone and roll-back: genuine frames that one seal cannot have made.

Definition: a frame is signed with the seal's key but its number was used before by another frame.
As long as the numbers from there on only go on, the seal was put back to an earlier state
(``seal_rollback``); once the numbers of before go on as well, or fall again, two have the key
(``seal_clone``). So have two where genuine frames are further apart than anything travels. Open
until the registry binds the seal anew.

Limits: a second seal whose numbers were never used yet, at the same place, shows only as a log gap
and a clock fault.

Sources: ISO 18185-1 (one permanent identity, single use); the speed is above any truck, train or
ship; a container that flies has its own rule file.
"""

from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.geodesy import distance_m, speed_kn
from analytics.rule import Event, Step
from analytics.rules.terms import Length, Settings, Speed, Terms, Voice, version_of
from analytics.saying import saying
from analytics.seal_orders import may_order
from analytics.seals import Frames, Verdict, admit, name_of
from analytics.vessels import position
from haechi.findings import Finding, Word
from haechi.observations import Observation
from haechi.seals import SealOrder, SealOrderKind, SealReport

CODE: Final = 1
_SAME_MOMENT_S: Final = 1.0
"""Less between two frames is taken for so much: clocks of two gateways differ."""


class SealCloneSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    fastest_kn: Speed = 100
    """A seal does not travel faster: 185 km/h, above trucks, freight trains and ships."""
    minimum_distance_m: Length = 5000
    """Two frames closer than this are at one place: a poor fix is off by less."""
    registry: str = "registry"
    """Device that orders; offices of it are called so with a hyphen and more."""


class Doubt(Struct, frozen=True, gc=False):
    """A finding that is open."""

    kind: str
    first: Observation
    before: Observation
    text: Word
    """English in the states that older versions stored."""


class Likeness(Struct, frozen=True, gc=False):
    """What is known of who makes a seal's frames."""

    frames: Frames = Frames()
    last: Observation | None = None
    """The genuine frame before, its number used before or not."""
    placed: Observation | None = None
    """The last of them that said where."""
    branch: int | None = None
    """Number up to which a sequence that began anew has come."""
    doubt: Doubt | None = None


class SealClone:
    """The rule."""

    state_type = Likeness
    accepts = (SealReport, SealOrder)

    def __init__(self, settings: SealCloneSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings

    def start(self) -> Likeness:
        """Begin without doubt."""
        return Likeness()

    def on_event(self, state: Likeness, event: Event) -> Step[Likeness]:
        """Compare one frame with those before it."""
        seen, content = event.observation, event.content
        if isinstance(content, SealOrder):
            return self._ordered(state, seen, content)
        if not isinstance(content, SealReport):
            return Step(state)
        frames, verdict = admit(state.frames, content, seen.at)
        later = replace(state, frames=frames)
        if not (verdict.counts or verdict is Verdict.REUSED):
            return Step(later)
        doubt = self._by_place(state, seen) or self._by_number(state, seen, content, verdict)
        later = replace(
            later,
            last=seen,
            placed=state.placed if position(seen) is None else seen,
            branch=_branch(state, content, verdict),
        )
        return Step(later) if doubt is None else self._doubted(later, doubt)

    def on_wake(self, state: Likeness, now: datetime) -> Step[Likeness]:
        """Time alone tells nothing."""
        del now
        return Step(state)

    def _by_place(self, state: Likeness, seen: Observation) -> Doubt | None:
        here, there = position(seen), None if state.placed is None else position(state.placed)
        if here is None or there is None or state.placed is None:
            return None
        apart_m = distance_m(*there, *here)
        between_s = max((seen.at - state.placed.at).total_seconds(), _SAME_MOMENT_S)
        if apart_m < self._settings.minimum_distance_m:
            return None
        if speed_kn(apart_m, between_s) <= self._settings.fastest_kn:
            return None
        text = saying(
            "seal_clone",
            seal=name_of(seen),
            apart_km=apart_m / 1000,
            within_s=between_s,
            at=seen.at,
        )
        return Doubt("seal_clone", seen, state.placed, text)

    def _by_number(
        self, state: Likeness, seen: Observation, report: SealReport, verdict: Verdict
    ) -> Doubt | None:
        number, before = report.counter, state.last or seen
        name, highest = name_of(seen), state.frames.highest
        if verdict is Verdict.REUSED and state.branch is None:
            text = saying("seal_rollback", seal=name, number=number, highest=highest, at=seen.at)
            return Doubt("seal_rollback", seen, before, text)
        if state.branch is None or not _goes_both_ways(state, report, verdict):
            return None
        text = saying(
            "seal_key_shared", seal=name, highest=highest, branch=state.branch, at=seen.at
        )
        return Doubt("seal_clone", seen, before, text)

    def _doubted(self, state: Likeness, doubt: Doubt) -> Step[Likeness]:
        """Open a doubt; a clone takes the place of a roll-back, and nothing that of a clone."""
        known = state.doubt
        if known is None:
            return Step(replace(state, doubt=doubt), (self._finding(doubt, None),))
        if known.kind in {doubt.kind, "seal_clone"}:
            return Step(state)
        ended = self._finding(known, doubt.first)
        return Step(replace(state, doubt=doubt), (ended, self._finding(doubt, None)))

    def _ordered(self, state: Likeness, seen: Observation, order: SealOrder) -> Step[Likeness]:
        """A seal that is bound anew is one that somebody has in hand and vouches for."""
        binds = order.kind is SealOrderKind.BIND and may_order(seen, self._settings.registry)
        if not binds or state.doubt is None:
            return Step(state)
        later = replace(state, doubt=None, branch=None)
        return Step(later, (self._finding(state.doubt, seen),))

    def _finding(self, doubt: Doubt, end: Observation | None) -> Finding:
        first = doubt.first.content
        counter = first.counter if isinstance(first, SealReport) else -1
        return self._voice.say(
            doubt.kind,
            doubt.first,
            since=doubt.first.at,
            until=None if end is None else end.at,
            saying=doubt.text if end is None else saying("said_until", said=doubt.text, at=end.at),
            values={"counter": counter, "gateways": _gateways(doubt)},
            thresholds={
                "fastest_kn": self._settings.fastest_kn,
                "minimum_distance_m": self._settings.minimum_distance_m,
            },
            evidence=(doubt.before, doubt.first)
            if end is None
            else (doubt.before, doubt.first, end),
        )


def _branch(state: Likeness, report: SealReport, verdict: Verdict) -> int | None:
    if verdict is Verdict.REUSED:
        return report.counter
    if state.branch is None or verdict is Verdict.LATE:
        return state.branch
    return report.counter if state.branch >= state.frames.highest else state.branch


def _goes_both_ways(state: Likeness, report: SealReport, verdict: Verdict) -> bool:
    """Return whether a frame belongs to the sequence that is not the latest to have spoken."""
    branch = state.branch
    if branch is None or verdict is Verdict.LATE:
        return False
    if verdict is Verdict.REUSED:
        return report.counter <= branch
    return branch < state.frames.highest


def _gateways(doubt: Doubt) -> str:
    return ", ".join(sorted({doubt.before.device, doubt.first.device}))
