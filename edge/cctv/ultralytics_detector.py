# Only where it is installed:
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Detection by ultralytics (AGPL-3.0), for those who have installed the extra ``yolo``.

It loads ``.pt``, ``.onnx``, ``.tflite`` and ``.engine``. Nothing of it is imported before one is
made, so that a platform without it neither needs nor touches it.
"""

from pathlib import Path
from typing import Any, Final

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
            from ultralytics import YOLO  # type: ignore[import-not-found]  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise DetectorError(MISSING) from error
        self._model: Any = YOLO(str(model), task="detect")
        names: dict[int, str] = self._model.names
        self.labels: Final = tuple(names[number] for number in sorted(names))

    def prepare(self, pixels: Pixels) -> Pixels:
        """Return the picture as OpenCV has it, which is what the library takes."""
        return pixels[:, :, ::-1]

    def run(self, prepared: Pixels) -> Any:
        """Return the library's result."""
        return self._model.predict(
            prepared, conf=LEAST_SCORE, iou=SAME_OVERLAP, max_det=MOST, verbose=False
        )[0]

    def found(self, given: Any) -> list[Found]:
        """Return what is in the picture, the surest first."""
        rows: list[list[float]] = given.boxes.data.tolist()
        found = [Found(self.labels[int(row[5])], row[4], *row[:4]) for row in rows]
        return sorted(found, key=lambda one: -one.score)
