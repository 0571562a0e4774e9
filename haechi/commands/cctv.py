"""``haechi agent cctv``, ``haechi camera frame``: what runs beside a camera, and its pictures."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Final

from edge import agent
from edge.camera.calibration_file import camera_from_toml
from edge.camera.camera import Camera
from edge.cctv.agent import CctvSource
from edge.cctv.detector import Detector, DetectorError, NoDetector
from edge.cctv.evidence import crop_of, evidence_in, frame_at, frame_of
from edge.cctv.films import Film, FilmError, Live, Paced, open_film
from edge.cctv.journal import Journal
from edge.cctv.onnx_detector import OnnxDetector
from edge.cctv.scene import Scene, scene_from_toml
from edge.cctv.scribe import Scribe
from edge.cctv.tiles import TiledDetector
from edge.cctv.ultralytics_detector import UltralyticsDetector
from edge.outbox_file import OutboxBusyError
from haechi.commands import agents, places
from haechi.commands.errors import CommandError, mendable
from haechi.commands.supervisor import say_ready
from haechi.ids import device_id
from haechi.settings import Settings

_TILES: Final = frozenset("12345678")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody wants of one camera."""

    address: str
    device: str
    camera: Path
    model: Path | None = None
    """Without one nothing is detected."""
    scene: Path | None = None
    ultralytics: bool = False
    columns: int = 1
    rows: int = 1
    """Tiles; 1 by 1 is the whole picture only."""
    containers: bool = False
    fps: float = 5
    start: datetime | None = None
    """Of a recording."""
    live: bool = False
    """Whether a recording is shown as if it happened now."""
    threads: int = 1


def run(settings: Settings, order: Order) -> None:
    """Carry what a camera sees to the platform, until a signal or the recording's end."""
    with mendable(FilmError, DetectorError, OutboxBusyError):
        device = device_id(order.device)
        camera, scene = _camera(order), _scene(order)
        film, detector = _film(order), _detector(order)
        boot = _boot(order) if film.waits else agents.new_boot()
        waiting = agents.outbox(settings, device, boot)
    folder = places.agent_folder(settings, device)
    scribe = _scribe(film) if order.containers else None
    sending = agents.uplink(settings, device, waiting, lambda: 0, failures=lambda: _tears(film))
    with agent.stopping_on_signals() as asked, mendable(FilmError):
        source = CctvSource(
            film,
            detector,
            camera,
            evidence_in(folder),
            Journal(folder / "followed.json"),
            device=device,
            boot=boot,
            scene=scene,
            fps=order.fps,
            scribe=scribe,
            asked=asked,
        )
        say_ready(device=device, boot=boot)
        agent.run(source, waiting, sending, _after(asked, source.over), kept=source.kept)
    if scribe is not None:
        scribe.close()


def tiling(text: str) -> tuple[int, int]:
    """Return columns and rows.

    Raises:
        CommandError: not two numbers from 1 to 8.

    >>> tiling("3x2")
    (3, 2)
    """
    columns, _, rows = text.partition("x")
    if not (columns in _TILES and rows in _TILES):
        raise CommandError(f"--tiles {text}: not COLUMNSxROWS, each from 1 to 8, such as 3x2")
    return int(columns), int(rows)


def picture(settings: Settings, device: str, *, digest: str | None, at: datetime | None) -> bytes:
    """Return a kept picture of a camera on this machine as PNG, checked against its digest.

    Args:
        settings: Say where its folder is.
        device: Name of the camera.
        digest: Of a frame or of an evidence picture, as a detection cites it.
        at: Else the frame nearest to this moment is meant.

    Raises:
        CommandError: it is not kept (any more), or it is not what was reported.
    """
    with mendable():
        folder = places.agent_folder(settings, device_id(device))
        if digest is not None and (crop := crop_of(folder, digest)):
            return _checked(crop, digest)
        kept = frame_of(folder, digest) if digest else frame_at(folder, at) if at else None
        if kept is None:
            raise CommandError(
                f"{device} keeps no such picture; say --digest or --at, or it has"
                " made room for newer ones"
            )
        kept.pixels()
        return kept.file.read_bytes()


def _checked(crop: Path, digest: str) -> bytes:
    body = crop.read_bytes()
    if sha256(body).hexdigest() != digest:
        raise CommandError(f"{crop}: not the picture that was reported")
    return body


def _after(asked: Event, over: Event) -> Event:
    """Return an event that is set once both are: first everybody followed gets an ``end``."""
    done = Event()

    def wait() -> None:
        asked.wait()
        over.wait()
        done.set()

    Thread(target=wait, name="stopping", daemon=True).start()
    return done


def _tears(film: Film) -> int:
    return film.tears if isinstance(film, Live) else 0


def _camera(order: Order) -> Camera:
    return camera_from_toml(order.camera.read_text())


def _scene(order: Order) -> Scene:
    return Scene() if order.scene is None else scene_from_toml(order.scene.read_text())


def _film(order: Order) -> Film:
    film = open_film(order.address, start=order.start, fps=order.fps)
    return Paced(film) if order.live and film.waits else film


def _detector(order: Order) -> Detector:
    if order.model is None:
        return NoDetector()
    made: Detector = (
        UltralyticsDetector(order.model)
        if order.ultralytics
        else OnnxDetector(order.model, threads=order.threads)
    )
    if order.columns * order.rows == 1:
        return made
    return TiledDetector(made, order.columns, order.rows)


def _scribe(film: Film) -> Scribe:
    from edge.cctv.ocr import TextReader  # noqa: PLC0415 - two seconds, and only where it is wanted

    return Scribe(TextReader(), waits=film.waits)


def _boot(order: Order) -> str:
    """Return the boot of an agent that looks at a recording in this way.

    The same contents looked at in the same way give the same readings, and so the same identities.
    """
    digest = sha256(repr((order.start, order.fps, order.columns, order.rows)).encode())
    path = Path(order.address)
    pictures = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in filter(None, (*pictures, order.camera, order.model, order.scene)):
        digest.update(sha256(file.read_bytes()).digest())
    return f"rec-{digest.hexdigest()[:16]}"
