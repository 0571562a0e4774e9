"""What a large manifest takes of the console, which serves everybody else meanwhile."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from bench.measure import Figure, folder, say
from bench.memory import MIB, Watcher
from haechi.ids import container_check_digit

CONTAINERS: Final = 20_000
LIMIT_MIB: Final = 300
START_LIMIT_S: Final = 60.0
_SENT: Final = {"X-Haechi-Party": "customs:bench", "Content-Type": "application/octet-stream"}


def measure(containers: int = CONTAINERS) -> Figure:
    """Return the console's peak memory while it takes a CUSCAR in, over the API as people do."""
    content = manifest(containers)
    say(f"  the console takes in {containers:,} containers, {len(content) / MIB:.1f} MiB")
    with folder() as place, _console(place) as (pid, port):
        watcher = Watcher(pid)
        try:
            began = time.monotonic()
            report, looks = _handed_in(port, content)
            took_s = time.monotonic() - began
        finally:
            watcher.stop()
    rss_mib = [each.rss_mib for each in watcher.of("haechi")]
    if report["containers"] != containers:
        raise RuntimeError(f"not all containers were taken in: {report['reason'] or report}")
    return Figure(
        what=f"console's memory while {containers:,} containers are imported ÷ {LIMIT_MIB} MiB",
        ratio=max(rss_mib) / LIMIT_MIB,
        at_most=1.0,
        parts=f"{max(rss_mib):.0f} MiB RSS at most, {rss_mib[0]:.0f} idle; {took_s:.0f} s, "
        f"{len(report['bills']):,} bills answered, {looks} steps of progress seen",
    )


def manifest(containers: int) -> bytes:
    """Return an invented CUSCAR: a bill, an ACID and a seal for each container."""
    lines = ["BGM+785+REPORT+9", "TDT+20+026W+1++HXL:172:166+++9074729:146:11:BLUE CEDAR"]
    for number in range(containers):
        bare = f"HXLU{number:06}"
        box = f"{bare}{container_check_digit(bare)}"
        lines += [
            f"CNI+{number + 1}+HXLB{number:07}",
            f"RFF+ACD:498847098202603{number % 10_000:04}",
            "GID+1+560:BG",
            f"SGP+{box}",
        ]
    message = ["UNH+1+CUSCAR:D:95B:UN'", *(f"{line}'" for line in lines)]
    ending = f"UNT+{len(message) + 1}+1'UNZ+1+7'"
    return "\n".join(("UNB+UNOA:1+HXL+CUSTOMS+261120:1200+7'", *message, ending)).encode()


def _handed_in(port: int, content: bytes) -> tuple[dict[str, Any], int]:
    """Send a file and look until it is taken; return the report and how often it had advanced."""
    begun = _asked(port, "?name=m.edi", content)
    seen: set[tuple[int, int]] = set()
    while True:
        report = _asked(port, f"/{begun['id']}")
        if report["state"] != "reading":
            return report, len(seen)
        seen.add((report["parts"], report["containers"]))
        time.sleep(0.1)


def _asked(port: int, path: str, content: bytes | None = None) -> Any:
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        method = "GET" if content is None else "POST"
        connection.request(method, f"/api/aci/imports{path}", content, _SENT)
        return json.load(connection.getresponse())


@contextmanager
def _console(data: Path) -> Generator[tuple[int, int]]:
    """Run the console; give its process id and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with subprocess.Popen(
        [sys.executable, "-m", "haechi", "console"],
        env={**os.environ, "HAECHI_DATA_DIR": str(data), "HAECHI_CONSOLE_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _await(port)
            yield process.pid, port
        finally:
            process.terminate()


def _await(port: int) -> None:
    ends = time.monotonic() + START_LIMIT_S
    while time.monotonic() < ends:
        with suppress(ConnectionRefusedError):
            _asked(port, "")
            return
        time.sleep(0.1)
    raise RuntimeError("the console does not start")
