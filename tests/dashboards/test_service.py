"""The console's process, as far as it is more than what it serves."""

import signal
from pathlib import Path

from dashboards.service import serve
from ingest.stores.memory import MemoryStore
from tests.dashboards.test_app import console


def test_a_server_that_is_told_to_end_returns(tmp_path: Path) -> None:
    """Its caller has pushes to finish: the signal is answered once, and not raised again."""
    again: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: again.append(number))
    try:
        serve(
            console(MemoryStore(), tmp_path),
            host="127.0.0.1",
            port=0,
            bell=tmp_path / "bell",
            ready=lambda _: signal.raise_signal(signal.SIGTERM),
        )
    finally:
        signal.signal(signal.SIGTERM, before)
    assert again == []
