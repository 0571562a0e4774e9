# Only where it is installed:
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownLambdaType=false
"""Training from nothing, and export as ONNX."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch  # type: ignore[import-not-found]  # comes with an extra

from firmware_sim.detector import network
from firmware_sim.detector.calibration import Stretch
from firmware_sim.detector.lessons import Shown, answer, batches
from firmware_sim.detector.pictures import HEIGHT, LABELS, WIDTH

RATE: Final = 4e-3
KEPT: Final = 0.99
"""Of the mean over the latest steps that becomes the result."""
OPSET: Final = 17
SAY_EVERY: Final = 50


def train(pictures: Sequence[Shown], *, seed: int, steps: int, threads: int) -> network.Network:
    """Train from nothing and return the mean of the latest weights."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    learner = network.Network().to(memory_format=torch.channels_last)
    averages = torch.optim.swa_utils
    mean = averages.AveragedModel(
        learner, multi_avg_fn=averages.get_ema_multi_avg_fn(KEPT), use_buffers=True
    )
    turn = torch.optim.AdamW(learner.parameters(), lr=RATE, weight_decay=1e-3)
    pace = torch.optim.lr_scheduler.OneCycleLR(turn, RATE, total_steps=steps, pct_start=0.1)
    wrong = list[float]()
    for step, batch in enumerate(batches(pictures, steps, np.random.default_rng(seed)), 1):
        pixels, *wanted = _tensors(batch)
        error = network.loss(learner(pixels), *wanted)
        turn.zero_grad()
        error.backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 10.0)
        turn.step()
        pace.step()
        mean.update_parameters(learner)
        wrong.append(error.item())
        if step % SAY_EVERY == 0:
            sys.stdout.write(f"step {step} of {steps}: {np.mean(wrong[-SAY_EVERY:]):.3f}\n")
            sys.stdout.flush()
    trained: network.Network = mean.module
    trained.eval()
    return trained


def export(trained: network.Network, calibrated: Stretch, file: Path) -> None:
    """Write a network as ONNX, its labels inside as the agent's detector reads them."""
    from torch.onnx._internal.torchscript_exporter import (  # type: ignore[import-not-found]  # noqa: PLC0415 - see below
        onnx_proto_utils,
    )

    # The exporter wants the package onnx only to add functions of which this network has none.
    onnx_proto_utils._add_onnxscript_fn = lambda body, _: body  # noqa: SLF001 - no public way
    torch.onnx.export(
        network.Exported(trained, calibrated).eval(),
        (torch.zeros(1, 3, HEIGHT, WIDTH),),
        str(file),
        opset_version=OPSET,
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


def _tensors(batch: Sequence[Shown]) -> list[Any]:
    """Return pixels, heat, counts, boxes and weights of a batch."""
    pixels = torch.from_numpy(np.stack([one.pixels for one in batch]))
    answers = [answer(one) for one in batch]
    wanted = (torch.from_numpy(np.stack(column)) for column in zip(*answers, strict=True))
    return [pixels.permute(0, 3, 1, 2).float() / 255, *wanted]
