"""Places at which a test can have the process killed, as a power cut would.

``HAECHI_FAIL_POINT=before_commit:3`` kills it with SIGKILL at the third passing of that place.
"""

import os
import signal
from collections import Counter
from typing import Literal

Place = Literal["before_commit", "after_commit", "after_puback", "after_ack", "import_written"]

_place, _, _number = os.environ.get("HAECHI_FAIL_POINT", "").partition(":")
_passed: Counter[str] = Counter()


def passing(place: Place) -> None:
    """Die here if the environment says so."""
    if place != _place:
        return
    _passed[place] += 1
    if _passed[place] == int(_number or 1):
        os.kill(os.getpid(), signal.SIGKILL)
