"""The topic grammar, in one place: publishers format it, subscribers parse it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from haechi.ids import DEVICE_PATTERN

_NAME = re.compile(DEVICE_PATTERN)


class Direction(StrEnum):
    """Seen from the device: up to the platform, down from it."""

    UP = "up"
    DOWN = "down"


class Channel(StrEnum):
    """What kind of traffic a topic carries."""

    TELEMETRY = "telemetry"
    DETECTION = "detection"
    EVENT = "event"
    RESULT = "result"
    ACK = "ack"
    COMMAND = "command"


UPWARD: Final = (Channel.TELEMETRY, Channel.DETECTION, Channel.EVENT, Channel.RESULT)
DOWNWARD: Final = (Channel.ACK, Channel.COMMAND)
_LAWFUL: Final = {(Direction.UP, c) for c in UPWARD} | {(Direction.DOWN, c) for c in DOWNWARD}


class InvalidTopicError(ValueError):
    """The text is not a topic of this platform."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Where the traffic of one channel of one device belongs."""

    site: str
    device: str
    direction: Direction
    channel: Channel

    def __str__(self) -> str:
        return f"haechi/v1/{self.site}/{self.device}/{self.direction}/{self.channel}"

    @classmethod
    def parse(cls, text: str) -> "Topic":
        """Invert ``str``. The topic is the only authority on who speaks.

        Raises:
            InvalidTopicError: not ``haechi/v1/<site>/<device>/up|down/<channel>``.

        >>> Topic.parse("haechi/v1/busan/ais-busan/up/telemetry").device
        'ais-busan'
        """
        try:
            root, version, site, device, way, channel = text.split("/")
            topic = cls(site, device, Direction(way), Channel(channel))
        except ValueError as error:
            raise InvalidTopicError(f"not a v1 topic: {text[:120]!r}") from error
        named = _NAME.fullmatch(site) and _NAME.fullmatch(device)
        if (root, version) != ("haechi", "v1") or not named:
            raise InvalidTopicError(f"not a v1 topic: {text[:120]!r}")
        if (topic.direction, topic.channel) not in _LAWFUL:
            raise InvalidTopicError(f"{channel} does not go {way}: {text[:120]!r}")
        return topic


def state_topic(site: str, device: str) -> str:
    """Return the retained topic on which a device says how it is.

    >>> state_topic("busan", "ais-busan")
    'haechi/v1/busan/ais-busan/state'
    """
    return f"haechi/v1/{site}/{device}/state"


def state_device(text: str) -> tuple[str, str] | None:
    """Return (site, device) if ``text`` is a state topic, else ``None``.

    >>> state_device("haechi/v1/busan/ais-busan/state")
    ('busan', 'ais-busan')
    """
    match text.split("/"):
        case ["haechi", "v1", site, device, "state"] if _NAME.match(site) and _NAME.match(device):
            return site, device
        case _:
            return None


def alert_topic(site: str, severity: str) -> str:
    """Return where an alarm of this severity is published for other systems.

    >>> alert_topic("busan", "CRITICAL")
    'haechi/v1/busan/alerts/critical'
    """
    return f"haechi/v1/{site}/alerts/{severity.lower()}"
