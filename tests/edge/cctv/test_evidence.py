"""Pictures that prove what was reported."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from edge.cctv.evidence import Ring, crop_of, evidence_in, frame_at, frame_of, frames_in
from edge.cctv.frames import Frame
from edge.cctv.picture import png, unpacked
from tests.edge.cctv.scenes import NOON, after, block
from tests.edge.disks import fill

FRAME = Frame(NOON, block(50))


def test_a_frame_is_kept_without_loss_and_found_by_digest_and_time(tmp_path: Path) -> None:
    """What was reported can be compared with what is kept, bit by bit."""
    evidence = evidence_in(tmp_path)
    later = Frame(after(10), block(80))
    assert evidence.frame(FRAME)
    assert evidence.frame(later)
    kept = frame_of(tmp_path, FRAME.digest)
    assert kept is not None
    assert kept.at == NOON
    assert bool((kept.pixels() == FRAME.pixels).all())
    assert frame_at(tmp_path, after(6)) == frame_of(tmp_path, later.digest)
    assert frame_of(tmp_path, "00") is None


def test_a_frame_that_was_changed_is_told_apart(tmp_path: Path) -> None:
    """The file is a lawful picture, but not the one that was reported."""
    evidence_in(tmp_path).frame(FRAME)
    kept = frame_of(tmp_path, FRAME.digest)
    assert kept is not None
    kept.file.write_bytes(png(block(51)))
    with pytest.raises(ValueError, match="not those that were reported"):
        kept.pixels()


def test_a_crop_shows_the_box_with_a_margin(tmp_path: Path) -> None:
    """And goes by the digest of its file."""
    digest = evidence_in(tmp_path).crop(FRAME, (50 / 160, 40 / 120, 80 / 160, 60 / 120))
    assert digest is not None
    file = crop_of(tmp_path, digest)
    assert file is not None
    assert sha256(file.read_bytes()).hexdigest() == digest
    assert bool((unpacked(file.read_bytes()) == block(50)[38:63, 47:84]).all())


def test_the_oldest_make_room(tmp_path: Path) -> None:
    """The bound holds, also over a restart."""
    ring = Ring(tmp_path, 1000)
    for number in range(10):
        ring.keep(f"{number}.png", bytes(300))
    ring = Ring(tmp_path, 1000)
    ring.keep("a.png", bytes(300))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["8.png", "9.png", "a.png"]


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    """It is counted, and the crop is not cited."""
    folder = tmp_path / "crops"
    evidence = evidence_in(tmp_path)
    folder.rmdir()
    assert evidence.crop(FRAME, (0, 0, 1, 1)) is None
    assert evidence.crops.failures == 1


def test_d8_on_a_full_disk_the_newest_evidence_replaces_the_oldest(small_disk: Path) -> None:
    """Others fill the disk: what comes takes the room of what was, and no half file stays."""
    evidence = evidence_in(small_disk)
    noise = np.random.default_rng(7)
    frames = [Frame(after(n), noise.integers(0, 256, (120, 160, 3), np.uint8)) for n in range(20)]
    assert all(evidence.frame(frame) for frame in frames[:10])
    fill(small_disk / "hog")
    assert all(evidence.frame(frame) for frame in frames[10:])
    kept = [*frames_in(small_disk)]
    assert [one.digest for one in kept[-8:]] == [frame.digest for frame in frames[-8:]]
    assert all(one.pixels().shape == (120, 160, 3) for one in kept)
    assert evidence.frames.failures == 0
    assert not [*small_disk.glob("*/*.part")]


def test_d8_a_full_disk_with_nothing_to_give_up_stops_nobody(small_disk: Path) -> None:
    """It is counted, nothing half written stays, and all is well again once there is room."""
    evidence = evidence_in(small_disk)
    fill(small_disk / "hog")
    assert evidence.crop(FRAME, (0, 0, 1, 1)) is None
    assert evidence.crops.failures == 1
    assert [*(small_disk / "crops").iterdir()] == []
    (small_disk / "hog").unlink()
    assert evidence.crop(FRAME, (0, 0, 1, 1)) is not None


def test_what_a_kill_left_half_written_is_cleared(tmp_path: Path) -> None:
    """It was never cited."""
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "x.png.part").write_bytes(b"half")
    evidence_in(tmp_path)
    assert [*frames_in(tmp_path)] == []
    assert [*(tmp_path / "frames").iterdir()] == []
