"""What others publish arrives once it is on disk here, through a real broker."""

from collections.abc import Generator, Iterator

import pytest

from edge.guests import owntracks
from edge.guests.mailbox import Mailbox
from edge.measured import Measured
from haechi.mqtt import Callbacks, Session
from tests.edge.guests.test_owntracks import TOPIC, location
from tests.edge.rig import Broker, Eventually, needs_mosquitto


@pytest.fixture
def phone(broker: Broker, eventually: Eventually) -> Iterator[Session]:
    """Return what publishes there."""
    session = Session(broker.endpoint, "phone", Callbacks())
    session.start()
    eventually(lambda: session.is_connected)
    yield session
    session.stop()


class Refused(list[tuple[bytes, str]]):
    """What a mailbox did not understand, with the reason."""

    def keep(self, lines: tuple[bytes, ...], reason: str, at: object) -> None:
        """Keep the payload and the reason."""
        del at
        self.append((lines[1], reason))


@needs_mosquitto
def test_what_is_read_but_not_yet_on_disk_is_delivered_again(
    broker: Broker, phone: Session, eventually: Eventually
) -> None:
    """The adapter dies between reading and writing: the next one reads the same."""
    refused = Refused()

    def mailbox() -> Generator[list[Measured]]:
        box = Mailbox(broker.endpoint, "reader", owntracks.FILTERS, owntracks.read, refused.keep)
        return box.batches()

    found: list[Measured] = []
    again: list[Measured] = []
    first = mailbox()
    assert next(first) == []
    eventually(lambda: phone.publish(TOPIC, location()) is not None)
    while not found:
        found = next(first)
    first.close()
    second = mailbox()
    while not again:
        again = next(second)
    assert again == found
    assert next(second) == []
    second.close()
    third = mailbox()
    assert [next(third) for _ in range(5)] == [[]] * 5
    third.close()
    assert refused == []


@needs_mosquitto
def test_what_is_not_understood_is_kept_and_acknowledged(
    broker: Broker, phone: Session, eventually: Eventually
) -> None:
    """A poison message stops nothing."""
    refused = Refused()
    box = Mailbox(broker.endpoint, "reader", owntracks.FILTERS, owntracks.read, refused.keep)
    found: list[Measured] = []
    batches = box.batches()
    assert next(batches) == []
    eventually(lambda: phone.publish(TOPIC, b"no json") is not None)
    eventually(lambda: phone.publish(TOPIC, location()) is not None)
    while not found:
        found = next(batches)
    batches.close()
    assert [payload for payload, _ in refused] == [b"no json"]
