"""What an agent at rest does not hold in memory: libraries of tasks that nobody has given it."""

from pathlib import Path

import pytest

from tests.conftest import Eventually
from tests.edge.cctv.scenes import CAMERA_TOML
from tests.edge.rig import free_port
from tests.processes import HAECHI, START_S, Actor, environment

MAPS = Path("/proc/self/maps")


@pytest.mark.skipif(not MAPS.exists(), reason=f"{MAPS}: only Linux says what a process has loaded")
@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (("drone", "udpout://127.0.0.1:9"), ("numpy", "shapely", "scipy")),
        (("cctv", "tcp://127.0.0.1:9", "--camera", "quay.toml"), ("scipy", "rapidocr", "torch")),
    ],
    ids=["drone", "cctv"],
)
def test_an_agent_loads_what_it_needs(
    tmp_path: Path, eventually: Eventually, words: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    """Sweeps, a lens and the text of containers take libraries of 10 to 40 MB, once asked for."""
    (tmp_path / "quay.toml").write_text(CAMERA_TOML)
    words = tuple(word.replace("quay.toml", str(tmp_path / "quay.toml")) for word in words)
    where = {"mqtt_host": "127.0.0.1", "mqtt_port": free_port(), "data_dir": tmp_path / "data"}
    agent = Actor(
        [*HAECHI, "agent", *words, "--device", "one-1"], environment(**where), tmp_path / "log"
    )
    agent.start()
    try:
        eventually(agent.facts, within_s=START_S)
        maps = Path(f"/proc/{agent.pid}/maps").read_text()
    finally:
        agent.kill()
    assert [name for name in absent if f"/{name}/" in maps] == []
    assert "/msgspec/" in maps, "else the map does not say what is loaded"
