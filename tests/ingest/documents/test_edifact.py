"""UN/EDIFACT as it comes: envelopes, counts, layout, character sets, cut files."""

from io import BytesIO

import pytest

from ingest.documents.cleaning import Marks, RawSegment
from ingest.documents.edifact import split_plain, split_released
from ingest.documents.limits import MAX_ELEMENTS, MAX_SEGMENT_BYTES
from ingest.documents.options import Options
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.reading import read, read_file
from tests.conftest import Recording
from tests.ingest.documents.interchanges import REPORT, STOWAGE, complaints, interchange, taken

PLAN = interchange("BAPLIE", *STOWAGE)


def refusal(content: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(DocumentRefusedError) as caught:
        taken(content)
    return str(caught.value)


def test_a_clean_interchange_has_no_problem() -> None:
    """Neither in tolerant nor in strict mode."""
    assert complaints(taken(PLAN)) == []
    assert taken(PLAN, Options(strict=True)).manifests == taken(PLAN).manifests


def test_a_real_manifest_is_read_whole_with_its_faults(recording: Recording) -> None:
    """Two groups, three bills, four containers; six faults, each with its place."""
    path = recording("edifact/EDI.Net_edifact.D95B.CUSCAR.EDI")
    document = read_file(path)
    (report,) = document.manifests
    assert len({bill.master_bill or bill.bill for bill in report.consignments}) == 2
    assert len(report.consignments) == 3
    assert len(report.equipment) == 4
    assert [(problem.at, problem.part, problem.kind.value) for problem in document.problems] == [
        (2, "UNH", "message"),
        (6, "TDT", "missing"),
        (11, "RFF", "unknown"),
        (25, "MEA", "value"),
        (53, "UNT", "count"),
        (11, "", "syntax"),
    ]
    assert [bill.parties[1].is_to_order for bill in report.consignments] == [False, False, True]
    assert report.calls[0].place == "EGEDK"
    assert report.vessel.call_sign
    assert not report.vessel.imo


def test_strict_reading_of_the_real_manifest_refuses_it(recording: Recording) -> None:
    """And hands over every problem as the reason."""
    path = recording("edifact/EDI.Net_edifact.D95B.CUSCAR.EDI")
    with pytest.raises(DocumentRefusedError, match="6 problems") as caught:
        read_file(path, Options(strict=True))
    assert len(caught.value.problems) == 6


@pytest.mark.parametrize("size", [1, 7, 64])
def test_the_size_of_chunks_changes_nothing(size: int) -> None:
    """A segment may begin in one chunk and end in another."""

    class Slow(BytesIO):
        def read(self, _bytes: int | None = -1, /) -> bytes:
            return super().read(size)

    assert read(Slow(PLAN)).manifests == taken(PLAN).manifests


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (PLAN.replace(b"\nLOC+5", b"\n\t LOC+5"), "6: white space before the tag"),
        (PLAN.replace(b"BLUE CEDAR", b"BLUE \r\nCEDAR"), "5: line breaks inside a segment"),
        (PLAN.replace(b"UNT+25", b"UNT+99"), "26 UNT: UNT states '99' segments where 25 stand"),
        (PLAN.replace(b"UNZ+1", b"UNZ+4"), "27 UNZ: UNZ states '4' messages where 1 stand"),
        (PLAN.replace(b"UNT+25+1", b"UNT+25+2"), "26 UNT: UNT names message '2', UNH '1'"),
        (PLAN.replace(b"UNZ+1+7", b"UNZ+1+8"), "27 UNZ: UNZ names interchange '8', UNB '7'"),
        (PLAN.replace(b"BAPLIE:D:95B:UN", b""), "2 UNH: the message names no type; read as BAPLIE"),
        (PLAN.replace(b"\nRFF+VON", b"\n+'RFF+VON"), "10: '+' is no segment; left out"),
        (PLAN.replace(b"BLUE", "BLÜE".encode()), "5: byte 41 is outside the character set"),
    ],
)
def test_a_fault_is_reported_and_the_rest_is_kept(content: bytes, problem: str) -> None:
    """Segment, reason, and what was kept."""
    document = taken(content)
    assert any(line.startswith(problem) for line in complaints(document)), complaints(document)
    assert [unit.container for unit in document.manifests[0].equipment] == [
        "CSQU3054383",
        "MSKU9070323",
    ]


