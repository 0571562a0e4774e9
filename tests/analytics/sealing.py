"""An invented seal for the tests of rules: its frames, what is ordered of it, and the fold."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from analytics.catalogue import AnyRule, load
from analytics.zones import ZoneSet
from haechi.findings import Finding
from haechi.messages import Content
from haechi.observations import Observation
from haechi.seals import Authenticity, SealEventKind, SealOrder, SealOrderKind, SealReport
from tests.analytics.sailing import NOON
from tests.analytics.sailing import findings as folded

SEAL, BOX = "HAE-000001", "CSQU3054383"
REGISTRY = "registry"


def at(seconds: float) -> datetime:
    """Return a time after noon."""
    return NOON + timedelta(seconds=seconds)


def frame(
    counter: int,
    seconds: float,
    event: SealEventKind = SealEventKind.STATUS,
    *,
    device: str = "gate-1",
    **stated: Any,
) -> Observation:
    """Return a frame of an armed, closed seal, heard when it was made.

    Frames that say the same are the same bytes; ``key`` is what the copy of a thief differs in.
    """
    told: dict[str, Any] = {"armed": True, "sealed": True, "openings": 0, **stated}
    key = told.pop("key", "")
    signed = repr((counter, seconds, event, sorted(told.items()), key))
    sent: dict[str, Any] = {"heard_at": at(seconds), "authenticity": Authenticity.VALID, **told}
    report = SealReport(
        event=event, counter=counter, frame=sha256(signed.encode()).hexdigest(), **sent
    )
    return seen(seconds, report, device=device, seq=counter + 1)


def again(original: Observation, seconds: float, *, device: str = "gate-9") -> Observation:
    """Return the same bytes, heard again by a gateway."""
    content = original.content
    assert isinstance(content, SealReport)
    copied = replace(content, heard_at=at(seconds))
    return replace(original, device=device, seq=int(seconds * 10) + 1, content=copied)


def forged(counter: int, seconds: float, event: SealEventKind, **stated: Any) -> Observation:
    """Return a frame with a wrong signature, dated when it was heard."""
    return frame(counter, seconds, event, authenticity=Authenticity.INVALID, **stated)


def order(
    kind: SealOrderKind, seconds: float, *, device: str = REGISTRY, **told: Any
) -> Observation:
    """Return an order about the seal."""
    number = told.pop("order", f"O-{seconds:g}")
    content = SealOrder(order=number, kind=kind, **told)
    return seen(seconds, content, device=device, seq=int(seconds * 10) + 5_000_000)


def bind(seconds: float = 0, **told: Any) -> Observation:
    """Return the order that binds the seal to its box."""
    return order(SealOrderKind.BIND, seconds, **({"container": BOX} | told))


def seen(seconds: float, content: Content, *, device: str, seq: int) -> Observation:
    """Return an observation of the seal so many seconds after noon."""
    return Observation(
        device=device,
        boot="boot-1",
        seq=seq,
        site="test",
        subject=f"seal:{SEAL}",
        at=at(seconds),
        received_at=at(seconds),
        content=content,
    )


def rule(kind: str, **thresholds: Any) -> AnyRule:
    """Return one rule of the seal family."""
    given = "".join(f"{name} = {value!r}\n" for name, value in thresholds.items())
    text = f'[[rule]]\nname = "{kind}"\ntype = "{kind}"\n[rule.thresholds]\n{given}'
    (made,) = load(text, ZoneSet((), "none"))
    return made


def found(
    kind: str,
    observations: list[Observation],
    zones: ZoneSet | None = None,
    *,
    until_s: float | None = None,
    **thresholds: Any,
) -> list[Finding]:
    """Return what a rule of the family finds."""
    return folded(rule(kind, **thresholds), observations, zones, until_s=until_s)


def spans(findings: list[Finding]) -> list[tuple[str, float, float | None]]:
    """Return kind, and begin and end in seconds after noon."""
    return [
        (
            each.kind,
            (each.since - NOON).total_seconds(),
            None if each.until is None else (each.until - NOON).total_seconds(),
        )
        for each in findings
    ]
