"""Where frames come from: real sockets, real files, torn connections."""

import os
import socket
import termios
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge.measured import Measured
from edge.seal.sources import SealSource
from edge.sources import Keep, SourceError
from haechi.seals import SealReport
from tests.edge.seal.made import keys_of, raw

HEARD = datetime(2026, 1, 2, tzinfo=UTC)


def keeping(kept: list[bytes]) -> Keep:
    """Return what keeps undecodable input in a list."""

    def keep(lines: tuple[bytes, ...], reason: str, at: datetime | None) -> None:
        del reason, at
        kept.extend(lines)

    return keep


def forget(lines: tuple[bytes, ...], reason: str, at: datetime | None) -> None:
    """Keep nothing."""
    del lines, reason, at


def opened(address: str, keep: Keep = forget) -> SealSource:
    """Return a source with a clock that stands."""
    return SealSource(address, keys_of, keep, now=lambda: HEARD)


def counters(batches: Iterator[list[Measured]], count: int) -> list[int]:
    """Return the counters of the first readings; the test's own limit ends a wait in vain."""
    found: list[int] = []
    for batch in batches:
        found += [one.content.counter for one in batch if isinstance(one.content, SealReport)]
        if len(found) >= count:
            break
    return found


def test_datagrams_are_frames() -> None:
    """Those that wait together are one batch, junk between them is kept."""
    kept: list[bytes] = []
    source = opened("udp://127.0.0.1:0", keeping(kept))
    batches = source.batches()
    host, port = source.address.removeprefix("udp://").split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as seal:
        for one in (raw(1), b"junk", raw(2, 1), raw(3, 2)):
            seal.sendto(one, (host, int(port)))
        assert counters(batches, 3) == [1, 2, 3]
    assert kept == [b"junk"]
    assert (source.waits, source.repeats) == (False, False)


def test_a_connection_that_tears_is_made_again() -> None:
    """The half of a frame that was on its way is junk; the frames of the next are read."""
    kept: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        batches = opened(f"tcp://127.0.0.1:{port}", keeping(kept)).batches()
        assert next(batches) == []
        first, _ = server.accept()
        first.sendall(raw(1) + raw(2, 1)[:30])
        first.close()
        assert counters(batches, 1) == [1]
        server.setblocking(False)  # noqa: FBT003 - the socket's own way
        second = None
        while second is None:
            next(batches)
            try:
                second, _ = server.accept()
            except BlockingIOError:
                continue
        second.sendall(raw(3, 2))
        assert counters(batches, 1) == [3]
        second.close()
    assert kept == [raw(2, 1)[:30]]


def test_a_serial_line_is_live_and_opened_again(tmp_path: Path) -> None:
    """A radio that is unplugged in the middle of a frame, and plugged in again under its name."""
    kept: list[bytes] = []
    name = tmp_path / "radio"

    def plugged() -> tuple[int, int]:
        outer, inner = os.openpty()
        name.unlink(missing_ok=True)
        name.symlink_to(os.ttyname(inner))
        return outer, inner

    outer, inner = plugged()
    source = opened(f"serial://{name}?baud=9600", keeping(kept))
    batches = source.batches()
    assert next(batches) == []
    os.write(outer, raw(1) + raw(2, 1)[:30])
    assert counters(batches, 1) == [1]
    os.close(outer)
    os.close(inner)
    with capture_logs() as logged:
        outer, inner = plugged()
        while termios.tcgetattr(inner)[3] & termios.ICANON:  # until the gateway has opened it
            assert next(batches) == []
    assert [each["event"] for each in logged] == [
        "out of order; tried again and again",
        "in order again",
    ]
    assert source.failures == 1
    os.write(outer, raw(3, 2))
    assert counters(batches, 1) == [3]
    assert kept == [raw(2, 1)[:30]]
    os.close(outer)
    os.close(inner)


def test_a_file_ends_and_nobody_knows_when_it_was_heard(tmp_path: Path) -> None:
    """So no frame of it can look replayed; frames are dated by themselves."""
    path = tmp_path / "frames.bin"
    path.write_bytes(raw(1) + b"??" + raw(2, 1) + raw(1))
    source = opened(str(path))
    readings = [one for batch in source.batches() for one in batch]
    assert [one.content.heard_at for one in readings if isinstance(one.content, SealReport)] == [
        None,
        None,
    ]
    assert (source.reader.counts.repeats, source.reader.counts.junk) == (1, 1)
    assert source.waits


def test_a_pipe_is_live() -> None:
    """Standard input: heard now, and it ends where the writer ends."""
    read, write = os.pipe()
    os.write(write, raw(1))
    os.close(write)
    saved = os.dup(0)
    os.dup2(read, 0)
    try:
        (reading,) = [one for batch in opened("-").batches() for one in batch]
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(read)
    assert isinstance(reading.content, SealReport)
    assert reading.content.heard_at == HEARD


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("udp://127.0.0.1", "not udp://HOST:PORT"),
        ("http://x:1", "not udp://HOST:PORT"),
        ("serial:///dev/radio?baud=57601", "no 57601 baud"),
        ("tcp://x:99999", "not udp://HOST:PORT"),
        ("absent.bin", "absent.bin"),
    ],
)
def test_an_address_that_is_none_is_said(address: str, says: str) -> None:
    """With what it should be."""
    with pytest.raises(SourceError, match=says):
        opened(address)
