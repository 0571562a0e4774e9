"""Where a shipment can stand, and by which steps it gets there: one table, nothing implied.

The departure of the vessel is a step that changes the state only of a shipment whose documents
have not come yet; documents may come before it or after it.
"""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a shipment stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    RISK_REVIEW = "risk_review"
    ISSUED = "issued"
    REJECTED = "rejected"
    AMENDED = "amended"
    LOCKED_AT_DEPARTURE = "locked_at_departure"
    ENVELOPE_RECEIVED = "envelope_received"
    DOCS_COSIGNED = "docs_cosigned"
    DECLARED_FORM46 = "declared_form46"
    HOLD = "hold"
    RELEASED = "released"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    VOID = "void"


class Step(StrEnum):
    """What moves a shipment."""

    REQUEST = "request"
    SCREEN = "screen"
    ISSUE = "issue"
    REJECT = "reject"
    AMEND = "amend"
    DEPART = "depart"
    ENVELOPE = "envelope"
    COSIGN = "cosign"
    DECLARE = "declare"
    HOLD = "hold"
    LIFT = "lift"
    RELEASE = "release"
    CANCEL = "cancel"
    EXPIRE = "expire"
    VOID = "void"


_ENDS: Final = {Step.CANCEL: State.CANCELLED, Step.VOID: State.VOID}

TRANSITIONS: Final[dict[State, dict[Step, State]]] = {
    State.DRAFT: {Step.REQUEST: State.REQUESTED, Step.CANCEL: State.CANCELLED},
    State.REQUESTED: {
        Step.AMEND: State.REQUESTED,
        Step.SCREEN: State.RISK_REVIEW,
        Step.CANCEL: State.CANCELLED,
    },
    State.RISK_REVIEW: {
        Step.AMEND: State.REQUESTED,
        Step.ISSUE: State.ISSUED,
        Step.REJECT: State.REJECTED,
        Step.CANCEL: State.CANCELLED,
    },
    State.REJECTED: {Step.REQUEST: State.REQUESTED, Step.CANCEL: State.CANCELLED},
    State.ISSUED: {
        Step.AMEND: State.AMENDED,
        Step.DEPART: State.LOCKED_AT_DEPARTURE,
        Step.ENVELOPE: State.ENVELOPE_RECEIVED,
        Step.EXPIRE: State.EXPIRED,
        **_ENDS,
    },
    State.AMENDED: {
        Step.AMEND: State.AMENDED,
        Step.DEPART: State.LOCKED_AT_DEPARTURE,
        Step.ENVELOPE: State.ENVELOPE_RECEIVED,
        Step.EXPIRE: State.EXPIRED,
        **_ENDS,
    },
    State.LOCKED_AT_DEPARTURE: {
        Step.AMEND: State.LOCKED_AT_DEPARTURE,
        Step.ENVELOPE: State.ENVELOPE_RECEIVED,
        Step.VOID: State.VOID,
    },
    State.ENVELOPE_RECEIVED: {
        Step.AMEND: State.ENVELOPE_RECEIVED,
        Step.DEPART: State.ENVELOPE_RECEIVED,
        Step.ENVELOPE: State.ENVELOPE_RECEIVED,
        Step.COSIGN: State.DOCS_COSIGNED,
        Step.EXPIRE: State.EXPIRED,
        **_ENDS,
    },
    State.DOCS_COSIGNED: {
        Step.AMEND: State.ENVELOPE_RECEIVED,
        Step.DEPART: State.DOCS_COSIGNED,
        Step.ENVELOPE: State.ENVELOPE_RECEIVED,
        Step.DECLARE: State.DECLARED_FORM46,
        Step.EXPIRE: State.EXPIRED,
        **_ENDS,
    },
    State.DECLARED_FORM46: {
        Step.AMEND: State.DECLARED_FORM46,
        Step.DEPART: State.DECLARED_FORM46,
        Step.HOLD: State.HOLD,
        Step.RELEASE: State.RELEASED,
        Step.VOID: State.VOID,
    },
    State.HOLD: {
        Step.AMEND: State.HOLD,
        Step.DEPART: State.HOLD,
        Step.LIFT: State.DECLARED_FORM46,
        Step.VOID: State.VOID,
    },
    State.RELEASED: {},
    State.CANCELLED: {},
    State.EXPIRED: {},
    State.VOID: {},
}
"""The whole life. Whoever changes documents that were signed has them signed again."""

DCSA: Final[dict[State, str]] = {
    State.DRAFT: "DRFT",
    State.REQUESTED: "REQS",
    State.RISK_REVIEW: "PENA",
    State.ISSUED: "ISSU",
    State.REJECTED: "REJE",
    State.AMENDED: "ISSU",
    State.LOCKED_AT_DEPARTURE: "ISSU",
    State.ENVELOPE_RECEIVED: "RECE",
    State.DOCS_COSIGNED: "APPR",
    State.DECLARED_FORM46: "SUBM",
    State.HOLD: "HOLD",
    State.RELEASED: "RELS",
    State.CANCELLED: "CANC",
    State.EXPIRED: "VOID",
    State.VOID: "VOID",
}
"""Codes of DCSA's shipment events; it has none for an amendment, a lock or an expiry."""

HOLDS_ACID: Final = frozenset(
    {
        State.ISSUED,
        State.AMENDED,
        State.LOCKED_AT_DEPARTURE,
        State.ENVELOPE_RECEIVED,
        State.DOCS_COSIGNED,
        State.DECLARED_FORM46,
        State.HOLD,
        State.RELEASED,
    }
)
"""States in which the ACID stands."""
