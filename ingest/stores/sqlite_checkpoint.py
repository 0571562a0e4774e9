"""Works off the write-ahead log beside its writer, so that no commit has to."""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Final

EVERY_S: Final = 0.5
"""Little at a time: a commit waits while the disk is busy with more."""

RESTART_AT: Final = 1_000
"""Pages in the log from which the writer is to begin it anew; each takes 4 KiB."""

SPARE: Final = 40_000
"""Pages at which the writer works off the log itself, if nobody else does."""


class Checkpoints:
    """A thread that copies what is committed from the log into the file.

    SQLite would have every so-many-th commit do it, which then takes as long as the disk needs to
    write thousands of pages in no order.
    """

    def __init__(self, path: Path, every_s: float = EVERY_S) -> None:
        self._path, self._every_s = path, every_s
        self.error: str | None = None
        """Why the last attempt failed: the log grows until one does not."""
        self._closing = Event()
        self._thread = Thread(target=self._run, name="sqlite-checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; before the writer's own connection is closed."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(self._every_s):
            try:
                work_off(self._path)
                self.error = None
            except sqlite3.Error as error:
                self.error = str(error)


def work_off(path: Path, restart_at: int = RESTART_AT) -> int:
    """Copy committed pages into the file; return how many the log then holds.

    Most are copied while the writer goes on. Only the few that it has added meanwhile are copied
    while it waits, since a log can only begin anew when nothing in it is left.

    Raises:
        sqlite3.Error: the disk is full or failing, or there is no such file.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)
    with closing(connection):
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if pages >= restart_at:
            # Not waiting for anybody: a page that is being read keeps its part of the log.
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        return int(pages)
