"""A storm is a few messages and one that counts the rest, and nothing is lost of it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from analytics.digests import Budget, Spent, digest_with, is_over, series_of, spent_after
from analytics.pushes import after_failure, alert_of, push_of
from analytics.wording import Voice, body, title
from analytics.words import Language
from haechi.alarms import Signal
from haechi.findings import Severity
from haechi.pushes import Channel, Digest, Push, PushPolicy
from tests.analytics.desk import START, Desk, finding

VOICE = Voice(zone=UTC, zone_name="UTC", zones={"harbour": "North Harbour"})
POLICY = PushPolicy(
    channels=(
        Channel(name="mail", type="apprise", url_env="X", fallback="sms", limit_messages=3),
        Channel(name="sms", type="apprise", url_env="Y", limit_messages=1, limit_window_s=300),
        Channel(name="alerts", type="mqtt"),
    ),
    rules=(),
)
SECOND = timedelta(seconds=1)


def message(number: int, *, channel: str = "mail", at: datetime = START, **changes: object) -> Push:
    """Return a message about a new alarm; ``changes`` are of its alert."""
    desk = Desk()
    desk.now = at
    desk.say(finding(f"f{number}", subject=f"mmsi:{number}"))
    (alarm, event), *_ = desk.happened
    told = replace(alert_of(alarm, event, channel), **changes)
    return push_of(told, channel, VOICE)


class Exchange:
    """Rows as ingest keeps them."""

    def __init__(self) -> None:
        self.rows = dict[str, Push]()
        self.spent = dict[Budget, Spent]()

    def tell(self, *pushes: Push) -> None:
        """Queue messages, each by itself or in a digest."""
        for push in pushes:
            if is_over(push, POLICY, self.spent):
                series = series_of(push, POLICY)
                kept = [row for row in self.rows.values() if row.alarm == series]
                digest = digest_with(push, kept, POLICY, VOICE)
                self.rows[digest.id] = digest
            else:
                self.rows[push.id] = push
                self.spent = spent_after([push], POLICY, self.spent)

    @property
    def singles(self) -> list[Push]:
        """Return messages about one alarm."""
        return [row for row in self.rows.values() if row.alert.digest is UNSET]

    @property
    def digests(self) -> list[tuple[Push, Digest]]:
        """Return the others, with what they say."""
        rows = self.rows.values()
        return [(row, row.alert.digest) for row in rows if row.alert.digest is not UNSET]


def test_a2_what_is_over_the_limit_is_one_message() -> None:
    """It says how many, of what, how urgent the worst, since when, where, and names the first."""
    desk = Exchange()
    others = [message(n, kind="drift", zone=None, severity=Severity.MINOR) for n in range(10, 12)]
    earlier = message(12, subject_name="EVER EXAMPLE", since=START - 2 * SECOND)
    desk.tell(*(message(n) for n in range(9)), *others, earlier)
    assert [push.alert.subject for push in desk.singles] == ["mmsi:0", "mmsi:1", "mmsi:2"]
    ((push, digest),) = desk.digests
    assert digest == Digest(
        messages=9,
        kinds={"overspeed": 7, "drift": 2},
        zones={"harbour": 7, "": 2},
        first=("mmsi:3", "mmsi:4", "mmsi:5", "mmsi:6", "mmsi:7"),
    )
    assert push.title == "MAJOR: More alarms: 9: busan"
    assert push.body.splitlines() == [
        (
            "What: 9 alarms that began or became more urgent at nearly the same time: too fast 7, "
            "drifting 2"
        ),
        "Who: such as mmsi:3, mmsi:4, mmsi:5, mmsi:6, mmsi:7",
        "Where: busan; North Harbour 7, outside of zones 2",
        "When: 2026-05-01 05:59:58 UTC; 2026-05-01 05:59:58 UTC",
        (
            "Do: Open the list of alarms on the console: each is there by itself, the most urgent "
            "first."
        ),
        f"Reference: {push.alarm} / 1 / {push.id}",
    ]
    assert (push.due_at, push.is_open) == (START + 60 * SECOND, True)
    assert push.id == push.alert.id
    assert push.severity is push.alert.severity is Severity.MAJOR


def test_a_digest_takes_on_the_most_urgent() -> None:
    """It begins with a warning and is joined by something major."""
    desk = Exchange()
    warnings = [message(n, severity=Severity.WARNING) for n in range(5)]
    desk.tell(*warnings, message(5, severity=Severity.MAJOR))
    ((push, _),) = desk.digests
    assert push.severity is Severity.MAJOR


def test_a_storm_delays_no_critical_alarm_and_critical_ones_are_limited_too() -> None:
    """Each has its own budget, and its own digest."""
    desk = Exchange()
    desk.tell(*(message(n) for n in range(50)))
    desk.tell(*(message(n, severity=Severity.CRITICAL) for n in range(100, 120)))
    assert [p.alert.subject for p in desk.singles[3:]] == ["mmsi:100", "mmsi:101", "mmsi:102"]
    told = {push.severity: digest.messages for push, digest in desk.digests}
    assert told == {Severity.MAJOR: 47, Severity.CRITICAL: 17}


def test_a_storm_at_one_site_holds_back_nothing_of_another() -> None:
    """Each site has its own watch."""
    desk = Exchange()
    desk.tell(*(message(n) for n in range(50)), message(50, site="incheon"))
    assert desk.singles[-1].alert.site == "incheon"


@pytest.mark.parametrize(
    "signal", [signal for signal in Signal if signal not in {Signal.OPENED, Signal.WORSENED}]
)
def test_what_an_operator_waits_for_is_never_held_back(signal: Signal) -> None:
    """Nor does it use up what others are told by."""
    desk = Exchange()
    desk.tell(*(message(n, signal=signal) for n in range(50)))
    desk.tell(*(message(n) for n in range(100, 103)))
    assert (len(desk.singles), desk.digests) == (53, [])


def test_programs_are_told_of_each() -> None:
    """They count better than a digest; who wants it otherwise says so in the pushes file.

    The page shows each alarm too: it reads them itself.
    """
    desk = Exchange()
    desk.tell(*(message(n, channel="alerts") for n in range(50)))
    assert (len(desk.singles), desk.digests) == (50, [])
    assert Channel(name="a", type="console").limit == 0
    assert Channel(name="a", type="mqtt", limit_messages=5).limit == 5
    assert Channel(name="a", type="apprise").limit == 10
    assert Channel(name="a", type="apprise", limit_messages=0).limit == 0


def test_the_next_window_begins_anew() -> None:
    """By the clock, each channel with its own length."""
    desk = Exchange()
    for minute in range(6):
        at = START + minute * 60 * SECOND + 59 * SECOND
        desk.tell(*(message(10 * minute + n, at=at) for n in range(5)))
        desk.tell(*(message(10 * minute + n, at=at, channel="sms") for n in range(5)))
    told = [(push.channel, digest.messages) for push, digest in desk.digests]
    assert told == [("mail", 2), ("sms", 24), *[("mail", 2)] * 5, ("sms", 4)]


def test_one_that_comes_when_the_digest_is_closed_begins_another() -> None:
    """The first is on its way: it would be lost in it."""
    desk = Exchange()
    desk.tell(*(message(n) for n in range(5)))
    ((first, _),) = desk.digests
    desk.rows[first.id] = replace(first, is_open=False)
    desk.tell(message(5), message(6))
    (_, closed), (second, opened) = desk.digests
    assert (closed.messages, opened.messages, second.alert.number) == (2, 2, 2)
    assert second.alarm == first.alarm


def test_a5_a_digest_that_a_channel_does_not_take_goes_to_the_next() -> None:
    """With all that it says, under another key, and nobody joins it there."""
    desk = Exchange()
    desk.tell(*(message(n) for n in range(5)))
    ((push, digest),) = desk.digests
    instead = None
    while instead is None:
        push, instead = after_failure(push, "no", POLICY, push.due_at, chance=0, voice=VOICE)
    assert (instead.channel, instead.alert.digest, instead.is_open) == ("sms", digest, False)
    assert "Channel mail did not take this" in instead.body
    assert instead.id not in desk.rows


STEPS = st.lists(
    st.tuples(
        st.integers(0, 90),
        st.sampled_from(["mail", "sms", "alerts"]),
        st.sampled_from([Severity.CRITICAL, Severity.MAJOR, Severity.WARNING]),
    ),
    max_size=40,
)


@given(steps=STEPS, crash=st.integers(0, 40))
def test_all_is_told_once_the_limits_hold_and_a_crash_changes_nothing(
    steps: Sequence[tuple[int, str, Severity]], crash: int
) -> None:
    """Messages and what digests count add up; what is spent follows from the rows alone."""
    steps = sorted(steps, key=lambda step: step[0])
    pushes = [
        message(n, channel=channel, at=START + second * SECOND, severity=severity)
        for n, (second, channel, severity) in enumerate(steps)
    ]
    desk, crashed = Exchange(), Exchange()
    desk.tell(*pushes)
    crashed.tell(*pushes[:crash])
    crashed.spent = spent_after(crashed.rows.values(), POLICY, {})
    crashed.tell(*pushes[crash:])
    assert crashed.rows == desk.rows
    assert len(desk.singles) + sum(d.messages for _, d in desk.digests) == len(pushes)
    for channel in POLICY.channels:
        alone = [p for p in desk.singles if p.channel == channel.name]
        windows = 1 + 90 // channel.limit_window_s
        assert not channel.limit or len(alone) <= 2 * windows * channel.limit


@pytest.mark.parametrize("language", Language)
def test_a_digest_speaks_every_language(language: Language) -> None:
    """Six lines, each answered, with its count and the names as they are."""
    desk, voice = Exchange(), Voice(language=language, zone=UTC, zone_name="UTC")
    desk.tell(*(message(n) for n in range(9)))
    ((push, _),) = desk.digests
    lines = body(push.alert, voice).splitlines()
    assert len(lines) == 6
    assert all(": " in line for line in lines)
    assert "6" in lines[0]
    assert "mmsi:3, mmsi:4" in lines[1]
    assert "6" in title(push.alert, voice)
    assert language is Language.ENGLISH or not re.search("alarms|such as|Open", "".join(lines))
