"""From frames to readings: own times, repeats, what is not genuine, and the latch."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.seal.frame import Place
from edge.seal.reading import SealReader
from edge.seal.states import BROKEN, SealState, after, first
from edge.sources import forget
from haechi.messages import Reading, encode
from haechi.seals import Authenticity, SealEventKind, SealReport
from tests.edge.seal.made import NOON, NUMBER, SECRET, frame, keys_of, raw, taken

_E = SealEventKind


def at(seconds: float) -> datetime:
    """Return a time after noon."""
    return NOON + timedelta(seconds=seconds)


def reader() -> tuple[SealReader, list[tuple[tuple[bytes, ...], str]]]:
    """Return a reader and what it keeps as undecodable."""
    kept: list[tuple[tuple[bytes, ...], str]] = []
    return SealReader(keys_of, lambda lines, reason, _: kept.append((lines, reason))), kept


def test_a_genuine_frame_is_a_reading_at_its_own_time() -> None:
    """In whole units of people, with the bytes as evidence."""
    made: dict[str, Any] = {"place": Place(351_000_000, 1_290_000_000, 125), "centicelsius": -1850}
    (found,) = reader()[0].datagram(raw(7, battery_half_percent=199, **made), at(21_600))
    assert (found.at, found.subject) == (NOON, f"seal:{NUMBER}")
    report = found.content
    assert isinstance(report, SealReport)
    assert (report.lat, report.lon, report.speed_kn) == (35.1, 129.0, 12.5)
    assert (report.temperature_c, report.battery_percent) == (-18.5, 99.5)
    assert (report.heard_at, report.stated_at) == (at(21_600), None)
    assert bytes.fromhex(report.frame) == raw(7, battery_half_percent=199, **made)
    assert encode(Reading(seq=1, at=found.at, subject=found.subject, content=report))


def test_a_frame_from_the_future_is_dated_when_it_was_heard() -> None:
    """Else ingest would not believe it, and a seal with a fast clock could be broken unseen."""
    (found,) = reader()[0].datagram(raw(1, 3600, event=_E.UNLOCK), at(0))
    assert isinstance(found.content, SealReport)
    assert (found.at, found.content.stated_at, found.urgent) == (at(0), at(3600), True)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (raw(1, -3600)[:-1] + b"\x00", Authenticity.INVALID),
        (raw(1, -3600, number="HAE-000003"), Authenticity.UNKNOWN_KEY),
    ],
)
def test_what_is_not_signed_is_evidence_dated_when_heard(
    sent: bytes, expected: Authenticity
) -> None:
    """Nobody may date a finding with a forged frame; nor does it go before what is genuine."""
    (found,) = reader()[0].datagram(sent, at(5))
    assert isinstance(found.content, SealReport)
    assert (found.content.authenticity, found.at, found.urgent) == (expected, at(5), False)
    assert found.content.stated_at == at(-3600)


def test_repeats_on_the_radio_are_one_reading_and_later_copies_are_told() -> None:
    """A flood of one frame is a reading in two minutes."""
    made, _ = reader()
    told = [bool(made.datagram(raw(), at(s))) for s in (0, 1, 119, 120, 121, 200, 242)]
    assert told == [True, False, False, False, True, False, True]
    assert (made.counts.frames, made.counts.repeats) == (7, 4)


def test_junk_is_kept() -> None:
    """As it came."""
    made, kept = reader()
    assert made.datagram(b"hello", at(0)) == []
    assert made.pieces([b"noise", taken(1)], at(0)) != []
    assert kept == [((b"hello",), "not a frame"), ((b"noise",), "not a frame")]
    assert made.counts.junk == 2


def test_events_go_first() -> None:
    """A status waits its turn; an opening that is only seen in the latch does not."""
    made, _ = reader()
    frames = [raw(1), raw(2, 60), raw(3, 120, openings=1), raw(4, 180, event=_E.LOW_BATTERY)]
    urgent = [made.datagram(one, at(200))[0].urgent for one in frames]
    assert urgent == [False, False, True, True]
    assert made.state_of(NUMBER) is SealState.OPENED
    assert made.state_of("HAE-000009") is None


def test_the_seals_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was heard of least lately goes first."""
    monkeypatch.setattr("edge.seal.latches.REMEMBERED_SEALS", 3)
    numbers = [f"HAE-1{n:05}" for n in range(6)]
    made = SealReader(lambda _: (SECRET,), forget)
    for number in (*numbers[:4], numbers[1], *numbers[4:]):
        made.datagram(raw(made.counts.frames, number=number), at(0))
    known = [number for number in numbers if made.state_of(number) is not None]
    assert known == [numbers[1], *numbers[4:]]


EVENTS = st.lists(st.tuples(st.sampled_from(list(_E)), st.booleans(), st.booleans()), max_size=8)


@given(st.sampled_from(sorted(BROKEN)), EVENTS)
def test_s7_no_frame_mends_what_a_gateway_saw_broken(
    state: SealState, events: list[tuple[SealEventKind, bool, bool]]
) -> None:
    """S7: a latch, whatever the seal says later; it can only get worse."""
    severity = [SealState.OPENED, SealState.REMOVED, SealState.TAMPERED]
    for event, sealed, armed in events:
        later = after(state, frame(event=event, sealed=sealed, armed=armed))
        assert severity.index(later) >= severity.index(state)
        state = later


@pytest.mark.parametrize(
    ("event", "sealed", "armed", "expected"),
    [
        (_E.STATUS, True, True, SealState.SEALED),
        (_E.STATUS, False, True, SealState.OPENED),
        (_E.STATUS, False, False, SealState.IDLE),
        (_E.ARMED, True, False, SealState.ARMED),
        (_E.ARMED, False, True, SealState.ARMED),
        (_E.DISARMED, True, True, SealState.RELEASED),
        (_E.REMOVING, True, True, SealState.REMOVED),
    ],
)
def test_the_first_frame_says_where_a_seal_stands(
    event: SealEventKind,
    sealed: bool,  # noqa: FBT001 - a column of the table
    armed: bool,  # noqa: FBT001 - a column of the table
    expected: SealState,
) -> None:
    """The worse is assumed."""
    assert first(frame(event=event, sealed=sealed, armed=armed)) is expected
