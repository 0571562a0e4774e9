"""Seal forgery: frames that no seal made now, and orders of somebody who may not give any.

Definition: a frame whose signature is wrong (``seal_forged``), one of a seal for which its gateway
has no key (``seal_unknown``), a genuine frame heard again long after it was first heard
(``seal_replay``), and an order that did not come from the registry (``seal_order_refused``). None
of them changes what is thought of the seal; each is a finding about security by itself. Forged
and unknown frames are an interval, which ends when none came for ``quiet_s``.

Sources: ISO 18185-4 (frames travel in clear, so anybody can copy one); a seal repeats a frame on
the radio within two minutes, ours (``edge.seal.reading.REPEAT``); 600 s is Traccar's and
ThingsBoard's idea of gone.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Settings, Terms, Voice, version_of
from analytics.saying import saying, term
from analytics.seal_orders import may_order
from analytics.seals import Frames, Mark, Verdict, admit, name_of
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.seals import SealOrder, SealReport

CODE: Final = 1

_KINDS: Final = {Verdict.FORGED: "seal_forged", Verdict.UNKNOWN: "seal_unknown"}


class SealForgerySettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    replay_after_s: Duration = 120
    """A copy heard later than this after the first is no repeat on the radio."""
    quiet_s: Duration = 600
    """So long without another ends a run of forged frames."""
    registry: str = "registry"
    """Device that orders; offices of it are called so with a hyphen and more."""


class Run(Struct, frozen=True, gc=False):
    """Unsigned frames of one kind, one after another."""

    kind: str
    first: Observation
    last: Observation
    frames: int = 1


class Suspicion(Struct, frozen=True, gc=False):
    """What is remembered of a seal's frames, and which runs go on."""

    frames: Frames = Frames()
    runs: tuple[Run, ...] = ()


class SealForgery:
    """The rule."""

    state_type = Suspicion
    accepts = (SealReport, SealOrder)

    def __init__(self, settings: SealForgerySettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._replay_after: Final = timedelta(seconds=settings.replay_after_s)
        self._quiet: Final = timedelta(seconds=settings.quiet_s)

    def start(self) -> Suspicion:
        """Begin with none."""
        return Suspicion()

    def on_event(self, state: Suspicion, event: Event) -> Step[Suspicion]:
        """Look at one frame or order."""
        seen, content = event.observation, event.content
        if isinstance(content, SealOrder):
            allowed = may_order(seen, self._settings.registry)
            return self._step(state, () if allowed else (self._refused(seen, content),))
        if not isinstance(content, SealReport):
            return self._step(state)
        known = state.frames.mark_of(content)
        frames, verdict = admit(state.frames, content, seen.at)
        state = replace(state, frames=frames)
        if verdict in _KINDS:
            return self._unsigned(state, seen, _KINDS[verdict])
        if verdict is Verdict.COPY and known is not None:
            return self._step(state, self._replays(seen, content, known))
        return self._step(state)

    def on_wake(self, state: Suspicion, now: datetime) -> Step[Suspicion]:
        """End the runs that went quiet."""
        over = [run for run in state.runs if run.last.at + self._quiet <= now]
        kept = tuple(run for run in state.runs if run.last.at + self._quiet > now)
        ended = tuple(self._run_finding(run, run.last.at) for run in over)
        return self._step(replace(state, runs=kept), ended)

    def _step(self, state: Suspicion, findings: tuple[Finding, ...] = ()) -> Step[Suspicion]:
        wake_at = min((run.last.at + self._quiet for run in state.runs), default=None)
        return Step(state, findings, wake_at)

    def _unsigned(self, state: Suspicion, seen: Observation, kind: str) -> Step[Suspicion]:
        known = next((run for run in state.runs if run.kind == kind), None)
        if known is None:
            run = Run(kind, seen, seen)
            return self._step(
                replace(state, runs=(*state.runs, run)), (self._run_finding(run, None),)
            )
        longer = replace(known, last=seen, frames=known.frames + 1)
        runs = tuple(longer if run is known else run for run in state.runs)
        return self._step(replace(state, runs=runs))

    def _replays(self, seen: Observation, report: SealReport, known: Mark) -> tuple[Finding, ...]:
        if report.heard_at is None or known.heard_at is None:
            return ()
        early, late = sorted((known.heard_at, report.heard_at))
        if late - early <= self._replay_after:
            return ()
        return (
            self._voice.say(
                "seal_replay",
                seen,
                since=late,
                until=late,
                saying=saying(
                    "seal_replay",
                    counter=report.counter,
                    seal=name_of(seen),
                    event=term("seal_event", report.event.value),
                    early=early,
                    late=late,
                ),
                values={"counter": report.counter, "after_s": (late - early).total_seconds()},
                thresholds={"replay_after_s": self._settings.replay_after_s},
                evidence=(seen,),
            ),
        )

    def _refused(self, seen: Observation, order: SealOrder) -> Finding:
        return self._voice.say(
            "seal_order_refused",
            seen,
            since=seen.at,
            until=seen.at,
            saying=saying(
                "seal_order_refused",
                device=seen.device,
                act=term("seal_act", order.kind.value),
                seal=name_of(seen),
                at=seen.at,
                order=order.order,
            ),
            values={"order": order.order, "device": seen.device},
            thresholds={"registry": self._settings.registry},
            evidence=(seen,),
        )

    def _run_finding(self, run: Run, until: datetime | None) -> Finding:
        counted = {} if until is None else {"frames": run.frames}
        ending = "" if until is None else saying("frames_until", frames=run.frames, at=until)
        return self._voice.say(
            run.kind,
            run.first,
            since=run.first.at,
            until=until,
            saying=saying(
                run.kind,
                since=run.first.at,
                seal=name_of(run.first),
                device=run.first.device,
                ending=ending,
            ),
            values={"device": run.first.device, **counted},
            thresholds={"quiet_s": self._settings.quiet_s},
            evidence=(run.first,) if run.last is run.first else (run.first, run.last),
        )
