"""What a process starts with is not looked at again."""

import gc

from haechi.commands.garbage import spare_what_is_here


def test_what_is_here_is_spared() -> None:
    """Modules and rules are out of the collector's sight; what comes later is not."""
    try:
        spare_what_is_here()
        assert gc.get_freeze_count() > 10_000
        later: list[object] = []
        later.append(later)
        assert any(each is later for each in gc.get_objects())
    finally:
        gc.unfreeze()
