"""A fresh server broker for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Eventually
from tests.ingest.broker.rig import MOSQUITTO, Rig, make_rig


@pytest.fixture
def rig(tmp_path: Path, eventually: Eventually) -> Iterator[Rig]:
    """Return a running broker; what connects to it must present a certificate."""
    if not Path(MOSQUITTO).exists():
        pytest.skip(f"{MOSQUITTO} is not installed: apt install mosquitto")
    made = make_rig(tmp_path / "server")
    try:
        eventually(made.serves, what="a broker on both listeners")
        yield made
    finally:
        made.process.terminate()
        made.process.wait()
