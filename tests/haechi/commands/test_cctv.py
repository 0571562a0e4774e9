"""The camera's agent as its users start it, and what it has kept."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from edge.cctv.evidence import evidence_in
from edge.cctv.frames import Frame
from edge.cctv.picture import png, unpacked
from haechi.cameras import CameraView, Detection
from haechi.commands import cctv, places
from haechi.commands.errors import CommandError
from haechi.messages import Message, decode_message
from haechi.mqtt import Callbacks, Delivery, Session
from haechi.settings import Settings, load
from tests.edge.cctv.scenes import CAMERA_TOML, NOON, after, block, passing
from tests.edge.rig import DEVICE, SITE, Broker, Eventually, Ingest, needs_mosquitto


class Recording(Protocol):
    """See ``tests/conftest.py``."""

    def __call__(self, name: str) -> Path:
        """Return where it is."""
        ...


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings with a data directory of its own."""
    monkeypatch.setenv("HAECHI_DATA_DIR", str(tmp_path))
    return load()


def test_a_kept_frame_is_given_by_time_and_digest(settings: Settings) -> None:
    """As PNG; what is not kept is refused with what to do."""
    evidence = evidence_in(places.agent_folder(settings, "cctv-1"))
    frame = Frame(NOON, block(40))
    evidence.frame(frame)
    crop = evidence.crop(frame, (0, 0, 0.5, 0.5))
    body = cctv.picture(settings, "cctv-1", digest=None, at=after(3))
    assert bool((unpacked(body) == frame.pixels).all())
    assert cctv.picture(settings, "cctv-1", digest=frame.digest, at=None) == body
    assert unpacked(cctv.picture(settings, "cctv-1", digest=crop, at=None)).shape == (67, 89, 3)
    for digest, at in (("0" * 64, None), (None, None)):
        with pytest.raises(CommandError, match="no such picture"):
            cctv.picture(settings, "cctv-1", digest=digest, at=at)


def test_a_picture_that_was_changed_is_not_given(settings: Settings) -> None:
    """Neither a crop nor a frame."""
    folder = places.agent_folder(settings, "cctv-1")
    evidence = evidence_in(folder)
    frame = Frame(NOON, block(40))
    evidence.frame(frame)
    crop = evidence.crop(frame, (0, 0, 0.5, 0.5))
    for file in folder.glob("*/*.png"):
        file.write_bytes(file.read_bytes()[:-20])
    for digest in (frame.digest, crop):
        with pytest.raises(CommandError):
            cctv.picture(settings, "cctv-1", digest=digest, at=None)


class Listener:
    """Keeps what an agent says; acknowledges nothing."""

    def __init__(self, broker: Broker) -> None:
        self.messages: list[Message] = []
        self._session = Session(
            broker.endpoint,
            "listener",
            Callbacks(delivered=self._take),
            subscriptions=("haechi/v1/+/+/up/#",),
        )
        self._session.start()

    @property
    def is_connected(self) -> bool:
        """Whether it hears."""
        return self._session.is_connected

    def phases(self) -> dict[str, set[str]]:
        """Return the phases heard of each object."""
        heard: dict[str, set[str]] = {}
        for message in [*self.messages]:
            for reading in message.readings:
                if isinstance(reading.content, Detection):
                    heard.setdefault(reading.subject, set()).add(reading.content.phase)
        return heard

    def stop(self) -> None:
        """Hear no more."""
        self._session.stop()

    def _take(self, delivery: Delivery) -> None:
        self.messages.append(decode_message(delivery.payload))
        self._session.acknowledge(delivery)


@needs_mosquitto
def test_a_camera_without_a_model_says_where_it_looks(
    tmp_path: Path, broker: Broker, eventually: Eventually
) -> None:
    """It detects nothing, even where there is something, and keeps its frames all the same."""
    (tmp_path / "camera.toml").write_text(CAMERA_TOML)
    (tmp_path / "film").mkdir()
    for number, pixels in enumerate(passing(8)):
        (tmp_path / "film" / f"{number:02}.png").write_bytes(png(pixels))
    settings = load(
        data_dir=tmp_path / "data", site=SITE, mqtt_host="127.0.0.1", mqtt_port=broker.port
    )
    order = cctv.Order(
        address=str(tmp_path / "film"),
        device=DEVICE,
        camera=tmp_path / "camera.toml",
        start=NOON,
        fps=1,
    )
    ingest, listener = Ingest(broker.endpoint), Listener(broker)
    eventually(lambda: ingest.is_connected and listener.is_connected)
    cctv.run(settings, order)
    eventually(lambda: listener.messages)
    contents = [each.content for message in listener.messages for each in message.readings]
    ingest.stop()
    listener.stop()
    assert {type(content) for content in contents} == {CameraView}
    kept = cctv.picture(settings, DEVICE, digest=None, at=after(1))
    assert bool((unpacked(kept) == passing(8)[1]).all())


@needs_mosquitto
@pytest.mark.slow
def test_a_killed_camera_ends_whom_it_followed(
    tmp_path: Path, broker: Broker, recording: Recording, eventually: Eventually
) -> None:
    """FastestDet on a real clip shown live, through a real broker: kill -9 after ``new``."""
    (tmp_path / "camera.toml").write_text(CAMERA_TOML)
    clip = recording("video/one-by-one-person-detection.mp4")
    words = ["agent", "cctv", str(clip), "--live", "--start", "2026-01-01T12:00:00"]
    words += ["--camera", str(tmp_path / "camera.toml"), "--device", "cctv-1"]
    words += ["--model", str(recording("models/FastestDet.onnx"))]
    environment = {
        **os.environ,
        "HAECHI_MQTT_HOST": "127.0.0.1",
        "HAECHI_MQTT_PORT": str(broker.port),
        "HAECHI_DATA_DIR": str(tmp_path / "data"),
    }
    listener = Listener(broker)
    eventually(lambda: listener.is_connected)

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "haechi", *words], env=environment)

    agent = start()
    eventually(listener.phases, within_s=60)
    agent.kill()
    agent.wait()
    (subject,) = listener.phases()
    assert "end" not in listener.phases()[subject]
    agent = start()
    eventually(lambda: "end" in listener.phases()[subject], within_s=60)
    agent.send_signal(signal.SIGTERM)
    assert agent.wait(30) == 0
    listener.stop()
