"""The ways to reach people: the only module that imports Apprise."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from threading import Condition
from typing import Final

import apprise
import msgspec

from dashboards.ports import NotSentError, Sender
from haechi.mqtt import Callbacks, Endpoint, Session
from haechi.pushes import Channel, Push, PushPolicy
from haechi.text import plain
from haechi.topics import alert_topic

FIRST_FAILURE_CODE: Final = 0x80
"""MQTT 5 reason codes from here on say that it failed (section 2.4 of the standard)."""

MAX_ERROR: Final = 300
"""Characters of an error that are kept."""

_TELLING: Final = 6
"""Pieces of a secret URL of this length or more are blotted out of errors."""

# Apprise logs addresses and answers; what is needed of them is kept with the push, made safe.
logging.getLogger("apprise").propagate = False
logging.getLogger("apprise").addHandler(logging.NullHandler())


class ChannelSetupError(Exception):
    """A channel cannot be used as configured; the text names the setting and what to do."""


def open_channels(
    policy: PushPolicy, *, endpoint: Endpoint, client_id: str, environ: Mapping[str, str]
) -> dict[str, Sender]:
    """Return a sender for each channel of the pushes file, by name.

    Args:
        policy: The pushes file.
        endpoint: The platform's broker, for channels of type ``mqtt``.
        client_id: Name of this process at the broker; each such channel adds its own.
        environ: Where ``url_env`` is looked up.

    Raises:
        ChannelSetupError: an URL is missing or is not one that Apprise knows.
    """
    senders: dict[str, Sender] = {}
    for channel in policy.channels:
        match channel.type:
            case "console":
                senders[channel.name] = ConsoleSender()
            case "mqtt":
                name = f"{client_id}-{channel.name}"
                senders[channel.name] = MqttSender(endpoint, name, channel.timeout_s)
            case "apprise":
                senders[channel.name] = AppriseSender(channel.name, _url(channel, environ))
    return senders


class ConsoleSender:
    """The operators' page: it reads alarms by itself, so that there is nothing to deliver."""

    def send(self, push: Push) -> None:
        """Agree."""

    def close(self) -> None:
        """Nothing to let go of."""


class MqttSender:
    """Alerts for programs on the platform's broker, at least once."""

    def __init__(self, endpoint: Endpoint, client_id: str, timeout_s: float) -> None:
        self._patience_s = timeout_s / 2  # once for the connection, once for the answer
        self._changed = Condition()
        self._connected = False
        self._answers: dict[int, int] = {}
        self._on_its_way: dict[str, int] = {}
        told = Callbacks(
            connected=lambda _: self._connection(up=True),
            disconnected=lambda _: self._connection(up=False),
            published=self._answered,
        )
        self._session = Session(endpoint, client_id, told)
        self._session.start()

    def send(self, push: Push) -> None:
        """Publish at QoS 1 and wait for the broker's word.

        That nobody subscribes (reason code 0x10) is no failure: the topic is for whoever listens.
        """
        # What the broker has not answered yet is still on its way: to publish it again would be to
        # say it twice. With its connection the session forgets it.
        mid = self._on_its_way.get(push.id)
        if mid is None:
            mid = self._publish(push)
        with self._changed:
            if not self._changed.wait_for(lambda: mid in self._answers, self._patience_s):
                raise NotSentError(f"the broker has not answered within {self._patience_s:g} s")
            code = self._answers.pop(mid)
        self._on_its_way.pop(push.id, None)
        if code >= FIRST_FAILURE_CODE:
            raise NotSentError(f"the broker refused it with reason code 0x{code:02x}")

    def close(self) -> None:
        """Disconnect."""
        self._session.stop()

    def _publish(self, push: Push) -> int:
        with self._changed:
            if not self._changed.wait_for(lambda: self._connected, self._patience_s):
                raise NotSentError("not connected to the broker")
        topic = alert_topic(push.alert.site, push.severity)
        mid = self._session.publish(topic, msgspec.json.encode(push.alert))
        if mid is None:
            raise NotSentError("the connection to the broker was lost")
        self._on_its_way[push.id] = mid
        return mid

    def _connection(self, *, up: bool) -> None:
        with self._changed:
            self._connected = up
            self._on_its_way.clear()
            self._answers.clear()
            self._changed.notify_all()

    def _answered(self, mid: int, code: int) -> None:
        with self._changed:
            self._answers[mid] = code
            self._changed.notify_all()


class AppriseSender:
    """Mail, chat, webhooks and gateways by one Apprise URL.

    One URL a channel: with two of which one fails, a retry would tell the other twice.
    """

    def __init__(self, name: str, url: str) -> None:
        self._service = apprise.Apprise.instantiate(url)  # pyright: ignore[reportUnknownMemberType] - half typed driver
        if self._service is None:
            raise ChannelSetupError(
                f"channel {name!r}: its URL is not one that Apprise knows; "
                "see https://appriseit.com for how to write it"
            )
        self._apprise = apprise.Apprise()
        self._apprise.add(self._service)  # pyright: ignore[reportUnknownMemberType] - half typed driver
        pieces = {piece for piece in re.split(r"[/?&=:@]", url) if len(piece) >= _TELLING}
        self._secrets = sorted(pieces, key=len, reverse=True)

    def send(self, push: Push) -> None:
        """Hand it over; webhooks and mail carry the key in the header ``Idempotency-Key``."""
        headers = getattr(self._service, "headers", None)
        if isinstance(headers, dict):
            headers["Idempotency-Key"] = push.id
        result = self._apprise.notify(  # pyright: ignore[reportUnknownMemberType] - half typed driver
            body=push.body, title=push.title, body_format=apprise.NotifyFormat.TEXT
        )
        if not result:
            raise NotSentError(self._safe("; ".join(entry.message for entry in result.logs())))

    def close(self) -> None:
        """Connections do not outlive a push."""

    def _safe(self, error: str) -> str:
        for secret in self._secrets:
            error = error.replace(secret, "***")
        return plain(error, MAX_ERROR) or "not delivered, no reason given"


def _url(channel: Channel, environ: Mapping[str, str]) -> str:
    if channel.url_env:
        url = environ.get(channel.url_env, "").strip()
        missing = f"set the environment variable {channel.url_env} (url_env)"
    else:
        try:
            url = Path(channel.url_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ChannelSetupError(
                f"channel {channel.name!r}: cannot read {channel.url_file} (url_file): "
                f"{error.strerror}"
            ) from error
        missing = f"the file {channel.url_file} (url_file) is empty"
    if not url or len(url.split()) != 1:
        raise ChannelSetupError(f"channel {channel.name!r} needs one Apprise URL: {missing}")
    return url
