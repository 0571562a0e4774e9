"""What the API says about advance cargo."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from analytics.cargo_words import ADVICE
from analytics.crosscheck.reasons import Claim, Code, Reason
from analytics.crosscheck.register import KeptShipment, Party, Register, Result, Standing
from analytics.crosscheck.verdicts import worded
from analytics.saying import english
from dashboards.views import FindingView, Words
from haechi.aci.checking import normalised
from haechi.aci.deadlines import Deadline, Light, deadlines, expiry
from haechi.aci.permits import Refusal
from haechi.aci.policy import Policy
from haechi.aci.policy_tables import Anchor
from haechi.aci.shipment import Role, Shipment
from haechi.aci.states import HOLDS_ACID, State
from haechi.findings import Severity

DIGITS: Final = 19
"""Of an ACID."""
NO_ACID: Final = "not an ACID: 19 digits"
UNKNOWN: Final = "not known"


class ReasonView(Struct, frozen=True, kw_only=True):
    """Two facts that disagree, in plain words."""

    id: str
    code: Code
    severity: Severity
    about: str
    declared: Claim
    observed: Claim
    at: datetime
    text: Words
    advice: Words
    is_data_quality: bool
    values: dict[str, float | str]
    thresholds: dict[str, float | str]


class CrossCheckView(Struct, frozen=True, kw_only=True):
    """What was found about a shipment."""

    reference: str
    at: datetime | None
    """When it was worked out; ``None`` before the first time."""
    reasons: list[ReasonView]
    findings: list[FindingView]


class DeadlineView(Struct, frozen=True, kw_only=True):
    """One duty and the time left."""

    code: str
    anchor: Anchor
    due: datetime
    done: datetime | None
    is_hard: bool
    left_s: float
    """Negative once it is over."""
    light: Light


class ShipmentView(Struct, frozen=True, kw_only=True):
    """One shipment, its deadlines and until when its ACID holds."""

    revision: int
    open_to_carrier: str
    expires_at: datetime | None
    deadlines: list[DeadlineView]
    shipment: Shipment


class VerifyView(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Whether an ACID stands, and for whom."""

    acid: str
    is_valid: bool
    reason: str = ""
    """Why it does not."""
    state: State | None = None
    importer: str = ""
    """For carriers to compare; other parties read only their own."""
    exporter: str = ""


class PermitView(Struct, frozen=True, kw_only=True):
    """Whether a container may be loaded."""

    load_permit: bool
    reasons: tuple[Refusal, ...]


def shipment_view(kept: KeptShipment, policy: Policy, now: datetime) -> ShipmentView:
    """Return a shipment as the API shows it."""
    return ShipmentView(
        revision=kept.revision,
        open_to_carrier=kept.carrier,
        expires_at=expiry(kept.shipment, policy),
        deadlines=[_deadline(each, now, policy.amber) for each in deadlines(kept.shipment, policy)],
        shipment=kept.shipment,
    )


def crosscheck_view(reference: str, result: Result | None) -> CrossCheckView:
    """Return what was found as the API shows it."""
    if result is None:
        return CrossCheckView(reference=reference, at=None, reasons=[], findings=[])
    return CrossCheckView(
        reference=reference,
        at=result.at,
        reasons=[_reason(each) for each in result.reasons],
        findings=[FindingView.of(finding) for finding in result.findings],
    )


def verified(
    register: Register, acids: Sequence[str], party: Party, now: datetime
) -> list[VerifyView]:
    """Return what a party is told about ACIDs as they were typed, in that order."""
    numbers = [_acid(text) for text in acids]
    standing = register.standing([*filter(None, dict.fromkeys(numbers))])
    return [
        _verified(known, party, now)
        if (known := standing.get(number)) is not None
        else VerifyView(acid=text, is_valid=False, reason=UNKNOWN if number else NO_ACID)
        for text, number in zip(acids, numbers, strict=True)
    ]


def _acid(text: str) -> str:
    """Return the 19 digits of an ACID however they are written, nothing if there are not 19."""
    number = text if text.isascii() and text.isdigit() else normalised(text)
    return number if len(number) == DIGITS and number.isascii() and number.isdigit() else ""


def _verified(known: Standing, party: Party, now: datetime) -> VerifyView:
    mine = {Role.IMPORTER: known.importer, Role.EXPORTER: known.exporter}
    is_told = mine.get(party.role, party.id) == party.id
    return VerifyView(
        acid=known.acid,
        is_valid=not (reason := _doubt(known, now)),
        reason=reason,
        state=known.state if is_told else None,
        importer=known.importer if is_told else "",
        exporter=known.exporter if is_told else "",
    )


def _doubt(known: Standing, now: datetime) -> str:
    if known.state not in HOLDS_ACID:
        return "does not stand"
    is_over = known.expires_at is not None and now > known.expires_at
    return f"expired on {known.expires_at:%Y-%m-%d}" if is_over else ""


def _deadline(each: Deadline, now: datetime, amber: timedelta) -> DeadlineView:
    return DeadlineView(
        code=each.code,
        anchor=each.anchor,
        due=each.due,
        done=each.done,
        is_hard=each.is_hard,
        left_s=each.left(now).total_seconds(),
        light=each.light(now, amber),
    )


def _reason(reason: Reason) -> ReasonView:
    return ReasonView(
        id=reason.id,
        code=reason.code,
        severity=reason.severity,
        about=reason.about,
        declared=reason.declared,
        observed=reason.observed,
        at=reason.at,
        text=Words.of(english(said := worded(reason)), said),
        advice=Words(*ADVICE[reason.code]),
        is_data_quality=reason.is_data_quality,
        values=reason.values,
        thresholds=reason.thresholds,
    )
