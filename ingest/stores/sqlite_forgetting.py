"""Deletes what is too old, a little at a time."""

from datetime import datetime
from typing import Final

from haechi.units import microseconds
from ingest.stores.sqlite_aside import Connection

FORGET_AT_ONCE: Final = 200
"""Rows deleted in one transaction: a few milliseconds, in which an alarm may be waiting."""


def forget(connection: Connection, before: datetime) -> int:
    """Delete a few observations older than ``before``, or entries of the log; return how many."""
    # No log position: nothing that anybody follows has changed.
    forgotten = connection.execute(
        "DELETE FROM observations WHERE id IN (SELECT o.id FROM subjects s "
        "JOIN observations o ON o.subject = s.id AND o.at < ? WHERE o.id <= (SELECT "
        "coalesce(max(last_id), 0) FROM log WHERE position <= "
        "(SELECT value FROM counters WHERE name = 'snapshot_position')) LIMIT ?)",
        (microseconds(before), FORGET_AT_ONCE),
    ).rowcount
    return forgotten or _shorten_log(connection)


def _shorten_log(connection: Connection) -> int:
    """Delete a few entries before that of the oldest observation; return how many."""
    (oldest,) = connection.execute(
        "SELECT coalesce((SELECT min(id) FROM observations), "
        "(SELECT value + 1 FROM counters WHERE name = 'observations'))"
    ).fetchone()
    # The index finds the first such entry: ids grow with positions.
    (needed,) = connection.execute(
        "SELECT min(value + 1, coalesce((SELECT position FROM log WHERE last_id >= ? "
        "ORDER BY last_id LIMIT 1), value + 1)) FROM counters WHERE name = 'snapshot_position'",
        (oldest,),
    ).fetchone()
    connection.execute("DELETE FROM ticks WHERE position < ?", (needed,))
    return connection.execute(
        "DELETE FROM log WHERE position IN (SELECT position FROM log WHERE position < ? LIMIT ?)",
        (needed, FORGET_AT_ONCE),
    ).rowcount
