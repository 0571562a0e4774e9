"""Reasons as the readings that carry them to the rules, and such readings in words again."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from analytics.crosscheck.facts import Source
from analytics.crosscheck.reasons import SEVERITIES, Claim, Code, Reason
from analytics.crosscheck.words import sentence
from haechi.cargo import CargoReason, Side
from haechi.findings import Severity
from haechi.text import plain

BRIEF: Final = 160
"""Characters of a fact."""
_UNDATED: Final = datetime(1971, 1, 1, tzinfo=UTC)
"""What is older than this has no time."""


def told(reasons: Iterable[Reason]) -> tuple[CargoReason, ...]:
    """Return one entry for each check: its first reason, and how many there are.

    Args:
        reasons: As the cross-check returns them, most urgent first, then oldest.
    """
    found: dict[Code, list[Reason]] = {}
    for reason in reasons:
        found.setdefault(reason.code, []).append(reason)
    return tuple(_entry(each[0], len(each)) for each in found.values())


def worded(said: CargoReason) -> str:
    """Return one plain English sentence, even of a check that this version does not know."""
    try:
        text = sentence(_reason(said))[0]
    except ValueError:
        text = (
            f"{said.check.replace('_', ' ')}: {said.declared.by} says {said.declared.value}, "
            f"{said.observed.by} says {said.observed.value}"
        )
    return f"{text}, and {said.count - 1} more" if said.count > 1 else text


def _entry(reason: Reason, count: int) -> CargoReason:
    is_trial = reason.severity is Severity.WARNING is not SEVERITIES[reason.code]
    return CargoReason(
        check=reason.code.value,
        since=reason.at if reason.at > _UNDATED else None,
        about=plain(reason.about),
        count=count,
        declared=_side(reason.declared),
        observed=_side(reason.observed),
        is_trial=is_trial,
    )


def _side(claim: Claim) -> Side:
    return Side(plain(claim.value, BRIEF), claim.source.value, claim.at)


def _reason(said: CargoReason) -> Reason:
    sides = (said.declared, said.observed)
    declared, observed = (Claim(side.value, Source(side.by), side.at) for side in sides)
    return Reason(
        code=Code(said.check),
        severity=Severity.WARNING,
        subject="",
        about=said.about,
        declared=declared,
        observed=observed,
        at=said.since or _UNDATED,
    )
