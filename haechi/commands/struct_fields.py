"""Reads the fields of every message type before threads share them.

msgspec reads the fields of a type when it is first decoded, and other threads see them half read
meanwhile: one that decodes the same type then dies of SIGSEGV (0.22; encoding is not affected).
"""

from collections.abc import Iterator

import msgspec
from msgspec import Struct


def read_struct_fields() -> None:
    """Let msgspec read the fields of all types that are loaded; call it before a thread decodes.

    Takes some 10 ms the first time in a process, 1 ms afterwards.
    """
    for kind in _below(Struct):
        msgspec.json.Decoder(kind)


def _below(kind: type[Struct]) -> Iterator[type[Struct]]:
    for derived in kind.__subclasses__():
        yield derived
        yield from _below(derived)
