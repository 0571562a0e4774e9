"""An ingest process for tests that stop, kill or starve it: ``worker.py FOLDER MQTT_PORT``."""

import json
import signal
import sys
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from haechi.mqtt import Endpoint
from haechi.settings import CENTURY_DAYS, load
from ingest.service import Service
from ingest.stores.sqlite import SqliteStore
from tests.ingest.rig import alarming, judging


def main() -> None:
    """Serve until SIGTERM."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = load(
        data_dir=folder,
        site="busan",
        metrics_port=0,
        snapshot_every_s=1,
        retention_days=CENTURY_DAYS,  # what tests send is dated long ago, and is to stay
    )
    store = SqliteStore(folder / "store.sqlite", keeper=True)
    service = Service(
        settings=settings,
        endpoint=Endpoint(port=port),
        store=store,
        judging=judging(),
        alarming=alarming(),
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        service.stop()

    signal.signal(signal.SIGTERM, stop)
    print(json.dumps({"metrics_port": service.metrics_port}), flush=True)  # noqa: T201 - its answer
    service.run()
    store.close()


if __name__ == "__main__":
    main()
