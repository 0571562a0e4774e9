"""Commands as they arrive from the broker: checked, kept on disk, handed on once."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import structlog

from edge.drone.exchange import Outcome
from edge.drone.journal import Journal
from haechi.commanding import Command, Hold, MalformedCommandError, ReturnHome, decode_command
from haechi.drones import DroneEvent, DroneEventKind

CUT_OFF: Final = Outcome(
    accepted=False, text="the agent began again meanwhile: not known whether it was carried out"
)
NO_ROOM: Final = Outcome(
    accepted=False,
    text="the agent's disk is full or failing: until it is mended only home and hold are taken",
)
"""Without a note of it a patrol might be begun twice; to be called back twice does no harm."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Orders:
    """What one drone is told; ``receive`` is for the session's thread, the rest for one other."""

    def __init__(self, device: str, folder: Path, now: Callable[[], datetime]) -> None:
        """Open the journal in the agent's folder; what was cut off says so."""
        self._device, self._now = device, now
        self._journal = Journal(folder / "commands.sqlite")
        self._waiting: deque[Command] = deque()
        self._events: SimpleQueue[DroneEvent] = SimpleQueue()
        for entry in self._journal.untold():
            self.end(entry.id, entry.outcome or CUT_OFF)

    def receive(self, payload: bytes) -> None:
        """Take what the broker delivered; when this returns it need not deliver it again."""
        try:
            command = decode_command(payload)
        except MalformedCommandError as error:
            log.warning("unreadable command", device=self._device, error=str(error))
            self._events.put(_result(None, Outcome(accepted=False, text=f"unreadable: {error}")))
            return
        if known := self._journal.known(command.id):
            if known.outcome is not None:
                self._events.put(_result(command.id, known.outcome))
            return
        is_noted = self._journal.begin(command.id)
        self._events.put(_received(command))
        refusal = self._refusal(command, is_noted=is_noted)
        if refusal is None:
            self._waiting.append(command)
        else:
            self.end(command.id, refusal)

    def take(self) -> Command | None:
        """Return the next command that is still wanted."""
        while self._waiting:
            command = self._waiting.popleft()
            now = self._now()
            if now < command.expires_at:
                return command
            what = f"expired at {command.expires_at:%H:%M:%S}, and it is {now:%H:%M:%S} UTC"
            self.end(command.id, Outcome(accepted=False, text=what))
        return None

    def take_urgent(self) -> Command | None:
        """Return the next command if it, or one behind it, calls the drone back.

        What was to be done before that is done no more.
        """
        calls = [isinstance(each.task, ReturnHome | Hold) for each in [*self._waiting]]
        if True not in calls:
            return None
        for _ in range(calls.index(True)):
            passed = self._waiting.popleft()
            self.end(passed.id, Outcome(accepted=False, text="overtaken by a call back"))
        return self.take()

    def end(self, command: str, outcome: Outcome) -> None:
        """Note how a command ended, and say so."""
        self._journal.end(command, outcome)
        self._events.put(_result(command, outcome))

    def events(self) -> list[DroneEvent]:
        """Return what there is to say since the last call."""
        found: list[DroneEvent] = []
        while True:
            try:
                found.append(self._events.get_nowait())
            except Empty:
                return found

    def told(self, events: list[DroneEvent]) -> None:
        """Note that these are in the outbox."""
        results = [e for e in events if e.kind is DroneEventKind.COMMAND_RESULT]
        if results:
            self._journal.told([event.command for event in results if event.command])

    def close(self) -> None:
        """Release the journal."""
        self._journal.close()

    def _refusal(self, command: Command, *, is_noted: bool) -> Outcome | None:
        if command.device != self._device:
            what = f"it is meant for {command.device}, and this is {self._device}"
            return Outcome(accepted=False, text=what)
        return None if is_noted or isinstance(command.task, ReturnHome | Hold) else NO_ROOM


def _received(command: Command) -> DroneEvent:
    what = command.task.__struct_config__.tag
    return DroneEvent(
        kind=DroneEventKind.COMMAND_RECEIVED,
        command=command.id,
        text=f"{what}, from {command.by}",
    )


def _result(command: str | None, outcome: Outcome) -> DroneEvent:
    return DroneEvent(
        kind=DroneEventKind.COMMAND_RESULT,
        command=command,
        accepted=outcome.accepted,
        text=outcome.text[:300],
    )
