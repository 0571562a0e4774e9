"""A detector of what firmware_sim renders, and the recipe it is made by (docs/detector.md)."""

from pathlib import Path
from typing import Final

WEIGHTS: Final = Path(__file__).with_name("rendered.onnx")
"""The detector that comes with the simulator: for the rendered world only."""
