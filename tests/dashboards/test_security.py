"""Who may reach the console: this machine, until there is a login."""

import socket
from pathlib import Path

import pytest

from dashboards.security import LOOPBACK_NAMES, NotLoopbackError, check_bind
from dashboards.service import serve
from ingest.stores.memory import MemoryStore
from tests.dashboards.test_app import console


@pytest.mark.parametrize("host", sorted(LOOPBACK_NAMES))
def test_a_name_of_this_machine_is_taken(host: str) -> None:
    """By address of either kind or by name."""
    check_bind(host)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104 - as somebody might set it
        "::",
        "",
        "0",
        "192.168.1.2",
        "console.example.org",
        "127.0.0.1.example.org",
    ],
)
def test_an_address_that_others_reach_is_refused_before_anything_listens(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text says which setting, why, and what to do instead."""

    def never(*_: object, **__: object) -> None:
        pytest.fail("it listens")

    monkeypatch.setattr(socket, "create_server", never)
    shown = console(MemoryStore(), tmp_path)
    with pytest.raises(NotLoopbackError, match=r"console_host '.*no login yet.*SSH tunnel"):
        serve(shown, host=host, port=0, bell=tmp_path / "bell", ready=lambda _: None)
