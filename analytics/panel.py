"""The active rules, arranged once by the kind of content each wants."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from math import inf
from typing import Any, Final

import msgspec
from msgspec import Struct

from analytics.pairwise import PAIR_CONTENTS
from analytics.rule import Event, Rule, Step, awaiting, judges_clocks, steadying
from haechi.cameras import CameraView
from haechi.cargo import CargoVerdict
from haechi.declared import DeclaredVoyage
from haechi.observations import Flag, Observation
from haechi.seals import SealOrder
from haechi.vessels import VesselPosition

Seat = tuple[int, Callable[[Any, Event], Step[Any]]]
"""A rule's place among the states of a subject, and its ear."""


class Steady(Struct, frozen=True, gc=False):
    """On what terms a vessel goes on as before, and who is told so only in the end."""

    alert: tuple[Seat, ...]
    """Who is given every fix."""
    told_last: tuple[Seat, ...]
    above_kn: float
    up_to_kn: float
    ais_type: int | None

    def holds(self, fix: VesselPosition, speed_kn: float) -> bool:
        """Return whether a fix, close to the one before and near no zone, is more of the same."""
        return self.above_kn < speed_kn <= self.up_to_kn and fix.ais_type == self.ais_type


class Panel:
    """All rules that judge a site.

    Raises:
        ValueError: Two rules have one name, so their findings could not be told apart.
    """

    def __init__(self, rules: Sequence[Rule[Any]]) -> None:
        names = [rule.name for rule in rules]
        if len(set(names)) < len(names):
            raise ValueError(f"rule names are not unique: {', '.join(names)}")
        self.rules = tuple(rules)
        self.fingerprint = _fingerprint(rules)
        self._start = tuple(rule.start() for rule in rules)
        self._decoders: list[msgspec.msgpack.Decoder[Any]] = [
            msgspec.msgpack.Decoder(rule.state_type) for rule in rules
        ]
        self._believed = _seating(enumerate(rules))
        self._doubted = _seating(pair for pair in enumerate(rules) if judges_clocks(pair[1]))
        self.kinds = frozenset(self._believed)
        """Contents that are for some rule, unless their time is not believed."""
        pairs = ((number, awaiting(rule)) for number, rule in enumerate(rules))
        self._awaiting = tuple((number, awaits) for number, awaits in pairs if awaits is not None)
        self._heeding: dict[tuple[int, ...], tuple[Seat, ...]] = {}
        steady = ((number, steadying(rule)) for number, rule in enumerate(rules))
        self._steadying = tuple((number, band) for number, band in steady if band is not None)

    def start(self) -> list[Any]:
        """Return the states before any event, always the same objects."""
        return list(self._start)

    def changed(self, states: Sequence[Any]) -> dict[int, Any]:
        """Return the states that some event has changed: most rules are about few subjects."""
        pairs = enumerate(zip(states, self._start, strict=True))
        return {rule: state for rule, (state, start) in pairs if state is not start}

    def restored(self, changed: Mapping[int, msgspec.Raw]) -> list[Any]:
        """Return all states, given what ``changed`` told, encoded."""
        states = self.start()
        for rule, state in changed.items():
            states[rule] = self._decoders[rule].decode(state)
        return states

    def seats(self, event: Event) -> tuple[Seat, ...]:
        """Return who is given this event."""
        observation = event.observation
        table = self._believed if is_believed(observation) else self._doubted
        return table.get(type(observation.content), ())

    def heeding(self, states: Sequence[Any]) -> tuple[Seat, ...]:
        """Return who is given bare fixes, as long as no rule has been told anything else."""
        spared = tuple(number for number, awaits in self._awaiting if awaits(states[number]))
        seats = self._heeding.get(spared)
        if seats is None:
            all_seats = self._believed.get(VesselPosition, ())
            seats = tuple(seat for seat in all_seats if seat[0] not in spared)
            self._heeding[spared] = seats
        return seats

    def steady(
        self,
        heeding: tuple[Seat, ...],
        states: Sequence[Any],
        fix: VesselPosition,
        speed_kn: float,
    ) -> Steady:
        """Return on what terms a way is steady that a fix goes on with, for those who heed it."""
        bands = [(rule, band(states[rule], fix, speed_kn)) for rule, band in self._steadying]
        held = {rule: band for rule, band in bands if band is not None}
        return Steady(
            alert=tuple(seat for seat in heeding if seat[0] not in held),
            told_last=tuple(seat for seat in heeding if seat[0] in held),
            above_kn=max((above for above, _ in held.values()), default=-inf),
            up_to_kn=min((up_to for _, up_to in held.values()), default=inf),
            ais_type=fix.ais_type,
        )


def is_believed(observation: Observation) -> bool:
    """Return whether an observation may move time and is for all rules."""
    return not observation.flags or _CLOCK_AHEAD not in observation.flags


STANDING: Final = frozenset({CameraView, CargoVerdict, DeclaredVoyage, SealOrder, *PAIR_CONTENTS})
"""Contents that say how things stand, not what happens: who has nothing else to say would hold
time back until the next time, minutes or weeks later. How late it is the first stage alone says."""


def moves_time(observation: Observation) -> bool:
    """Return whether an observation says how far its device has come."""
    is_plain = not observation.flags or is_believed(observation)
    return is_plain and type(observation.content) not in STANDING


_CLOCK_AHEAD: Final = Flag.CLOCK_AHEAD  # looked up once: this is asked for every observation


def _seating(rules: Iterable[tuple[int, Rule[Any]]]) -> dict[type, tuple[Seat, ...]]:
    seating: dict[type, tuple[Seat, ...]] = {}
    for number, rule in rules:
        for kind in dict.fromkeys(rule.accepts):
            seating[kind] = (*seating.get(kind, ()), (number, rule.on_event))
    return seating


def _fingerprint(rules: Sequence[Rule[Any]]) -> str:
    """Return what changes whenever a stored state would no longer fit the rules."""
    named = msgspec.json.encode([(rule.name, rule.version) for rule in rules])
    return blake2b(named, digest_size=8).hexdigest()
