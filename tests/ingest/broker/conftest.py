"""A fresh server broker for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.broker.authority import Kind, issue
from tests.conftest import Eventually
from tests.ingest.broker.rig import ALL_SEEING, MOSQUITTO, NOW, Rig, admitted, make_rig


@pytest.fixture
def rig(tmp_path: Path, eventually: Eventually) -> Iterator[Rig]:
    """Return a running broker; what connects to it must present a certificate."""
    if not Path(MOSQUITTO).exists():
        pytest.skip(f"{MOSQUITTO} is not installed: apt install mosquitto")
    made = make_rig(tmp_path / "server")
    try:
        eventually(lambda: _serves(made), what="a broker on both listeners")
        yield made
    finally:
        made.process.terminate()
        made.process.wait()


def _serves(rig: Rig) -> bool:
    nobody = rig.held(issue(rig.authority(Kind.DEVICE), "nobody", Kind.DEVICE, NOW))
    return admitted(rig.service_port, rig.service(ALL_SEEING)) and admitted(rig.device_port, nobody)
