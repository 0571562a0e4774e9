"""Whether what is aboard may be aboard: the ACID, and the vessel, voyage and ports it names."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from analytics.crosscheck.case import Case, covers, seen, stamp, stated
from analytics.crosscheck.facts import ManifestLine, Move, Source
from analytics.crosscheck.reasons import Claim, Code, Reason
from haechi.aci.deadlines import expiry
from haechi.aci.policy_tables import Obligation
from haechi.aci.shipment import Shipment

NOTHING: Final = "-"


def acid_missing(case: Case) -> Iterator[Reason]:
    """Check 1: a container is on the list or aboard, and its ACID does not stand.

    An ACID that was issued after the loading did not stand then.
    """
    if case.policy.obligation is Obligation.NOT_REQUIRED:
        return
    for move in case.loadings:
        if not _stands(case.shipment, move.at):
            said = seen(move, stamp(move.at))
            yield case.reason(Code.LOADED_WITHOUT_ACID, _acid(case), said, about=move.container)
    if case.shipment.has_acid:
        return
    loaded = {move.container for move in case.loadings}
    for line in _mine(case):
        if line.container not in loaded:
            said = seen(line, line.container)
            yield case.reason(Code.NO_ACID, _acid(case), said, about=line.container)


def acid_expired(case: Case) -> Iterator[Reason]:
    """Check 15: the ACID no longer held when a container was loaded."""
    until = expiry(case.shipment, case.policy)
    for move in case.loadings:
        if until is not None and move.at > until:
            yield case.reason(
                Code.ACID_EXPIRED,
                stated(stamp(until), Source.POLICY, until),
                seen(move, stamp(move.at)),
                about=move.container,
                thresholds={"validity_days": case.policy.validity.days},
            )


def journey(case: Case) -> Iterator[Reason]:
    """Check 2: vessel, voyage and ports as AIS, manifest and terminal have them."""
    yield from _ship(case)
    for line in _mine(case):
        yield from _line(case, line)
    planned = case.shipment.transport
    yield from _ports(case, Code.DISCHARGE_PORT_MISMATCH, planned.discharge_port, case.landings)
    yield from _ports(case, Code.LOAD_PORT_MISMATCH, planned.load_port, case.loadings)
    yield from _berths(case, planned.load_port)


def _acid(case: Case) -> Claim:
    return stated(f"{case.shipment.acid or NOTHING} ({case.shipment.state})", Source.CUSTOMS)


def _stands(shipment: Shipment, at: datetime) -> bool:
    return shipment.has_acid and shipment.issued_at is not None and shipment.issued_at <= at


def _mine(case: Case) -> Iterator[ManifestLine]:
    return (line for line in case.observed.manifest if line.container in case.containers)


def _ship(case: Case) -> Iterator[Reason]:
    """Compare every name that both sides give: IMO number, call sign, MMSI."""
    planned = case.shipment.transport
    for ship in case.observed.ships:
        names = (
            (planned.imo, ship.imo),
            (planned.call_sign, ship.call_sign),
            (planned.mmsi, ship.mmsi),
        )
        wrong = [(one, other) for one, other in names if one and other and one != other]
        for one, other in wrong:
            yield case.reason(Code.VESSEL_MISMATCH, stated(one), seen(ship, other))


def _line(case: Case, line: ManifestLine) -> Iterator[Reason]:
    planned = case.shipment.transport
    pairs = (
        (Code.VESSEL_MISMATCH, planned.imo, line.imo),
        (Code.VESSEL_MISMATCH, planned.call_sign, line.call_sign),
        (Code.VOYAGE_MISMATCH, planned.voyage, line.voyage),
        (Code.LOAD_PORT_MISMATCH, planned.load_port, line.load_port),
        (Code.DISCHARGE_PORT_MISMATCH, planned.discharge_port, line.discharge_port),
    )
    for code, declared, listed in pairs:
        if declared and listed and declared != listed:
            yield case.reason(code, stated(declared), seen(line, listed), about=line.container)


def _ports(case: Case, code: Code, declared: str, moves: Iterable[Move]) -> Iterator[Reason]:
    for move in moves:
        if declared and move.port and declared != move.port:
            said = seen(move, move.port)
            yield case.reason(code, stated(declared), said, about=move.container)


def _berths(case: Case, declared: str) -> Iterator[Reason]:
    """Compare with where AIS saw the vessel when each container was loaded."""
    for move in case.loadings:
        visit = next((one for one in case.observed.visits if covers(one, move.at)), None)
        if visit is not None and declared and visit.port != declared:
            said = seen(visit, visit.port)
            yield case.reason(Code.LOAD_PORT_MISMATCH, stated(declared), said, about=move.container)
