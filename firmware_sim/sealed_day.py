"""The seals of a scenario on the air, what adversaries do to them, and the orders about them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import merge
from math import inf

from edge.measured import Measured
from edge.seal.frame import Place
from edge.seal.keys import SharedSecret
from firmware_sim.cast import Attack, Closure, Order
from firmware_sim.scenario import Scenario
from firmware_sim.seal_attacks import cloned
from firmware_sim.seals import Act, Seal, Sent, Way, key_file, secret_of, standing, transmissions
from firmware_sim.vessels import Vessel
from haechi.seals import SealOrder


def frames(
    scenario: Scenario, vessels: Mapping[str, Vessel], start: datetime | None = None
) -> Iterator[Sent]:
    """Yield what the gateways hear of all seals, in order of time."""
    begins = start or scenario.starts
    streams = (_heard(scenario, closure, vessels, begins) for closure in scenario.seal)
    return merge(*streams, key=lambda sent: sent.second)


def keys(scenario: Scenario) -> str:
    """Return the key file of the gateways."""
    return key_file([closure.number for closure in scenario.seal], scenario.seed)


def orders(scenario: Scenario, start: datetime | None = None) -> list[Measured]:
    """Return what the registry orders, in order of time."""
    made = [
        Measured(
            scenario.at(order.at_s, start),
            f"seal:{closure.number}",
            _order(scenario, order, start),
            urgent=True,
        )
        for closure in scenario.seal
        for order in closure.orders
    ]
    return sorted(made, key=lambda reading: (reading.at, reading.subject))


def _order(scenario: Scenario, order: Order, start: datetime | None) -> SealOrder:
    valid = order.valid_s or (None, None)
    valid_from, valid_to = (None if s is None else scenario.at(s, start) for s in valid)
    return SealOrder(
        order=order.order,
        kind=order.kind,
        container=order.container,
        number=order.number,
        valid_from=valid_from,
        valid_to=valid_to,
        zones=order.zones,
        by="scenario",
    )


def _heard(
    scenario: Scenario, closure: Closure, vessels: Mapping[str, Vessel], start: datetime
) -> Iterator[Sent]:
    seal = _seal(scenario, closure, vessels)
    own = list(transmissions(seal, start, scenario.lasts_s))
    played = [_attacked(attack, seal, own, start, scenario.lasts_s) for attack in closure.attacks]
    return merge(own, *played, key=lambda sent: sent.second)


def _attacked(
    attack: Attack, seal: Seal, own: list[Sent], start: datetime, until_s: float
) -> list[Sent]:
    recorded = own[min(attack.frame, len(own) - 1)].raw if own else b""
    if attack.kind == "replay":
        return [Sent(attack.at_s, recorded)]
    if attack.kind == "flip":
        return [Sent(attack.at_s, recorded[:-1] + bytes([recorded[-1] ^ 1]))]
    sent_by_then = sum(sent.second < attack.at_s for sent in own)
    copy = cloned(
        seal,
        begins_s=attack.at_s,
        counter=seal.counter + sent_by_then,
        way=None if attack.at is None else standing(attack.at[1], attack.at[0]),
    )
    return list(transmissions(copy, start, until_s))


def _seal(scenario: Scenario, closure: Closure, vessels: Mapping[str, Vessel]) -> Seal:
    return Seal(
        number=closure.number,
        key=SharedSecret(secret_of(closure.number, scenario.seed)),
        way=_way(closure, vessels),
        acts=tuple(Act(second, event) for second, event in closure.acts),
        container=closure.container,
        begins_s=closure.begins_s,
        period_s=closure.period_s,
        unheard=closure.unheard_s,
        jammed=closure.jammed_s,
        clock_ahead_s=closure.clock_ahead_s,
        clock_drift_ppm=closure.clock_drift_ppm,
        battery_percent=closure.battery_percent,
    )


def _way(closure: Closure, vessels: Mapping[str, Vessel]) -> Way:
    if closure.at is not None:
        return standing(closure.at[1], closure.at[0])
    if closure.aboard is None:
        return lambda _: None
    first = (-inf, closure.aboard)
    ways = [(since, vessels[carrier]) for since, carrier in (first, *closure.moves)]

    def aboard(second: float) -> Place:
        vessel = [carrier for since, carrier in ways if since <= second][-1]
        lat, lon, _ = vessel.lane.at(vessel.distance_m(second))
        return Place(round(lat * 1e7), round(lon * 1e7), round(vessel.speed_kn(second) * 10))

    return aboard
