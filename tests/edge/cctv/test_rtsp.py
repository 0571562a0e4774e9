"""Cameras that speak RTSP, as nearly all do: a small lawful one on loopback."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.camera.calibration_file import camera_from_toml
from edge.cctv import video
from edge.cctv.agent import CctvSource
from edge.cctv.evidence import evidence_in
from edge.cctv.films import Live
from edge.cctv.frames import Pixels
from edge.cctv.journal import Journal
from edge.cctv.video import VideoError
from haechi.cameras import Detection
from tests.edge.cctv.rtsp_camera import RtspCamera
from tests.edge.cctv.scenes import CAMERA_TOML, block, passing, red_detector

FPS = 20
Serve = Callable[..., RtspCamera]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what begins a camera."""
    serving: list[RtspCamera] = []

    def begun(pictures: Sequence[Pixels], fps: int = FPS, **more: object) -> RtspCamera:
        camera = RtspCamera(pictures, fps, **more)  # type: ignore[arg-type]  # checked there
        serving.append(camera)
        return camera

    yield begun
    for camera in serving:
        camera.close()


def test_every_picture_comes_from_the_first_on(serve: Serve) -> None:
    """With its colours, in order, and at the camera's own times; it is asked in the right order."""
    shown = passing(20)
    camera = serve(shown, user="admin:secret")
    seen = [*video.pictures(f"rtsp://admin:secret@{camera.place}")]
    assert len(seen) == len(shown)
    for picture, pixels in zip(seen, shown, strict=True):
        assert np.abs(picture.pixels.astype(int) - pixels).mean() < 8
    times = [picture.pts_s for picture in seen[1:] if picture.pts_s is not None]
    assert {round(later - time, 3) for time, later in pairwise(times)} == {1 / FPS}
    assert camera.asked[-3:] == ["DESCRIBE", "SETUP", "PLAY"]


@pytest.mark.parametrize(("who", "path"), [("admin:wrong@", ""), ("", ""), ("admin:secret@", "x")])
def test_who_is_not_let_in_is_told_why_and_no_password_is_logged(
    serve: Serve, who: str, path: str
) -> None:
    """Neither in the error nor in the log."""
    camera = serve(passing(2), user="admin:secret")
    with pytest.raises(VideoError, match=r"40[14]") as refused:
        next(video.pictures(f"rtsp://{who}{camera.place}{path}"))
    stopped = Event()

    def tried(_: float, __: float) -> float:
        stopped.set()
        return 0.0

    with capture_logs() as logged:
        film = Live(f"rtsp://{who}{camera.place}{path}", jitter=tried)
        assert [*film.frames(stopped)] == []
    assert f"rtsp://{camera.place}" in str(logged)
    for told in (str(refused.value), str(logged)):
        assert "admin" not in told
        assert "secret" not in told


def test_a_camera_torn_in_the_middle_of_a_picture_is_resumed(serve: Serve, tmp_path: Path) -> None:
    """Whoever is still there when it comes back goes on as the same object."""
    camera = serve([block(50)] * 30, torn_after=25)
    film = Live(f"rtsp://{camera.place}", jitter=lambda _low, _high: 0.0)
    source = CctvSource(
        film,
        red_detector(),
        camera_from_toml(CAMERA_TOML),
        evidence_in(tmp_path),
        Journal(tmp_path / "followed.json"),
        device="cam-1",
        boot="20260101-a1b2c3d4",
        fps=FPS,
        asked=(asked := Event()),
    )
    said: list[Detection] = []
    subjects: set[str] = set()
    for batch in source.batches():
        for one in batch:
            if isinstance(one.content, Detection):
                said.append(one.content)
                subjects.add(one.subject)
        source.kept()
        if film.tears >= 2 and said[-1].frames > 50:
            asked.set()
    assert (said[0].phase, said[-1].phase) == ("new", "end")
    assert {one.phase for one in said[1:-1]} == {"update"}
    assert len(subjects) == 1


def test_frames_of_a_torn_camera_keep_their_order(serve: Serve) -> None:
    """Its clock begins anew each time; ours does not."""
    camera = serve(passing(12), torn_after=10)
    stopped = Event()
    film = Live(f"rtsp://{camera.place}", jitter=lambda _low, _high: 0.0)
    frames = [*islice(film.frames(stopped), 25)]
    stopped.set()
    assert film.tears >= 2
    assert all(one.at <= other.at for one, other in pairwise(frames))
