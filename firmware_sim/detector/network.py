# Only where it is installed:
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
"""The network and its loss, in PyTorch: few weights that answer every four pixels."""

from itertools import pairwise
from typing import Any, Final

import torch  # type: ignore[import-not-found]  # comes with an extra
from torch import nn
from torch.nn.functional import (  # type: ignore[import-not-found]  # comes with an extra
    interpolate,
    max_pool2d,
)

from firmware_sim.detector.calibration import Stretch
from firmware_sim.detector.lessons import STRIDE
from firmware_sim.detector.pictures import LABELS

CHANNELS: Final = (16, 32, 64, 96)
"""Of the levels at 4, 8, 16 and 32 pixels."""
USUAL_PX: Final = 16.0
"""Size of an object before anything is learnt."""


class Network(nn.Module):  # type: ignore[misc]  # torch has no types here
    """Down to a level that sees the whole, and up again to one that sees detail."""

    def __init__(self) -> None:
        super().__init__()
        before = (12, *CHANNELS[:-1])
        self.stem = _conv(3, 12, stride=2)
        self.down = nn.ModuleList(
            nn.Sequential(_conv(less, more, stride=2), _Block(more))
            for less, more in zip(before, CHANNELS, strict=True)
        )
        self.across = nn.ModuleList(nn.Conv2d(more, less, 1) for less, more in pairwise(CHANNELS))
        self.up = nn.ModuleList(_conv(channels, channels) for channels in CHANNELS[:-1])
        self.head = nn.Sequential(_conv(CHANNELS[0], 24), nn.Conv2d(24, 4 + len(LABELS), 1))
        nn.init.constant_(self.head[-1].bias[4:], -4.0)

    def forward(self, pixels: Any) -> Any:
        """Return four numbers of a box and a logit per label, for each cell."""
        levels = []
        seen = self.stem(pixels)
        for down in self.down:
            seen = down(seen)
            levels.append(seen)
        for level in (2, 1, 0):
            wide = interpolate(self.across[level](seen), scale_factor=2.0)
            seen = self.up[level](levels[level] + wide)
        return self.head(seen)


class Exported(nn.Module):  # type: ignore[misc]  # as above
    """The network as a YOLO head speaks: a box and a score per label, for each cell."""

    def __init__(self, network: Network, calibrated: Stretch) -> None:
        super().__init__()
        self.network, self.calibrated = network, calibrated

    def forward(self, pixels: Any) -> Any:
        """Return shape ``(1, 4 + labels, cells)``: middle, size, scores of the best."""
        raw = self.network(pixels)
        scores = torch.sigmoid(raw[:, 4:] * self.calibrated.gain + self.calibrated.shift)
        best = scores * (scores == max_pool2d(scores, 3, stride=1, padding=1))
        left, top, right, bottom = boxes(raw[:, :4]).unbind(1)
        middles = (left + right) / 2, (top + bottom) / 2
        sides = torch.stack([*middles, right - left, bottom - top], dim=1)
        return torch.cat([sides, best], dim=1).flatten(2)


def boxes(raw: Any) -> Any:
    """Return left, top, right and bottom in pixels, shape ``(n, 4, rows, columns)``."""
    rows, columns = raw.shape[2:]
    x = (torch.arange(columns) + 0.5) * STRIDE + raw[:, 0] * STRIDE
    y = (torch.arange(rows)[:, None] + 0.5) * STRIDE + raw[:, 1] * STRIDE
    half = torch.exp(raw[:, 2:].clamp(-4, 4)) * (USUAL_PX / 2)
    return torch.stack([x - half[:, 0], y - half[:, 1], x + half[:, 0], y + half[:, 1]], dim=1)


def loss(raw: Any, heat: Any, counts: Any, wanted: Any, weights: Any) -> Any:
    """Return how wrong an answer is: heat by focal loss, boxes by generalised overlap.

    Source:
        Focal loss of CornerNet (Law and Deng, 2018), GIoU (Rezatofighi et al., 2019).
    """
    objects = weights.sum().clamp(min=1)
    logits = raw[:, 4:]
    likely = torch.sigmoid(logits)
    is_middle = (heat == 1).float()
    right = is_middle * (1 - likely) ** 2 * nn.functional.logsigmoid(logits)
    wrong = (1 - is_middle) * (1 - heat) ** 4 * likely**2 * nn.functional.logsigmoid(-logits)
    missed = -(right + wrong * counts[:, None]).sum()
    apart = ((1 - _generalised_overlap(boxes(raw[:, :4]), wanted)) * weights).sum()
    return (missed + 2 * apart) / objects


def _generalised_overlap(some: Any, others: Any) -> Any:
    low, high = torch.maximum(some[:, :2], others[:, :2]), torch.minimum(some[:, 2:], others[:, 2:])
    shared = (high - low).clamp(min=0).prod(1)
    union = _areas(some) + _areas(others) - shared
    around = torch.maximum(some[:, 2:], others[:, 2:]) - torch.minimum(some[:, :2], others[:, :2])
    hull = around.prod(1)
    return shared / (union + 1e-6) - (hull - union) / (hull + 1e-6)


def _areas(sides: Any) -> Any:
    return (sides[:, 2:] - sides[:, :2]).prod(1)


def _conv(less: int, more: int, stride: int = 1) -> Any:
    return nn.Sequential(
        nn.Conv2d(less, more, 3, stride, 1, bias=False), nn.BatchNorm2d(more), nn.SiLU()
    )


class _Block(nn.Module):  # type: ignore[misc]  # as above
    """Two convolutions that add to what they are given."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs: Any = nn.Sequential(_conv(channels, channels), _conv(channels, channels))

    def forward(self, seen: Any) -> Any:
        """Return what was given and what was found."""
        return seen + self.convs(seen)
