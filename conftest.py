"""Every code block in the documentation is run, and what takes long is begun first."""

from importlib.util import find_spec

import pytest
from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["*.md"]
).pytest()

# Nothing is timed: on a busy machine an example that is slow once would be taken for a fault.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

NEED_TORCH = ["firmware_sim/detector/network.py", "firmware_sim/detector/training.py"]
collect_ignore = NEED_TORCH if find_spec("torch") is None else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow, and of these with what is given most time: others fill their waits."""
    items.sort(key=_granted_s, reverse=True)


def _granted_s(item: pytest.Item) -> float:
    if item.get_closest_marker("slow") is None:
        return 0
    timeout = item.get_closest_marker("timeout")
    return 1 if timeout is None else float(timeout.args[0])
