# Only where it is installed:
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Detection by ultralytics (AGPL-3.0), for those who have installed the extra ``yolo``.

It loads ``.pt``, ``.onnx``, ``.tflite`` and ``.engine``. Nothing of it is imported before one is
made, so that a platform without it neither needs nor touches it.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.cctv.detector import DetectorError, Found
from edge.cctv.frames import Pixels
from edge.cctv.heads import LEAST_SCORE, MOST, SAME_OVERLAP

MISSING: Final = (
    "ultralytics is not installed; it is AGPL-3.0, and an extra for that reason:"
    " pip install 'haechi[yolo]' in an environment of its own, or use an .onnx model"
)


class UltralyticsDetector:
    """Any model that ultralytics loads."""

    def __init__(self, model: Path) -> None:
        """Load it; nothing is ever downloaded.

        Raises:
            DetectorError: ultralytics is absent, or there is no such model.
        """
        if not model.is_file():
            raise DetectorError(f"{model}: no such model")
        try:
            import torch  # type: ignore[import-not-found]  # noqa: PLC0415 - an extra's
            from ultralytics import YOLO  # type: ignore[import-not-found]  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise DetectorError(MISSING) from error
        loaded: Any = YOLO(str(model), task="detect")
        names: dict[int, str] = loaded.names
        self.labels: Final = tuple(names[number] for number in sorted(names))
        nothing = np.zeros((64, 64, 3), np.uint8)
        loaded.predict(nothing, conf=LEAST_SCORE, iou=SAME_OVERLAP, max_det=MOST, verbose=False)
        self._steps: Any = loaded.predictor  # which a first picture sets up
        self._without_gradients: Any = torch.inference_mode

    def prepare(self, pixels: Pixels) -> tuple[Any, Pixels]:
        """Return the library's tensor, and the picture as OpenCV has it: blue first."""
        picture = np.ascontiguousarray(pixels[:, :, ::-1])
        return self._steps.preprocess([picture]), picture

    def run(self, prepared: tuple[Any, Pixels]) -> tuple[Any, Any, Pixels]:
        """Return what the model gives, and what it was given."""
        with self._without_gradients():
            return self._steps.inference(prepared[0]), *prepared

    def found(self, given: tuple[Any, Any, Pixels]) -> list[Found]:
        """Return what is in the picture, the surest first."""
        output, tensor, picture = given
        result = self._steps.postprocess(output, tensor, [picture])[0]
        rows: list[list[float]] = result.boxes.data.tolist()
        found = [Found(self.labels[int(row[5])], row[4], *row[:4]) for row in rows]
        return sorted(found, key=lambda one: -one.score)
