"""A source that has a few readings to say, and ends: what people tell the platform by hand."""

from collections.abc import Iterator, Sequence

from edge.measured import Measured


class Said:
    """Gives what it was made with, once (``edge.agent.Source``)."""

    waits = True
    repeats = False

    def __init__(self, readings: Sequence[Measured]) -> None:
        self._readings = readings

    def batches(self) -> Iterator[Sequence[Measured]]:
        """Return all at once."""
        yield self._readings
