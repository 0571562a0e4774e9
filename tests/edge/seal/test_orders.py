"""Commands to a gateway: carried out once, kept until they are answered, refused with a reason."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge.seal.latches import KeptLatches
from edge.seal.orders import Orders
from edge.seal.reading import SealReader
from edge.seal.states import SealState
from edge.sources import forget
from haechi.commanding import Command, Hold, Rearm, Task, encode_command
from haechi.seals import SealAnswer, SealEventKind
from tests.edge.disks import fill
from tests.edge.seal.made import NOON, NUMBER, keys_of, raw

MADE = NOON + timedelta(minutes=20)
NOW = NOON + timedelta(minutes=21)
GATE = "gate-1"
REARM = Rearm(seal=NUMBER, order="O-2", bound_at=MADE)


class Gateway:
    """One life of a gateway, over the files of the lives before."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.latches = KeptLatches(folder / "latches.sqlite")
        self.reader = SealReader(keys_of, forget, None, self.latches)
        self.orders = Orders(GATE, folder / "commands.sqlite", self.latches, now=lambda: self.now)

    def hear(self, counter: int, minute: float, event: SealEventKind) -> SealState | None:
        """Take one frame; return where the seal stands."""
        made = NOON + timedelta(minutes=minute)
        self.reader.datagram(raw(counter, 60 * minute, event=event), made)
        self.reader.keep()
        return self.reader.state_of(NUMBER)

    def told(self, *payloads: bytes) -> list[tuple[bool, str]]:
        """Take commands; return what becomes of each, once that is in the outbox."""
        for payload in payloads:
            self.orders.receive(payload)
        readings = self.orders.answers()
        assert all(reading.urgent and reading.at == self.now for reading in readings)
        self.orders.told()
        found = [reading.content for reading in readings]
        return [(each.accepted, each.text) for each in found if isinstance(each, SealAnswer)]


def command(
    task: Task = REARM, *, device: str = GATE, number: int = 1, expires: datetime | None = None
) -> bytes:
    """Return a command as the broker delivers it."""
    until = expires or NOW + timedelta(hours=1)
    made = {"id": f"command-{number}", "device": device, "by": "Kim", "task": task}
    return encode_command(Command(issued_at=MADE, expires_at=until, **made))  # type: ignore[arg-type] # fields of several types


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    """Return a gateway that saw a seal opened ten minutes after noon."""
    made = Gateway(tmp_path)
    made.hear(1, 0, SealEventKind.LOCK)
    made.hear(2, 10, SealEventKind.UNLOCK)
    return made


def test_s7_an_order_mends_what_no_frame_does(gateway: Gateway, tmp_path: Path) -> None:
    """S7: it is answered, it outlives a restart, and a break on the new journey is one."""
    assert gateway.hear(3, 15, SealEventKind.LOCK) is SealState.OPENED
    said = f"seal {NUMBER}, which was opened, serves order O-2"
    assert gateway.told(command()) == [(True, said)]
    again = Gateway(tmp_path)
    assert again.hear(4, 25, SealEventKind.STATUS) is SealState.SEALED
    assert Gateway(tmp_path).hear(5, 30, SealEventKind.REMOVING) is SealState.REMOVED


def test_s7_an_order_that_is_played_again_mends_nothing(gateway: Gateway, tmp_path: Path) -> None:
    """S7: after the seal was broken anew, under its own number or another."""
    gateway.told(command())
    gateway.hear(3, 25, SealEventKind.TAMPERING)
    for life in (gateway, Gateway(tmp_path)):
        for number in (1, 2):
            ((accepted, text),) = life.told(command(number=number))
            assert not accepted
            assert "was tampered at 2026-01-01 12:25:00: look at it, and bind it anew" in text
        assert life.reader.state_of(NUMBER) is SealState.TAMPERED


def test_a_command_that_comes_again_is_answered_again(gateway: Gateway) -> None:
    """Whoever says it to a broker that came back learns what became of it."""
    first, second = gateway.told(command(), command())
    assert (first[0], second[0]) == (True, True)
    assert gateway.hear(3, 22, SealEventKind.STATUS) is SealState.SEALED
    assert gateway.told(command())[0][0]
    assert gateway.reader.state_of(NUMBER) is SealState.SEALED


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (command(device="gate-2"), "it is meant for gate-2, and this is gate-1"),
        (command(expires=NOW), "expired at 12:21:00, and it is 12:21:00 UTC"),
        (
            command(Rearm(seal="HAE-000002", order="O-2", bound_at=MADE)),
            "seal HAE-000002 was never heard here: there is nothing to re-arm",
        ),
    ],
)
def test_what_is_not_for_this_gateway_is_refused(
    gateway: Gateway, payload: bytes, why: str
) -> None:
    """With the reason, and the seal stays as it is."""
    assert gateway.told(payload) == [(False, why)]
    assert gateway.reader.state_of(NUMBER) is SealState.OPENED


@pytest.mark.parametrize("payload", [b"", b'{"version": 2}', command(Hold())])
def test_what_is_no_order_about_a_seal_is_logged_only(
    gateway: Gateway, payload: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no seal to say it of."""
    assert gateway.told(payload) == []
    assert "command" in capsys.readouterr().out


def test_what_was_received_before_a_kill_is_carried_out_after_it(
    gateway: Gateway, tmp_path: Path
) -> None:
    """Once it has been answered it is forgotten."""
    gateway.orders.receive(command())
    again = Gateway(tmp_path)
    assert [accepted for accepted, _ in again.told()] == [True]
    assert again.reader.state_of(NUMBER) is SealState.REARMED
    assert Gateway(tmp_path).told() == []


def test_a_command_that_a_newer_version_left_stops_no_gateway(tmp_path: Path) -> None:
    """It is logged at each start, for who puts the older version back."""
    with closing(sqlite3.connect(tmp_path / "commands.sqlite")) as newer, newer:
        newer.execute("create table command (id text primary key, payload blob not null)")
        newer.execute("insert into command values ('command-9', ?)", (b'{"version": 2}',))
    with capture_logs() as logged:
        assert Gateway(tmp_path).told() == []
    assert [each["event"] for each in logged] == ["unreadable command"]


def test_d8_on_a_full_disk_an_order_is_refused(small_disk: Path) -> None:
    """D8: else the seal would be broken again after a restart; with room it is taken."""
    gateway = Gateway(small_disk)
    gateway.hear(1, 10, SealEventKind.UNLOCK)
    fill(small_disk / "hog")
    ((accepted, text),) = gateway.told(command())
    assert (accepted, text) == (
        False,
        "the gateway's disk is full or failing: mend it, and send it again",
    )
    assert gateway.reader.state_of(NUMBER) is SealState.OPENED
    (small_disk / "hog").unlink()
    assert gateway.told(command())[0][0]
