# Packets of PyAV are generic, and it says not of what:
# pyright: reportUnknownMemberType=false
"""Videos that tests make, as cameras do: H.264 in a file or a transport stream."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from edge.cctv.frames import Pixels


def write(file: Path, frames: Sequence[Pixels], fps: int) -> Path:
    """Write frames of one size with little loss, and return the file."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "12", "g": str(fps)})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for number, pixels in enumerate(frames):
            frame = VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file
