"""What waits in the outbox reaches ingest once and for all, whatever the broker does."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.lane import Pace
from edge.link import over_mqtt
from edge.outbox import Outbox
from edge.state_report import Speaker
from edge.uplink import DENIED, Uplink
from haechi.mqtt import Endpoint
from tests.edge.puback_uplink import PubackUplink
from tests.edge.rig import (
    DEVICE,
    SITE,
    Broker,
    Eventually,
    Ingest,
    everything,
    measured,
    missing,
    needs_mosquitto,
    outbox_in,
)

pytestmark = needs_mosquitto
QUICK = Pace(first_s=0.5, longest_s=2)
Begin = Callable[..., Uplink]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """Return an empty outbox."""
    outbox = outbox_in(tmp_path / "edge")
    yield outbox
    outbox.close()


@pytest.fixture
def begin(outbox: Outbox) -> Iterator[Begin]:
    """Return what starts an uplink, to be stopped at the end."""
    begun: list[Uplink] = []

    def start(endpoint: Endpoint, pace: Pace = QUICK, kind: type[Uplink] = Uplink) -> Uplink:
        connect = over_mqtt(endpoint, SITE, DEVICE)
        uplink = kind(outbox, connect, Speaker(SITE, DEVICE, "test 1"), pace=pace)
        uplink.start()
        begun.append(uplink)
        return uplink

    yield start
    for uplink in begun:
        uplink.stop()
        assert not uplink.faults


@pytest.fixture
def ingest(broker: Broker) -> Iterator[Ingest]:
    """Return an ingest that answers."""
    ingest = Ingest(broker.endpoint)
    yield ingest
    ingest.stop()


def test_everything_arrives_and_is_forgotten(
    broker: Broker, outbox: Outbox, ingest: Ingest, begin: Begin, eventually: Eventually
) -> None:
    """Batches go out, ingest answers, the outbox is empty and the account balances."""
    eventually(lambda: ingest.is_connected)
    outbox.append(measured(2300))
    begin(broker.endpoint)
    eventually(lambda: not outbox.pending)
    assert ingest.kept == everything("boot-1", 2300)
    assert [n for _, n in ingest.messages] == [500, 500, 500, 500, 300]
    assert missing(outbox, ingest.kept) == 0


def test_events_overtake_telemetry(
    broker: Broker, outbox: Outbox, ingest: Ingest, begin: Begin, eventually: Eventually
) -> None:
    """An event that was measured last is sent first, as a message of its own."""
    eventually(lambda: ingest.is_connected)
    outbox.append([*measured(1000), *measured(1, start=1000, urgent=True)])
    begin(broker.endpoint, Pace())  # patient: a busy machine would see one sent again
    eventually(lambda: not outbox.pending)
    assert ingest.messages == [("event", 1), ("telemetry", 500), ("telemetry", 500)]


def test_one_reading_a_message_is_possible(
    broker: Broker, outbox: Outbox, ingest: Ingest, begin: Begin, eventually: Eventually
) -> None:
    """Benchmarks compare with that."""
    eventually(lambda: ingest.is_connected)
    outbox.append(measured(300))
    begin(broker.endpoint, Pace(batch=1))
    eventually(lambda: not outbox.pending)
    assert ingest.messages == [("telemetry", 1)] * 300


def test_earlier_boots_are_sent_first_and_reported(
    broker: Broker, tmp_path: Path, ingest: Ingest, eventually: Eventually
) -> None:
    """After a restart the old readings go under their own boot, whose account is published."""
    eventually(lambda: ingest.is_connected)
    with_old = outbox_in(tmp_path / "two")
    with_old.append(measured(10))
    with_old.close()
    outbox = outbox_in(tmp_path / "two", "boot-2")
    outbox.append(measured(5))
    connect = over_mqtt(broker.endpoint, SITE, DEVICE)
    uplink = Uplink(outbox, connect, Speaker(SITE, DEVICE), pace=QUICK)
    uplink.start()
    eventually(lambda: not outbox.pending)
    assert [n for _, n in ingest.messages] == [10, 5]
    eventually(lambda: {s.boot for s in ingest.states} == {"boot-1", "boot-2"})
    uplink.stop()
    last = ingest.states[-1]
    eventually(lambda: not ingest.states[-1].online)
    assert (last.boot, last.numbered) == ("boot-2", 5)


def test_without_an_ack_nothing_is_forgotten(
    broker: Broker, outbox: Outbox, begin: Begin, eventually: Eventually
) -> None:
    """A PUBACK is not enough: readings stay, are sent again, and go when an ack comes."""
    mute = Ingest(broker.endpoint, answers=False)
    eventually(lambda: mute.is_connected)
    outbox.append(measured(10))
    begin(broker.endpoint)
    eventually(lambda: min(mute.copies.values(), default=0) > 1)
    assert outbox.pending == 10
    mute.answers = True
    eventually(lambda: not outbox.pending)
    mute.stop()


def test_d15_an_edge_before_any_ingest_loses_nothing(
    broker: Broker, outbox: Outbox, begin: Begin, eventually: Eventually
) -> None:
    """Reason code 0x10, no matching subscribers, keeps the rows; they go when ingest comes."""
    outbox.append(measured(1200))
    uplink = begin(broker.endpoint)
    eventually(lambda: uplink.setbacks > 1)
    assert outbox.pending == 1200
    ingest = Ingest(broker.endpoint)
    eventually(lambda: not outbox.pending)
    assert ingest.kept == everything("boot-1", 1200)
    ingest.stop()


def test_d4_a_denied_publish_is_given_up_after_some_tries(
    tmp_path: Path, outbox: Outbox, begin: Begin, eventually: Eventually
) -> None:
    """A broker that refuses telemetry (0x87) gets it n times; events still pass meanwhile."""
    acl = tmp_path / "acl"
    acl.write_text(
        f"topic write haechi/v1/{SITE}/{DEVICE}/up/event\n"
        "topic read haechi/v1/#\ntopic write haechi/v1/+/+/down/ack\n"
        "topic write haechi/v1/+/+/state\n"
    )
    broker = Broker(tmp_path / "strict", f"allow_anonymous true\nacl_file {acl}")
    ingest = Ingest(broker.endpoint)
    eventually(lambda: ingest.is_connected)
    outbox.append([*measured(20), *measured(3, start=20, urgent=True)])
    begin(broker.endpoint, Pace(first_s=0.1, longest_s=0.2))
    eventually(lambda: not outbox.pending)
    assert ingest.kept == {("boot-1", seq) for seq in (21, 22, 23)}
    assert outbox.accounts()[-1].quarantined == {DENIED: 20}
    assert [letter.seq for letter in outbox.quarantined()] == [*range(1, 21)]
    assert missing(outbox, ingest.kept) == 0
    ingest.stop()
    broker.end()


def test_d12_a_reading_too_large_for_the_broker_blocks_nothing(
    tmp_path: Path, outbox: Outbox, begin: Begin, eventually: Eventually
) -> None:
    """The broker's announced limit is kept to; what is alone too large is set aside."""
    small = Broker(tmp_path / "small", "allow_anonymous true\nmax_packet_size 4000")
    ingest = Ingest(small.endpoint)
    eventually(lambda: ingest.is_connected)
    outbox.append(measured(100))
    begin(small.endpoint)
    eventually(lambda: not outbox.pending)
    assert ingest.kept == everything("boot-1", 100)
    assert max(n for _, n in ingest.messages) < 30
    ingest.stop()
    small.end()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_d5_a_broker_restart_in_mid_stream_loses_nothing(  # noqa: PLR0917 - pytest passes by name
    how: signal.Signals,
    broker: Broker,
    outbox: Outbox,
    ingest: Ingest,
    begin: Begin,
    eventually: Eventually,
) -> None:
    """Three restarts with default autosave; each reconnection takes less than 5 s."""
    eventually(lambda: ingest.is_connected)
    uplink = begin(broker.endpoint)
    for turn in range(3):
        outbox.append(measured(2000, start=turn * 2000))
        broker.end(how)
        outbox.append(measured(500, start=100_000 + turn * 500))
        eventually(lambda: not uplink.is_connected)
        broker.start()
        eventually(lambda: uplink.is_connected, within_s=5)
    eventually(lambda: not outbox.pending, within_s=40)
    assert ingest.kept == everything("boot-1", 7500)
    assert missing(outbox, ingest.kept) == 0


