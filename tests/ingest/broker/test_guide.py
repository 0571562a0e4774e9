"""The guides are run as they stand, block by block, against a real broker."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tomllib import loads

import pytest

from tests.conftest import Eventually
from tests.ingest.broker.rig import HOST, MOSQUITTO, free_ports

DOCS = Path(__file__).parents[3] / "docs"
HAECHI = """\
#!/bin/sh
exec {python} -m haechi "$@"
"""


PORTS = ("8883", "8884", "8885")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Return what runs a block as a person would, moved to this machine and to free ports."""
    command = tmp_path / "bin" / "haechi"
    command.parent.mkdir()
    command.write_text(HAECHI.format(python=sys.executable))
    command.chmod(0o700)
    path = f"{command.parent}:{os.environ['PATH']}:/usr/sbin"
    environment = {
        **os.environ,
        "PATH": path,
        "PYTHONPATH": str(DOCS.parent),
        "HAECHI_DATA_DIR": str(tmp_path / "data"),
    }
    moved = dict(zip(PORTS, map(str, (*free_ports(), *free_ports())), strict=False))
    config = f"--bind {HOST} --device-port 8883 --service-port 8884 --server-name {HOST}"

    def run(block: str) -> str:
        block = block.replace("--server-name broker.example", config)
        block = block.replace("broker.example", HOST).replace(
            "device serve", f"device serve --bind {HOST}"
        )
        for shown, real in moved.items():
            block = block.replace(shown, real)
        return _run(block, tmp_path, environment)

    try:
        yield run
    finally:
        for name in ("broker/data/mosquitto.pid", "desk.pid"):
            if (tmp_path / name).exists():
                os.kill(int((tmp_path / name).read_text()), signal.SIGTERM)


def blocks(page: str) -> list[str]:
    """Return a guide's commands; what runs in the background leaves its number in ``desk.pid``."""
    found: list[str] = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    return [
        block.replace("&\n", "& echo $! > desk.pid\n") if "device serve" in block else block
        for block in found
    ]


needs_mosquitto = pytest.mark.skipif(
    not (Path(MOSQUITTO).exists() and shutil.which("mosquitto_pub")),
    reason="mosquitto and mosquitto-clients are not installed",
)


@needs_mosquitto
def test_the_guide_does_what_it_says(
    tmp_path: Path, shell: Callable[[str], str], eventually: Eventually
) -> None:
    """Each command succeeds; the device is accepted, and refused once it is revoked."""
    said = ""
    for block in blocks("broker.md"):
        said += shell(block)
        if "mosquitto -c" in block:
            eventually((tmp_path / "broker/data/mosquitto.pid").exists, what="the broker")
    assert said.split().count("accepted") == 1
    assert said.split().count("refused") == 1
    assert said.count(": done") == 3  # the acts of a revocation


@pytest.mark.slow
@needs_mosquitto
def test_the_devices_guide_does_what_it_says(
    tmp_path: Path, shell: Callable[[str], str], eventually: Eventually
) -> None:
    """A device enrolls by code, renews, and is suspended, resumed and revoked."""
    config, start, *_ = blocks("broker.md")
    shell(config)
    shell(start)
    eventually((tmp_path / "broker/data/mosquitto.pid").exists, what="the broker")
    said = ""
    for block in blocks("devices.md"):
        said += shell(block)
        if "device serve" in block:
            eventually(lambda: "ready" in (tmp_path / "said").read_text(), what="the desk")
    assert "busan/cam-01 is enrolled" in said
    assert re.search(r"^busan/cam-01 +active +\d{4}-\d\d-\d\d", said, re.MULTILINE)
    assert said.count(": done") == 6  # the acts of a suspension and of a revocation
    assert loads((tmp_path / "identity/haechi.toml").read_text())["site"] == "busan"


def _run(block: str, folder: Path, environment: dict[str, str]) -> str:
    log = folder / "said"
    with log.open("w") as said:  # a file, since the broker in the background would hold a pipe
        done = subprocess.run(
            ["bash", "-e", "-c", block], cwd=folder, env=environment, stdout=said, check=False
        )
    assert done.returncode == 0, block
    return log.read_text()
