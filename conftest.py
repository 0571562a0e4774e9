"""Every code block in the documentation is run."""

from importlib.util import find_spec

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["*.md"]
).pytest()

NEED_TORCH = ["firmware_sim/detector/network.py", "firmware_sim/detector/training.py"]
collect_ignore = NEED_TORCH if find_spec("torch") is None else []
