"""What waits for the loop is in order, is taken in bounded parts, and does not outgrow memory."""

import threading

import pytest

from haechi.mqtt import Delivery
from ingest.inbox import Inbox
from tests.conftest import Eventually

SIZE = 1000


def delivery(number: int) -> Delivery:
    """Return one of a thousand bytes."""
    return Delivery(f"a/{number}", bytes(SIZE), retain=False, content_type=None, mid=1, qos=1)


def test_many_may_wait_but_not_without_bound(
    eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than the broker should send are taken; memory is the bound, and room lets more in."""
    monkeypatch.setattr("ingest.inbox.WAITING_BYTES", 20 * SIZE)
    inbox = Inbox(2)

    def flood() -> None:
        for number in range(100):
            inbox.put(delivery(number))

    session = threading.Thread(target=flood)
    session.start()
    eventually(lambda: inbox.depth > 10)
    taken: list[str] = []
    while len(taken) < 100:
        assert inbox.depth <= 20
        taken += [each.topic for each in inbox.take(10, 1).deliveries]
    session.join(20)
    assert taken == [f"a/{number}" for number in range(100)]


def test_a_new_connection_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker delivers again what waited; of the one before nothing counts any more."""
    monkeypatch.setattr("ingest.inbox.WAITING_BYTES", 5 * SIZE)
    inbox = Inbox(1)
    for number in range(4):
        inbox.put(delivery(number))
    inbox.renew()
    for number in range(4):
        inbox.put(delivery(number))
    batch = inbox.take(10, 1)
    assert (batch.connection, len(batch.deliveries), inbox.depth) == (1, 4, 0)


def test_a_closed_inbox_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session's thread must be able to end."""
    monkeypatch.setattr("ingest.inbox.WAITING_BYTES", SIZE)
    inbox = Inbox(0)
    inbox.put(delivery(0))
    inbox.close()
    inbox.put(delivery(1))
    assert inbox.depth == 2
