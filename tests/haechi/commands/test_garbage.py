"""What a process starts with is not looked at again, and what has become old is rarely."""

import gc

from haechi.commands.garbage import FULL_AFTER, make_pauses_rare


def test_pauses_become_rare() -> None:
    """What is here is out of the collector's sight; what comes later is not."""
    threshold = gc.get_threshold()
    try:
        make_pauses_rare()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == (*threshold[:2], FULL_AFTER)
        later: list[object] = []
        later.append(later)
        assert any(each is later for each in gc.get_objects())
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
