"""The port to whatever finds objects in a picture, and the fake that stands in for it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from edge.cctv.frames import Pixels


class Found(NamedTuple):
    """One object in one picture.

    A detector gives edges in pixels, from the top left corner; from there on they are shares of the
    width and height, so that nothing depends on what size a stream happens to have.
    """

    label: str
    score: float
    left: float
    top: float
    right: float
    bottom: float

    def scaled(self, across: float, down: float) -> "Found":
        """Return it in other units."""
        label, score, left, top, right, bottom = self
        return Found(label, score, left * across, top * down, right * across, bottom * down)


class DetectorError(Exception):
    """The model cannot be used; the text says which, why, and what to do."""


class Detector(Protocol):
    """Finds objects in three steps, each by a thread of its own: that of the model does no more."""

    @property
    def labels(self) -> Sequence[str]:
        """Every kind of object that it knows."""
        ...

    def prepare(self, pixels: Pixels) -> Any:
        """Return what the model takes of a picture."""
        ...

    def run(self, prepared: Any) -> Any:
        """Return what the model gives for it."""
        ...

    def found(self, given: Any) -> list[Found]:
        """Return what is in the picture, the surest first, with low scores too.

        Scores are within 0 and 1, boxes within the picture, and no two boxes of a label overlap
        much: a tracker decides what to believe.
        """
        ...


def find(detector: Detector, pixels: Pixels) -> list[Found]:
    """Return what a detector finds in a picture, all steps at once."""
    return detector.found(detector.run(detector.prepare(pixels)))


class NoDetector:
    """Finds nothing, for a camera without a model: where it looks is said, and frames are kept."""

    labels: Sequence[str] = ()

    def prepare(self, pixels: Pixels) -> None:
        """Need nothing of a picture."""

    def run(self, prepared: None) -> None:
        """Give nothing."""

    def found(self, given: None) -> list[Found]:  # noqa: ARG002 - there is nothing to look at
        """Return nothing."""
        return []


class FakeDetector:
    """Finds what it is told to, for tests: a function of the picture."""

    def __init__(self, finds: Callable[[Pixels], list[Found]], labels: Sequence[str]) -> None:
        self.labels = tuple(labels)
        self._finds = finds

    def prepare(self, pixels: Pixels) -> Pixels:
        """Return the picture."""
        return pixels

    def run(self, prepared: Pixels) -> list[Found]:
        """Return what the function says."""
        return self._finds(prepared)

    def found(self, given: list[Found]) -> list[Found]:
        """Return it, the surest first."""
        return sorted(given, key=lambda one: -one.score)
