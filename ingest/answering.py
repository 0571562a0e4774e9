"""What agents are told after the commit: the end-to-end acknowledgement, in as few as will do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from haechi.messages import Ack, PayloadRefusal, Refusal, encode
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


@dataclass(frozen=True, slots=True)
class _Account:
    """What there is to say to one boot of one device."""

    seqs: list[int] = field(default_factory=list[int])
    refused: list[Refusal] = field(default_factory=list[Refusal])
    refused_payloads: list[PayloadRefusal] = field(default_factory=list[PayloadRefusal])


def answers(inputs: Iterable[Input]) -> list[Answer]:
    """Return what to publish once all of these inputs are committed."""
    accounts: defaultdict[tuple[str, str, str], _Account] = defaultdict(_Account)
    for each in inputs:
        if each.observations or each.refused or each.refused_payload:
            _note(accounts[each.site, each.device, each.boot or NO_BOOT], each)
    return [
        Answer(_topic(site, device), encode(ack))
        for (site, device, boot), account in accounts.items()
        for ack in _acks(boot, account)
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


def _note(account: _Account, said: Input) -> None:
    account.seqs.extend([observation.seq for observation in said.observations])
    account.refused.extend(said.refused)
    if said.refused_payload is not None:
        account.refused_payloads.append(said.refused_payload)


def _acks(boot: str, account: _Account) -> Iterator[Ack]:
    for kept in _parts(ranges(account.seqs), MAX_RANGES):
        yield Ack(boot=boot, kept=tuple(kept))
    for refused in _parts(account.refused, MAX_REFUSALS):
        yield Ack(boot=boot, refused=tuple(refused))
    for payloads in _parts(account.refused_payloads, MAX_REFUSALS):
        yield Ack(boot=boot, refused_payloads=tuple(payloads))


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
