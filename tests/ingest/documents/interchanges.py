"""UN/EDIFACT as senders write it, invented: the pieces that tests put together."""

from io import BytesIO

from haechi.aci.manifest import Document, Manifest
from ingest.documents.options import Options
from ingest.documents.reading import read

STOWAGE = (
    "BGM++PLAN1+9",
    "DTM+137:2611201200:201",
    "TDT+20+026W+++HXL:172:20+++D7HX2:103::BLUE CEDAR",
    "LOC+5+KRPUS:139:6",
    "LOC+61+EGALY:139:6",
    "DTM+133:2611210600:201",
    "DTM+132:2612140900:201",
    "RFF+VON:026W",
    "LOC+147+0010682::5",
    "MEA+WT++KGM:24000",
    "LOC+9+KRPUS:139:6",
    "LOC+11+EGALY:139:6",
    "RFF+BM:1",
    "EQD+CN+CSQU3054383+22G1+++5",
    "NAD+CA+HXL:172:20",
    "LOC+147+0010684::5",
    "MEA+VGM++KGM:18250,5",
    "LOC+6+KRPUS",
    "LOC+12+EGALY",
    "EQD+CN+MSKU 907032-3+45G1+++4",
    "NAD+CA+HXL:172:20",
    "LOC+147+0010686::5",
    "FTX+HAN+++NO CONTAINER HERE",
)
REPORT = (
    "BGM+785+CARGO1+9",
    "DTM+137:202611201200:203",
    "NAD+MS+202487288:172:166+HAECHI LINE",
    "TDT+20+026W+1++HXL:172:166+++9074729:146:11:BLUE CEDAR:KR",
    "LOC+60+EGALY:139:6:Alexandria",
    "DTM+132:202612140900:203",
    "CNI+1+HXLM0001",
    "RFF+BM:HXLB0001",
    "RFF+ACD:4988470982020120017",
    "LOC+9+KRPUS:139:6",
    "LOC+11+EGALY:139:6",
    "NAD+CZ+++MORNING STAR TRADING CO+12 HARBOUR ROAD+BUSAN+++KR",
    "NAD+CN+++NILE LOTUS IMPORTS",
    "RFF+VA:498847098",
    "GID+1+560:BG",
    "FTX+AAA+++MILK POWDER?, 25 KG BAGS",
    "MEA+AAE+G+KGM:14182.000",
    "SGP+CSQU3054383",
    "CNI+2+HXLB0002",
    "LOC+9+KRPUS:139:6",
    "LOC+11+EGALY:139:6",
    "NAD+CN+++TO ORDER",
    "GID+1+20:PE",
    "FTX+AAA+++SORBITOL ACID?: 4891340332021120017",
    "MEA+AAE+G+LBR:1000",
    "SGP+MSKU9070324",
    "EQD+CN+CSQU3054383+22G1:102:5",
    "SEL+H53175+SH",
    "SEL+SI+CA",
)
LOADED = (
    "BGM+46+MOVES1+9",
    "TDT+20+026W+1++HXL:172:20+++D7HX2:103::BLUE CEDAR",
    "LOC+9+KRPUS:139:6+HBCT:TER:ZZZ",
    "DTM+178:202611201500:203",
    "NAD+CA+HXL:160:166",
    "EQD+CN+CSQU3054383+22G1:102:5++2+5",
    "RFF+BM:HXLB0001",
    "DTM+203:202611202109:203",
    "LOC+147+0010682::5",
    "LOC+11+EGALY:139:6",
    "MEA+WT+G+KGM:24200",
    "SEL+H53175+SH",
    "EQD+CN+MSKU9070323+45G1:102:5++2+5",
    "CNT+16:2",
)


def interchange(kind: str, *segments: str, syntax: str = "UNOA:1") -> bytes:
    """Return one message in its envelopes, with the counts right."""
    every = (f"UNH+1+{kind}:D:95B:UN", *segments, f"UNT+{len(segments) + 2}+1")
    whole = (f"UNB+{syntax}+HAECHI+CUSTOMS+261120:1200+7", *every, "UNZ+1+7")
    return "".join(f"{segment}'\n" for segment in whole).encode()


def taken(content: bytes, options: Options | None = None) -> Document:
    """Return what is read of a file."""
    return read(BytesIO(content), options, name="sample.edi")


def manifest(kind: str, *segments: str) -> Manifest:
    """Return what is read of one message."""
    return taken(interchange(kind, *segments)).manifests[0]


def complaints(document: Document) -> list[str]:
    """Return the problems as people read them."""
    return [str(problem) for problem in document.problems]
