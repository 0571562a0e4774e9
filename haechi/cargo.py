"""What the cross-check says of a shipment, as a reading on ``acid:<number>``.

Without a number it stands on ``shipment:<reference>``. The words of a check and of who says
something are those of ``analytics.crosscheck``; nothing in here is of one language.
"""

from typing import Annotated

from msgspec import Meta, Struct

from haechi.fields import Count, DeviceText, LonLat, Moment, SubjectName

Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,47}\Z")]
Brief = Annotated[str, Meta(max_length=160)]
MAX_CHECKS = 64
"""In one verdict; there are fewer kinds of them."""


class Side(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of two facts that disagree."""

    value: Brief
    by: Word
    """Who says so, such as ``customs`` or ``seal``."""
    at: Moment | None = None


class CargoReason(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What one check holds against a shipment: the oldest of its disagreements."""

    check: Word
    """Such as ``seal_opened_at_sea``."""
    since: Moment | None = None
    about: DeviceText = ""
    """Container, seal, port or vessel, if it is not the whole shipment."""
    count: Annotated[int, Meta(ge=1, le=100_000)] = 1
    """Disagreements of this kind: one for each container, for example."""
    declared: Side
    observed: Side
    is_trial: bool = False
    """Whether the law that it rests on is on trial: no more than a warning."""


class CargoVerdict(
    Struct,
    frozen=True,
    kw_only=True,
    tag="cargo_verdict",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Everything that is held against a shipment now; what is not in it any more is withdrawn."""

    shipment: DeviceText
    """The platform's own number."""
    revision: Count
    """Of the shipment that was judged."""
    reasons: Annotated[tuple[CargoReason, ...], Meta(max_length=MAX_CHECKS)] = ()
    """Each check once, most urgent first."""
    vessel: SubjectName | None = None
    seen: LonLat | None = None
    """Where the vessel was by her last position; this is no position of the shipment."""
