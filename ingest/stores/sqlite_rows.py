"""Rows of observations: how they are asked for, and what they become."""

from typing import Final

import msgspec

from haechi.messages import Content
from haechi.observations import Flag, Observation
from haechi.units import moment

COLUMNS: Final = (
    "b.device, b.boot, o.seq, i.name, s.name, o.at, o.received_at, o.content, o.flags, o.stated_at"
)
NAMES: Final = "JOIN boots b ON b.id = o.boot JOIN sites i ON i.id = o.site"
OBSERVATION: Final = (
    f"SELECT {COLUMNS} FROM observations o {NAMES} JOIN subjects s ON s.id = o.subject "  # noqa: S608 - our own words
)
# Found by the index: a smallest position would be looked for from the beginning of the log.
POSITION: Final = "(SELECT position FROM log WHERE last_id >= o.id ORDER BY last_id LIMIT 1)"
LATEST: Final = f"""
    SELECT {COLUMNS}, {POSITION}, p.position, p.body
    FROM subjects s CROSS JOIN observations o ON o.subject = s.id AND o.located AND o.at = (
        SELECT at FROM observations WHERE subject = s.id AND located ORDER BY at DESC LIMIT 1
    ) {NAMES} LEFT JOIN particulars p ON p.subject = s.id
"""  # noqa: S608 - our own words
CHANGED: Final = """
    WHERE s.id IN (
        SELECT subject FROM observations
        WHERE id > (SELECT coalesce(max(last_id), 0) FROM log WHERE position <= ?)
        UNION SELECT subject FROM particulars WHERE position > ?
    )
"""

_content: msgspec.json.Decoder[Content] = msgspec.json.Decoder(Content)


def observation_of(  # noqa: PLR0917 - a row, in the order of its query
    device: str,
    boot: str,
    seq: int,
    site: str,
    subject: str,
    at: int,
    received_at: int,
    content: bytes,
    flags: str,
    stated_at: int | None,
) -> Observation:
    """Return a row of ``OBSERVATION`` as what was kept.

    Raises:
        ValueError: the row is damaged; all errors of decoding are of this kind.
    """
    return Observation(
        device=device,
        boot=boot,
        seq=seq,
        site=site,
        subject=subject,
        at=moment(at),
        received_at=moment(received_at),
        content=_content.decode(content),
        flags=tuple(map(Flag, flags.split(","))) if flags else (),
        stated_at=None if stated_at is None else moment(stated_at),
    )
