"""Observations as rows: a few as they are, many as one statement.

Row by row, ``executemany`` takes and gives up the interpreter lock each time, so SQLite could not
work while the interpreter judges. In a block a column is one parameter: numbers of one width, and
the contents one after another. SQLite cuts them apart. That pays from some 50 rows on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from haechi.observations import Flag, Observation
from haechi.units import microseconds
from ingest.stores.merging import is_located

_BIAS: Final = 5 * 10**17
"""Added to a number it has 18 digits: ids, sequence numbers, and microseconds of every year."""
_NEVER: Final = -4 * 10**17
"""Microseconds that no calendar has; stands for NULL."""


def _number(column: str, place: str = "n") -> str:
    """Return the SQL for a number: 18 digits after the bracket or comma before it."""
    return f"CAST(substr(:{column}, 2 + :{column}_step * {place}, 18) AS INTEGER) - {_BIAS}"


INSERT: Final = f"""
    WITH RECURSIVE place(n, start, size) AS (
        SELECT 0, 1, {_number("size", "0")} UNION ALL
        SELECT n + 1, start + size + 1, {_number("size", "(n + 1)")} FROM place WHERE n + 1 < :count
    )
    INSERT INTO observations SELECT
        :first + n, {_number("boot")}, {_number("seq")}, {_number("site")}, {_number("subject")},
        {_number("at")}, {_number("located")}, {_number("received_at")},
        NULLIF({_number("stated_at")}, {_NEVER}),
        CASE {_number("doubt")} WHEN 0 THEN ''
            ELSE json_extract(:doubts, '$[' || ({_number("doubt")}) || ']') END,
        substr(:contents, start, size)
    FROM place
"""  # noqa: S608 - our own words
"""Adds a block of observations; give it what ``block`` returns."""

INSERT_ROW: Final = "INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
"""Adds one observation; give it a row of ``rows``."""

_encoded = msgspec.json.Encoder().encode
_lines = msgspec.json.Encoder().encode_lines


Row = tuple[int, int, int, int, int, int, bool, int, int | None, str, bytes]


def rows(
    observations: Sequence[Observation],
    *,
    first: int,
    boots: Sequence[int],
    sites: Sequence[int],
    subjects: Sequence[int],
) -> list[Row]:
    """Return the parameters of ``INSERT_ROW`` for each observation; takes what ``block`` takes."""
    numbers = range(first, first + len(observations))
    return [
        (
            number,
            boot,
            o.seq,
            site,
            subject,
            microseconds(o.at),
            is_located(o),
            microseconds(o.received_at),
            None if o.stated_at is None else microseconds(o.stated_at),
            ",".join(o.flags),
            _encoded(o.content),
        )
        for o, number, boot, site, subject in zip(
            observations, numbers, boots, sites, subjects, strict=True
        )
    ]


def block(
    observations: Sequence[Observation],
    *,
    first: int,
    boots: Sequence[int],
    sites: Sequence[int],
    subjects: Sequence[int],
) -> Mapping[str, Any]:
    """Return the parameters of ``INSERT``.

    Args:
        observations: At least one; their ids are ``first`` and so on.
        first: Id of the first.
        boots: Number of each observation's boot.
        sites: Number of each observation's site.
        subjects: Number of each observation's subject.
    """
    contents = _lines([o.content for o in observations])
    doubts = {"": 0}
    columns: Mapping[str, Sequence[int]] = {
        "boot": boots,
        "seq": [o.seq for o in observations],
        "site": sites,
        "subject": subjects,
        "at": [microseconds(o.at) for o in observations],
        "located": [is_located(o) for o in observations],
        "received_at": _moments([o.received_at for o in observations]),
        "stated_at": _moments([o.stated_at for o in observations]),
        "doubt": [_numbered(o.flags, doubts) if o.flags else 0 for o in observations],
        "size": [len(line) for line in contents.split(b"\n")],
    }
    values: dict[str, Any] = {"first": first, "count": len(observations), "contents": contents}
    for name, numbers in columns.items():
        values[name], values[f"{name}_step"] = _column(numbers)
    values["doubts"] = _encoded(list(doubts)).decode()
    return values


def _numbered(flags: Iterable[Flag], doubts: dict[str, int]) -> int:
    """Return the number of a combination of flags among all there are."""
    return doubts.setdefault(",".join(flags), len(doubts))


def _moments(moments: Sequence[datetime | None]) -> list[int]:
    """Return times as numbers; of few different ones, as a batch has, each is counted out once."""
    numbers = {at: _NEVER if at is None else microseconds(at) for at in set(moments)}
    return [numbers[at] for at in moments]


def _column(numbers: Sequence[int]) -> tuple[bytes, int]:
    """Return numbers one after another, each as wide as the others, and the step between them.

    Where all are the same, as of most columns, one is enough.

    >>> _column([7, -1])
    (b'[500000000000000007,499999999999999999]', 19)
    >>> _column([7, 7])
    (b'[500000000000000007]', 0)
    """
    if numbers.count(numbers[0]) == len(numbers):
        return _encoded([numbers[0] + _BIAS]), 0
    return _encoded([number + _BIAS for number in numbers]), 19
