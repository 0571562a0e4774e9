"""The cross-check: fifteen questions, one list, all asked again whenever a fact changes.

Nothing is remembered between two answers, so the order in which facts arrive cannot matter.
"""

from collections.abc import Callable, Iterator
from typing import Final

from analytics.crosscheck import aboard, boxes, papers, times
from analytics.crosscheck.case import Case
from analytics.crosscheck.facts import Observed
from analytics.crosscheck.reasons import Reason, finding, reason_order
from analytics.crosscheck.verdicts import worded
from analytics.saying import english
from haechi.aci.policy import Policy
from haechi.aci.shipment import Shipment
from haechi.aci.voyage import Voyage
from haechi.findings import Finding

CHECKS: Final[tuple[Callable[[Case], Iterator[Reason]], ...]] = (
    aboard.acid_missing,
    aboard.journey,
    times.departure,
    times.amendments,
    times.voyage,
    boxes.seals,
    boxes.openings,
    boxes.weights,
    boxes.landed,
    papers.to_order,
    boxes.numbers,
    papers.reused,
    papers.tax_numbers,
    papers.carrier,
    aboard.acid_expired,
)
"""In the order of the requirements: the first is check 1, the last check 15."""


def crosscheck(
    shipment: Shipment, voyage: Voyage | None, observed: Observed, policy: Policy
) -> tuple[Reason, ...]:
    """Return every disagreement between what was declared and what was seen.

    Args:
        shipment: As declared, its newest version.
        voyage: The voyage that carries it, if one is declared.
        observed: All facts about them, of this voyage alone.
        policy: The rules of the shipment's day.

    Returns:
        Most urgent first; each disagreement once, since when it was first seen.
    """
    return disagreements(Case(shipment=shipment, voyage=voyage, observed=observed, policy=policy))


def disagreements(case: Case) -> tuple[Reason, ...]:
    """Return the same of a case of which something has been asked already."""
    found: dict[str, Reason] = {}
    for check in CHECKS:
        for reason in sorted(check(case), key=reason_order):
            found.setdefault(reason.id, reason)
    return tuple(sorted(found.values(), key=reason_order))


def findings(reasons: tuple[Reason, ...]) -> tuple[Finding, ...]:
    """Return the reasons as findings."""
    return tuple(finding(reason, said := worded(reason), english(said)) for reason in reasons)
