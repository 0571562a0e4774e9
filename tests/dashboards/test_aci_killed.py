"""What is left of an import when the console is killed in the middle of it."""

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import httpx2
import pytest

from ingest.documents.columns import COLUMNS
from tests.conftest import Eventually
from tests.dashboards.cargo_console import IMPORTER, browser, headers, register
from tests.edge.rig import free_port

ROWS = 1000
"""So many that the database writes to its file before the transaction ends."""
SPILT_BYTES = 2**20
ALL_WRITTEN = "import_written:2"
"""The first writing of an import says that it has begun, the second is the last of all it makes."""
EXAMPLE = {column.title: column.example for column in COLUMNS} | {"ACID": ""}


def table() -> bytes:
    """Return what a small importer would never hand in: a draft for each row."""
    text = StringIO()
    writer = csv.DictWriter(text, [column.title for column in COLUMNS])
    writer.writeheader()
    writer.writerows(EXAMPLE | {"B/L number": f"B{number}"} for number in range(ROWS))
    return text.getvalue().encode()


@contextmanager
def doomed(folder: Path) -> Generator[tuple[subprocess.Popen[bytes], httpx2.Client]]:
    """Run a console that dies before it commits an import; give its process and a browser."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "haechi", "console"],
        env={
            **os.environ,
            "HAECHI_DATA_DIR": str(folder),
            "HAECHI_CONSOLE_PORT": str(port),
            "HAECHI_FAIL_POINT": ALL_WRITTEN,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        here = f"http://127.0.0.1:{port}"
        with httpx2.Client(base_url=here, headers=headers(IMPORTER), timeout=60) as client:
            yield process, client
    finally:
        process.kill()
        process.wait()


def answers(client: httpx2.Client) -> bool:
    """Return whether the console is there."""
    try:
        return client.get("/api/aci/imports").is_success
    except httpx2.ConnectError:
        return False


@pytest.mark.slow
def test_an_import_that_was_killed_leaves_nothing_and_says_so(
    tmp_path: Path, eventually: Eventually
) -> None:
    """Not one of its shipments and facts, though some were in the file; it is to be sent again."""
    log = tmp_path / "aci.db-wal"
    with doomed(tmp_path) as (process, client):
        eventually(lambda: answers(client), within_s=60, what="the console")
        named = {"name": "t.csv", "create": "shipments"}
        sent = {"Content-Type": "application/octet-stream"}
        answer = client.post("/api/aci/imports", params=named, content=table(), headers=sent)
        place = answer.headers["location"]
        assert process.wait(60) == -signal.SIGKILL
    assert log.stat().st_size > SPILT_BYTES, "nothing was on disk that could be left"
    with browser(tmp_path) as again:
        done = again.get(place, headers=headers(IMPORTER)).json()
        assert again.get("/api/aci/shipments", headers=headers(IMPORTER)).json() == []
    assert (done["state"], done["bills"]) == ("refused", [])
    assert done["reason"] == "interrupted: nothing was taken; send it again"
    kept = register(tmp_path)
    assert kept.facts([f"container:{EXAMPLE['Container']}"]) == []
    kept.close()
