"""What is said of those who are close to each other at one time of the grid."""

from collections.abc import Iterator

from analytics.geodesy import distance_m
from analytics.pairs.bucket import Bucket, camera_of, is_vessel
from analytics.pairs.grid import Point
from analytics.pairwise import Company, Meeting, PairContent, pair_of


def watching(bucket: Bucket, point: Point | None) -> set[str]:
    """Return the cameras that see something close to a point."""
    if point is None or not bucket.objects:
        return set()
    cameras = (camera_of(subject) for _, subject in bucket.near(point.place))
    return {camera for camera in cameras if camera is not None}


def meetings(bucket: Bucket, vessel: str) -> Iterator[tuple[str, PairContent]]:
    """Yield the meetings of a vessel outside the shelters."""
    point = bucket.points.get(vessel)
    if point is None or not point.may_meet:
        return
    for _, other in bucket.near(point.place):
        if other == vessel or not is_vessel(other) or not bucket.points[other].may_meet:
            continue
        first, second = sorted((vessel, other))
        here, there = bucket.points[first], bucket.points[second]
        meeting = Meeting(
            distance_m=apart_m(here, there),
            first=here.place,
            second=there.place,
            evidence=(*here.evidence, *there.evidence),
        )
        yield pair_of(first, second), meeting


def company(bucket: Bucket, camera: str) -> Iterator[tuple[str, PairContent]]:
    """Yield the vessels that have something close to them which none of them is.

    Every vessel is taken for one object of a camera at most, the closest pairs first; what is left
    over has no transponder, or a silent one.
    """
    objects = bucket.objects.get(camera, set())
    close = sorted(
        (distance, vessel, seen)
        for seen in objects
        for distance, vessel in bucket.near(bucket.points[seen].place)
        if is_vessel(vessel)
    )
    known: set[str] = set()
    for _, vessel, seen in close:
        if known.isdisjoint((vessel, seen)):
            known.update((vessel, seen))
    told: set[str] = set()
    for distance, vessel, seen in close:
        here = bucket.points[vessel]
        if seen in known or vessel in told or not here.may_meet:
            continue
        told.add(vessel)
        there = bucket.points[seen]
        company = Company(
            distance_m=round(distance, 1),
            first=here.place,
            second=there.place,
            object=seen,
            evidence=(*here.evidence, *there.evidence),
        )
        yield pair_of(vessel, camera), company


def apart_m(first: Point, second: Point) -> float:
    """Return the distance between two, to a decimetre."""
    return round(distance_m(*first.place, *second.place), 1)
