"""A scenario live: each part of its hardware gets the agent that stands beside the real one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.cctv.scene import scene_from_toml
from firmware_sim import scenario, stage
from firmware_sim.detector import WEIGHTS
from haechi.commands import staging
from haechi.commands.errors import CommandError
from haechi.commands.supervisor import Child, Supervisor
from haechi.settings import Settings, load

PORTS = {
    "ais": 1,
    "seals": 2,
    "registry": 3,
    "trucks": 4,
    "drone:strait-1": 5,
    "camera:yeongdo": 6,
}


class Programme(Supervisor):
    """A supervisor that only notes what is to be started."""

    def __init__(self) -> None:
        super().__init__(print)
        self.started: list[Child] = []

    def start_all(self, children: Sequence[Child], at_once: int = 1) -> None:
        """Note the processes; the stage says where it serves."""
        assert at_once > 0
        for child in children:
            if child.name == "stage":
                child.facts = {"ports": PORTS}
        self.started += children


def performed(settings: Settings) -> list[Child]:
    """Return the processes of a performance."""
    programme = Programme()
    staging.perform(programme, settings, "any")
    return programme.started


def test_each_radio_gets_its_agent(tmp_path: Path) -> None:
    """With the address at which the stage serves it, the keys of the seals, and what detects."""
    settings = load(data_dir=tmp_path, site="busan", demo_model="ships.onnx")
    hardware, *agents = performed(settings)
    cctv = "agent cctv tcp://127.0.0.1:6"
    keys, cameras = tmp_path / "scenario-seals.keys", tmp_path / "scenario-cameras"
    files = f"--camera {cameras}/yeongdo.toml --scene {cameras}/yeongdo-scene.toml"
    assert [" ".join(child.arguments) for child in agents] == [
        "agent ais tcp://127.0.0.1:1 --device ais-demo",
        "agent seal tcp://127.0.0.1:2 --device seals-demo",
        "agent readings tcp://127.0.0.1:3 --device registry",
        "agent readings tcp://127.0.0.1:4 --device trucks-demo",
        "agent drone udpout://127.0.0.1:5 --device strait-1 --lens 62,48,-45",
        f"{cctv} --device yeongdo {files} --model ships.onnx",
    ]
    assert {child.environment["HAECHI_SEAL_KEYS_FILE"] for child in agents} == {str(keys)}
    assert [*hardware.arguments][:3] == ["sim", "stage", "any"]


def test_what_is_wanted_of_a_picture_reaches_the_agent(tmp_path: Path) -> None:
    """As its scene file."""
    day = scenario.find("watched-breakwater")
    staging.write_cameras(day, tmp_path)
    files = [(tmp_path / f"{camera.name}-scene.toml").read_text() for camera in day.camera]
    assert [scene_from_toml(text) for text in files] == [camera.watch for camera in day.camera]
    assert [len(camera.watch.line) for camera in day.camera] == [0, 1]


def test_cameras_detect_with_what_is_shipped_unless_told_otherwise(tmp_path: Path) -> None:
    """The model of the rendered world is there without any setting."""
    camera = performed(load(data_dir=tmp_path))[-1]
    assert camera.arguments[-2:] == ("--model", str(WEIGHTS))


def test_the_stage_keeps_its_ports_and_files(tmp_path: Path) -> None:
    """If it has to be started again, its agents find it where it was; where nothing was as yet."""
    hardware, *_ = performed(load(data_dir=tmp_path / "new", site="busan"))
    assert (tmp_path / "new").is_dir()
    words = " ".join(hardware.arguments)
    assert words.endswith(" ".join(f"--port {port}" for port in PORTS.values()))


@pytest.mark.parametrize("name", scenario.shipped())
def test_every_radio_of_a_shipped_scenario_is_known(name: str) -> None:
    """None falls to the agent of another kind."""
    kinds = {radio.partition(":")[0] for radio in stage.names(scenario.find(name))}
    assert kinds <= {radio.partition(":")[0] for radio in PORTS}


def test_a_performance_needs_a_broker() -> None:
    """The error says how to name one."""
    with pytest.raises(CommandError, match="give HAECHI_MQTT_HOST"):
        staging.run_scenario(load(mqtt_host=""), "quiet-day")
