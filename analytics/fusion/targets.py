"""All sensors of a site: who is one target, the most authoritative name first.

What says itself where it is (a vessel, a truck) is a target. Then the cameras of drones come, then
the fixed ones, each in the order of their names: what they see joins a target, or is one itself for
those that come after. Everything is a function of the set of observations: their order of arrival
and repetition cannot matter, and what comes late is in the next answer.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from math import inf

from analytics.fusion.links import Joining, Link
from analytics.fusion.tracks import Track, is_object


def camera_of(subject: str) -> str:
    """Return the name of the camera that sees an object.

    >>> camera_of("object:cape.a1-12")
    'cape'
    """
    return subject.partition(":")[2].rpartition(".")[0]


def fused(tracks: Iterable[Track], drones: Collection[str] = ()) -> list[Link]:
    """Return which objects were which targets, and when.

    Args:
        tracks: Of vessels, trucks, and what cameras see.
        drones: Names of the cameras that fly: their word goes before that of fixed ones.
    """
    known = sorted(tracks, key=lambda track: track.subject)
    targets = [track for track in known if not is_object(track.subject)]
    seen = sorted(
        (track for track in known if is_object(track.subject)),
        key=lambda track: (camera_of(track.subject) not in drones, camera_of(track.subject)),
    )
    found: list[Link] = []
    for _, of_camera in groupby(seen, key=lambda track: camera_of(track.subject)):
        objects = [*of_camera]
        links = Joining(objects, targets).links()
        found += links
        targets += [_alone(track, links) for track in objects]
    return found


def target_at(subject: str, at_s: float, links: Iterable[Link]) -> str:
    """Return what a subject was at a time: itself, unless it was linked then.

    A link holds from its first agreement to its last; one that stands goes on.
    """
    linked = {
        link.object: link.target
        for link in links
        if link.since_s <= at_s and (link.stands or at_s <= link.until_s)
    }
    while subject in linked:  # a camera's object that was another's, which was a vessel
        subject = linked[subject]
    return subject


def _alone(track: Track, links: Sequence[Link]) -> Track:
    """Return a track while it was nobody else."""
    mine = [link for link in links if link.object == track.subject]
    return track.outside([(each.since_s, inf if each.stands else each.until_s) for each in mine])
