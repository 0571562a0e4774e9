"""Health says what is wrong, since when, and what to do."""

from typing import Any

import pytest

from ingest.health import State, Vitals, health


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({}, State.OK, ""),
        ({"is_recovered": False}, State.FAILING, "not restored"),
        (
            {"store_failing_since": 90.0, "store_error": "disk full"},
            State.FAILING,
            "10 s (disk full)",
        ),
        ({"disconnected_since": 70.0}, State.DEGRADED, "no broker for 30 s"),
        ({"busy_since": 90.0}, State.DEGRADED, "the store is slow"),
        ({"busy_since": 99.0}, State.OK, ""),
        ({"queue_depth": 20}, State.DEGRADED, "more arrives than is kept"),
        ({"dead_letter_at": 99.0, "dead_letters": 3}, State.DEGRADED, "3 refused inputs"),
        ({"fault_at": 99.0, "fault": "KeyError"}, State.DEGRADED, "KeyError"),
        ({"lag_s": {"busan": 601.0}}, State.DEGRADED, "busan: rules have reached 601 s"),
        ({"complaints": ("the file was damaged",)}, State.DEGRADED, "damaged"),
    ],
)
def test_each_trouble_is_said_in_words(change: dict[str, Any], state: State, words: str) -> None:
    """One reason a trouble; the worst gives the state."""
    sound: dict[str, Any] = {"is_recovered": True, "disconnected_since": None, "queue_bound": 20}
    found = health(Vitals(**(sound | change)), now=100.0)
    assert found.state is state
    assert words in " ".join(found.reasons)
    assert len(found.reasons) == (state is not State.OK)


def test_messages_that_the_broker_dropped_are_news_only_when_they_grow() -> None:
    """D11: the count since the broker's start says nothing of now."""
    vitals = Vitals(is_recovered=True, disconnected_since=None)
    vitals.note_dropped(190, now=1.0)
    assert health(vitals, now=2.0).state is State.OK
    vitals.note_dropped(191, now=3.0)
    assert "threw messages away (191" in health(vitals, now=4.0).reasons[0]
    assert health(vitals, now=4000.0).state is State.OK
