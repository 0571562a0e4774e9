# Packets of PyAV are generic, and it says not of what:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""A camera that serves H.264 by RTSP (RFC 2326) over TCP, as small as a lawful one can be.

Pictures go out as RTP (RFC 3550, RFC 6184) within the connection of the session, at their pace.
"""

import re
import socket
import struct
import threading
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction

from av import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from edge.cctv.frames import Pixels

CLOCK_HZ = 90_000
ROOM = 1200
"""Bytes of one RTP packet; a larger unit goes in pieces."""

SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=quay
t=0 0
m=video 0 RTP/AVP 96
c=IN IP4 127.0.0.1
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1
a=control:track1
""".replace("\n", "\r\n")


class RtspCamera:
    """Shows the same pictures to everybody who comes, one after another."""

    def __init__(
        self,
        pictures: Sequence[Pixels],
        fps: int,
        *,
        user: str = "",
        torn_after: int | None = None,
    ) -> None:
        """Begin to serve on loopback.

        Args:
            pictures: Of one size.
            fps: Of them a second.
            user: ``name:password`` that is asked for; nothing is, if empty.
            torn_after: Pictures after which it hangs up in the middle of the next.
        """
        self.asked: list[str] = []
        """The methods that were asked for, in order."""
        self._units, self._fps = [*_encoded(pictures, fps)], fps
        self._wanted = f"Basic {b64encode(user.encode()).decode()}" if user else ""
        self._torn_after = torn_after
        self._stopped = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._socket.getsockname()[1]}/main"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._stopped.set()
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            with suppress(OSError), self._socket.accept()[0] as connection:
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        requests = connection.makefile("r", encoding="ascii", newline="\r\n")
        while (line := requests.readline().strip()) and not self._stopped.is_set():
            method = line.split()[0]
            headers = dict(
                each.strip().split(": ", 1) for each in iter(requests.readline, "\r\n") if each
            )
            self.asked.append(method)
            number = headers.get("CSeq", "0")
            if self._wanted and headers.get("Authorization") != self._wanted:
                asks = 'WWW-Authenticate: Basic realm="quay"'
                connection.sendall(_answer("401 Unauthorized", number, asks))
            elif not re.search(r"/main/?(track1)?$", line.split()[1]):
                connection.sendall(_answer("404 Not Found", number))
            else:
                connection.sendall(_answer("200 OK", number, *_said(method, headers)))
            if method == "PLAY":
                self._play(connection)
                return

    def _play(self, connection: socket.socket) -> None:
        sequence = 0
        for picture, units in enumerate(self._units):
            if self._stopped.wait(1 / self._fps):
                return
            stamp = round(picture * CLOCK_HZ / self._fps)
            for payload, is_last in _payloads(units):
                marked = 96 | (128 if is_last else 0)
                packet = struct.pack("!BBHII", 128, marked, sequence % 65536, stamp, 7) + payload
                framed = struct.pack("!cBH", b"$", 0, len(packet)) + packet
                if picture == self._torn_after:
                    connection.sendall(framed[: len(framed) // 2])
                    return
                connection.sendall(framed)
                sequence += 1


def _said(method: str, headers: dict[str, str]) -> tuple[str, ...]:
    """Return the headers, and after an empty one the body, that answer a method."""
    match method:
        case "OPTIONS":
            return ("Public: OPTIONS, DESCRIBE, SETUP, PLAY",)
        case "DESCRIBE":
            return ("Content-Type: application/sdp", f"Content-Length: {len(SDP)}", "", SDP)
        case "SETUP":
            return (f"Transport: {headers['Transport'].split(',')[0]}", "Session: 1")
        case _:
            return ("Session: 1",)


def _answer(status: str, number: str, *lines: str) -> bytes:
    head, _, body = "\r\n".join((f"RTSP/1.0 {status}", f"CSeq: {number}", *lines)).partition(
        "\r\n\r\n"
    )
    return f"{head}\r\n\r\n{body}".encode()


def _encoded(pictures: Sequence[Pixels], fps: int) -> Iterator[list[bytes]]:
    """Yield the units of each picture, parameter sets before every tenth."""
    codec = CodecContext.create("libx264", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.height, codec.width = pictures[0].shape[:2]
    codec.pix_fmt, codec.time_base = "yuv420p", Fraction(1, fps)
    codec.options = {"crf": "12", "g": "10", "bf": "0", "tune": "zerolatency"}
    frames = [VideoFrame.from_ndarray(pixels, format="rgb24") for pixels in pictures]
    for number, frame in enumerate([*frames, None]):
        if frame is not None:
            frame.pts = number
        for packet in codec.encode(frame):
            yield [unit for unit in re.split(b"\0?\0\0\1", bytes(packet)) if unit]


def _payloads(units: list[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the payloads of a picture's packets, and whether each is its last."""
    for unit in units:
        is_last = unit is units[-1]
        if len(unit) <= ROOM:
            yield unit, is_last
            continue
        head, body = unit[0], unit[1:]
        for start in range(0, len(body), ROOM):
            begins, ends = start == 0, start + ROOM >= len(body)
            kind = (head & 31) | (128 if begins else 0) | (64 if ends else 0)
            piece = bytes([(head & 224) | 28, kind]) + body[start : start + ROOM]
            yield piece, is_last and ends
