"""Exchanges: said again when unanswered, given up, refused with the reason."""

from typing import Any

import pytest

from edge.drone.exchange import PATIENCE_S, PROGRESS_S, TRIES, Call, Outcome, Upload
from edge.drone.mavlink import Message, message
from edge.drone.mission import STAY, WAYPOINT, Item

ITEMS = (Item(WAYPOINT, 35.0, 129.0, 50), Item(STAY, 35.1, 129.1, 60))
ARM = 400


def answer(result: int, command: int = ARM) -> Message:
    """Return an acknowledgement of a command."""
    return message("COMMAND_ACK", command=command, result=result)


def asked(seq: int) -> Message:
    """Return a request for an item."""
    return message("MISSION_REQUEST_INT", target_system=255, target_component=190, seq=seq)


def verdict(result: int, mission_type: int = 0) -> Message:
    """Return an acknowledgement of a mission."""
    return message(
        "MISSION_ACK",
        target_system=255,
        target_component=190,
        type=result,
        mission_type=mission_type,
    )


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (0, Outcome(accepted=True, text="component arm disarm accepted")),
        (1, Outcome(accepted=False, text="component arm disarm temporarily rejected")),
        (2, Outcome(accepted=False, text="component arm disarm denied")),
        (3, Outcome(accepted=False, text="component arm disarm unsupported")),
        (4, Outcome(accepted=False, text="component arm disarm failed")),
    ],
)
def test_a_call_ends_with_the_autopilots_answer(result: int, outcome: Outcome) -> None:
    """In words."""
    call = Call(1, ARM, 1)
    (said,) = call.begin(0)
    assert (said.get_type(), said.target_system, said.param1) == ("COMMAND_LONG", 1, 1)
    assert call.hear(answer(result), 0.1) == []
    assert call.outcome == outcome


def test_an_answer_to_something_else_is_not_taken() -> None:
    """Other ground stations have commands of their own."""
    call = Call(1, ARM, 1)
    call.begin(0)
    call.hear(answer(0, command=20), 0.1)
    assert call.outcome is None


def test_a_call_is_repeated_and_given_up() -> None:
    """With the count of repetitions, so that an autopilot can tell."""
    call = Call(1, ARM, 1)
    said: list[Any] = call.begin(0)
    for tick in range(1, 40):
        said += call.wait(tick * PATIENCE_S / 4)
    assert [each.confirmation for each in said] == list(range(TRIES))
    assert call.outcome == Outcome(accepted=False, text="the autopilot did not answer")


def test_progress_is_waited_for() -> None:
    """An autopilot that is still at it is not asked again."""
    call = Call(1, ARM, 1)
    call.begin(0)
    call.hear(answer(5), 0.5)
    assert call.wait(PROGRESS_S) == []
    call.hear(answer(0), PROGRESS_S)
    assert call.outcome is not None
    assert call.outcome.accepted


def test_a_mission_is_given_item_by_item() -> None:
    """As asked, also twice; accepted at the end."""
    upload = Upload(1, ITEMS)
    (count,) = upload.begin(0)
    assert (count.get_type(), count.count) == ("MISSION_COUNT", 2)
    given = [upload.hear(asked(seq), 0.1)[0] for seq in (0, 0, 1)]
    assert [(item.seq, item.command) for item in given] == [(0, 16), (0, 16), (1, 17)]
    assert (given[2].x, given[2].y, given[2].z) == (351_000_000, 1_291_000_000, 60)
    assert upload.hear(asked(2), 0.2) == []
    upload.hear(verdict(0, mission_type=1), 0.3)
    assert upload.outcome is None
    upload.hear(verdict(0), 0.3)
    assert upload.outcome == Outcome(accepted=True, text="mission accepted")


def test_a_mission_that_is_refused_says_why() -> None:
    """In the protocol's words."""
    upload = Upload(1, ITEMS)
    upload.begin(0)
    upload.hear(verdict(4), 0.1)
    assert upload.outcome == Outcome(accepted=False, text="mission no space")


def test_a_silent_autopilot_gets_the_last_word_again() -> None:
    """The count, or the item that was asked for last; then it is given up."""
    upload = Upload(1, ITEMS)
    upload.begin(0)
    assert [each.get_type() for each in upload.wait(PATIENCE_S)] == ["MISSION_COUNT"]
    upload.hear(asked(1), 2)
    assert [each.seq for each in upload.wait(2 + PATIENCE_S)] == [1]
    for tick in range(10):
        upload.wait(10 + tick * PATIENCE_S)
    assert upload.outcome == Outcome(accepted=False, text="the autopilot did not answer")
