"""One shipment, its voyage, all facts about them and the rules of their day: what is judged."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from msgspec import Struct

from analytics.crosscheck.facts import Fact, Move, MoveKind, Observed, PortVisit, Source
from analytics.crosscheck.reasons import SEVERITIES, Claim, Code, Reason
from haechi.aci.departures import departure
from haechi.aci.policy import Policy
from haechi.aci.policy_tables import Obligation
from haechi.aci.shipment import Departure, DepartureSource, Shipment
from haechi.aci.voyage import Voyage
from haechi.findings import Severity

SOURCES: Final[dict[DepartureSource, Source]] = {
    DepartureSource.CARRIER: Source.CARRIER,
    DepartureSource.COARRI: Source.TERMINAL,
    DepartureSource.AIS: Source.AIS,
}
_UNDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Case(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that one answer rests on; what several questions need is worked out once."""

    shipment: Shipment
    voyage: Voyage | None = None
    observed: Observed = Observed()
    policy: Policy

    @property
    def subject(self) -> str:
        """What its findings are filed under."""
        known = self.shipment
        return f"acid:{known.acid}" if known.acid else f"shipment:{known.reference}"

    @cached_property
    def containers(self) -> frozenset[str]:
        """Containers with its goods, as declared."""
        return frozenset(packing.container for packing in self.shipment.containers)

    @cached_property
    def departure(self) -> Departure | None:
        """The first report that she left the port of loading."""
        port = self.shipment.transport.load_port
        call = self.voyage.call(port) if self.voyage else None
        seen = departure(
            carrier=call.departure if call else None,
            coarri=min(
                (one.at for one in self.observed.completions if one.port == port), default=None
            ),
            ais=self._left(port),
        )
        said = [one for one in (seen, self.shipment.departed) if one is not None]
        return min(said, key=lambda one: one.at, default=None)

    @cached_property
    def arrival(self) -> PortVisit | None:
        """When AIS first saw her at the port of discharge after the departure."""
        left = self.departure
        port = self.shipment.transport.discharge_port
        visits = (one for one in self.observed.visits if one.port == port)
        return next((one for one in visits if left is None or one.at > left.at), None)

    @cached_property
    def voyage_visits(self) -> tuple[PortVisit, ...]:
        """Visits between the departure and the arrival at the port of discharge."""
        left, arrival = self.departure, self.arrival
        if left is None:
            return ()
        visits = (one for one in self.observed.visits if one.at > left.at)
        return tuple(one for one in visits if arrival is None or one.at < arrival.at)

    @cached_property
    def loadings(self) -> tuple[Move, ...]:
        """When its containers were loaded, in the order of time."""
        return self._moves(MoveKind.LOADED)

    @cached_property
    def landings(self) -> tuple[Move, ...]:
        """When its containers were discharged, in the order of time."""
        return self._moves(MoveKind.DISCHARGED)

    def _moves(self, kind: MoveKind) -> tuple[Move, ...]:
        mine = self.containers
        return tuple(
            one for one in self.observed.moves if one.container in mine and one.kind is kind
        )

    def is_at_sea(self, at: datetime) -> bool:
        """Return whether she was between two ports then: after the departure, before the arrival.

        The first discharge of one of its containers is an arrival too, where AIS was blind.
        """
        left = self.departure
        ashore = (self.arrival, *self.landings)
        ends = min((one.at for one in ashore if one is not None), default=None)
        if left is None or at < left.at or (ends is not None and at >= ends):
            return False
        return not any(covers(visit, at) for visit in self.observed.visits if visit.at > left.at)

    def reason(
        self,
        code: Code,
        declared: Claim,
        observed: Claim,
        *,
        about: str = "",
        values: Mapping[str, float | str] | None = None,
        thresholds: Mapping[str, float | str] | None = None,
    ) -> Reason:
        """Return a reason; while the law is on trial, a missing ACID is only a warning."""
        return Reason(
            code=code,
            severity=self._severity(code),
            subject=self.subject,
            about=about,
            declared=declared,
            observed=observed,
            at=observed.at or declared.at or self.shipment.requested_at or _UNDATED,
            values={**(values or {})},
            thresholds={**(thresholds or {})},
        )

    def _left(self, port: str) -> datetime | None:
        """Return when AIS saw her leave for this voyage: the first time after the last loading."""
        loaded = max((one.at for one in self.loadings), default=None)
        left = (one.left for one in self.observed.visits if one.port == port and one.left)
        return min((at for at in left if loaded is None or at >= loaded), default=None)

    def _severity(self, code: Code) -> Severity:
        is_trial = self.policy.obligation is Obligation.PILOT
        return Severity.WARNING if is_trial and code in ACID_CODES else SEVERITIES[code]


ACID_CODES: Final = frozenset(
    {
        Code.NO_ACID,
        Code.LOADED_WITHOUT_ACID,
        Code.DEPARTED_WITHOUT_ACID,
        Code.ACID_WITHDRAWN,
        Code.ACID_EXPIRED,
    }
)


def covers(visit: PortVisit, at: datetime) -> bool:
    """Return whether she was in that port then."""
    return visit.at <= at and (visit.left is None or at <= visit.left)


def seen(fact: Fact, value: str) -> Claim:
    """Return what a fact says."""
    return Claim(value, fact.source, fact.at, fact.reference)


def stated(value: str, source: Source = Source.DECLARATION, at: datetime | None = None) -> Claim:
    """Return what was declared."""
    return Claim(value, source, at)


def stamp(at: datetime | None) -> str:
    """Return a time as people of all languages read it; a dash if there is none.

    >>> stamp(datetime(2026, 3, 1, 6, 30, tzinfo=UTC))
    '2026-03-01 06:30:00Z'
    """
    return "-" if at is None else f"{at.astimezone(UTC).isoformat(' ', 'seconds')[:19]}Z"
