"""Which extra brings a module that is not installed: said instead of a traceback."""

from collections.abc import Mapping
from typing import Final

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "drone": ("pymavlink", "pyulog"),
    "cctv": ("av", "cv2", "onnxruntime", "rapidocr"),
    "postgres": ("psycopg",),
}
"""Extras by the modules that they bring; ``yolo``, which needs more words, speaks for itself."""


def advice(error: ModuleNotFoundError) -> str | None:
    """Return what to install, if an extra brings what is missing.

    >>> advice(ModuleNotFoundError(name="pymavlink.dialects"))
    "pymavlink is not installed; it comes with an extra: pip install 'haechi[drone]'"
    >>> advice(ModuleNotFoundError(name="haechi.nonsense")) is None
    True
    """
    missing = (error.name or "").partition(".")[0]
    for extra, modules in EXTRAS.items():
        if missing in modules:
            return (
                f"{missing} is not installed; it comes with an extra: pip install 'haechi[{extra}]'"
            )
    return None
