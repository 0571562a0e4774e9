"""Camera watch: what a camera says of lines and loitering becomes findings, once each."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Literal

import pytest

from analytics.fold import fold
from analytics.rule import Event
from analytics.rules.camera_watch import CameraWatch, CameraWatchSettings
from analytics.rules.terms import Terms
from haechi.cameras import Detection
from haechi.findings import Finding, Severity, Status
from haechi.observations import Observation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RULE = CameraWatch(CameraWatchSettings(), Terms("camera_watch", Severity.MAJOR))


def seen(
    second: int,
    *,
    phase: Literal["new", "update", "end"] = "update",
    crossed: tuple[str, ...] = (),
    loitering: bool = False,
) -> Event:
    """Return a report of somebody on a quay."""
    at = NOON + timedelta(seconds=second)
    content = Detection(
        phase=phase,
        camera="quay",
        label="person",
        score=0.9,
        box=(0.4, 0.4, 0.5, 0.5),
        lat=35.0,
        lon=129.0,
        zones=("edge",) if loitering else (),
        crossed=crossed,
        loitering=loitering,
    )
    return Event(
        Observation(
            device="quay",
            boot="b",
            seq=second + 1 + (phase == "end"),
            site="s",
            subject="object:quay.1",
            at=at,
            received_at=at,
            content=content,
        )
    )


def found(events: Sequence[Event], until_s: float = 0) -> list[Finding]:
    """Return what the rule makes of reports, and of time until a second."""
    horizon = NOON + timedelta(seconds=until_s) if until_s else None
    return list(fold(RULE, events, horizon=horizon).values())


@pytest.mark.statement("K17")
def test_a_line_is_crossed_at_a_moment_and_named() -> None:
    """Whoever goes back crosses it again."""
    out, back = found([seen(0), seen(2, crossed=("quay edge",)), seen(9, crossed=("quay edge",))])
    assert (out.kind, out.since, out.until) == ("line_crossed", *[NOON + timedelta(seconds=2)] * 2)
    assert "object:quay.1 (person) crossed quay edge in the picture of quay" in out.text
    assert back.since == NOON + timedelta(seconds=9)
    assert out.id != back.id


def test_loitering_lasts_from_the_first_report_that_says_so_to_the_first_that_does_not() -> None:
    """One finding, which ends."""
    events = [seen(0), *(seen(second, loitering=True) for second in (60, 62, 64))]
    (goes_on,) = found(events)
    assert (goes_on.kind, goes_on.status, goes_on.values["zones"]) == (
        "loitering",
        Status.OPEN,
        "edge",
    )
    (over,) = found([*events, seen(66)])
    assert (over.since, over.until) == (
        NOON + timedelta(60 / 86_400),
        NOON + timedelta(66 / 86_400),
    )
    assert over.id == goes_on.id


def test_who_is_lost_or_unheard_of_loitered_until_the_last_report() -> None:
    """The camera says so, or ten minutes pass without a word."""
    events = [seen(60, loitering=True), seen(70, loitering=True)]
    last = NOON + timedelta(seconds=70)
    assert [each.until for each in found([*events, seen(70, phase="end", loitering=True)])] == [
        last
    ]
    assert [each.until for each in found(events, until_s=669)] == [None]
    assert [each.until for each in found(events, until_s=671)] == [last]


def test_the_order_of_arrival_does_not_matter() -> None:
    """As of every rule."""
    events = [seen(0), seen(5, loitering=True), seen(7, crossed=("a",)), seen(9, crossed=("b",))]
    whole = found(events)
    assert len(whole) == 3
    for order in permutations(events):
        assert found(order) == whole
