"""JSON from strangers: decoded within limits, and walked without trusting its shape."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from haechi.aci.manifest import ProblemKind
from ingest.documents.claims import Claims, code, name
from ingest.documents.limits import MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_JSON_VALUES
from ingest.documents.problems import DocumentRefusedError


def joined(chunks: Iterable[bytes], limit: int, what: str) -> bytes:
    """Return all bytes of a format that cannot be read piece by piece.

    Raises:
        DocumentRefusedError: more than ``limit``.
    """
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) > limit:
            raise DocumentRefusedError(f"{what} of more than {limit} bytes: split it")
    return bytes(held)


def decode(chunks: Iterable[bytes]) -> Any:
    """Return what a JSON text says.

    Raises:
        DocumentRefusedError: no JSON (``NaN`` is none), not UTF-8, too long or nested too deeply.
    """
    content = joined(chunks, MAX_JSON_BYTES, "JSON").removeprefix(b"\xef\xbb\xbf")
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES:
        raise DocumentRefusedError(f"JSON of more than {MAX_JSON_VALUES} values: split it")
    deep = f"JSON nested more than {MAX_JSON_DEPTH} deep"
    try:
        value = msgspec.json.decode(content)
    except RecursionError as error:
        raise DocumentRefusedError(deep) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DocumentRefusedError(f"no JSON: {error}") from error
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise DocumentRefusedError(deep)


def mapping(value: object) -> Mapping[str, Any]:
    """Return a JSON object; empty if it is none."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[Any]:
    """Return a JSON list; empty if it is none."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a JSON document: what stands there, and how to name it in a problem."""

    value: Any
    at: int
    path: str
    claims: Claims

    def __bool__(self) -> bool:
        return bool(self.value)

    def node(self, key: str) -> "Node":
        """Return what stands under a key; a node without value if nothing does."""
        return Node(
            mapping(self.value).get(key),
            self.at,
            f"{self.path}.{key}" if self.path else key,
            self.claims,
        )

    def nodes(self, key: str) -> Iterator["Node"]:
        """Yield the objects of a list under a key; what is no object is reported."""
        found = self.node(key)
        if found.value is None or found.value == []:
            return
        for place, value in enumerate(sequence(found.value) or [found.value]):
            inner = Node(value, self.at, f"{found.path}[{place}]", self.claims)
            if isinstance(value, dict):
                yield inner
            else:
                inner.complain("is no object")

    def text(self, key: str) -> str:
        """Return a text under a key; numbers are texts too, other things are reported."""
        found = self.node(key)
        if found.value is None:
            return ""
        if isinstance(found.value, bool | dict | list):
            found.complain("is no text")
            return ""
        return str(found.value)

    def code(self, key: str) -> str:
        """Return a number or code under a key."""
        return code(self.text(key))

    def name(self, key: str) -> str:
        """Return a name under a key."""
        return name(self.text(key))

    def complain(self, reason: str) -> None:
        """Report what stands here."""
        self.claims.note(ProblemKind.VALUE, self.at, self.path, reason, kept="left out")


def _inside(value: object) -> Iterable[Any]:
    return mapping(value).values() or sequence(value)
