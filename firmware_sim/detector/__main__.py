"""The recipe: draw, train, export, examine (docs/detector.md)."""

import sys
from pathlib import Path
from typing import Final

from edge.cctv.onnx_detector import OnnxDetector
from firmware_sim.detector import pictures, training
from firmware_sim.detector.score import score
from firmware_sim.scene import WEATHERS

SEED: Final = 7
EPOCHS: Final = 20
THREADS: Final = 1


def main(folder: Path) -> None:
    """Make a detector in a folder that is not there yet, and say how good it is."""
    data = pictures.write(folder / "data", SEED)
    best = training.train(data, folder, seed=SEED, epochs=EPOCHS, threads=THREADS)
    training.export(best, folder / "rendered.onnx")
    examine(folder / "rendered.onnx")


def examine(model: Path) -> None:
    """Print average precision by weather and label, over the held-out cameras."""
    detector = OnnxDetector(model)
    held_out = list(pictures.pictures("test", SEED))
    for weather in (None, *WEATHERS):
        shown = [one for one in held_out if weather in (None, one.weather)]
        for label in pictures.LABELS:
            got = score(detector, shown, label)
            line = f"{weather or 'all':6} {label:7} AP50 {got.average_precision:.3f}"
            sys.stdout.write(f"{line}  {got.found} of {got.wanted} found\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
