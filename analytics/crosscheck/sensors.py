"""What sensors say of cargo besides places, as facts: arrivals, boxes at gates, seals, meetings."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from analytics.crosscheck.facts import (
    AnyFact,
    EtaReport,
    Meeting,
    Move,
    SealBound,
    SealRole,
    SealSeen,
    Source,
)
from analytics.crosscheck.gates import Gate
from haechi.aci.voyage import Call
from haechi.cameras import ContainerRead
from haechi.findings import Finding
from haechi.seals import Authenticity, SealEventKind, SealOrder, SealOrderKind, SealReport
from haechi.vessels import VesselParticulars

MEETINGS: Final = frozenset({"encounter", "dark_meeting"})
"""Kinds of findings that say that two were together."""
AGAIN: Final = timedelta(hours=1)
"""What a gate reads again so soon is the same passage."""

_ETA: Final = re.compile(r"([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2})")
_SIGNS: Final = re.compile(r"[^A-Z0-9]+")


def eta_report(
    said: VesselParticulars, at: datetime, calls: Iterable[Call], reference: str
) -> EtaReport | None:
    """Return when a vessel says she will be at a port of her voyage, ``None`` if she does not.

    Args:
        said: Destination and time are typed by the crew: whatever names none of ``calls`` by its
            UN/LOCODE or its name says nothing. AIS gives no year: the nearest is meant.
        at: When she said it.
        calls: Of the voyage that she is on.
        reference: Name of the vessel.

    >>> alexandria = Call(port="EGALY", name="Alexandria")
    >>> typed = VesselParticulars(destination="SGSIN>EG ALY", eta="01-03 06:00")
    >>> found = eta_report(typed, datetime(2025, 12, 20, tzinfo=UTC), [alexandria], "mmsi:1")
    >>> found.port, found.eta.isoformat()
    ('EGALY', '2026-01-03T06:00:00+00:00')
    """
    eta = _nearest(said.eta or "", at)
    port = _port(said.destination or "", calls)
    if eta is None or not port:
        return None
    return EtaReport(at=at, source=Source.AIS, reference=reference, port=port, eta=eta)


def passage(read: ContainerRead, at: datetime, gate: Gate) -> Move | None:
    """Return what a reading at a gate means, ``None`` if the number may be another box's.

    Only a check digit that was read and fits its number tells one letter from another.
    """
    if str(read.check_digit_read) != read.number[-1]:
        return None
    return Move(
        at=at,
        source=Source.GATE,
        reference=f"{read.camera} {read.frame[:12]}",
        container=read.number,
        kind=gate.kind,
        port=gate.port,
    )


def seal_seen(
    report: SealReport, seal: str, at: datetime, gate: Gate | None, reference: str
) -> SealSeen | None:
    """Return on which container a seal hung when it was armed or passed a gate.

    What a forger says is no fact, and neither is a seal that does not know its container.
    """
    is_armed = report.event is SealEventKind.ARMED
    is_told = is_armed or gate is not None
    if not is_told or report.container is None or report.authenticity is Authenticity.INVALID:
        return None
    return SealSeen(
        at=at,
        source=Source.SEAL if is_armed else Source.GATE,
        reference=reference,
        container=report.container,
        seal=seal,
        role=SealRole.ARMED if is_armed else SealRole.GATE,
    )


def seal_bound(order: SealOrder, seal: str, at: datetime) -> SealBound | None:
    """Return under which number of the documents a seal was ordered onto its container, if any."""
    if order.kind is not SealOrderKind.BIND or order.container is None or order.number is None:
        return None
    return SealBound(
        at=at,
        source=Source.CUSTOMS,
        reference=order.order,
        container=order.container,
        seal=seal,
        number=order.number,
    )


def meeting(finding: Finding, subject: str) -> Meeting | None:
    """Return a meeting that a rule found, as one of the two has it; ``None`` of other findings.

    While it goes on it has lasted as long as the rule has seen.
    """
    if finding.kind not in MEETINGS or finding.other is None:
        return None
    lasted_s = finding.values.get("duration_s", 0.0)
    so_far = finding.since + timedelta(seconds=lasted_s if isinstance(lasted_s, float) else 0.0)
    return Meeting(
        at=finding.since,
        source=Source.AIS,
        reference=finding.id,
        other=finding.other if finding.subject == subject else finding.subject,
        until=finding.until or so_far,
    )


def is_new(fact: AnyFact, known: Iterable[AnyFact]) -> bool:
    """Return whether a fact says more than is known: sensors repeat themselves for hours."""
    return not any(_is_repeated(fact, same) for same in _alike(fact, known))


def _alike(fact: AnyFact, known: Iterable[AnyFact]) -> Iterator[AnyFact]:
    """Yield what a fact may repeat: of arrivals the last one, of passages all."""
    mine = [one for one in known if type(one) is type(fact)]
    if isinstance(fact, EtaReport):
        mine = sorted((one for one in mine if one.at <= fact.at), key=lambda one: one.at)[-1:]
    yield from mine


def _is_repeated(fact: AnyFact, known: AnyFact) -> bool:
    if isinstance(fact, EtaReport) and isinstance(known, EtaReport):
        return (fact.port, fact.eta) == (known.port, known.eta)
    if isinstance(fact, Move) and isinstance(known, Move):
        is_same = (fact.container, fact.kind, fact.port) == (
            known.container,
            known.kind,
            known.port,
        )
        return is_same and abs(fact.at - known.at) < AGAIN
    if isinstance(fact, SealSeen) and isinstance(known, SealSeen):
        is_same = (fact.container, fact.seal, fact.role) == (
            known.container,
            known.seal,
            known.role,
        )
        return is_same and abs(fact.at - known.at) < AGAIN
    return fact == known


def _nearest(text: str, at: datetime) -> datetime | None:
    """Return the time that was sent without a year; hour 24 and minute 60 are "not available"."""
    found = _ETA.fullmatch(text)
    if found is None:
        return None
    month, day, hour, minute = map(int, found.groups())
    times: list[datetime] = []
    for year in (at.year - 1, at.year, at.year + 1):
        try:
            times.append(datetime(year, month, day, hour, minute, tzinfo=UTC))
        except ValueError:
            continue
    return min(times, key=lambda each: abs(each - at), default=None)


def _port(destination: str, calls: Iterable[Call]) -> str:
    """Return the port that is named last: what stands before an arrow is where she comes from."""
    typed = _SIGNS.sub("", destination.upper())
    named = {
        place: call.port
        for call in calls
        for name in (call.port, call.name)
        if (key := _SIGNS.sub("", name.upper())) and (place := typed.rfind(key)) >= 0
    }
    return named[max(named)] if named else ""
