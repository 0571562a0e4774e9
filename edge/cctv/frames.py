"""What passes from a camera to a detector: pixels, and when they were true."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""


def digest_of(pixels: Pixels) -> str:
    """Return the SHA-256 of a picture's bytes, row by row, in hexadecimal.

    >>> digest_of(np.zeros((1, 1, 3), np.uint8))[:16]
    '709e80c88487a241'
    """
    return sha256(np.ascontiguousarray(pixels).data).hexdigest()


@dataclass(frozen=True)
class Frame:
    """One picture of a camera."""

    at: datetime
    """When it was taken, UTC."""
    pixels: Pixels = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """Its SHA-256; computed when first asked for, since few frames are ever cited."""
        return digest_of(self.pixels)

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.pixels.shape[0])