@pytest.mark.slow
def test_believing_a_puback_loses(
    broker: Broker, outbox: Outbox, begin: Begin, eventually: Eventually
) -> None:
    """The control: with deletion on PUBACK the same kill loses readings, and the test sees it."""
    mute = Ingest(broker.endpoint, answers=False)
    eventually(lambda: mute.is_connected)
    mute.stop()
    outbox.append(measured(2000))
    begin(broker.endpoint, kind=PubackUplink)
    eventually(lambda: not outbox.pending)
    broker.end(signal.SIGKILL)
    broker.start()
    ingest = Ingest(broker.endpoint)
    outbox.append(measured(1))
    eventually(lambda: ("boot-1", 2001) in ingest.kept and not outbox.pending)
    assert missing(outbox, ingest.kept) == 2000
    ingest.stop()


def test_the_last_will_says_offline(
    broker: Broker, outbox: Outbox, ingest: Ingest, begin: Begin, eventually: Eventually
) -> None:
    """If the link is cut without a word, the broker says so, with the counters as last known."""
    eventually(lambda: ingest.is_connected)
    outbox.append(measured(7))
    uplink = begin(broker.endpoint)
    eventually(lambda: any(state.online for state in ingest.states))
    uplink._link._client._sock.shutdown(2)  # type: ignore[attr-defined]  # nothing else cuts a link unasked
    eventually(lambda: any(not state.online for state in ingest.states))
    assert [state.numbered for state in ingest.states if not state.online] == [7]
    eventually(lambda: ingest.states[-1].online and ingest.states[-1].reconnects == 1)
