"""The recipe: draw, train, export, examine (docs/detector.md)."""

import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from edge.cctv.onnx_detector import OnnxDetector
from edge.cctv.scene import Scene
from firmware_sim.detector import pictures
from firmware_sim.detector.calibration import Stretch, stretch
from firmware_sim.detector.lessons import shown
from firmware_sim.detector.pictures import LABELS, Picture
from firmware_sim.detector.score import judge, longer_side_px, score
from firmware_sim.scene import WEATHERS

SEED: Final = 7
STEPS: Final = 6_000
THREADS: Final = 1
SIZES_PX: Final = ((8, 16), (16, 32), (32, 64), (64, 448))
"""Bounds of the longer side on the detector's input."""


def main(file: Path) -> None:
    """Make a detector, and say how good it is."""
    from firmware_sim.detector import training  # noqa: PLC0415 - to examine needs no torch

    taught = [shown(one) for one in pictures.pictures("train", SEED)]
    trained = training.train(taught, seed=SEED, steps=STEPS, threads=THREADS)
    training.export(trained, Stretch(), file)
    training.export(trained, calibrated(OnnxDetector(file)), file)
    examine(file)


def calibrated(detector: OnnxDetector) -> Stretch:
    """Return what makes scores true over the cameras that are kept for it."""
    shots = list(pictures.pictures("val", SEED))
    return stretch([one for label in LABELS for one in judge(detector, shots, label)[1]])


def examine(file: Path) -> None:
    """Print how good a detector is over the cameras of the test part."""
    sys.stdout.write(f"SHA-256 {sha256(file.read_bytes()).hexdigest()}\n")
    held_out = list(pictures.pictures("test", SEED))
    sys.stdout.writelines(f"{line}\n" for line in report(OnnxDetector(file), held_out))


def report(detector: OnnxDetector, held_out: Sequence[Picture]) -> Iterator[str]:
    """Yield two Markdown tables: by weather, and boats by size at the score that begins a track."""
    yield "| weather | label | wanted | found | AP50 |"
    yield "|---|---|---|---|---|"
    for weather in (None, *WEATHERS):
        among = [one for one in held_out if weather in (None, one.weather)]
        for label in LABELS:
            got = score(detector, among, label)
            said = f"{got.wanted} | {got.found} | {got.average_precision:.2f}"
            yield f"| {weather or 'all'} | {label} | {said} |"
    yield "| longer side | boats wanted | found |"
    yield "|---|---|---|"
    for low, high in SIZES_PX:
        got = score(
            detector,
            held_out,
            "boat",
            counts=lambda truth, frame: low <= longer_side_px(truth, frame) < high,  # noqa: B023 - called at once
            least=Scene().sure,
        )
        yield f"| {low} to {high} px | {got.wanted} | {got.found} |"


if __name__ == "__main__":
    if sys.argv[1] == "--examine":
        examine(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]))
