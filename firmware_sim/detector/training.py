# Only where it is installed:
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownLambdaType=false
"""Training by ultralytics (AGPL-3.0) and export: the only module of the recipe that needs it."""

from pathlib import Path
from typing import Any, Final

from firmware_sim.detector.pictures import HEIGHT, LABELS, WIDTH

NETWORK: Final = Path(__file__).with_name("network.yaml")
_OPSET: Final = 17


def train(data: Path, folder: Path, *, seed: int, epochs: int, threads: int) -> Path:
    """Train from nothing and return the best checkpoint."""
    import torch  # type: ignore[import-not-found]  # noqa: PLC0415 - comes with an extra
    from ultralytics import YOLO  # type: ignore[import-not-found]  # noqa: PLC0415 - an extra

    torch.set_num_threads(threads)
    model: Any = YOLO(str(NETWORK), task="detect")
    model.train(
        data=str(data),
        project=str(folder.resolve()),
        name="run",
        imgsz=WIDTH,
        rect=True,  # no square: a third less to compute; neighbours in a batch have other cameras
        epochs=epochs,
        batch=16,
        seed=seed,
        optimizer="AdamW",
        lr0=0.004,
        cos_lr=True,
        warmup_epochs=1,
        mosaic=0.0,
        workers=0,
        cache=True,
        amp=False,
        device="cpu",
        plots=False,
    )
    return Path(model.trainer.best)


def export(checkpoint: Path, file: Path) -> None:
    """Write a checkpoint as ONNX, its labels inside as ultralytics states them."""
    import torch  # noqa: PLC0415 - comes with an extra
    from torch.onnx._internal.torchscript_exporter import (  # type: ignore[import-not-found]  # noqa: PLC0415 - see below
        onnx_proto_utils,
    )
    from ultralytics import YOLO  # noqa: PLC0415 - an extra

    # The exporter wants the package onnx only to add functions of which this network has none.
    onnx_proto_utils._add_onnxscript_fn = lambda body, _: body  # noqa: SLF001 - no public way
    network: Any = YOLO(str(checkpoint)).model.float().eval().fuse()
    network.model[-1].export = True
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, HEIGHT, WIDTH),),
        str(file),
        opset_version=_OPSET,
        input_names=["images"],
        output_names=["output0"],
        dynamo=False,
    )
    with file.open("ab") as written:
        written.write(stated("names", str(dict(enumerate(LABELS)))))


def stated(key: str, value: str) -> bytes:
    """Return one of a model's metadata; protocol buffers add what is appended.

    Source:
        onnx.proto: ``ModelProto.metadata_props`` is field 14, its key field 1, its value field 2.

    >>> stated("a", "bc").hex()
    '72070a016112026263'
    """
    body = _field(1, key.encode()) + _field(2, value.encode())
    return _field(14, body)


def _field(number: int, body: bytes) -> bytes:
    if len(body) > 127:  # noqa: PLR2004 - what one byte of a varint holds
        raise ValueError(f"{len(body)} bytes: longer than this encoding")
    return bytes([number << 3 | 2, len(body)]) + body
