# Onnxruntime has no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
"""Detection by ONNX Runtime, the default: the only module that imports it."""

from ast import literal_eval
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it has no types

from edge.cctv import heads
from edge.cctv.coco import COCO
from edge.cctv.detector import DetectorError, Found
from edge.cctv.frames import Pixels
from edge.cctv.picture import (
    BLUE_FIRST,
    RED_FIRST,
    Floats,
    Shares,
    letterbox,
    planes,
    stretched,
)


class Way(NamedTuple):
    """From a point ``q`` of the model's input back to the picture: ``p = (q - offset) / scale``."""

    scale: tuple[float, float]
    offset: tuple[float, float]
    size: tuple[int, int]
    """Width and height of the picture."""


class Prepared(NamedTuple):
    """A picture as the model takes it."""

    tensor: Shares
    way: Way


class Given(NamedTuple):
    """What the model gives for a picture."""

    output: Floats
    way: Way


@dataclass(frozen=True)
class _Shape:
    name: str
    width: int
    height: int


class OnnxDetector:
    """A FastestDet or YOLO model in a file."""

    def __init__(
        self, model: Path, *, labels: tuple[str, ...] | None = None, threads: int = 1
    ) -> None:
        """Load it.

        Args:
            model: An ONNX file.
            labels: In the model's order; else what the file says (``names``), else COCO's 80.
            threads: For one picture; the rest of the machine decodes and sends.

        Raises:
            DetectorError: it cannot be loaded, or it is of no known family.
        """
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(model), _options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no other base
            raise DetectorError(f"{model}: {error}") from error
        self.labels: Final = labels or _stated_labels(self._session) or COCO
        self._input = self._input_of(model)
        self._head = self._head_of(model)

    @property
    def session(self) -> Any:
        """The bare session, against which the agent is measured."""
        return self._session

    def prepare(self, pixels: Pixels) -> Prepared:
        """Return a picture scaled to the input, channels first."""
        width, height = self._input.width, self._input.height
        size = (pixels.shape[1], pixels.shape[0])
        if self._head is heads.fastestdet:  # trained on stretched pictures, blue first
            small = stretched(pixels, width, height)
            scale = (width / size[0], height / size[1])
            return Prepared(planes(small, BLUE_FIRST), Way(scale, (0, 0), size))
        boxed = letterbox(pixels, width, height)
        offset = (boxed.left, boxed.top)
        tensor = planes(boxed.pixels, RED_FIRST)
        return Prepared(tensor, Way((boxed.scale, boxed.scale), offset, size))

    def run(self, prepared: Prepared) -> Given:
        """Return the first output of the session."""
        output = self._session.run(None, {self._input.name: prepared.tensor})[0]
        return Given(output, prepared.way)

    def found(self, given: Given) -> list[Found]:
        """Return what is in the picture, the surest first."""
        boxes = self._head(given.output, self._input.width, self._input.height)
        scale, offset, size = (np.array(each + each) for each in given.way)
        edges = ((boxes.edges - offset) / scale).clip(0, size)
        rows = zip(boxes.labels.tolist(), boxes.scores.tolist(), edges.tolist(), strict=True)
        return [Found(self.labels[label], min(1.0, score), *box) for label, score, box in rows]

    def _input_of(self, model: Path) -> _Shape:
        one, *others = self._session.get_inputs()
        match one.shape:
            case [1, 3, int(height), int(width)] if not others:
                return _Shape(one.name, width, height)
            case _:
                raise DetectorError(
                    f"{model}: takes {one.shape}; export it for one picture of a fixed size"
                )

    def _head_of(self, model: Path) -> heads.Head:
        shape = tuple(self._session.get_outputs()[0].shape)
        head = heads.head_for(shape, len(self.labels))
        if head is None:
            raise DetectorError(
                f"{model}: gives {shape}, which is neither a FastestDet nor a YOLO head with"
                f" {len(self.labels)} labels; name its labels, or use --detector ultralytics"
            )
        return head


def _options(threads: int) -> Any:
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _stated_labels(session: Any) -> tuple[str, ...] | None:
    """Return the labels that ultralytics writes into what it exports: a dictionary, as text."""
    stated = session.get_modelmeta().custom_metadata_map.get("names")
    try:
        names: dict[int, str] = literal_eval(stated) if stated else {}
        return tuple(names[number] for number in range(len(names))) or None
    except (ValueError, SyntaxError, KeyError, TypeError):
        return None
