"""Binding, log, silence, jamming, battery and temperature of a seal."""

import msgspec
import pytest
from msgspec.structs import replace

from analytics.rule import Event
from analytics.rules.seal_binding import Tie
from analytics.saying import english, read
from analytics.words import Language
from haechi.observations import Observation
from haechi.seals import SealEventKind, SealOrderKind
from tests.analytics.sealing import BOX, at, bind, found, frame, order, rule, spans

_E = SealEventKind
OTHER = "MSKU6011672"


def steady(first: int, last: int, *, every: float = 300) -> list[Observation]:
    """Return status frames at an even pace."""
    return [frame(n, every * n) for n in range(first, last + 1)]


def test_a_seal_on_another_container_is_found_until_it_fits() -> None:
    """Held against the order in force."""
    wrong = [bind(0), frame(1, 10, _E.ARMED, container=OTHER), frame(2, 20, container=OTHER)]
    (mismatch,) = found("seal_binding", wrong)
    assert spans([mismatch]) == [("seal_mismatch", 10.0, None)]
    assert "hangs on MSKU6011672, and order O-0 binds it to CSQU3054383" in mismatch.text
    mended = [*wrong, bind(100, container=OTHER)]
    assert spans(found("seal_binding", mended)) == [("seal_mismatch", 10.0, 100.0)]
    right = [bind(0), frame(1, 10, _E.ARMED, container="CSQU3054383")]
    assert found("seal_binding", right, until_s=10_000) == []


def test_what_an_older_version_was_saying_of_a_seal_is_neither_ended_nor_said_again() -> None:
    """Its state holds the sentence in English; that is how it ends, in any language."""
    judge = rule("seal_binding")
    reports = [bind(), frame(1, 10, container=OTHER), frame(2, 20, container=OTHER)]
    state: Tie = judge.start()
    for each in reports[:2]:
        state = judge.on_event(state, Event(each)).state
    assert state.fault is not None
    english_of = replace(state.fault, text=english(state.fault.text))
    stored = msgspec.msgpack.encode(replace(state, fault=english_of))
    older = msgspec.msgpack.decode(stored, type=Tie)
    step = judge.on_event(older, Event(reports[2]))
    assert step.findings == ()
    (ended,) = judge.on_event(step.state, Event(frame(3, 30, container=BOX))).findings
    assert read(ended.text, ended.saying, Language.KOREAN).startswith("Seal HAE-000001 says that")


def test_the_number_of_the_documents_must_be_the_seals() -> None:
    """At once, before any frame."""
    assert spans(found("seal_binding", [bind(5, number="HAE-999999")])) == [
        ("seal_mismatch", 5.0, None)
    ]
    assert found("seal_binding", [bind(5, number="HAE-000001")]) == []


def test_an_armed_seal_needs_an_order_within_the_grace() -> None:
    """And is free of the reproach when it comes, or when it is off duty."""
    armed = [frame(1, 0, _E.ARMED), *steady(2, 5)]
    assert found("seal_binding", armed, until_s=3599) == []
    assert spans(found("seal_binding", armed, until_s=3600)) == [("seal_unbound", 0.0, None)]
    late = [*armed, bind(5000)]
    assert spans(found("seal_binding", late, until_s=9000)) == [("seal_unbound", 0.0, 5000.0)]
    off = [*armed, frame(6, 4000, _E.DISARMED, armed=False)]
    assert spans(found("seal_binding", off, until_s=9000)) == [("seal_unbound", 0.0, 4000.0)]
    assert found("seal_binding", [*armed, bind(100)], until_s=9000) == []
    withdrawn = [frame(1, 0), bind(5, order="B"), order(SealOrderKind.WITHDRAW, 10, order="B")]
    assert spans(found("seal_binding", withdrawn, until_s=9000)) == [("seal_unbound", 0.0, None)]


def test_missing_numbers_are_told_after_the_grace() -> None:
    """What came before the first frame is not missing."""
    gapped = [frame(10, 0), frame(14, 300), frame(15, 600), frame(17, 900)]
    assert found("seal_log", gapped, until_s=1199) == []
    told = found("seal_log", gapped, until_s=1800)
    assert spans(told) == [("seal_log_gap", 0.0, 300.0), ("seal_log_gap", 600.0, 900.0)]
    assert "lacks 11 to 13, made between" in told[0].text
    assert [each.values["missing"] for each in told] == [3, 1]


