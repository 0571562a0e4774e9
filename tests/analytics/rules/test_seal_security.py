"""Copies, forgeries, clones and roll-backs: each is found, and none says anything of the seal."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.observations import Observation
from haechi.seals import Authenticity, SealEventKind, SealOrderKind
from haechi.vessels import VesselPosition
from tests.analytics.sealing import again, at, bind, forged, found, frame, order, seen, spans

_E = SealEventKind
BUSAN: dict[str, Any] = {"lat": 35.1, "lon": 129.04}
PORT_SAID: dict[str, Any] = {"lat": 31.2, "lon": 32.3}


def reports(
    first: int, last: int, *, start: float = 0, every: float = 60, **stated: Any
) -> list[Observation]:
    """Return status frames with these numbers."""
    numbers = range(first, last + 1)
    return [frame(n, start + every * (n - first), **stated) for n in numbers]


def test_a_replay_is_found_and_a_repeat_is_not() -> None:
    """A seal repeats itself within two minutes; six hours later somebody else does."""
    (said, *rest) = reports(1, 3)
    near = [said, *rest, again(said, 60), again(said, 120)]
    assert found("seal_forgery", near) == []
    (replayed,) = found("seal_forgery", [*near, again(said, 21_600)])
    assert spans([replayed]) == [("seal_replay", 21_600.0, 21_600.0)]
    assert "first heard at 2026-01-01 12:00:00 UTC, was heard again at" in replayed.text


def test_each_copy_that_is_played_is_told_once() -> None:
    """Whichever gateway heard it, in whatever order their names stand."""
    said = frame(1, 0, device="gate-5")
    played = [again(said, 1000, device="gate-1"), again(said, 5000, device="gate-9")]
    assert spans(found("seal_forgery", [said, *played])) == [
        ("seal_replay", 1000.0, 1000.0),
        ("seal_replay", 5000.0, 5000.0),
    ]


def test_forged_frames_are_one_run_that_ends_when_quiet() -> None:
    """Ten minutes after the last."""
    run = [forged(n, 60.0 * n, _E.UNLOCK) for n in range(1, 6)]
    assert spans(found("seal_forgery", run, until_s=899)) == [("seal_forged", 60.0, None)]
    (ended,) = found("seal_forgery", run, until_s=900)
    assert (spans([ended]), ended.values["frames"]) == ([("seal_forged", 60.0, 300.0)], 5)
    strange = [frame(1, 0, authenticity=Authenticity.UNKNOWN_KEY)]
    assert spans(found("seal_forgery", strange)) == [("seal_unknown", 0.0, None)]


def test_an_order_of_anybody_else_is_a_finding() -> None:
    """With who it was."""
    (refused,) = found("seal_forgery", [order(SealOrderKind.DISARM, 50, device="gate-1")])
    assert spans([refused]) == [("seal_order_refused", 50.0, 50.0)]
    assert refused.values["device"] == "gate-1"
    assert found("seal_forgery", [bind(0), order(SealOrderKind.DISARM, 50)]) == []


def test_a_seal_put_back_is_a_roll_back() -> None:
    """Numbers fall once and go on alone, also beyond where they were."""
    back = [*reports(1, 10), *reports(4, 15, start=1000, key="restored")]
    assert spans(found("seal_clone", back)) == [("seal_rollback", 1000.0, None)]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(reports(1, 6, start=630, key="thief"), id="from-one"),
        pytest.param(reports(10, 16, start=630, key="thief"), id="from-a-copy"),
    ],
)
def test_s4_two_that_go_on_are_a_clone(second: list[Observation]) -> None:
    """Both sequences interleave."""
    both = [*reports(1, 20), *second]
    kinds = [kind for kind, _, _ in spans(found("seal_clone", both))]
    assert kinds == ["seal_rollback", "seal_clone"]
    assert found("seal_clone", both)[1].until is None


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.data(), st.integers(3, 6), st.booleans(), st.booleans())
def test_s4_wherever_a_clone_begins_it_is_found(
    heard: int,
    data: st.DataObject,
    further: int,
    is_first: bool,  # noqa: FBT001 - drawn
    is_fast: bool,  # noqa: FBT001 - drawn
) -> None:
    """S4: from any number up to the next, before or after the original, with a fast clock too."""
    begin = data.draw(st.integers(1, heard + 1))
    original = reports(1, heard + further)
    thief = [
        frame(begin + n, at_s, key="thief", stated_at=at(at_s + 2) if is_fast else None)
        for n in range(further)
        for at_s in (60.0 * (heard + n) + (-5 if is_first else 5),)
    ]
    cloned = [
        each for each in found("seal_clone", [*original, *thief]) if each.kind == "seal_clone"
    ]
    assert [each.until for each in cloned] == [None]


def test_two_places_too_far_apart_are_a_clone() -> None:
    """Though no number is used twice; a voyage of weeks is none."""
    apart = [frame(1, 0, **BUSAN), frame(2, 3600, **PORT_SAID)]
    (cloned,) = found("seal_clone", apart)
    assert spans([cloned]) == [("seal_clone", 3600.0, None)]
    assert "km apart within 3600 s" in cloned.text
    assert found("seal_clone", [frame(1, 0, **BUSAN), frame(2, 30 * 86_400, **PORT_SAID)]) == []
    near: dict[str, Any] = {"lat": 35.12, "lon": 129.04}
    assert found("seal_clone", [frame(1, 0, **BUSAN), frame(2, 0, **near)]) == []


def test_whoever_binds_the_seal_anew_vouches_for_it() -> None:
    """The registry, and nobody else."""
    back = [*reports(1, 10), *reports(4, 6, start=1000, key="restored")]
    assert spans(found("seal_clone", [*back, bind(2000)])) == [("seal_rollback", 1000.0, 2000.0)]
    other = bind(2000, device="gate-1")
    assert spans(found("seal_clone", [*back, other])) == [("seal_rollback", 1000.0, None)]


def test_copies_and_late_frames_are_no_clone() -> None:
    """Two gateways hear the same, and what was stored comes with its own time."""
    heard = reports(1, 10)
    twice = [*heard, *(again(one, 5 + 60.0 * n) for n, one in enumerate(heard))]
    assert found("seal_clone", twice) == []
    fast = [frame(n, 60.0 * n, stated_at=one.at) for n, one in enumerate(heard)]
    assert found("seal_clone", [*fast, *(again(one, 700) for one in fast)]) == []


def test_what_is_not_genuine_says_nothing_of_the_seal() -> None:
    """For all rules of the family but the two about security."""
    sound = [bind(0, container="CSQU3054383"), *reports(1, 30, start=1)]
    bad: dict[str, Any] = {
        "armed": True,
        "openings": 9,
        "battery_percent": 1.0,
        "temperature_c": 99.0,
    }
    noise = [forged(40 + n, 300.0 + n, event, **bad) for n, event in enumerate(_E)]
    noise += [frame(5, 400.0 + n, event, key="thief", **bad) for n, event in enumerate(_E)]
    noise += [again(one, 5000) for one in sound if one.device == "gate-1"]
    for kind in (
        "opened",
        "tamper",
        "binding",
        "log",
        "silence",
        "jamming",
        "battery",
        "temperature",
    ):
        assert found(f"seal_{kind}", [*sound, *noise], until_s=1800) == [], kind
    assert {kind for kind, _, _ in spans(found("seal_forgery", [*sound, *noise]))} == {
        "seal_forged",
        "seal_replay",
    }
    assert found("seal_clone", [*sound, *noise])


def test_other_subjects_are_left_alone() -> None:
    """An observation of something else changes nothing."""
    ship = seen(5, VesselPosition(lat=0, lon=0), device="ais-1", seq=1)
    assert found("seal_clone", [*reports(1, 2), ship]) == []
