"""The bell reaches whoever listens, and nobody is waited for."""

import select
from pathlib import Path

from ingest.wake import Bell, Listener


def test_everybody_hears_the_bell(tmp_path: Path) -> None:
    """Two consoles, one ring; draining takes all rings at once."""
    first, second, bell = Listener(tmp_path, "a"), Listener(tmp_path, "b"), Bell(tmp_path)
    bell.ring()
    bell.ring()
    readable, _, _ = select.select([first, second], [], [], 5)
    assert readable == [first, second]
    assert (first.drain(), first.drain(), second.drain()) == (True, False, True)
    for each in (first, second, bell):
        each.close()


def test_a_deaf_or_dead_listener_costs_nothing(tmp_path: Path) -> None:
    """A full queue is skipped, and the socket of a dead process removed."""
    deaf, dead, bell = Listener(tmp_path, "deaf"), Listener(tmp_path, "dead"), Bell(tmp_path)
    dead._socket.close()  # pyright: ignore[reportPrivateUsage] - as a killed process would
    for _ in range(5000):
        bell.ring()
    assert [path.name.partition("-")[0] for path in tmp_path.iterdir()] == ["deaf"]
    assert deaf.drain()
    deaf.close()
    bell.close()


def test_no_folder_is_no_error(tmp_path: Path) -> None:
    """Ingest works without a console."""
    bell = Bell(tmp_path / "absent")
    bell.ring()
    bell.close()
    assert not (tmp_path / "absent").exists()
