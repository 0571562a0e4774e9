"""What the reader of a document may decide: senders differ, and standards leave room."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from msgspec import Struct, field

Told = Callable[[int, int], None]
"""Told now and then how many parts and containers were read."""


class Options(Struct, frozen=True, kw_only=True):
    """Choices with their defaults; codes are UN/EDIFACT 1153 (references)."""

    strict: bool = False
    """Any problem at all is a refusal."""
    acid_qualifiers: tuple[str, ...] = ("ACD",)
    """Under which ``RFF`` an ACID stands. The Egyptian guide that says so is not public: an
    assumption, to be set once the guide is at hand."""
    bill_qualifiers: tuple[str, ...] = ("BM", "BH")
    master_bill_qualifiers: tuple[str, ...] = ("MB",)
    tax_qualifiers: tuple[str, ...] = ("VA", "AHP")
    zone: tzinfo = UTC
    """In which zone times stand that name none, as most do."""
    this_year: int = field(default_factory=lambda: datetime.now(UTC).year)
    """An ACID of a year after the next is implausible."""
