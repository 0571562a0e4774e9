"""Cameras that speak HTTP or UDP, and devices: real servers on loopback, torn streams, silence."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.cctv import video
from edge.cctv.films import Live
from edge.cctv.video import VideoError
from tests.edge.cctv import clips
from tests.edge.cctv.scenes import passing

FPS = 20
SHOWN = passing(FPS)
DATAGRAM = 1316
"""Seven packets of a transport stream, as is usual."""


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a transport stream of one second."""
    return clips.write(tmp_path_factory.mktemp("clip") / "stream.ts", SHOWN, FPS).read_bytes()


@pytest.fixture(scope="module")
def server(stream: bytes) -> Iterator[str]:
    """Return the place of a camera that serves by HTTP and hangs up in the middle of a picture."""

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/stream.ts":
                self._show("video/mp2t", stream[: len(stream) * 9 // 10])
            elif self.path == "/motion":
                self._show("multipart/x-mixed-replace; boundary=frame", _parts()[:-500])
            else:
                self.send_error(404)

        def _show(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Camera) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{serving.server_port}"
        serving.shutdown()


def test_a_torn_http_stream_is_opened_again(server: str) -> None:
    """Again and again; its frames keep their order."""
    film, stopped = Live(f"http://{server}/stream.ts", jitter=lambda _low, _high: 0.0), Event()
    frames = [*islice(film.frames(stopped), 40)]
    stopped.set()
    assert film.tears >= 2
    assert all(one.at <= other.at for one, other in pairwise(frames))


def test_motion_jpeg_comes_whole_and_has_no_clock_of_its_own(server: str) -> None:
    """Cheap cameras speak it; its pictures are dated on arrival, and one cut short is left out."""
    seen: list[video.Picture] = []
    with pytest.raises(VideoError, match=r"/motion: "):
        seen.extend(video.pictures(f"http://{server}/motion"))
    assert len(seen) == len(SHOWN) - 1
    assert {picture.pts_s for picture in seen} == {None}
    for picture, pixels in zip(seen, SHOWN, strict=False):
        assert np.abs(picture.pixels.astype(int) - pixels).mean() < 8


def test_what_an_http_server_refuses_is_said_without_the_password(server: str) -> None:
    """The address and its answer are named."""
    with pytest.raises(VideoError, match=f"^http://{server}/absent: .*404") as refused:
        next(video.pictures(f"http://admin:secret@{server}/absent"))
    assert "secret" not in str(refused.value)


def test_datagrams_that_cease_for_a_while_are_awaited(
    stream: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody says that a stream by UDP is over: silence does, and it is opened again."""
    monkeypatch.setattr(video, "READ_LIMIT_S", 0.4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        place = free.getsockname()
    stopped = Event()
    film = Live(f"udp://127.0.0.1:{place[1]}", jitter=lambda _low, _high: 0.0)

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not stopped.is_set():
                for start in range(0, len(stream), DATAGRAM):
                    sender.sendto(stream[start : start + DATAGRAM], place)
                    stopped.wait(DATAGRAM / len(stream))
                while film.tears == 0 and not stopped.wait(0.02):
                    """Be silent until that was noticed."""

    sending = threading.Thread(target=send)
    sending.start()
    with capture_logs() as logged:
        frames = [*islice(film.frames(stopped), len(SHOWN) + 10)]
    stopped.set()
    sending.join()
    assert film.tears == 1
    assert all(one.at <= other.at for one, other in pairwise(frames))
    assert f"udp://127.0.0.1:{place[1]}: nothing came within 0.4 s" in str(logged)


def test_a_device_that_is_absent_or_no_camera_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Video4Linux is asked, and its answer told; there is no camera here to try more with."""
    with pytest.raises(VideoError, match=r"^/dev/video97: No such file or directory$"):
        next(video.pictures("/dev/video97"))
    monkeypatch.setattr(video, "DEVICE", str(tmp_path))
    (no_camera := tmp_path / "video0").write_bytes(b"no device")
    with pytest.raises(VideoError, match=r"video0: "):
        next(video.pictures(str(no_camera)))


def _parts() -> bytes:
    """Return the pictures as a camera pushes them, one part each (RFC 2046)."""
    parts = b""
    for pixels in SHOWN:
        body = cv2.imencode(".jpg", pixels[:, :, ::-1])[1].tobytes()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
        parts += head.encode() + body + b"\r\n"
    return parts
