"""How values stand in the tables: bodies as JSON, times as microseconds since 1970."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from types import GenericAlias
from typing import Final, TypeVar, overload

import msgspec

from analytics.crosscheck.facts import FIELDS, AnyFact
from analytics.crosscheck.register import About
from haechi import units
from ingest.aci.database import Row

T = TypeVar("T")

_LISTS: Final[dict[str, msgspec.json.Decoder[list[AnyFact]]]] = {
    kind.__name__: msgspec.json.Decoder(GenericAlias(list, kind)) for kind in FIELDS
}

encode: Final = msgspec.json.Encoder(order="deterministic").encode


def text(value: object) -> str:
    """Return a value as JSON."""
    return encode(value).decode()


def value(body: str, kind: type[T]) -> T:
    """Return what ``text`` made JSON of."""
    return msgspec.json.decode(body, type=kind)


@overload
def microseconds(at: datetime) -> int: ...
@overload
def microseconds(at: datetime | None) -> int | None: ...
def microseconds(at: datetime | None) -> int | None:
    """Return a time as a whole number, or nothing of nothing."""
    return None if at is None else units.microseconds(at)


@overload
def moment(stamp: int) -> datetime: ...
@overload
def moment(stamp: int | None) -> datetime | None: ...
def moment(stamp: int | None) -> datetime | None:
    """Return the time that ``microseconds`` made a number of."""
    return None if stamp is None else units.moment(stamp)


def fact_row(about: About) -> tuple[str, str, str, int, str]:
    """Return a fact as a row: the same fact about the same subject has the same digest."""
    kind, body = type(about.fact).__name__, text(about.fact)
    digest = blake2b(f"{about.subject}|{kind}|{body}".encode(), digest_size=16).hexdigest()
    return digest, about.subject, kind, microseconds(about.fact.at), body


def facts(rows: Iterable[Row]) -> Iterator[tuple[str, AnyFact]]:
    """Yield the facts of rows of subject, kind and body, each with its subject, in no order.

    Bodies of one kind are read as one list, which is several times as fast as one by one.
    """
    told: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for subject, kind, body in rows:
        subjects, bodies = told[kind]
        subjects.append(subject)
        bodies.append(body)
    for kind, (subjects, bodies) in told.items():
        yield from zip(subjects, _LISTS[kind].decode(f"[{','.join(bodies)}]"), strict=True)
