"""Why a shipment deserves a look: two facts that disagree, and who says each."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from analytics.crosscheck.facts import Source
from haechi.findings import Finding, Saying, Severity, finding_id

RULE: Final = "aci_crosscheck"
VERSION: Final = "1"


class Code(StrEnum):
    """What disagrees."""

    NO_ACID = "no_acid"
    LOADED_WITHOUT_ACID = "loaded_without_acid"
    VESSEL_MISMATCH = "vessel_mismatch"
    VOYAGE_MISMATCH = "voyage_mismatch"
    LOAD_PORT_MISMATCH = "load_port_mismatch"
    DISCHARGE_PORT_MISMATCH = "discharge_port_mismatch"
    DEPARTED_WITHOUT_ACID = "departed_without_acid"
    ACID_WITHDRAWN = "acid_withdrawn"
    DEPARTED_TOO_SOON = "departed_too_soon"
    AMENDED_AFTER_DEPARTURE = "amended_after_departure"
    UNDECLARED_CALL = "undeclared_call"
    MEETING_AT_SEA = "meeting_at_sea"
    ETA_SLIP = "eta_slip"
    SEAL_NOT_ON_BILL = "seal_not_on_bill"
    SEAL_OPENED_AT_SEA = "seal_opened_at_sea"
    WEIGHT_MISMATCH = "weight_mismatch"
    LANDED_SHORT = "landed_short"
    TO_ORDER_NOTIFY = "to_order_notify"
    CONTAINER_NUMBER = "container_number"
    DOCUMENT_REUSED = "document_reused"
    TAX_NUMBER_MISMATCH = "tax_number_mismatch"
    CARRIER_IMPORTER_MISMATCH = "carrier_importer_mismatch"
    ACID_EXPIRED = "acid_expired"


SEVERITIES: Final[dict[Code, Severity]] = {
    Code.NO_ACID: Severity.MAJOR,
    Code.LOADED_WITHOUT_ACID: Severity.CRITICAL,
    Code.VESSEL_MISMATCH: Severity.MAJOR,
    Code.VOYAGE_MISMATCH: Severity.MINOR,
    Code.LOAD_PORT_MISMATCH: Severity.MAJOR,
    Code.DISCHARGE_PORT_MISMATCH: Severity.MAJOR,
    Code.DEPARTED_WITHOUT_ACID: Severity.CRITICAL,
    Code.ACID_WITHDRAWN: Severity.CRITICAL,
    Code.DEPARTED_TOO_SOON: Severity.MINOR,
    Code.AMENDED_AFTER_DEPARTURE: Severity.MAJOR,
    Code.UNDECLARED_CALL: Severity.MAJOR,
    Code.MEETING_AT_SEA: Severity.CRITICAL,
    Code.ETA_SLIP: Severity.WARNING,
    Code.SEAL_NOT_ON_BILL: Severity.CRITICAL,
    Code.SEAL_OPENED_AT_SEA: Severity.CRITICAL,
    Code.WEIGHT_MISMATCH: Severity.MAJOR,
    Code.LANDED_SHORT: Severity.MAJOR,
    Code.TO_ORDER_NOTIFY: Severity.MINOR,
    Code.CONTAINER_NUMBER: Severity.INDETERMINATE,
    Code.DOCUMENT_REUSED: Severity.MAJOR,
    Code.TAX_NUMBER_MISMATCH: Severity.MAJOR,
    Code.CARRIER_IMPORTER_MISMATCH: Severity.MAJOR,
    Code.ACID_EXPIRED: Severity.MAJOR,
}

DATA_QUALITY: Final = frozenset({Code.CONTAINER_NUMBER})
"""What goes to those who mend data rather than to officers."""


class Claim(Struct, frozen=True, gc=False):
    """One side of a disagreement."""

    value: str
    """As people read it; nothing in it needs translating."""
    source: Source
    at: datetime | None = None
    """When it was said or was so, where that is known."""
    reference: str = ""


class Reason(Struct, frozen=True, kw_only=True, gc=False):
    """One disagreement about one shipment."""

    code: Code
    severity: Severity
    subject: str
    """``acid:<number>``, or ``shipment:<reference>`` while there is none."""
    about: str = ""
    """Container, seal, document, port or vessel it concerns, if it is not the whole shipment."""
    declared: Claim
    observed: Claim
    at: datetime
    """Since when they disagree."""
    values: dict[str, float | str] = {}
    thresholds: dict[str, float | str] = {}

    @property
    def id(self) -> str:
        """The same for the same disagreement, even if what was seen is said more exactly later."""
        return finding_id(RULE, self.subject, f"{self.code}|{self.about}|{self.observed.source}")

    @property
    def is_data_quality(self) -> bool:
        """Whether somebody should mend the data rather than look at the cargo."""
        return self.code in DATA_QUALITY


def reason_order(reason: Reason) -> tuple[int, datetime, str]:
    """Return the key by which reasons are listed: most urgent first, then oldest."""
    return ([*Severity].index(reason.severity), reason.at, reason.id)


def finding(reason: Reason, saying: Saying, text: str) -> Finding:
    """Return the reason as a finding that goes on until it no longer follows from the facts.

    Args:
        reason: What disagrees.
        saying: The same as a sentence.
        text: The sentence in English.
    """
    return Finding(
        id=reason.id,
        rule=RULE,
        kind=reason.code,
        rule_version=VERSION,
        subject=reason.subject,
        severity=reason.severity,
        since=reason.at,
        until=None,
        text=text,
        saying=saying,
        values={
            "about": reason.about,
            "declared": reason.declared.value,
            "declared_by": reason.declared.source,
            "observed": reason.observed.value,
            "observed_by": reason.observed.source,
            **reason.values,
        },
        thresholds=reason.thresholds,
    )
