"""Commands to a gateway, from the broker: on disk before the broker forgets them, then answered."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import structlog

from edge.measured import Measured
from edge.notebook import Notebook
from edge.seal.latch import RefusedError, rearmed
from edge.seal.latches import Latches
from edge.sources import utc_now
from haechi.commanding import Command, MalformedCommandError, Rearm, decode_command
from haechi.seals import SealAnswer

_SCHEMA: Final = "create table if not exists command (id text primary key, payload blob not null)"
_NOTE: Final = "insert or ignore into command (id, payload) values (?, ?)"
_FORGET: Final = "delete from command where id = ?"

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Orders:
    """What one gateway is told of seals; ``receive`` is for the session's thread.

    A command that comes again is answered again, and does nothing that it has not done: an order
    counts from when it was made. So a gateway that is killed at any point carries out and answers
    what it had received.
    """

    def __init__(
        self,
        device: str,
        path: Path,
        latches: Latches,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Take up what an earlier start received and has not answered.

        Args:
            device: Name of the gateway.
            path: A file to keep commands in until they are answered.
            latches: What it knows of seals.
            now: The date.
        """
        self._device, self._latches, self._now = device, latches, now
        self._notebook = Notebook(path, _SCHEMA)
        self._waiting: SimpleQueue[Command] = SimpleQueue()
        self._answered: list[str] = []
        for (payload,) in self._notebook.read("select payload from command order by rowid"):
            self._take(payload)

    def receive(self, payload: bytes) -> None:
        """Take what the broker delivered; when this returns it need not deliver it again."""
        self._take(payload)

    def answers(self) -> list[Measured]:
        """Carry out what waits; return what there is to say of it."""
        found: list[Measured] = []
        while True:
            try:
                command = self._waiting.get_nowait()
            except Empty:
                return found
            self._answered.append(command.id)
            found += self._answer(command)

    def told(self) -> None:
        """Take note that the answers are in the outbox."""
        if self._answered and self._notebook.write((_FORGET, [(id,) for id in self._answered])):  # noqa: A001 - the column's name
            self._answered.clear()

    def close(self) -> None:
        """Release the file."""
        self._notebook.close()

    def _take(self, payload: bytes) -> None:
        try:
            command = decode_command(payload)
        except MalformedCommandError as error:
            log.warning("unreadable command", device=self._device, error=str(error))
            return
        self._notebook.write((_NOTE, [(command.id, payload)]))
        self._waiting.put(command)

    def _answer(self, command: Command) -> list[Measured]:
        task, now = command.task, self._now()
        if not isinstance(task, Rearm):
            log.warning("command for a drone", device=self._device, command=command.id)
            return []
        try:
            text, is_done = self._done(command, task, now), True
        except RefusedError as refusal:
            text, is_done = str(refusal), False
        log.warning("seal order", seal=task.seal, by=command.by, accepted=is_done, text=text)
        answer = SealAnswer(command=command.id, order=task.order, accepted=is_done, text=text[:300])
        return [Measured(now, f"seal:{task.seal}", answer, urgent=True)]

    def _done(self, command: Command, task: Rearm, now: datetime) -> str:
        """Carry out a command.

        Raises:
            RefusedError: it is not carried out.
        """
        if command.device != self._device:
            raise RefusedError(f"it is meant for {command.device}, and this is {self._device}")
        if now >= command.expires_at:
            until = command.expires_at
            raise RefusedError(f"expired at {until:%H:%M:%S}, and it is {now:%H:%M:%S} UTC")
        before = self._latches.find(task.seal)
        if before is None:
            raise RefusedError(f"seal {task.seal} was never heard here: there is nothing to re-arm")
        self._latches.note(task.seal, rearmed(before, task, now))
        if not self._latches.keep():
            self._latches.note(task.seal, before)
            raise RefusedError("the gateway's disk is full or failing: mend it, and send it again")
        return f"seal {task.seal}, which was {before.state}, serves order {task.order}"
