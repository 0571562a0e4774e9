"""What an adversary can do to the frames of a seal: with a radio, with its key, or with a jammer.

Each takes frames as they are on the air and returns them as they then are. Jamming is a seal's
own ``jammed``; a seal that is opened and closed is a list of its acts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from edge.seal.frame import decode
from firmware_sim.seals import Act, Body, Seal, Sent, Way, transmissions


def replayed(frames: Sequence[Sent], picked: Iterable[int], after_s: float) -> list[Sent]:
    """Return the frames, and copies of some of them played so much later."""
    copies = [Sent(frames[n].second + after_s, frames[n].raw) for n in picked]
    return sorted([*frames, *copies])


def cloned(
    seal: Seal,
    *,
    begins_s: float,
    counter: int,
    way: Way | None = None,
    acts: tuple[Act, ...] = (),
) -> Seal:
    """Return a second seal with the identity and the key of the first.

    Args:
        seal: The original.
        begins_s: Of the copy's first report.
        counter: Of the copy's first frame.
        way: Where it is, the original's way if not given.
        acts: What happens to the copy.
    """
    return replace(
        seal,
        begins_s=begins_s,
        counter=counter,
        way=seal.way if way is None else way,
        acts=acts,
        body=Body(armed=True, sealed=True),
        battery_percent=min(100.0, seal.battery_percent + 1),
    )


def rolled_back(
    seal: Seal, start: datetime, *, at_s: float, to_frame: int, until_s: float
) -> list[Sent]:
    """Return the frames of a seal whose memory is put back to what it was after a frame."""
    before = list(transmissions(seal, start, at_s))
    then = decode(before[to_frame].raw).frame
    restored = replace(
        seal,
        acts=(),
        begins_s=at_s,
        counter=then.counter + 1,
        body=Body(then.armed, then.sealed, then.openings),
    )
    return [*before, *transmissions(restored, start, until_s)]


def flipped(frames: Sequence[Sent], seed: int) -> list[Sent]:
    """Return each frame with one of its bits the other way round."""
    random = np.random.default_rng(seed)
    return [Sent(second, _flip(raw, int(random.integers(8 * len(raw))))) for second, raw in frames]


def reordered(frames: Sequence[Sent], seed: int) -> list[Sent]:
    """Return the same frames heard at the same moments, in another order, none before it is made.

    A repeater that holds frames back can do that; nothing can be heard before it is sent, so all
    are heard from the last moment on.
    """
    order = np.random.default_rng(seed).permutation(len(frames))
    last = max((frame.second for frame in frames), default=0.0)
    return [Sent(last + n / 100, frames[int(place)].raw) for n, place in enumerate(order)]


def _flip(raw: bytes, bit: int) -> bytes:
    flipped_raw = bytearray(raw)
    flipped_raw[bit // 8] ^= 1 << bit % 8
    return bytes(flipped_raw)
