"""What agents are told after the commit: the end-to-end acknowledgement, in as few as will do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from haechi.messages import Ack, encode
from haechi.topics import Channel, Direction, Topic
from ingest.decoding import NAMES, Input

T = TypeVar("T")

NO_BOOT: Final = "unknown"
"""Boot of an acknowledgement that only refuses payloads in which no boot could be read."""

MAX_RANGES: Final = 4_000
MAX_REFUSALS: Final = 400
"""So many of the longest, in ASCII, stay below the largest payload."""


class Answer(NamedTuple):
    """One acknowledgement and where it goes."""

    topic: str
    payload: bytes


def answers(inputs: Iterable[Input]) -> list[Answer]:
    """Return what to publish once all of these inputs are committed."""
    said: defaultdict[tuple[str, str, str], list[Input]] = defaultdict(list)
    for each in inputs:
        if each.observations or each.refused or each.refused_payload:
            said[each.site, each.device, each.boot or NO_BOOT].append(each)
    return [
        Answer(_topic(site, device), encode(ack))
        for (site, device, boot), by_it in said.items()
        for ack in _acks(boot, by_it)
    ]


@lru_cache(maxsize=NAMES)
def _topic(site: str, device: str) -> str:
    return str(Topic(site, device, Direction.DOWN, Channel.ACK))


def ranges(seqs: Iterable[int]) -> list[tuple[int, int]]:
    """Return inclusive ranges that hold exactly these numbers.

    >>> ranges([5, 1, 2, 3, 3, 9])
    [(1, 3), (5, 5), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    first = last = None
    for seq in sorted(seqs):
        if first is None or last is None:
            first = last = seq
        elif seq <= last + 1:
            last = seq
        else:
            found.append((first, last))
            first = last = seq
    return found if first is None or last is None else [*found, (first, last)]


def _acks(boot: str, said: Sequence[Input]) -> Iterator[Ack]:
    """Yield what there is to say to one boot of one device: nearly always one range."""
    seqs = [observation.seq for each in said for observation in each.observations]
    for kept in _parts(ranges(seqs), MAX_RANGES):
        yield Ack(boot=boot, kept=tuple(kept))
    for refused in _parts([one for each in said for one in each.refused], MAX_REFUSALS):
        yield Ack(boot=boot, refused=tuple(refused))
    payloads = [each.refused_payload for each in said if each.refused_payload is not None]
    for refused_payloads in _parts(payloads, MAX_REFUSALS):
        yield Ack(boot=boot, refused_payloads=tuple(refused_payloads))


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
