"""Reads the pushes file: the times of alarm handling, channels, and who is told what."""

import re
import tomllib
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from haechi.alarms import AlarmPolicy, Wait
from haechi.pushes import Channel, PushPolicy, PushRule


class PushesFileError(ValueError):
    """The file cannot be used; the text says where and what to do."""


class Policies(Struct, frozen=True, kw_only=True):
    """What the pushes file says."""

    alarms: AlarmPolicy
    pushes: PushPolicy


class _Times(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cooldown_s: Wait = 600
    retry_s: tuple[Wait, ...] = (5, 30, 120, 600)
    give_up_s: Wait = 86_400


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    alarms: AlarmPolicy = AlarmPolicy()
    pushes: _Times = _Times()
    channels: tuple[Channel, ...]
    rules: tuple[PushRule, ...]


_PLACE: Final = re.compile(r"`\$\.?(?P<table>\w+)?(?:\[(?P<place>\d+)\])?(?:\.(?P<key>\w+))?")


def read_policies(text: str) -> Policies:
    r"""Parse and check the text of a pushes file.

    Raises:
        PushesFileError: not TOML, an unknown key, a wrong value, or names that do not fit.

    >>> read_policies('channels = []\nrules = []\n[pushes]\ncooldown_s = ""')
    Traceback (most recent call last):
    ...
    analytics.pushfile.PushesFileError: line 4: Expected `float`, got `str` - at ...
    """
    try:
        read = msgspec.convert(tomllib.loads(text), _File)
    except tomllib.TOMLDecodeError as error:
        raise PushesFileError(f"not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise PushesFileError(f"{_line(text, str(error))}{error}") from error
    for complaint in _complaints(read):
        raise PushesFileError(complaint)
    pushes = PushPolicy(
        channels=read.channels,
        rules=read.rules,
        cooldown_s=read.pushes.cooldown_s,
        retry_s=read.pushes.retry_s,
        give_up_s=read.pushes.give_up_s,
    )
    return Policies(alarms=read.alarms, pushes=pushes)


def _complaints(read: _File) -> Iterator[str]:
    names = [channel.name for channel in read.channels]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"two channels are named {name!r}: rename one"
    if not read.pushes.retry_s:
        yield "retry_s is empty: give at least one delay in seconds"
    for channel in read.channels:
        yield from _channel_complaints(channel, read.channels)
    for rule in read.rules:
        for name in set(rule.channels) - set(names):
            yield f"rule {rule.name!r} names the channel {name!r}: {_one_of(names)}"


def _channel_complaints(channel: Channel, channels: tuple[Channel, ...]) -> Iterator[str]:
    says_where = bool(channel.url_env) + bool(channel.url_file)
    if channel.type == "apprise" and says_where != 1:
        yield f"channel {channel.name!r}: give either url_env or url_file, which hold its URL"
    if channel.type != "apprise" and says_where:
        yield f"channel {channel.name!r} is of type {channel.type}, which has no URL: remove it"
    known = {each.name: each for each in channels}
    seen, name = [channel.name], channel.fallback
    while name:
        if name not in known:
            yield f"channel {seen[-1]!r} falls back to {name!r}: {_one_of([*known])}"
            return
        if name in seen:
            yield f"fallbacks go round in a circle: {' > '.join([*seen, name])}"
            return
        seen, name = [*seen, name], known[name].fallback


def _one_of(names: list[str]) -> str:
    return f"give one of {', '.join(names)}" if names else "there are no channels"


def _line(text: str, error: str) -> str:
    """Return where in the file the error is, as far as its text tells, or nothing."""
    place = _PLACE.search(error)
    if place is None or place["table"] is None:
        return ""
    header = re.compile(rf"^[ \t]*\[+{place['table']}[\].]", re.MULTILINE)
    starts = [match.start() for match in header.finditer(text)][int(place["place"] or 0) :]
    if not starts:
        return ""
    key = re.compile(rf"^[ \t]*{place['key']}\s*=", re.MULTILINE).search(text, starts[0])
    at = key.end() if key else text.index("]", starts[0])
    return f"line {text.count(chr(10), 0, at) + 1}: "
