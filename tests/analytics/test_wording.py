"""Messages that a tired person understands at once, in their language."""

import re
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from analytics.pushes import alert_of
from analytics.saying import english, read, saying
from analytics.wording import Voice, body, degrees_minutes, title
from analytics.words import ADVICE, KINDS, LABELS, SEVERITIES, SIGNALS, Label, Language
from haechi.alarms import Signal
from haechi.findings import Severity, Status
from haechi.pushes import Alert
from tests.analytics.desk import START, Desk, finding

SEOUL = Voice(
    language=Language.ENGLISH,
    zone=ZoneInfo("Asia/Seoul"),
    zone_name="Asia/Seoul",
    zones={"harbour": "Busan North Harbour"},
)


def alert() -> Alert:
    """Return what is told about a new overspeed."""
    desk = Desk()
    desk.say(finding(lat=35.075, lon=129.067))
    (alarm, event), *_ = desk.happened
    return replace(alert_of(alarm, event, "mail"), subject_name="EVER EXAMPLE", id="c0ffee")


def test_a_message_says_what_where_when_and_what_to_do() -> None:
    """Position both ways, time both ways, and the first thing to do."""
    assert title(alert(), SEOUL) == "MAJOR: New alarm: too fast: EVER EXAMPLE"
    assert body(alert(), SEOUL).splitlines() == [
        "What: 14 kn where 10 kn are allowed",
        "Who: EVER EXAMPLE (mmsi:219000001)",
        "Where: Busan North Harbour; 35.07500, 129.06700; 35°04.500'N 129°04.020'E",
        "When: 2026-05-01 06:00:00 UTC; 2026-05-01 15:00:00 Asia/Seoul",
        "Do: Call the vessel and ask it to slow down. Note its reason.",
        "Reference: f1 / 1 / c0ffee",
    ]


def test_what_the_rule_says_is_in_the_language_of_the_channel() -> None:
    """From the finding over its alarm; what an older version raised is told in English."""
    said = saying("enter", subject="mmsi:219000001", zone="부산항", since=START, ending="")
    desk = Desk()
    desk.say(finding(text=english(said), saying=said))
    (alarm, event), *_ = desk.happened
    told = alert_of(alarm, event, "mail")
    lines = {
        language: body(told, Voice(language=language, zone=UTC, zone_name="UTC")).splitlines()[0]
        for language in Language
    }
    assert lines == {
        Language.ENGLISH: "What: mmsi:219000001 entered 부산항 at 2026-05-01 06:00:00 UTC",
        Language.KOREAN: "내용: mmsi:219000001: 부산항 진입, 2026-05-01 06:00:00 UTC부터",
        Language.ARABIC: "ماذا: \u2068mmsi:219000001\u2069: دخول \u2068부산항\u2069"
        " منذ \u20662026-05-01 06:00:00 UTC\u2069",
    }
    old = replace(told, saying=UNSET)
    assert body(old, Voice(language=Language.KOREAN, zone=UTC, zone_name="UTC")).startswith(
        "내용: mmsi:219000001 entered"
    )


def test_a_withdrawn_finding_is_noted_in_every_language() -> None:
    """The history of the alarm says that the data no longer bear it out."""
    said = saying("enter", subject="mmsi:219000001", zone="harbour", since=START, ending="")
    desk = Desk()
    desk.say(finding(text=english(said), saying=said))
    desk.say(finding(text=english(said), saying=said, status=Status.RETRACTED))
    (_, event) = desk.happened[-1]
    assert event.note == f"no longer follows from the data: {english(said)}"
    assert read(event.note, event.saying, Language.KOREAN).startswith(
        "자료로 더는 뒷받침되지 않음: mmsi:219000001: harbour 진입"
    )


def test_what_is_not_known_is_said() -> None:
    """No position, no name, an unknown zone and a kind without words are no reason to be silent."""
    bare = replace(alert(), lat=None, subject_name=None, zone="z9", kind="odd_thing")
    assert title(bare, SEOUL) == "MAJOR: New alarm: odd_thing: mmsi:219000001"
    assert "Where: z9; position unknown\n" in body(bare, SEOUL)
    assert "Do: Look at it on the map, and decide." in body(bare, SEOUL)


def test_what_came_late_is_marked() -> None:
    """Nobody should be sent to where a vessel was six hours ago."""
    late = replace(alert(), at=alert().since + timedelta(hours=6))
    assert "; reported 360 min later\n" in body(late, SEOUL)


@pytest.mark.parametrize("language", Language)
def test_every_language_says_everything(language: Language) -> None:
    """Each signal, severity, label and kind has words in all columns; no English in the others."""
    assert set(SIGNALS) == set(Signal)
    assert set(SEVERITIES) == set(Severity)
    assert set(LABELS) == set(Label)
    assert set(KINDS) == set(ADVICE)
    column = [*Language].index(language)
    rows = [*SIGNALS.values(), *SEVERITIES.values(), *LABELS.values(), *KINDS.values()]
    texts = [row[column] for row in [*rows, *ADVICE.values()]]
    assert all(texts)
    script = {"en": "[A-Za-z]", "ko": "[가-힣]", "ar": "[\u0621-\u064a]"}[language]
    assert all(re.search(script, text) for text in texts)
    assert {*re.findall(r"\{\w+\}", LABELS[Label.UNSENT][column])} == {"{channel}", "{attempts}"}


@pytest.mark.parametrize("language", Language)
def test_no_message_has_markup_or_an_empty_answer(language: Language) -> None:
    """Plain text, six lines, in any language."""
    voice = Voice(language=language, zone=UTC, zone_name="UTC")
    lines = body(alert(), voice).splitlines()
    assert len(lines) == 6
    assert all(re.fullmatch(r"[^<>:]+: .+", line) for line in lines)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_degrees_and_minutes_are_the_same_place(lat: float, lon: float) -> None:
    """Within half a thousandth of a minute, and never 60 minutes."""
    parts = re.fullmatch(
        r"(\d\d)°(\d\d\.\d{3})'([NS]) (\d{3})°(\d\d\.\d{3})'([EW])", degrees_minutes(lat, lon)
    )
    assert parts is not None
    assert max(float(parts[2]), float(parts[5])) < 60
    found = [float(parts[n]) + float(parts[n + 1]) / 60 for n in (1, 4)]
    assert found == pytest.approx([abs(lat), abs(lon)], abs=0.00051 / 60)
