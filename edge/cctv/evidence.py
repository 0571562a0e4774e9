"""Pictures that prove what was reported, kept beside the camera within a bound of disk."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from edge.cctv.frames import Frame, Pixels, digest_of
from edge.cctv.picture import png, unpacked
from edge.outage import Outage
from haechi.cameras import Box
from haechi.units import microseconds, moment

CROP_LIMIT_BYTES: Final = 256 * 2**20
FRAME_LIMIT_BYTES: Final = 1024 * 2**20
FRAME_EVERY_S: Final = 1.0
"""Of the frames that nobody cited, one is kept in this time."""

CROP_MARGIN: Final = 0.1
"""Of a box, around it."""


class Kept(NamedTuple):
    """A full frame on disk."""

    at: datetime
    digest: str
    """SHA-256 of its pixels."""
    file: Path

    def pixels(self) -> Pixels:
        """Return it, after checking that it is what was reported.

        Raises:
            ValueError: the file was changed or damaged.
        """
        pixels = unpacked(self.file.read_bytes())
        if digest_of(pixels) != self.digest:
            raise ValueError(f"{self.file}: its pixels are not those that were reported")
        return pixels


class Ring:
    """A folder of files of which the oldest make room."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob("*.part"):
            left.unlink()
        self._folder, self._limit = folder, limit_bytes
        self._sizes = {each.name: each.stat().st_size for each in sorted(folder.glob("*.png"))}
        self._total = sum(self._sizes.values())
        self._outage = Outage("evidence on disk", folder=folder.name)

    @property
    def failures(self) -> int:
        """Files that could not be written."""
        return self._outage.failures

    def keep(self, name: str, body: bytes) -> bool:
        """Write a file, after those that make room; return whether it is there.

        On a full disk the oldest make room as well. One that fails must not stop a camera: that is
        logged and counted.
        """
        if name in self._sizes:
            return True
        while self._sizes and self._total + len(body) > self._limit:
            self._forget_oldest()
        while (error := self._write(name, body)) is not None:
            if error.errno != ENOSPC or not self._sizes:
                self._outage.fails(error)
                return False
            self._forget_oldest()
        self._outage.ends()
        self._sizes[name] = len(body)
        self._total += len(body)
        return True

    def _write(self, name: str, body: bytes) -> OSError | None:
        """Return why a file could not be written; nothing of it is left then."""
        part = self._folder / f"{name}.part"
        try:
            part.write_bytes(body)
            part.rename(self._folder / name)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            return error
        return None

    def _forget_oldest(self) -> None:
        name = next(iter(self._sizes))
        with suppress(OSError):
            (self._folder / name).unlink()
        self._total -= self._sizes.pop(name)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The crops and the frames of one camera."""

    crops: Ring
    frames: Ring

    def crop(self, frame: Frame, box: Box) -> str | None:
        """Keep what a box shows, with a margin, and return the SHA-256 of the file.

        Args:
            frame: The whole picture.
            box: Of what is to be seen.

        Returns:
            None if it could not be kept.
        """
        body = png(_cut(frame.pixels, box))
        digest = sha256(body).hexdigest()
        # The number in front lets the oldest be the first by name.
        return digest if self.crops.keep(f"{_stamp(frame.at)}-{digest}.png", body) else None

    def frame(self, frame: Frame) -> bool:
        """Keep a whole frame, without loss."""
        return self.frames.keep(f"{_stamp(frame.at)}-{frame.digest}.png", png(frame.pixels))


def evidence_in(
    folder: Path, *, crop_bytes: int = CROP_LIMIT_BYTES, frame_bytes: int = FRAME_LIMIT_BYTES
) -> Evidence:
    """Return the evidence in an agent's folder, the bounds apart for crops and frames."""
    return Evidence(Ring(folder / "crops", crop_bytes), Ring(folder / "frames", frame_bytes))


def frames_in(folder: Path) -> Iterator[Kept]:
    """Return the full frames in an agent's folder, oldest first; may be asked by anybody."""
    for file in sorted((folder / "frames").glob("*.png")):
        stamp, _, digest = file.stem.partition("-")
        yield Kept(moment(int(stamp)), digest, file)


def frame_of(folder: Path, digest: str) -> Kept | None:
    """Return a frame that was cited, as long as it is kept.

    Args:
        folder: The agent's.
        digest: Of the frame, or as much of its beginning as is unique.
    """
    found = [kept for kept in frames_in(folder) if kept.digest.startswith(digest)]
    return found[0] if len({kept.digest for kept in found}) == 1 else None


def frame_at(folder: Path, at: datetime) -> Kept | None:
    """Return the frame taken nearest to a moment, as far as frames are kept."""
    return min(frames_in(folder), key=lambda kept: abs(kept.at - at), default=None)


def crop_of(folder: Path, digest: str) -> Path | None:
    """Return the file of an evidence picture, as long as it is kept."""
    return next((folder / "crops").glob(f"*-{digest}.png"), None)


def _stamp(at: datetime) -> str:
    """Return microseconds since 1970 in sixteen digits, so that names sort by time."""
    return f"{microseconds(at):016}"


def _cut(pixels: Pixels, box: Box) -> Pixels:
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    across, down = CROP_MARGIN * (right - left), CROP_MARGIN * (bottom - top)
    begin = (max(0, int((top - down) * height)), max(0, int((left - across) * width)))
    end = (int((bottom + down) * height) + 1, int((right + across) * width) + 1)
    return pixels[begin[0] : end[0], begin[1] : end[1]]
