"""All that is seen of a lawful voyage: none of it disagrees with what was declared."""

from datetime import timedelta
from decimal import Decimal

from analytics.crosscheck.facts import (
    AnyFact,
    CarrierCheck,
    DocumentUse,
    EtaReport,
    Landing,
    LoadingComplete,
    ManifestLine,
    Meeting,
    Move,
    MoveKind,
    Observed,
    PortVisit,
    SealOpened,
    SealRole,
    SealSeen,
    ShipSeen,
    Source,
    Weighing,
    observe,
)
from tests.haechi.aci.cargo import ACID, ARRIVAL, CONTAINER, DEPARTURE, LOADING, SEAL, TAX_NUMBER

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LOADED_AT = LOADING + HOUR
SINGAPORE = DEPARTURE + 7 * DAY
DISCHARGED_AT = ARRIVAL + 8 * HOUR

LAWFUL: tuple[AnyFact, ...] = (
    ShipSeen(at=LOADING, source=Source.AIS, mmsi="440006460", imo="9811000", call_sign="D7AB1"),
    SealSeen(at=LOADING - DAY, source=Source.SEAL, container=CONTAINER, seal=SEAL,
             role=SealRole.ARMED),
    SealSeen(at=LOADING - HOUR, source=Source.GATE, container=CONTAINER, seal=SEAL,
             role=SealRole.GATE),
    Weighing(at=LOADING - HOUR, source=Source.SCALE, container=CONTAINER, kg=21_900),
    Move(at=LOADING - HOUR, source=Source.GATE, container=CONTAINER, kind=MoveKind.GATE_IN,
         port="KRPUS"),
    PortVisit(at=LOADING - DAY, source=Source.AIS, port="KRPUS", left=DEPARTURE),
    ManifestLine(at=LOADING - HOUR, source=Source.MANIFEST, container=CONTAINER, imo="9811000",
                 call_sign="D7AB1", voyage="042W", load_port="KRPUS", discharge_port="EGALY",
                 gross_kg=18_000),
    Move(at=LOADED_AT, source=Source.TERMINAL, container=CONTAINER, kind=MoveKind.LOADED,
         port="KRPUS"),
    CarrierCheck(at=LOADED_AT, source=Source.CARRIER, importer=TAX_NUMBER, kind=MoveKind.LOADED),
    LoadingComplete(at=DEPARTURE + HOUR, source=Source.TERMINAL, port="KRPUS"),
    PortVisit(at=SINGAPORE, source=Source.AIS, port="SGSIN", left=SINGAPORE + DAY),
    Meeting(at=SINGAPORE + HOUR, source=Source.AIS, other="563000001", until=SINGAPORE + 9 * HOUR),
    EtaReport(at=SINGAPORE + DAY, source=Source.AIS, port="EGALY", eta=ARRIVAL + 2 * HOUR),
    PortVisit(at=ARRIVAL, source=Source.AIS, port="EGALY"),
    SealOpened(at=DISCHARGED_AT + HOUR, source=Source.SEAL, seal=SEAL, container=CONTAINER),
    Move(at=DISCHARGED_AT, source=Source.TERMINAL, container=CONTAINER,
         kind=MoveKind.DISCHARGED, port="EGALY"),
    CarrierCheck(at=DISCHARGED_AT, source=Source.CARRIER, importer=TAX_NUMBER,
                 kind=MoveKind.DISCHARGED),
    Landing(at=DISCHARGED_AT, source=Source.TERMINAL, quantity=Decimal(100)),
    DocumentUse(at=LOADING - 5 * DAY, source=Source.DOCUMENT, digest="a" * 64, acid=ACID),
)  # fmt: skip

OBSERVED: Observed = observe(Observed(), *LAWFUL)


def without(*kinds: type[AnyFact]) -> Observed:
    """Return the lawful facts but for those of some kinds."""
    return observe(Observed(), *(fact for fact in LAWFUL if not isinstance(fact, kinds)))
