"""``haechi agent drone``: what it does before it flies."""

from pathlib import Path

import pytest

from edge.drone.journal import Entry, Journal
from edge.outbox import Outbox
from haechi.commands import drones, places
from haechi.commands.errors import CommandError
from haechi.settings import load


def test_a_second_agent_of_a_drone_leaves_the_orders_of_the_first_alone(tmp_path: Path) -> None:
    """It is told that another is at work; what that one carries out is not taken for cut off."""
    settings = load(data_dir=tmp_path)
    folder = places.agent_folder(settings, "drone-1")
    first = Outbox(folder, device="drone-1", boot="boot-1")
    journal = Journal(folder / "commands.sqlite")
    assert journal.begin("command-1")
    with pytest.raises(CommandError, match="in use by another process"):
        drones.run_agent(
            settings, "drone-1", "udp://127.0.0.1:14550", rate_hz=4, system=None, lens=None
        )
    assert journal.untold() == [Entry("command-1", None)]
    journal.close()
    first.close()


@pytest.mark.parametrize(
    ("address", "lens", "says"),
    [
        ("drone-1", None, "none of udp://HOST:PORT"),
        ("serial:///dev/radio?baud=1", None, "no 1 baud"),
        ("udp://127.0.0.1:14550", "wide", "'wide' is not like --lens 62,48,-90"),
    ],
)
def test_a_mistake_is_said_before_anything_is_opened(
    tmp_path: Path, address: str, lens: str | None, says: str
) -> None:
    """With what it should have been."""
    settings = load(data_dir=tmp_path)
    with pytest.raises(CommandError, match=says):
        drones.run_agent(settings, "drone-1", address, rate_hz=4, system=None, lens=lens)
    assert list(tmp_path.iterdir()) == []
