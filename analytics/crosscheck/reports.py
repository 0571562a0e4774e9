"""What is said about each line of a document that was handed in."""

from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """What came of one line of a document of which shipments were to be made."""

    CREATED = "created"
    LINKED = "linked"
    """Something that was missing was added to what was there."""
    UNCHANGED = "unchanged"
    LEFT = "left"
    """Nothing was made of it."""


class BillAnswer(Struct, frozen=True, kw_only=True):
    """What is said about one bill of a manifest."""

    bill: str
    acids: tuple[str, ...]
    containers: int
    faults: tuple[str, ...] = ()
    """Why it is not confirmed; empty if it is."""
    outcome: Outcome | None = None
    """``None`` if nothing was to be made of it."""
    shipment: str = ""
    """Reference of the shipment that was made or linked."""
    linked: tuple[str, ...] = ()
    """What the shipment has now and had not, in words."""
    left: tuple[str, ...] = ()
    """What was not taken, and why; of a draft, what it lacks."""


class VoyageAnswer(Struct, frozen=True, kw_only=True):
    """What became of the voyage that a message names."""

    id: str
    vessel: str
    number: str
    outcome: Outcome = Outcome.LEFT
    containers: int = 0
    """How many were added."""
    left: tuple[str, ...] = ()
