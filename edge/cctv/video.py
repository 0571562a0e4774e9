# Packets of PyAV are generic, and it says not of what:
# pyright: reportUnknownMemberType=false
"""The door to PyAV: streams, files, devices and folders of pictures become pixels here."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import av
import numpy as np
from av.container import InputContainer
from av.error import ExitError, FFmpegError, InvalidDataError
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from edge.cctv.frames import Pixels

OPEN_LIMIT_S: Final = 10.0
READ_LIMIT_S: Final = 10.0
"""A stream that gives nothing for so long is torn."""

DEVICE: Final = "/dev/video"
PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})

ONE_THREAD_PIXELS: Final = 1280 * 720
"""A file with pictures up to this size is decoded by one thread, which is no slower than a small
model: more of them would only take the processors from it.
"""

_AT_ONCE: Final = {"flags": "low_delay", "fpsprobesize": "0"}
"""Of a raw stream FFmpeg looks at 20 pictures to tell their rate unless told otherwise: at few
pictures a second that takes longer than ``OPEN_LIMIT_S``."""

_OPTIONS: Final = {
    "rtsp": {"rtsp_transport": "tcp", **_AT_ONCE},
    "tcp": _AT_ONCE,
    "http": _AT_ONCE,
    "https": _AT_ONCE,
    "udp": {"overrun_nonfatal": "1", **_AT_ONCE},  # who falls behind loses pictures, not the stream
}

MOTION_JPEG: Final = "mpjpeg"
"""Pictures that each stand alone, and no times: those that FFmpeg states are a guess."""


class VideoError(Exception):
    """A video cannot be opened, or it tore; the text says which and why, and no password."""


class Picture(NamedTuple):
    """One decoded picture; its pixels are converted only when they are asked for."""

    pts_s: float | None
    """Its place on the source's own clock, seconds; ``None`` if the source does not say."""
    decoded: VideoFrame
    converter: VideoReformatter
    """One for all pictures of a stream: to prepare it costs more than to convert a picture."""

    @property
    def pixels(self) -> Pixels:
        """Shape (height, width, 3), RGB; for one thread at a time."""
        converted = self.converter.reformat(self.decoded, format="rgb24", threads=1)
        return np.asarray(converted.to_ndarray(), np.uint8)


def pictures(address: str) -> Iterator[Picture]:
    """Return the pictures of a stream, a file or a device; damaged ones are left out.

    Args:
        address: What FFmpeg opens (``rtsp://``, ``http://``, ``udp://``, a file), or
            ``/dev/video0``.

    Raises:
        VideoError: it cannot be opened, or it ended with an error.
    """
    is_device = address.startswith(DEVICE)
    is_live = is_device or "://" in address
    try:
        with av.open(
            address,
            format="v4l2" if is_device else None,
            options=_OPTIONS.get(address.partition("://")[0], {}),
            timeout=(OPEN_LIMIT_S, READ_LIMIT_S) if is_live else None,
        ) as container:
            if not container.streams.video:
                raise VideoError(f"{nameless(address)}: there is no video in it")
            yield from _decoded(container, is_live=is_live)
    except ExitError as error:
        silent = f"nothing came within {READ_LIMIT_S:g} s"
        raise VideoError(f"{nameless(address)}: {silent}") from error
    except (FFmpegError, OSError) as error:
        raise VideoError(f"{nameless(address)}: {error.strerror or error}") from error


def _decoded(container: InputContainer, *, is_live: bool) -> Iterator[Picture]:
    stream = container.streams.video[0]
    if not is_live and stream.width * stream.height <= ONE_THREAD_PIXELS:
        stream.codec_context.thread_count = 1
    stream.thread_type = "SLICE" if is_live else "AUTO"  # frame threads add delay
    is_motion_jpeg = container.format.name == MOTION_JPEG
    converter = VideoReformatter()
    for packet in container.demux(stream):
        if is_motion_jpeg and packet.is_corrupt:  # half a picture, the rest of it grey
            continue
        try:
            frames = packet.decode()
        except InvalidDataError:
            continue
        for frame in frames:
            yield Picture(None if is_motion_jpeg else frame.time, frame, converter)


def nameless(address: str) -> str:
    """Return an address without the name and password that may stand in it.

    >>> nameless("rtsp://admin:secret@192.0.2.1/main")
    'rtsp://192.0.2.1/main'
    """
    scheme, found, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{found}{host.rpartition('@')[2]}{slash}{path}"


def made_at(file: Path) -> datetime | None:
    """Return when a file says it was recorded; ``None`` if it does not.

    Raises:
        VideoError: it cannot be opened.
    """
    try:
        with av.open(str(file)) as container:
            stated = container.metadata.get("creation_time", "")
    except (FFmpegError, OSError) as error:
        raise VideoError(f"{file}: {error.strerror or error}") from error
    try:
        at = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return at if at.tzinfo else None


def folder(path: Path) -> list[Path]:
    """Return the pictures of a folder, by name."""
    return sorted(each for each in path.iterdir() if each.suffix.lower() in PICTURES)
