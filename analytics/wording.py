"""What a push says to a person: what, where, when and what to do, in plain text."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final

from msgspec import UNSET, Struct

from analytics.saying import read
from analytics.words import (
    ADVICE,
    KINDS,
    LABELS,
    OTHER_ADVICE,
    SEVERITIES,
    SIGNALS,
    Label,
    Language,
    Row,
    say,
)
from haechi.pushes import Alert, Digest

LATE: Final = timedelta(minutes=5)
"""What is said later than this after it began is marked as late."""

COUNTED: Final = 5
"""How many kinds or zones a digest counts one by one; the rest are others."""


class Voice(Struct, frozen=True, kw_only=True):
    """How this installation speaks to its people."""

    language: Language = Language.ENGLISH
    zone: tzinfo
    """Local time."""
    zone_name: str
    """As people know it, such as Asia/Seoul."""
    zones: dict[str, str] = {}
    """Names of zones on the map by id."""


def title(alert: Alert, voice: Voice) -> str:
    """Return one line that can stand alone: urgency, what happened, who."""
    urgency = _in(voice, SEVERITIES[alert.severity])
    if alert.digest is not UNSET:
        more = _in(voice, LABELS[Label.MORE]).format(count=alert.digest.messages)
        return f"{urgency}: {more}: {alert.site}"
    news = _in(voice, SIGNALS[alert.signal])
    kind = _kind(alert.kind, voice.language)
    return f"{urgency}: {news}: {kind}: {alert.subject_name or alert.subject}"


def body(alert: Alert, voice: Voice) -> str:
    """Return the message, a line for each question, without markup."""
    tells = _of_one(alert, voice) if alert.digest is UNSET else _of_many(alert, alert.digest, voice)
    lines = {
        **tells,
        Label.WHEN: _when(alert, voice),
        Label.REFERENCE: f"{alert.alarm} / {alert.number} / {alert.id}",
    }
    return "\n".join(f"{_in(voice, LABELS[label])}: {lines[label]}" for label in _ORDER)


def told_together(digest: Digest, language: Language) -> str:
    """Return how many alarms a digest tells of, and of which kinds.

    >>> digest = Digest(messages=3, kinds={"drift": 1, "silence": 2}, zones={}, first=())
    >>> told_together(digest, Language.ENGLISH)
    '3 alarms that began or became more urgent at nearly the same time: AIS silent 2, drifting 1'
    """
    kinds = {_kind(kind, language): count for kind, count in digest.kinds.items()}
    words = say(LABELS[Label.TOGETHER], language)
    return words.format(count=digest.messages, kinds=_counted(kinds, language))


def degrees_minutes(lat: float, lon: float) -> str:
    """Return a position as seafarers write it, to a thousandth of a minute (about 2 m).

    >>> degrees_minutes(35.0750, -129.99999999)
    "35°04.500'N 130°00.000'W"
    """
    return f"{_degrees_minutes(lat, 2, 'NS')} {_degrees_minutes(lon, 3, 'EW')}"


def _degrees_minutes(degrees: float, width: int, signs: str) -> str:
    # Rounded once, before it is split: rounding the minutes alone would write 60.000.
    whole, thousandths = divmod(round(abs(degrees) * 60_000), 60_000)
    return f"{whole:0{width}}°{thousandths / 1000:06.3f}'{signs[degrees < 0]}"


_ORDER: Final = (
    Label.WHAT,
    Label.WHO,
    Label.WHERE,
    Label.WHEN,
    Label.DO,
    Label.REFERENCE,
)


def _of_one(alert: Alert, voice: Voice) -> dict[Label, str]:
    return {
        Label.WHAT: read(alert.text, alert.saying, voice.language),
        Label.WHO: _who(alert),
        Label.WHERE: _where(alert, voice),
        Label.DO: _in(voice, ADVICE.get(alert.kind, OTHER_ADVICE)),
    }


def _of_many(alert: Alert, digest: Digest, voice: Voice) -> dict[Label, str]:
    outside = _in(voice, LABELS[Label.UNZONED])
    zones = {voice.zones.get(zone, zone) or outside: n for zone, n in digest.zones.items()}
    names = _in(voice, LABELS[Label.SUCH_AS]).format(names=", ".join(digest.first))
    return {
        Label.WHAT: told_together(digest, voice.language),
        Label.WHO: names,
        Label.WHERE: f"{alert.site}; {_counted(zones, voice.language)}",
        Label.DO: _in(voice, LABELS[Label.LOOK]),
    }


def _kind(kind: str, language: Language) -> str:
    return say(KINDS.get(kind, (kind, kind, kind)), language)


def _counted(counts: Mapping[str, int], language: Language) -> str:
    """Return what there is most of first, each with its number."""
    sorted_counts = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    said = [f"{name} {count}" for name, count in sorted_counts[:COUNTED]]
    rest = sum(count for _, count in sorted_counts[COUNTED:])
    return ", ".join([*said, f"{say(LABELS[Label.OTHERS], language)} {rest}"] if rest else said)


def _who(alert: Alert) -> str:
    return f"{alert.subject_name} ({alert.subject})" if alert.subject_name else alert.subject


def _where(alert: Alert, voice: Voice) -> str:
    place = [] if alert.zone is None else [voice.zones.get(alert.zone, alert.zone)]
    if alert.lat is None or alert.lon is None:
        return "; ".join([*place, _in(voice, LABELS[Label.UNPLACED])])
    decimal = f"{alert.lat:.5f}, {alert.lon:.5f}"
    return "; ".join([*place, decimal, degrees_minutes(alert.lat, alert.lon)])


def _when(alert: Alert, voice: Voice) -> str:
    local = alert.since.astimezone(voice.zone)
    told = f"{_stamp(alert.since)} UTC; {_stamp(local)} {voice.zone_name}"
    lateness = alert.at - alert.since
    if lateness < LATE:
        return told
    late = _in(voice, LABELS[Label.LATE]).format(minutes=round(lateness / timedelta(minutes=1)))
    return f"{told}; {late}"


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _in(voice: Voice, row: Row) -> str:
    return say(row, voice.language)
