"""Whatever bytes come: a document or a refusal; and large ones in little memory."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.aci.manifest import Document
from ingest.documents.dcsa_events import written
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.tables import template_csv
from ingest.documents.workbooks import template_xlsx
from tests.conftest import Recording
from tests.ingest.documents.interchanges import LOADED, REPORT, STOWAGE, interchange, taken
from tests.ingest.documents.test_air import CONSOLIDATION
from tests.ingest.documents.test_dcsa import CARRIER, EVENTS
from tests.ingest.documents.test_unipass import ANSWER

PEAK = """
import atexit, sys
from pathlib import Path
from haechi.cli import main
status = Path("/proc/self/status")
peak = lambda: next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
atexit.register(lambda: print(peak(), file=sys.stderr))
main()
"""
"""Runs the command and says its peak. Not ``getrusage``, which counts what the process was before
``exec``: the tests themselves."""
SEEDS = (
    interchange("BAPLIE", *STOWAGE),
    interchange("CUSCAR", *REPORT),
    interchange("COARRI", *LOADED),
    json.dumps(written(EVENTS, CARRIER, datetime(2026, 1, 1, tzinfo=UTC))).encode(),
    CONSOLIDATION.encode(),
    template_csv().encode(),
    template_xlsx(),
    ANSWER.encode(),
)


def survives(content: bytes) -> None:
    """Read something; what is taken must fit its own bounds."""
    try:
        document = taken(content)
    except DocumentRefusedError:
        return
    again = msgspec.json.decode(msgspec.json.encode(document), type=Document)
    assert again == document


@st.composite
def mutations(draw: Callable[[st.SearchStrategy[int | bytes]], int | bytes]) -> bytes:
    """Draw a sample with some bytes exchanged, removed, doubled or put in."""
    content = bytearray(SEEDS[int(draw(st.integers(0, len(SEEDS) - 1)))])
    for _ in range(int(draw(st.integers(1, 6)))):
        start = int(draw(st.integers(0, len(content))))
        end = min(len(content), start + int(draw(st.integers(0, 12))))
        content[start:end] = bytes(draw(st.binary(max_size=8)))
    return bytes(content)


@settings(max_examples=250, deadline=None)
@given(mutations())
def test_a_damaged_sample_is_read_or_refused(content: bytes) -> None:
    """Nothing else is ever raised."""
    survives(content)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([b"", b"UNB+UNOA:1'", b"{", b"[", b"OCI/", b"B/L,ACID\n"]), st.binary())
def test_noise_is_read_or_refused(head: bytes, noise: bytes) -> None:
    """Behind what looks like each format."""
    survives(head + noise)


def workbook(cells: int) -> bytes:
    """Return a workbook with one row of so many cells, in a few hundred bytes for each million."""
    row = b"<row>" + b"<c><v>1</v></c>" * cells + b"</row>"
    written = BytesIO()
    with ZipFile(BytesIO(template_xlsx())) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = re.sub(rb"<sheetData>.*</sheetData>", row, content)
            new.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: b"[" + b"[]," * 2_000_000 + b"[]]", "JSON of more than 2000000 values"),
        (lambda: b"<a>" * 200_001, "XML of more than 100000 elements"),
        (lambda: b"<a" + b' b="1"' * 10_001 + b"/>", "XML of more than 10000 attributes"),
        (lambda: b"B/L,ACID\n" + b"," * 300_000, "line 2 has more than 262144 signs"),
        (lambda: workbook(2_600_000), "a workbook of more than 10000000 tags"),
    ],
)
def test_small_files_that_would_grow_a_hundredfold_are_refused_unread(
    content: Callable[[], bytes], reason: str
) -> None:
    """Each part of them is within its own limit: there are only too many."""
    with pytest.raises(DocumentRefusedError, match=reason):
        taken(content())


def test_every_byte_of_the_real_manifest_may_be_damaged(recording: Recording) -> None:
    """One at a time, replaced by a separator, a letter and a high byte."""
    content = recording("edifact/EDI.Net_edifact.D95B.CUSCAR.EDI").read_bytes()
    for place in range(0, len(content), 11):
        for byte in (b"'", b"+", b"A", b"\xff")[place % 4 : place % 4 + 1]:
            survives(content[:place] + byte + content[place + 1 :])


def plan(count: int) -> bytes:
    """Return a bay plan of many containers, of which 2 in 609 have a wrong check digit."""
    boxes = [
        f"LOC+147+{n:07}::5'\nMEA+WT++KGM:{20_000 + n % 9_000}'\nLOC+9+KRPUS:139:6'\n"
        "LOC+11+EGALY:139:6'\nRFF+BM:1'\n"
        f"EQD+CN+{_number(n, wrong=n % 609 in {7, 300})}+22G1+++5'\nNAD+CA+HXL:172:20'"
        for n in range(count)
    ]
    segments = count * 7 + 2 + len(STOWAGE[:8])
    head = "UNB+UNOA:1+A+B+261120:1200+7'\nUNH+1+BAPLIE:D:95B:UN:SMDG22'\n"
    body = "".join(f"{segment}'\n" for segment in STOWAGE[:8]) + "\n".join(boxes)
    return f"{head}{body}\nUNT+{segments}+1'\nUNZ+1+7'\n".encode()


def _number(serial: int, *, wrong: bool) -> str:
    bare = f"HXLU{serial:06}"
    values = {
        letter: 10 + n + (n + 9) // 10 for n, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    }
    total = sum((values.get(sign) or int(sign)) << place for place, sign in enumerate(bare))
    return f"{bare}{(total % 11 % 10 + wrong) % 10}"


def test_2_wrong_check_digits_in_609_stop_no_import() -> None:
    """They are two problems, and all 609 containers are there."""
    document = taken(plan(609))
    assert len(document.manifests[0].equipment) == 609
    assert len(document.problems) == 2
    assert all("check digit" in problem.reason for problem in document.problems)


@pytest.mark.slow
def test_a_plan_of_20_000_containers_takes_less_than_300_mb(tmp_path: Path) -> None:
    """The command as a process: all containers, progress on standard error."""
    path = tmp_path / "large.edi"
    path.write_bytes(plan(20_000))
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "aci", "read", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "20000 containers" in done.stdout
    assert "66 problems" in done.stdout
    *progress, peak = done.stderr.splitlines()
    assert any("containers" in line for line in progress)
    assert int(peak.split()[1]) * 1024 < 300e6, peak
