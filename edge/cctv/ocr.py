"""The door to RapidOCR, which reads texts in pictures; its models ship in its wheel."""

from typing import Any, Final

import numpy as np
from rapidocr import RapidOCR

from edge.cctv.container_numbers import Text
from edge.cctv.frames import Pixels

LEAST_SCORE: Final = 0.5

_SETTINGS: Final[dict[str, Any]] = {
    "Global.log_level": "error",
    "Global.text_score": LEAST_SCORE,
    "Global.use_cls": False,  # which way up a text is: containers stand upright
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class TextReader:
    """Reads the texts in a picture; slow (seconds for a large one), and it needs no network."""

    def __init__(self) -> None:
        self._engine: Any = RapidOCR(params=_SETTINGS)

    def read(self, pixels: Pixels) -> list[Text]:
        """Return every line of text."""
        seen = self._engine(np.ascontiguousarray(pixels[:, :, ::-1]))
        if seen.txts is None:
            return []
        size = np.array([pixels.shape[1], pixels.shape[0]])
        corners = (np.asarray(seen.boxes) / size).clip(0, 1)
        begins, ends = corners.min(axis=1).tolist(), corners.max(axis=1).tolist()
        rows = zip(seen.txts, seen.scores, begins, ends, strict=True)
        return [
            Text(text, min(1.0, float(score)), (begin[0], begin[1], end[0], end[1]))
            for text, score, begin, end in rows
        ]
