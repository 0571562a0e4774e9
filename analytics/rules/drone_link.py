"""Drone link: a drone in the air is heard no more.

Definition: its agent says that the link is lost, or nothing at all came for ``silent_after_s``,
while it was last known in the air (``landed`` false; where that is unknown, armed). The finding is
an interval from the last position before to the next after. A drone on the ground may be switched
off. What the agent kept and sent later takes a finding of silence back: then the network was gone
and not the drone.

Sources: PX4 acts on a lost data link after 10 s (``COM_DL_LOSS_T``); 5 s for the way here are ours.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Settings, Terms, Voice, version_of
from analytics.saying import saying
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from haechi.findings import Finding
from haechi.observations import Observation

CODE: Final = 1


class DroneLinkSettings(Settings, frozen=True, kw_only=True):
    """Thresholds."""

    silent_after_s: Duration = 15
    """Without any reading (PX4 ``COM_DL_LOSS_T``, 10 s, and 5 s for the way)."""


class Contact(Struct, frozen=True, gc=False):
    """What was last heard of a drone."""

    seen: Observation | None = None
    """The last position."""
    flies: bool = False
    lost: bool = False
    """Reported, and not over."""
    said: bool = False
    """The agent said so: other events do not end it."""


class DroneLink:
    """The rule."""

    state_type = Contact
    accepts = (DronePosition, DroneEvent)

    def __init__(self, settings: DroneLinkSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._silent_after: Final = timedelta(seconds=settings.silent_after_s)

    def start(self) -> Contact:
        """Begin unheard."""
        return Contact()

    def on_event(self, state: Contact, event: Event) -> Step[Contact]:
        """Hear of a drone."""
        content = event.content
        if isinstance(content, DronePosition):
            landed, armed = content.landed, content.armed
            flies = bool(armed) if landed is None else not landed
            found = self._ended(state, event.at)
            heard = Contact(event.observation, flies)
            return Step(heard, found, self._wake_at(heard, event.at))
        if not isinstance(content, DroneEvent) or state.seen is None:
            return Step(state)
        return self._told(state, content.kind, event.at)

    def on_wake(self, state: Contact, now: datetime) -> Step[Contact]:
        """Say so if nothing came in time."""
        is_due = state.seen is not None and state.flies and not state.lost and now > state.seen.at
        return self._lost(state, said=False) if is_due else Step(state)

    def _told(self, state: Contact, kind: DroneEventKind, at: datetime) -> Step[Contact]:
        match kind:
            case DroneEventKind.LINK_LOST if state.flies and not state.lost:
                return self._lost(state, said=True)
            case DroneEventKind.LINK_LOST:
                return Step(replace(state, said=True))
            case DroneEventKind.DISARMED:
                return Step(replace(state, flies=False, lost=False), self._ended(state, at))
            case _ if state.said and kind is not DroneEventKind.LINK_RESTORED:
                return Step(state)
            case _:
                heard = replace(state, lost=False, said=False)
                return Step(heard, self._ended(state, at), self._wake_at(heard, at))

    def _wake_at(self, state: Contact, at: datetime) -> datetime | None:
        return at + self._silent_after if state.flies else None

    def _lost(self, state: Contact, *, said: bool) -> Step[Contact]:
        if state.seen is None:
            return Step(state)
        found = (self._finding(state.seen, None),)
        return Step(replace(state, lost=True, said=said), found)

    def _ended(self, state: Contact, at: datetime) -> tuple[Finding, ...]:
        if not state.lost or state.seen is None:
            return ()
        return (self._finding(state.seen, at),)

    def _finding(self, seen: Observation, until: datetime | None) -> Finding:
        ending = "" if until is None else saying("until", at=until)
        lost_s = {} if until is None else {"lost_s": (until - seen.at).total_seconds()}
        return self._voice.say(
            "drone_link_lost",
            seen,
            since=seen.at,
            until=until,
            saying=saying(
                "drone_link_lost",
                subject=seen.subject,
                since=seen.at,
                ending=ending,
                silent_s=self._settings.silent_after_s,
            ),
            values={**_state(seen), **lost_s},
            thresholds={"silent_after_s": self._settings.silent_after_s},
            evidence=(seen,),
        )


def _state(seen: Observation) -> dict[str, float | str]:
    content = seen.content
    if not isinstance(content, DronePosition):
        return {}
    stated = {"battery_percent": content.battery_percent, "height_m": content.height_m}
    return {name: value for name, value in stated.items() if value is not None}
