"""One command to one device: said, and followed until it has a result."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final

from haechi.commanding import Command, Task, decode_command, encode_command
from haechi.commands import places
from haechi.commands.errors import CommandError
from haechi.drones import DroneEvent, DroneEventKind
from haechi.messages import MalformedMessageError, decode_message
from haechi.mqtt import NO_MATCHING_SUBSCRIBERS, Callbacks, Delivery, Session
from haechi.seals import SealAnswer
from haechi.settings import Settings
from haechi.topics import Channel, Direction, Topic

Answer = DroneEvent | SealAnswer
"""What a device says of a command."""

SESSION: Final = "svc-command"
"""The broker knows whoever commands by this name."""
CONNECT_S: Final = 10.0
AGAIN_S: Final = 0.5
"""Between two tries to reach an agent that comes back to the broker later than we do."""


def order(device: str, task: Task, by: str, expires_s: float, now: datetime) -> Command:
    """Return a command with an id of its own.

    Raises:
        MalformedCommandError: a value is out of range.
    """
    command = Command(
        id=f"c-{now:%Y%m%d%H%M%S}-{secrets.token_hex(4)}",
        device=device,
        by=by,
        issued_at=now,
        expires_at=now + timedelta(seconds=expires_s),
        task=task,
    )
    return decode_command(encode_command(command))


def send(
    settings: Settings, command: Command, tell: Callable[[str], None], patience_s: float
) -> bool:
    """Send one command and tell what becomes of it; return whether it was carried out.

    Raises:
        CommandError: the broker cannot be reached, or nobody takes commands for that device, or
            no result came in time.
    """
    desk = _Desk(settings, command)
    try:
        return desk.follow(tell, time.monotonic() + patience_s)
    finally:
        desk.close()


class _Desk:
    """Whoever gives a command, and the queue of what comes back.

    The command is said again at each connection: an agent that has it answers with what became of
    it, and carries it out once.
    """

    def __init__(self, settings: Settings, command: Command) -> None:
        self._command, self._site = command, settings.site
        self._heard: SimpleQueue[int | Answer | None] = SimpleQueue()
        self._connections = 0
        self._session = Session(
            places.endpoint(settings),
            f"{SESSION}-{secrets.token_hex(4)}",
            Callbacks(
                connected=lambda _: self._heard.put(None),
                published=lambda _, code: self._heard.put(code),
                delivered=self._delivered,
            ),
            subscriptions=(self._topic(Direction.UP, Channel.EVENT),),
            expiry_s=0,
        )
        self._session.start()

    def close(self) -> None:
        """Disconnect."""
        self._session.stop()

    def follow(self, tell: Callable[[str], None], until: float) -> bool:
        """Say the command and tell what becomes of it; return whether it was carried out."""
        while True:
            match self._next(until):
                case None:
                    self._connections += 1
                    self._say()
                case int(code) if code == NO_MATCHING_SUBSCRIBERS:
                    self._try_again()
                case DroneEvent(kind=DroneEventKind.COMMAND_RESULT) | SealAnswer() as result:
                    tell(f"{'done' if result.accepted else 'refused'}: {result.text}")
                    return bool(result.accepted)
                case DroneEvent() as event:
                    tell(f"received by {self._command.device}: {event.text}")
                case _:
                    pass

    def _next(self, until: float) -> int | Answer | None:
        left = until - time.monotonic()
        try:
            return self._heard.get(timeout=max(0, left if self._connections else CONNECT_S))
        except Empty:
            raise CommandError(
                f"no result of {self._command.id} in time; once there is one it stands with the"
                " device's events, under this number"
                if self._connections
                else "the broker does not answer"
            ) from None

    def _say(self) -> None:
        topic = self._topic(Direction.DOWN, Channel.COMMAND)
        self._session.publish(topic, encode_command(self._command))

    def _try_again(self) -> None:
        if self._connections == 1:
            device = self._command.device
            raise CommandError(f"no agent takes commands for {device} at {self._site}")
        time.sleep(AGAIN_S)
        self._say()

    def _delivered(self, delivery: Delivery) -> None:
        self._session.acknowledge(delivery)
        try:
            readings = decode_message(delivery.payload).readings
        except MalformedMessageError:
            return
        for reading in readings:
            content = reading.content
            if isinstance(content, Answer) and content.command == self._command.id:
                self._heard.put(content)

    def _topic(self, direction: Direction, channel: Channel) -> str:
        return str(Topic(self._site, self._command.device, direction, channel))
