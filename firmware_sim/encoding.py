"""Pictures into video, for files and for the air: the simulator's only module with that driver."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, cast

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Shape ``(height, width, 3)``, RGB."""

CODECS: Final = MappingProxyType({".mp4": ("h264", "yuv420p"), ".mkv": ("mjpeg", "yuvj420p")})
"""By the ending of a file."""
_AT_ONCE: Final = {"tune": "zerolatency", "preset": "ultrafast"}


class FilmFile:
    """A film that is being written; use as a context, and it is whole."""

    def __init__(self, file: Path, fps: float) -> None:
        codec, pixels = CODECS[file.suffix]
        # PyAV types what it returns by the name of the codec, which is only known here.
        self._container = cast("Any", av.open(str(file), "w"))
        self._video = self._container.add_stream(codec, rate=Fraction(fps).limit_denominator(1000))
        self._video.pix_fmt = pixels
        self._begun = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def add(self, picture: Picture, at: datetime) -> None:
        """Add the next picture; the first one says when the film begins."""
        if not self._begun:
            self._begun = True
            self._container.metadata["creation_time"] = at.isoformat()
            self._video.height, self._video.width = picture.shape[:2]
        self._container.mux(self._video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))

    def __exit__(self, *_: object) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._video.encode(None))
        self._container.close()


def on_air(
    pictures: Iterator[tuple[float, Picture]], width_px: int, height_px: int
) -> Iterator[tuple[float, bytes]]:
    """Yield (second, MPEG transport stream of one picture); each can be joined at.

    Args:
        pictures: With their seconds, which they carry as their time.
        width_px: Of all of them.
        height_px: Of all of them.
    """
    sent = BytesIO()
    container = cast("Any", av.open(sent, "w", format="mpegts"))
    video = container.add_stream("h264", rate=25, options=_AT_ONCE)
    video.width, video.height, video.pix_fmt = width_px, height_px, "yuv420p"
    video.codec_context.gop_size = 1
    video.codec_context.time_base = Fraction(1, 1000)
    for second, picture in pictures:
        shown = av.VideoFrame.from_ndarray(picture, "rgb24")
        shown.pts, shown.time_base = round(second * 1000), Fraction(1, 1000)
        container.mux(video.encode(shown))
        yield second, sent.getvalue()
        sent.seek(0)
        sent.truncate()
