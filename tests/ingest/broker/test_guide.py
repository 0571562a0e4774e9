"""The set-up guide is run as it stands, block by block, against a real broker."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Eventually
from tests.ingest.broker.rig import HOST, MOSQUITTO, free_ports

GUIDE = Path(__file__).parents[3] / "docs" / "broker.md"
HAECHI = """\
#!/bin/sh
exec {python} -m haechi "$@"
"""


def blocks(device_port: int, service_port: int) -> list[str]:
    """Return the guide's commands, moved to this machine and to free ports."""
    ports = f"--device-port {device_port} --service-port {service_port}"
    found: list[str] = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return [
        block.replace("--server-name broker.example", f"--server-name {HOST} --bind {HOST} {ports}")
        .replace("broker.example", HOST)
        .replace("8883", str(device_port))
        for block in found
    ]


@pytest.mark.skipif(
    not (Path(MOSQUITTO).exists() and shutil.which("mosquitto_pub")),
    reason="mosquitto and mosquitto-clients are not installed",
)
def test_the_guide_does_what_it_says(tmp_path: Path, eventually: Eventually) -> None:
    """Each command succeeds; the device is accepted, and refused once it is revoked."""
    command = tmp_path / "bin" / "haechi"
    command.parent.mkdir()
    command.write_text(HAECHI.format(python=sys.executable))
    command.chmod(0o700)
    path = f"{command.parent}:{os.environ['PATH']}:/usr/sbin"
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": root}
    device_port, service_port = free_ports()
    running, said = tmp_path / "broker" / "data" / "mosquitto.pid", ""
    try:
        for block in blocks(device_port, service_port):
            said += _run(block, tmp_path, environment)
            if "mosquitto -c" in block:
                eventually(lambda: _listening(device_port), what="the broker")
    finally:
        if running.exists():
            os.kill(int(running.read_text()), signal.SIGTERM)
    assert said.split().count("accepted") == 1
    assert said.split().count("refused") == 1
    assert said.count(": done") == 3  # the acts of a revocation


def _run(block: str, folder: Path, environment: dict[str, str]) -> str:
    log = folder / "said"
    with log.open("w") as said:  # a file, since the broker in the background would hold a pipe
        done = subprocess.run(
            ["bash", "-e", "-c", block], cwd=folder, env=environment, stdout=said, check=False
        )
    assert done.returncode == 0, block
    return log.read_text()


def _listening(port: int) -> bool:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(f":{port:04X} " in line and line.split()[3] == "0A" for line in lines)
