"""What waits for the broker's answer stays within its window, in order, each with its number."""

from itertools import count, cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.frames import Delivery, packets
from haechi.outgoing import MOST, Outgoing


def _sent(data: bytes) -> list[tuple[int, bytes]]:
    """Return (packet id, payload) of what goes over the wire."""
    return [(each.mid, each.payload) for each in packets(data)[0] if isinstance(each, Delivery)]


@given(st.integers(1, 5), st.lists(st.none() | st.integers(0, 9), max_size=80))
def test_all_are_sent_once_in_order_and_never_too_many_at_once(
    window: int, acts: list[int | None]
) -> None:
    """Whatever the order of publishes (``None``) and of the broker's answers."""
    outgoing, numbers = Outgoing(count(1).__next__), count()
    outgoing.begin(window)
    unanswered: list[int] = []
    seen: list[bytes] = []

    def send(data: bytes) -> None:
        for mid, payload in _sent(data):
            unanswered.append(mid)
            seen.append(payload)
        assert len(unanswered) <= window

    for act in acts:
        if act is None:
            put = outgoing.put("a", b"%d" % next(numbers), retain=False)
            assert put is not None
            send(put[1])
        elif act < len(unanswered):
            mid = unanswered.pop(act)
            done, data = outgoing.answered([mid, 65_000])
            assert done == {mid}
            send(data)
    while unanswered:
        send(outgoing.answered([unanswered.pop()])[1])
    assert seen == [b"%d" % number for number in range(next(numbers))]


def test_a_number_that_is_in_use_is_passed_over() -> None:
    """There are few: one that the broker has not answered must not name something else too."""
    outgoing = Outgoing(cycle([1, 2, 3]).__next__)
    outgoing.begin(3)
    first, second = (outgoing.put("a", b"", retain=False) for _ in range(2))
    assert first
    assert second
    outgoing.answered([second[0]])
    ids = [put[0] for _ in range(2) if (put := outgoing.put("a", b"", retain=False))]
    assert (first[0], ids) == (1, [3, 2])


def test_far_too_much_is_not_taken() -> None:
    """Its owner still has it, and numbers would run out."""
    outgoing = Outgoing(count(1).__next__)
    outgoing.begin(1)
    taken = [outgoing.put("a", b"", retain=False) for _ in range(MOST + 1)]
    assert [each is None for each in taken] == [False] * MOST + [True]


def test_a_new_connection_begins_with_nothing() -> None:
    """What was not answered on the one before is its owner's to publish again."""
    outgoing = Outgoing(count(1).__next__)
    outgoing.begin(1)
    for _ in range(2):
        outgoing.put("a", b"old", retain=False)
    outgoing.begin(1)
    assert outgoing.answered([1, 2]) == (set(), b"")


@pytest.mark.parametrize("topic", ["", "a/+", "#", "a" * 65_536])
def test_no_topic_to_publish_on(topic: str) -> None:
    """The broker would end the connection, so the owner is told at once."""
    outgoing = Outgoing(count(1).__next__)
    with pytest.raises(ValueError, match="nothing can be published"):
        outgoing.put(topic, b"", retain=False)