def test_stored_frames_fill_the_gap() -> None:
    """They have their own times, so that nothing was ever missing."""
    filled = [frame(10, 0), frame(14, 300), *(frame(n, 60.0 * (n - 9)) for n in (11, 12, 13))]
    assert found("seal_log", filled, until_s=9000) == []


def test_a_clock_ahead_is_told_while_it_is() -> None:
    """The frames are dated when they were heard, and say what they had stated."""
    fast = [frame(n, 60.0 * n, stated_at=at(60.0 * n + 400)) for n in (1, 2)]
    right = [frame(3, 180), frame(4, 240, stated_at=at(540))]
    assert spans(found("seal_log", fast)) == [("seal_clock_fault", 60.0, None)]
    (fault,) = found("seal_log", [*fast, *right])
    assert (spans([fault]), fault.values["ahead_s"]) == ([("seal_clock_fault", 60.0, 180.0)], 400)


def test_a_clock_that_was_set_back_is_told() -> None:
    """A missing number comes dated after a higher one; a day's drift is forgiven."""
    back = [frame(1, 0), frame(4, 100), frame(2, 150), frame(3, 160)]
    assert spans(found("seal_log", back, until_s=9000)) == [("seal_clock_fault", 150.0, 150.0)]
    assert found("seal_log", [frame(1, 0), frame(3, 100), frame(2, 105)], until_s=9000) == []


def test_a_seal_that_falls_silent_is_found_until_it_speaks() -> None:
    """Three of its own intervals, and a minute."""
    heard = steady(1, 5)
    assert found("seal_silence", heard, until_s=2459) == []
    assert spans(found("seal_silence", heard, until_s=2460)) == [("seal_silent", 1500.0, None)]
    again = [*heard, frame(6, 9000)]
    assert spans(found("seal_silence", again)) == [("seal_silent", 1500.0, 9000.0)]


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(steady(1, 2), id="hardly-known"),
        pytest.param([*steady(1, 5), frame(6, 1600, armed=False)], id="off-duty"),
        pytest.param([*steady(1, 5), *(frame(n, 300.0 * n) for n in range(6, 40))], id="stored"),
    ],
)
def test_no_silence_is_told_of(heard: list[Observation]) -> None:
    """Who was hardly heard, is off duty, or had stored what it said."""
    assert found("seal_silence", heard, until_s=12_000) == []


def test_jamming_lasts_until_it_says_anything_else() -> None:
    """It stores the frame until it gets through."""
    jammed = [frame(1, 0), frame(2, 60, _E.JAMMING), frame(3, 120, _E.JAMMING), frame(4, 180)]
    assert spans(found("seal_jamming", jammed[:3])) == [("seal_jammed", 60.0, None)]
    assert spans(found("seal_jamming", jammed)) == [("seal_jammed", 60.0, 180.0)]


def test_a_low_battery_has_a_hysteresis() -> None:
    """It flaps between 18 and 24 per cent, and is one episode."""
    levels = (30.0, 19.5, 24.0, 18.0, None, 24.9, 25.0, 19.0)
    flapping = [frame(n, 60.0 * n, battery_percent=level) for n, level in enumerate(levels)]
    assert spans(found("seal_battery", flapping)) == [
        ("seal_battery_low", 60.0, 360.0),
        ("seal_battery_low", 420.0, None),
    ]
    assert spans(found("seal_battery", [frame(1, 0, _E.LOW_BATTERY)])) == [
        ("seal_battery_low", 0.0, None)
    ]


def test_temperature_has_two_limits() -> None:
    """Too cold, well, by its own word too warm, well."""
    levels = (-31.0, -29.0, -27.9, 59.0, 61.0, 57.9)
    measured = [frame(n, 60.0 * n, temperature_c=level) for n, level in enumerate(levels)]
    measured.append(frame(9, 600, _E.TEMPERATURE))
    assert spans(found("seal_temperature", measured)) == [
        ("seal_temperature", 0.0, 120.0),
        ("seal_temperature", 240.0, 300.0),
        ("seal_temperature", 600.0, None),
    ]
