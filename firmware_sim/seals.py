"""Simulated electronic seals: state machines that emit signed frames, as real ones do on the air.

What is done to a seal is a list of acts; everything else follows from it and from the seed. The
same seal and start give the same bytes.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from heapq import merge
from itertools import count
from math import cos, inf, radians
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from edge.seal.frame import MOST_OPENINGS, Frame, Place
from edge.seal.keys import SharedSecret, SigningKey, signed
from haechi.seals import SealEventKind
from haechi.units import METRES_PER_DEGREE

LOW_BATTERY_PERCENT: Final = 20.0
TEMPERATURE_LIMITS_C: Final = (-35.0, 65.0)
AIR_TIME_S: Final = 0.02
"""Stored frames follow each other so closely."""

_E = SealEventKind


class Body(NamedTuple):
    """The state of a seal."""

    armed: bool = False
    sealed: bool = False
    openings: int = 0


class Effect(NamedTuple):
    """What an event does to a seal; ``None`` leaves it as it is."""

    armed: bool | None = None
    sealed: bool | None = None
    opens: bool = False


EFFECTS: Final[Mapping[SealEventKind, Effect]] = MappingProxyType(
    {
        _E.ARMED: Effect(armed=True),
        _E.LOCK: Effect(sealed=True),
        _E.UNLOCK: Effect(sealed=False, opens=True),
        _E.DOOR: Effect(sealed=False, opens=True),
        _E.REMOVING: Effect(sealed=False),
        _E.DISARMED: Effect(armed=False),
    }
)
"""The state machine of the hardware; other events change nothing. The latch only counts up."""


class Act(NamedTuple):
    """Something that happens to a seal."""

    second: float
    event: SealEventKind


class Sent(NamedTuple):
    """A frame on the air."""

    second: float
    """When a gateway can hear it."""
    raw: bytes


IDLE: Final = Body()

Way = Callable[[float], Place | None]
"""Says where a seal is at a second, ``None`` where it cannot know."""

Spans = tuple[tuple[float, float], ...]
"""Times from a second until another."""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """One seal and its day, in seconds since the start."""

    number: str
    key: SigningKey
    way: Way = lambda _: None
    acts: tuple[Act, ...] = ()
    container: str | None = None
    begins_s: float = 0.0
    """Of its first report."""
    period_s: float = 300.0
    counter: int = 1
    """Number of its first frame."""
    body: Body = IDLE
    """Its state before any act."""
    unheard: Spans = ()
    """No gateway in reach: it stores, and sends at the end with the times of then."""
    jammed: Spans = ()
    """Somebody jams: the same, and it notes the beginning."""
    clock_ahead_s: float = 0.0
    clock_drift_ppm: float = 0.0
    battery_percent: float = 100.0
    """At second 0."""
    drain_percent_per_day: float = 0.5
    temperatures: tuple[tuple[float, float], ...] = ()
    """(from second, degrees Celsius), ascending; it has no thermometer if empty."""

    def battery_at(self, second: float) -> float:
        """Return what is left, in per cent."""
        return max(0.0, self.battery_percent - self.drain_percent_per_day * second / 86_400)

    def temperature_at(self, second: float) -> float | None:
        """Return what its thermometer shows."""
        place = bisect_right(self.temperatures, (second, inf))
        return self.temperatures[place - 1][1] if place else None

    def clock_at(self, start: datetime, second: float) -> datetime:
        """Return what its clock shows."""
        shown_s = second * (1 + self.clock_drift_ppm / 1e6) + self.clock_ahead_s
        return start + timedelta(milliseconds=round(shown_s * 1000))


def transmissions(seal: Seal, start: datetime, until_s: float = inf) -> Iterator[Sent]:
    """Yield a seal's frames in the order in which they can be heard.

    Args:
        seal: The seal.
        start: The moment of second 0.
        until_s: Nothing is made from this second on; what is stored by then may follow.
    """
    stored: list[bytes] = []
    free_at = -inf
    body = seal.body
    for counter, act in enumerate(_acts(seal, until_s), start=seal.counter):
        if seal.battery_at(act.second) <= 0:
            return
        body = _after(body, act.event)
        if stored and act.second >= free_at:
            yield from _flushed(stored, free_at)
        stored.append(signed(_frame(seal, start, act, counter, body), seal.key))
        free_at = _heard_at(seal, act.second)
        if free_at <= act.second:
            yield from _flushed(stored, act.second)
    if free_at < inf:
        yield from _flushed(stored, free_at)


def on_air(seals: Sequence[Seal], start: datetime, until_s: float = inf) -> Iterator[Sent]:
    """Yield the frames of many seals, in the order in which they can be heard."""
    return merge(*(transmissions(seal, start, until_s) for seal in seals))


def secret_of(number: str, seed: int) -> bytes:
    """Return the secret of a simulated seal: who knows the seed knows it, so for play only."""
    return blake2b(f"{seed}|{number}".encode(), digest_size=32).digest()


def key_file(numbers: Sequence[str], seed: int) -> str:
    """Return the lines that a gateway needs to know these seals."""
    lines = [f"{number} hmac-sha256 {secret_of(number, seed).hex()}\n" for number in numbers]
    return "# Simulated seals: secrets of no worth\n" + "".join(lines)


def standing(lat: float, lon: float) -> Way:
    """Return the way of what stands still."""
    place = Place(round(lat * 1e7), round(lon * 1e7), 0)
    return lambda _: place


def yard(size: int, seed: int, *, lat: float = 35.076, lon: float = 128.832) -> tuple[Seal, ...]:
    """Return seals that are armed in rows of a container yard, by default at Busan New Port.

    Each is armed and locked before second 0, reports about every minute, and stays closed.
    """
    random = np.random.default_rng(seed)
    seals: list[Seal] = []
    for place in range(size):
        number = f"SIM-{place + 1:06}"
        north_m, east_m = 30.0 * (place // 10), 12.0 * (place % 10)
        begins_s = -3600.0 + float(random.uniform(0, 60))
        here = (
            lat + north_m / METRES_PER_DEGREE,
            lon + east_m / METRES_PER_DEGREE / cos(radians(lat)),
        )
        seals.append(
            Seal(
                number=number,
                key=SharedSecret(secret_of(number, seed)),
                way=standing(*here),
                acts=(Act(begins_s, _E.ARMED), Act(begins_s + 5, _E.LOCK)),
                container=_container(place),
                begins_s=begins_s + 30,
                period_s=float(random.uniform(55, 65)),
                battery_percent=round(float(random.uniform(60, 100)), 1),
            )
        )
    return tuple(seals)


def _container(place: int) -> str:
    """Return a number with a check digit (ISO 6346) in a series that nobody has."""
    text = f"SIMU{place + 1:06}"
    total = sum(_value(sign) << n for n, sign in enumerate(text))
    return f"{text}{total % 11 % 10}"


def _value(sign: str) -> int:
    return int(sign) if sign.isdigit() else 10 + (n := ord(sign) - ord("A")) + (n + 9) // 10


def _after(body: Body, event: SealEventKind) -> Body:
    effect = EFFECTS.get(event, Effect())
    return Body(
        body.armed if effect.armed is None else effect.armed,
        body.sealed if effect.sealed is None else effect.sealed,
        min(body.openings + effect.opens, MOST_OPENINGS),
    )


def _acts(seal: Seal, until_s: float) -> Iterator[Act]:
    """Yield what is done to a seal, what it notices by itself, and its periodic reports."""
    own = [Act(begin, _E.JAMMING) for begin, _ in seal.jammed]
    low, high = TEMPERATURE_LIMITS_C
    own += [Act(s, _E.TEMPERATURE) for s, shown in seal.temperatures if not low <= shown <= high]
    if seal.battery_percent > LOW_BATTERY_PERCENT and seal.drain_percent_per_day > 0:
        days = (seal.battery_percent - LOW_BATTERY_PERCENT) / seal.drain_percent_per_day
        own.append(Act(days * 86_400, _E.LOW_BATTERY))
    periodic = (Act(seal.begins_s + n * seal.period_s, _E.STATUS) for n in count())
    for act in merge(sorted(seal.acts), sorted(own), periodic, key=lambda act: act.second):
        if act.second >= until_s:
            return
        yield act


def _frame(seal: Seal, start: datetime, act: Act, counter: int, body: Body) -> Frame:
    shown = seal.temperature_at(act.second)
    return Frame(
        number=seal.number,
        counter=counter,
        event=act.event,
        openings=body.openings,
        at=seal.clock_at(start, act.second),
        sealed=body.sealed,
        armed=body.armed,
        battery_half_percent=round(2 * seal.battery_at(act.second)),
        place=seal.way(act.second),
        centicelsius=None if shown is None else round(100 * shown),
        container=seal.container,
    )


def _heard_at(seal: Seal, second: float) -> float:
    """Return when what is made at a second can first be heard."""
    for begin, end in sorted((*seal.unheard, *seal.jammed)):
        if begin <= second < end:
            second = end
    return second


def _flushed(stored: list[bytes], second: float) -> Iterator[Sent]:
    """Yield what is stored, one frame after another."""
    yield from (Sent(second + n * AIR_TIME_S, raw) for n, raw in enumerate(stored))
    stored.clear()
