"""Whether things happened in the lawful order, and whether the vessel kept to her voyage."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from analytics.crosscheck.case import SOURCES, Case, seen, stamp, stated
from analytics.crosscheck.facts import EtaReport, Source
from analytics.crosscheck.reasons import Claim, Code, Reason
from haechi.aci.amendments import GROUPS
from haechi.aci.policy_tables import Anchor, Duty, Group, Obligation
from haechi.aci.shipment import Amendment, Departure, Role

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


def departure(case: Case) -> Iterator[Reason]:
    """Check 3: she left before the ACID was issued or too soon, or it stands no more."""
    left = case.departure
    if left is None or case.policy.obligation is Obligation.NOT_REQUIRED:
        return
    yield from _unissued(case, left)
    yield from _too_soon(case, left)


def amendments(case: Case) -> Iterator[Reason]:
    """Check 4: somebody changed, or tried to change, what is locked since the departure.

    A correction by operators is lawful, and so are new documents.
    """
    left = case.departure
    if left is None:
        return
    for made in case.shipment.amendments:
        if made.at >= left.at and made.role is not Role.OPERATOR and _is_locked(made):
            said = Claim(f"{made.role}, {stamp(made.at)}", Source.CUSTOMS, made.at)
            about = f"version {made.version}"
            yield case.reason(Code.AMENDED_AFTER_DEPARTURE, _left(left), said, about=about)
    for tried in case.observed.attempts:
        if tried.at >= left.at:
            said = seen(tried, f"{tried.role}, {stamp(tried.at)}")
            about = ", ".join(tried.fields)
            yield case.reason(Code.AMENDED_AFTER_DEPARTURE, _left(left), said, about=about)


def voyage(case: Case) -> Iterator[Reason]:
    """Check 5: undeclared ports, meetings at sea, and an arrival later than declared."""
    yield from _calls(case)
    yield from _meetings(case)
    yield from _arrival(case)


def _unissued(case: Case, left: Departure) -> Iterator[Reason]:
    issued = case.shipment.issued_at
    if issued is None or issued > left.at:
        state = f"{case.shipment.state}, {stamp(issued)}"
        declared = stated(state, Source.CUSTOMS, issued)
        yield case.reason(Code.DEPARTED_WITHOUT_ACID, declared, _left(left))
    elif not case.shipment.has_acid:
        yield _withdrawn(case)


def _withdrawn(case: Case) -> Reason:
    """Return that the authority has taken back the ACID of what is under way."""
    shipment = case.shipment
    ends = (each.at for each in shipment.history if each.after is shipment.state)
    at = max(ends, default=None)
    said = Claim(f"{shipment.state}, {stamp(at)}", Source.CUSTOMS, at)
    return case.reason(Code.ACID_WITHDRAWN, stated(shipment.acid or "-"), said)


def _too_soon(case: Case, left: Departure) -> Iterator[Reason]:
    """Hold the filing against what the policy counts from: the first loading, or the departure."""
    filed = case.shipment.filed_at
    for rule in case.policy.deadlines:
        if rule.what is not Duty.FILED or not rule.is_hard or filed is None:
            continue
        loaded = case.loadings[:1] if rule.anchor is Anchor.PLANNED_LOADING else ()
        at = loaded[0].at if loaded else left.at
        if filed > at + rule.offset:
            hours = round((at - filed) / _HOUR, 3)
            yield case.reason(
                Code.DEPARTED_TOO_SOON,
                stated(stamp(filed), Source.CUSTOMS, filed),
                seen(loaded[0], stamp(at)) if loaded else _left(left),
                values={"hours_between": hours},
                thresholds={"hours_between": -rule.offset / _HOUR},
            )


def _is_locked(made: Amendment) -> bool:
    return any(GROUPS[change.field] is not Group.DOCUMENTS for change in made.changes)


def _calls(case: Case) -> Iterator[Reason]:
    if case.voyage is None:
        return
    ports = {call.port for call in case.voyage.calls}
    for visit in case.voyage_visits:
        if visit.port not in ports:
            planned = " > ".join(call.port for call in case.voyage.calls)
            declared, said = stated(planned, Source.VOYAGE), seen(visit, visit.port)
            yield case.reason(Code.UNDECLARED_CALL, declared, said, about=visit.port)


def _meetings(case: Case) -> Iterator[Reason]:
    least = case.policy.tolerance.meeting_min
    for meeting in case.observed.meetings:
        minutes = (meeting.until - meeting.at) / _MINUTE
        if minutes >= least and case.is_at_sea(meeting.at):
            yield case.reason(
                Code.MEETING_AT_SEA,
                stated(case.shipment.transport.voyage, Source.VOYAGE),
                seen(meeting, f"{meeting.other}, {stamp(meeting.at)}"),
                about=meeting.other,
                values={"minutes": round(minutes, 1)},
                thresholds={"minutes": least},
            )


def _arrival(case: Case) -> Iterator[Reason]:
    """Hold the arrival, or while there is none her last word about it, against the declared one."""
    eta = case.shipment.transport.eta
    port = case.shipment.transport.discharge_port
    reports = [one for one in case.observed.etas if one.port == port]
    last = case.arrival or (reports[-1] if reports else None)
    if eta is None or last is None:
        return
    at = last.eta if isinstance(last, EtaReport) else last.at
    limit = case.policy.tolerance.eta_slip_h
    if at - eta > limit * _HOUR:
        yield case.reason(
            Code.ETA_SLIP,
            stated(stamp(eta), at=eta),
            seen(last, stamp(at)),
            about=port,
            values={"hours_late": round((at - eta) / _HOUR, 3)},
            thresholds={"hours_late": limit},
        )


def _left(left: Departure) -> Claim:
    return Claim(stamp(left.at), SOURCES[left.source], left.at)
