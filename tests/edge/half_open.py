"""An edge whose link goes silent, in a network of its own; prints what it saw as JSON.

unshare --net python -m tests.edge.half_open FOLDER link|drop
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from edge.lane import Pace
from edge.link import over_mqtt
from edge.state_report import Speaker
from edge.uplink import Uplink
from tests.edge.rig import DEVICE, SITE, Broker, Ingest, measured, outbox_in

KEEPALIVE_S = 3
NFT_DROP = (
    "add table inet t; add chain inet t c { type filter hook input priority 0; policy drop; }"
)
SILENCE = {
    "link": (["ip", "link", "set", "lo", "down"], ["ip", "link", "set", "lo", "up"]),
    "drop": (["nft", NFT_DROP], ["nft", "delete table inet t"]),
}


def main(folder: str, how: str) -> None:
    """Connect, fall silent, notice, come back, deliver."""
    cut, mend = SILENCE[how]
    subprocess.run(SILENCE["link"][1], check=True)
    broker = Broker(Path(folder) / "broker")
    ingest = Ingest(broker.endpoint)
    outbox = outbox_in(Path(folder) / "edge")
    connect = over_mqtt(broker.endpoint, SITE, DEVICE, KEEPALIVE_S)
    uplink = Uplink(outbox, connect, Speaker(SITE, DEVICE), pace=Pace(first_s=1, longest_s=2))
    uplink.start()
    outbox.append(measured(100))
    after(lambda: not outbox.pending)
    threads = threading.active_count()
    subprocess.run(cut, check=True)
    outbox.append(measured(100, start=100))
    noticed_s = after(lambda: not uplink.is_connected)
    subprocess.run(mend, check=True)
    after(lambda: not outbox.pending)
    seen = {
        "noticed_s": noticed_s,
        "kept": len(ingest.kept),
        "more_threads": threading.active_count() - threads,
    }
    uplink.stop()
    ingest.stop()
    broker.end()
    sys.stdout.write(json.dumps(seen))


def after(condition: Callable[[], bool]) -> float:
    """Return how long it took, in seconds."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + 40:
            sys.exit("not in time")
        time.sleep(0.01)
    return time.monotonic() - began


if __name__ == "__main__":
    main(*sys.argv[1:])
