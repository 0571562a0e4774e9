"""Containers bound for the country for which nobody has declared anything."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from analytics.crosscheck.case import ACID_CODES, seen, stated
from analytics.crosscheck.facts import ManifestLine, Move, MoveKind, Observed, Source
from analytics.crosscheck.reasons import SEVERITIES, Code, Reason, reason_order
from haechi.aci.policy import Policy
from haechi.aci.policy_tables import Obligation
from haechi.findings import Severity

COUNTRY: Final = "EG"
"""Where advance cargo information is asked for."""


def unclaimed(
    observed: Observed, declared: Collection[str], policy: Policy, *, country: str = COUNTRY
) -> tuple[Reason, ...]:
    """Return a reason for each container that is bound for ``country`` and in no shipment.

    Args:
        observed: The manifest lines and moves of one voyage.
        declared: Containers of every shipment that is declared for that voyage.
        policy: The rules of the day.
        country: Ports of other countries are none of our business.
    """
    if policy.obligation is Obligation.NOT_REQUIRED:
        return ()
    lines = [line for line in observed.manifest if line.discharge_port.startswith(country)]
    loaded = {move.container: move for move in observed.moves if move.kind is MoveKind.LOADED}
    found = {one.subject: one for one in _reasons(lines, {*declared}, loaded, policy)}
    return tuple(sorted(found.values(), key=reason_order))


def _reasons(
    lines: Iterable[ManifestLine], declared: set[str], loaded: dict[str, Move], policy: Policy
) -> Iterator[Reason]:
    is_trial = policy.obligation is Obligation.PILOT
    for line in lines:
        if line.container in declared:
            continue
        move = loaded.get(line.container)
        code = Code.NO_ACID if move is None else Code.LOADED_WITHOUT_ACID
        said = seen(move or line, line.discharge_port)
        yield Reason(
            code=code,
            severity=Severity.WARNING if is_trial and code in ACID_CODES else SEVERITIES[code],
            subject=f"container:{line.container}",
            about=line.container,
            declared=stated("-", Source.CUSTOMS),
            observed=said,
            at=(move or line).at,
        )
