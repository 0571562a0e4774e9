"""Reasons as the readings that carry them to the rules, and such readings in words again."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from analytics.crosscheck.reasons import SEVERITIES, Claim, Code, Reason
from analytics.saying import saying, term
from haechi.cargo import CargoReason, Side
from haechi.findings import Saying, Severity
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


def worded(reason: Reason) -> Saying:
    """Return a reason as one plain sentence."""
    declared, observed = (
        (claim.source.value, claim.value) for claim in (reason.declared, reason.observed)
    )
    return _worded(reason.code.value, reason.about, declared, observed)


def summed_up(said: CargoReason) -> Saying:
    """Return one plain sentence, even of a check that this version does not know."""
    declared, observed = ((each.by, each.value) for each in (said.declared, said.observed))
    sentence = _worded(said.check, said.about, declared, observed)
    if said.count == 1:
        return sentence
    return saying("cargo_more", said=sentence, more=said.count - 1)


def _worded(check: str, about: str, declared: tuple[str, str], observed: tuple[str, str]) -> Saying:
    """Return the sentence; a side is who says so, and what."""
    title = term("check", check)
    if isinstance(title, str):
        title = title.replace("_", " ")
    elif about:
        title = saying("cargo_about", about=about, title=title)
    return saying(
        "cargo_reason",
        title=title,
        declared_by=term("source", declared[0]),
        declared=declared[1],
        observed_by=term("source", observed[0]),
        observed=observed[1],
    )


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
