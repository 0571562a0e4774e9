"""Disks that are full."""

from pathlib import Path


def fill(path: Path) -> None:
    """Use up the disk."""
    with path.open("wb", buffering=0) as hog:
        for size in (65_536, 4096, 1):
            try:
                while hog.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