def test_separators_are_those_of_una() -> None:
    """Also the release character and the terminator."""
    other = PLAN.translate(bytes.maketrans(b":+?'", b"|^\\~"))
    assert taken(b"\xef\xbb\xbfUNA|^.\\ ~" + other).manifests == taken(PLAN).manifests


@pytest.mark.parametrize(
    ("syntax", "codec", "name"),
    [
        ("UNOC:3", "iso8859-1", "MÜLLER"),
        ("UNOW:4", "utf-8", "نايل"),
        ("UNOE:3", "iso8859-5", "НИЛ"),
    ],
)
def test_names_are_read_in_the_character_set_that_unb_names(
    syntax: str, codec: str, name: str
) -> None:
    """So that a name survives."""
    text = interchange("BAPLIE", *STOWAGE, syntax=syntax).decode().replace("BLUE CEDAR", name)
    document = taken(text.encode(codec))
    assert document.manifests[0].vessel.name == name
    assert complaints(document) == []


def test_released_marks_are_text() -> None:
    """``?'`` ends no segment, ``??'`` does."""
    content = PLAN.replace(b"BLUE CEDAR", b"O?'BRIEN ?+ SON??")
    assert taken(content).manifests[0].vessel.name == "O'BRIEN + SON?"


@pytest.mark.parametrize("text", [*STOWAGE, *(line for line in REPORT if "?" not in line)])
def test_both_ways_to_split_agree(text: str) -> None:
    """The quick one and the driver's, but for empty components at an end."""
    raw = RawSegment(1, text, Marks())
    shortened = [
        tuple(element[: max((n for n, part in enumerate(element, 1) if part), default=1)])
        for element in split_plain(raw)
    ]
    assert shortened == split_released(raw)


def test_every_message_of_an_interchange_is_a_manifest_of_its_own() -> None:
    """A message that is not read here is left out and named."""
    body = PLAN.decode().split("\n")
    messages = [*body[1:-2], "UNH+2+INVOIC:D:95B:UN'", "BGM+380+1+9'", "UNT+3+2'", *body[1:-2]]
    content = "\n".join([body[0], *messages, "UNZ+3+7'"]).encode()
    document = taken(content)
    assert [len(manifest.equipment) for manifest in document.manifests] == [2, 2]
    assert complaints(document) == [
        "27 UNH: message type 'INVOIC' is not read here; the message left out"
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello", "unknown format"),
        (b"UNB+UNOA:1+A+B'UNH+1", "ends inside segment 2, which begins 'UNH"),
        (PLAN[: PLAN.index(b"UNT")], "inside a message (no UNT): it was cut"),
        (PLAN[: PLAN.index(b"UNZ")], "without UNZ: messages may be missing"),
        (PLAN.replace(b"UNT+25+1'\n", b""), "the interchange ends inside the message of segment 2"),
        (PLAN.decode().encode("utf-16"), "unknown format"),
        (b"UNA:+.? ", "ends inside UNA"),
        (b"UNA::.? '" + PLAN, "impossible separators"),
        (b"UNB+" + b"A" * (MAX_SEGMENT_BYTES + 1), "segment 1 is longer than"),
        (b"UNB+UNOA:1'FTX" + b"+" * (MAX_ELEMENTS + 1) + b"'", "segment 2 has more than"),
        (interchange("INVOIC", "BGM+380+1+9"), "no message that is read here"),
    ],
)
def test_what_cannot_be_trusted_to_be_whole_is_refused(content: bytes, reason: str) -> None:
    """All or nothing."""
    assert reason in refusal(content)


def test_every_cut_of_a_file_is_refused() -> None:
    """At whichever byte: nothing is half imported."""
    end = len(PLAN.rstrip())
    for length in range(end):
        refusal(PLAN[:length])


def test_the_digest_names_the_bytes() -> None:
    """So that the same file is known again."""
    assert taken(PLAN).digest == taken(PLAN).digest != taken(PLAN + b"\n").digest
