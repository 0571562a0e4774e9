"""The agent put together."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.ais.agent import carry, open_source
from edge.ais.recording import Recording, SourceError, recording_boot
from edge.ais.sources import PipeSource, TcpSource, UdpSource
from edge.measured import Measured
from edge.outbox import Outbox
from edge.undecodable import UndecodableStore

LINE = b"\\c:1565218798*53\\!BSVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*5D\n"
LINES = LINE * 3000 + b"noise\n" + LINE * 500


def opened(folder: Path, boot: str) -> tuple[Outbox, UndecodableStore]:
    """Open what an agent keeps."""
    return Outbox(folder, device="ais-1", boot=boot), UndecodableStore(folder / "u.sqlite", boot)


def test_an_address_names_a_source(tmp_path: Path) -> None:
    """Two kinds of network, standard input, and files."""
    listening = open_source("udp://127.0.0.1:0")
    assert isinstance(listening, UdpSource)
    listening.close()
    assert isinstance(open_source("tcp://192.0.2.1:5631"), TcpSource)
    assert isinstance(open_source("-"), PipeSource)
    assert isinstance(open_source(str(tmp_path / "a.nmea")), Recording)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "tcp://127.0.0.1", "udp://:99999"])
def test_an_address_that_names_nothing(address: str) -> None:
    """The error says what would."""
    with pytest.raises(SourceError, match="not udp://HOST:PORT"):
        open_source(address)


def test_a_recording_goes_into_the_outbox_once(tmp_path: Path) -> None:
    """After a crash the recording is read from its beginning, and only what is new is numbered."""
    path = tmp_path / "a.nmea"
    path.write_bytes(LINES)
    boot = recording_boot([path])
    for attempt in range(3):
        outbox, undecodable = opened(tmp_path, boot)
        source = Recording([path], keep=undecodable.keep)
        left = [attempt]

        def stopped(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        carry(source, outbox, undecodable, stopped=stopped)
        outbox.close()
        undecodable.close()
    outbox, undecodable = opened(tmp_path, boot)
    carry(Recording([path], keep=undecodable.keep), outbox, undecodable)
    assert outbox.numbered(boot) == outbox.pending == 3500
    assert undecodable.counts() == {"not NMEA": 1}
    outbox.close()
    undecodable.close()


class FullOutbox:
    """Says that too much waits until somebody has slept three times."""

    def __init__(self) -> None:
        self.sleeps = 0
        self.taken = 0

    @property
    def pending(self) -> int:
        """Readings that wait."""
        return 0 if self.sleeps % 3 == 0 and self.sleeps else 99

    def append(self, measured: Sequence[Measured], *, first: int | None = None) -> None:
        """Take readings."""
        assert first == self.taken + 1
        self.taken += len(measured)

    def sleep(self, _: float) -> None:
        """Let something be sent."""
        self.sleeps += 1


def test_a_recording_waits_for_room(tmp_path: Path) -> None:
    """It is not thinned: whoever can wait is left waiting."""
    path = tmp_path / "a.nmea"
    path.write_bytes(LINES)
    outbox, undecodable = FullOutbox(), UndecodableStore(tmp_path / "u.sqlite", "boot-1")
    carry(Recording([path]), outbox, undecodable, sleep=outbox.sleep, pending_limit=10)
    undecodable.close()
    assert outbox.taken == 3500
    assert outbox.sleeps >= 3
