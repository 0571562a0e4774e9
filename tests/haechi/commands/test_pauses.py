"""What a process starts with is not looked at again, what is old rarely; and turns are short."""

import gc
import sys

from haechi.commands.pauses import FULL_AFTER, TURN_S, make_pauses_rare


def test_pauses_become_rare() -> None:
    """What is here is out of the collector's sight; what comes later is not."""
    threshold, turn_s = gc.get_threshold(), sys.getswitchinterval()
    try:
        make_pauses_rare()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == (*threshold[:2], FULL_AFTER)
        assert abs(sys.getswitchinterval() - TURN_S) < TURN_S / 10
        later: list[object] = []
        later.append(later)
        assert any(each is later for each in gc.get_objects())
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
        sys.setswitchinterval(turn_s)
