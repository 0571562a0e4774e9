"""One thing that several cameras see is one incident: their findings share an alarm.

Frigate raises one for each camera whose view it is in (frigate#23289). Here a finding about an
object in a zone is taken up by the open alarm of the same rule and zone about an object of another
camera, with the same label, that then was in the same place. In the same place means: no further
apart than the 95 % ellipses of both leave open, each put where it was at that moment by its stated
speed and course. An alarm takes up one object of each camera, for what one camera sees twice is two
things. In doubt there are two alarms: none hides another intruder.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from math import cos, hypot, radians, sin
from typing import Final, NamedTuple

from analytics.geodesy import distance_m
from analytics.pairs.bucket import camera_of
from haechi.alarms import Alarm
from haechi.cameras import Detection
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.units import KNOT_IN_METRES_PER_SECOND, METRES_PER_DEGREE

WITHIN: Final = timedelta(seconds=5)
"""What was seen longer before or after says nothing of a moment; a camera speaks every 2 s."""

Seen = Callable[[str, datetime], Sequence[Observation]]
"""What was observed of a subject ``WITHIN`` of a moment, and where."""


class Sight(NamedTuple):
    """Where a camera puts something at a moment."""

    label: str
    lat: float
    lon: float
    radius_m: float
    """Half the longer axis of its 95 % ellipse."""


def is_shareable(finding: Finding) -> bool:
    """Return whether a finding is about something that other cameras may see as well."""
    return finding.zone is not None and camera_of(finding.subject) is not None


def incident(finding: Finding, alarms: Iterable[Alarm], seen: Seen) -> Alarm | None:
    """Return the alarm that takes up a finding about an object, if there is one.

    Args:
        finding: See ``is_shareable``.
        alarms: Open ones of its site.
        seen: Where objects were.
    """
    names = {finding.id, finding.supersedes}
    known = [
        alarm
        for alarm in alarms
        if (alarm.key.rule, alarm.key.zone) == (finding.rule, finding.zone)
    ]
    for alarm in known:
        if any(basis.finding in names for basis in alarm.basis):
            return alarm
    here = _sight(finding.subject, finding.since, seen)
    if here is None:
        return None
    camera = camera_of(finding.subject)
    near: list[tuple[float, str, Alarm]] = []
    for alarm in known:
        subjects = [basis.subject for basis in alarm.basis if basis.ongoing]
        if camera not in map(camera_of, subjects):
            sights = [_sight(subject, finding.since, seen) for subject in subjects]
            near += [
                (distance, alarm.id, alarm)
                for there in sights
                if there and (distance := _apart(here, there)) is not None
            ]
    return min(near, default=(0.0, "", None), key=lambda each: each[:2])[2]


def _apart(one: Sight, other: Sight) -> float | None:
    """Return how far two sights are apart, ``None`` if they are of two things."""
    distance = distance_m(one.lat, one.lon, other.lat, other.lon)
    is_same = one.label == other.label and distance <= hypot(one.radius_m, other.radius_m)
    return distance if is_same else None


def _sight(subject: str, at: datetime, seen: Seen) -> Sight | None:
    sights = [
        (abs(each.at - at), each, each.content)
        for each in seen(subject, at)
        if isinstance(each.content, Detection) and each.content.lat is not None
    ]
    if not sights:
        return None
    _, nearest, content = min(sights, key=lambda each: each[0])
    return _moved(content, (at - nearest.at).total_seconds())


def _moved(content: Detection, seconds: float) -> Sight | None:
    """Return where something was some seconds later, or before; ``None`` if it has no place."""
    if content.lat is None or content.lon is None or content.ellipse is None:
        return None
    way_m = (content.speed_kn or 0.0) * KNOT_IN_METRES_PER_SECOND * seconds
    course = radians(content.course_deg or 0.0)
    return Sight(
        content.label,
        content.lat + way_m * cos(course) / METRES_PER_DEGREE,
        content.lon + way_m * sin(course) / METRES_PER_DEGREE / cos(radians(content.lat)),
        content.ellipse.semi_major_m,
    )
