"""Faults of cargo, labelled: for each cross-check what goes wrong, and what only nearly does.

Numbers and labels are those of the requirements; the simulator does not see who looks for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from firmware_sim.cargo import DAY, HOUR, TARE_KG, Journey, Seen
from haechi.aci.shipment import Amendment, Change, Company, Role

SECOND: Final = timedelta(seconds=1)
FILING: Final = timedelta(hours=48)
"""Before loading, everything must be filed (N4)."""
VALIDITY: Final = timedelta(days=90)
STRANGER: Final = "111222333"
"""Tax number of an importer who has nothing to do with it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a journey goes wrong."""

    check: int
    """Number of the cross-check, 1 to 15."""
    label: str
    """What ought to be found."""
    commit: Callable[[Journey], Journey]
    nearly: Callable[[Journey], Journey]
    """The same on the lawful side of the limit: nothing ought to be found."""


def _declare(journey: Journey, **fields: Any) -> Journey:
    return Journey(replace(journey.shipment, **fields), journey.voyage, journey.seen)


def _see(journey: Journey, kind: str, at: datetime, source: str, **values: Any) -> Journey:
    more = Seen(kind, at, source, values)
    return Journey(journey.shipment, journey.voyage, (*journey.seen, more))


def _instead(journey: Journey, kind: str, **values: Any) -> Journey:
    """See the first thing of a kind differently."""
    place = next(n for n, seen in enumerate(journey.seen) if seen.kind == kind)
    old = journey.seen[place]
    new = Seen(kind, old.at, old.source, {**old.values, **values})
    return Journey(
        journey.shipment, journey.voyage, (*journey.seen[:place], new, *journey.seen[place + 1 :])
    )


def _billed(journey: Journey, **fields: Any) -> Journey:
    bill, *others = journey.shipment.bills
    return _declare(journey, bills=(replace(bill, **fields), *others))


def _packed(journey: Journey, **fields: Any) -> Journey:
    """Pack the container otherwise, as declared by shipment and voyage."""
    (packing,) = journey.shipment.containers
    changed = replace(packing, **fields)
    (aboard,) = journey.voyage.containers
    voyage = replace(journey.voyage, containers=(replace(aboard, container=changed.container),))
    return Journey(replace(journey.shipment, containers=(changed,)), voyage, journey.seen)


def _departure(journey: Journey) -> datetime:
    return journey.loading + DAY


def _loaded(journey: Journey) -> datetime:
    return journey.loading + HOUR


def _at_sea(journey: Journey) -> datetime:
    return _departure(journey) + 3 * DAY


def _box(journey: Journey) -> str:
    return journey.shipment.containers[0].container


def _seal(journey: Journey) -> str:
    return journey.shipment.containers[0].seals[0]


def _issued(journey: Journey, after_loading: timedelta) -> Journey:
    return _declare(journey, issued_at=_loaded(journey) + after_loading)


def _filed(journey: Journey, late: timedelta) -> Journey:
    return _declare(journey, filed_at=_loaded(journey) - FILING + late)


def _amended(journey: Journey, after_departure: timedelta) -> Journey:
    record = Amendment(
        version=2,
        at=_departure(journey) + after_departure,
        role=Role.IMPORTER,
        by=("kim",),
        reason="typing error",
        changes=(Change(field="goods", before="1", after="2"),),
    )
    return _declare(journey, amendments=(record,))


def _called(journey: Journey, at: datetime) -> Journey:
    return _see(journey, "PortVisit", at, "ais", port="LKCMB", left=at + HOUR)


def _met(journey: Journey, length: timedelta) -> Journey:
    at = _at_sea(journey)
    return _see(journey, "Meeting", at, "ais", other="273000001", until=at + length)


def _gated(journey: Journey, seal: str) -> Journey:
    at = journey.loading - HOUR
    return _see(journey, "SealSeen", at, "gate", container=_box(journey), seal=seal, role="gate")


def _opened(journey: Journey, at: datetime) -> Journey:
    return _see(journey, "SealOpened", at, "seal", seal=_seal(journey), container=_box(journey))


def _weighed(journey: Journey, share: float) -> Journey:
    declared = journey.shipment.containers[0].gross_kg or 0.0
    return _instead(journey, "Weighing", kg=declared * share + TARE_KG)


def _landed(journey: Journey, short: int) -> Journey:
    return _instead(
        journey, "Landing", quantity=journey.shipment.goods[0].quantity - Decimal(short)
    )


def _to_order(journey: Journey, tax_number: str) -> Journey:
    return _billed(
        journey,
        consignee=Company(name="TO ORDER OF SHIPPER"),
        notify=Company(name="Notified", tax_number=tax_number),
    )


def _misnumbered(journey: Journey, by: int) -> Journey:
    number = _box(journey)
    return _packed(journey, container=f"{number[:10]}{(int(number[10]) + by) % 10}")


def _reused(journey: Journey, digest: str) -> Journey:
    other = f"{STRANGER}2026020001"
    at = journey.loading
    return _see(journey, "DocumentUse", at, "document", digest=digest, acid=other)


def _printed(journey: Journey, importer: str) -> Journey:
    first, *others = journey.shipment.documents
    return _declare(journey, documents=(replace(first, importer=importer), *others))


def _carried(journey: Journey, importer: str) -> Journey:
    return _instead(journey, "CarrierCheck", importer=importer)


def _aged(journey: Journey, over: timedelta) -> Journey:
    """Load the container when its ACID is nearly or just too old; nothing else is seen."""
    issued = journey.shipment.issued_at or journey.loading
    values = {"container": _box(journey), "kind": "LOAD", "port": "KRPUS"}
    late = Seen("Move", issued + VALIDITY + over, "terminal", values)
    return Journey(journey.shipment, journey.voyage, (late,))


def _own_number(journey: Journey) -> str:
    return journey.shipment.importer.tax_number


FAULTS: Final = (
    Fault(1, "loaded_without_acid", lambda j: _issued(j, SECOND), lambda j: _issued(j, 0 * SECOND)),
    Fault(
        2,
        "discharge_port_mismatch",
        lambda j: _instead(j, "ManifestLine", discharge_port="EGPSD"),
        lambda j: _instead(j, "ManifestLine", discharge_port="EGALY"),
    ),
    Fault(3, "departed_too_soon", lambda j: _filed(j, SECOND), lambda j: _filed(j, 0 * SECOND)),
    Fault(
        4,
        "amended_after_departure",
        lambda j: _amended(j, SECOND),
        lambda j: _amended(j, -HOUR - SECOND),
    ),
    Fault(
        5,
        "undeclared_call",
        lambda j: _called(j, _at_sea(j)),
        lambda j: _called(j, _departure(j) - 9 * DAY),
    ),
    Fault(5, "meeting_at_sea", lambda j: _met(j, 24 * HOUR), lambda j: _met(j, SECOND)),
    Fault(
        6,
        "seal_not_on_bill",
        lambda j: _gated(j, "H9999999"),
        lambda j: _gated(j, _seal(j)),
    ),
    Fault(
        7,
        "seal_opened_at_sea",
        lambda j: _opened(j, _departure(j) + SECOND),
        lambda j: _opened(j, j.loading - SECOND),
    ),
    Fault(8, "weight_mismatch", lambda j: _weighed(j, 1.5), lambda j: _weighed(j, 1.01)),
    Fault(9, "landed_short", lambda j: _landed(j, 1), lambda j: _landed(j, 0)),
    Fault(
        10,
        "to_order_notify",
        lambda j: _to_order(j, STRANGER),
        lambda j: _to_order(j, _own_number(j)),
    ),
    Fault(11, "container_number", lambda j: _misnumbered(j, 1), lambda j: _misnumbered(j, 0)),
    Fault(
        12,
        "document_reused",
        lambda j: _reused(j, j.shipment.documents[0].digest),
        lambda j: _reused(j, "f" * 64),
    ),
    Fault(13, "tax_number_mismatch", lambda j: _printed(j, STRANGER), lambda j: _printed(j, "")),
    Fault(
        14,
        "carrier_importer_mismatch",
        lambda j: _carried(j, STRANGER),
        lambda j: _carried(j, _own_number(j)),
    ),
    Fault(15, "acid_expired", lambda j: _aged(j, SECOND), lambda j: _aged(j, 0 * SECOND)),
)
"""At least one for each cross-check."""
