"""The demonstration's authority: withdraws an ACID over the API, as its own software would."""

import json
from threading import Timer
from typing import Final
from urllib.request import Request, urlopen

from haechi.commands.progress import note

AFTER_S: Final = 100.0
"""In seconds after the console serves: a seal has been opened by then."""
_ANSWER_S: Final = 10.0
_WHO: Final = {"X-Haechi-Party": "customs:alexandria", "Content-Type": "application/json"}
_WHY: Final = {"by": "officer.demo", "reason": "issued on false papers (invented)"}


def withdraw_later(address: str, reference: str, after_s: float = AFTER_S) -> Timer:
    """Withdraw the ACID of a shipment after a while, unless this process ends before.

    Args:
        address: Where the console serves.
        reference: Of the shipment.
        after_s: How long to wait.
    """

    def act() -> None:
        try:
            withdraw(address, reference)
        except OSError as error:
            note(f"cargo    the ACID of {reference} could not be withdrawn: {error}")
        else:
            note(f"cargo    the authority has withdrawn the ACID of {reference}")

    timer = Timer(after_s, act)
    timer.daemon = True
    timer.start()
    return timer


def withdraw(address: str, reference: str) -> None:
    """Withdraw the ACID of a shipment.

    Raises:
        OSError: the console does not answer, or refuses.
    """
    place = f"{address}/api/aci/shipments/{reference}"
    with urlopen(Request(place, headers=_WHO), timeout=_ANSWER_S) as answer:  # noqa: S310 - loopback
        revision = answer.headers["ETag"]
    body, headers = json.dumps(_WHY).encode(), {**_WHO, "If-Match": revision}
    urlopen(Request(f"{place}/void", body, headers), timeout=_ANSWER_S).close()  # noqa: S310 - as above
