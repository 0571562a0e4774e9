"""Every field of every message equals what an independent decoder reads (gpsd's ``gpsdecode``)."""

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.ais.reading import NmeaReader
from edge.measured import Measured
from haechi.vessels import AisContent, AisOther, VesselPosition
from tests.conftest import Recording

KNOWN_TALKERS = re.compile(rb"!(?:A[BDINRSTX]|BS|SA)VD[MO],.*")
"""gpsdecode passes over sentences of other talkers (``--``, ``BY``, ``SS``); we read them."""

Record = dict[str, Any]
Translate = Callable[[Record], object]


def text(name: str) -> Translate:
    """An empty text says nothing: ``None``. gpsdecode keeps leading spaces: not part of a name."""
    return lambda record: record.get(name, "").strip() or None


def number(name: str, per_unit: int, unavailable: int) -> Translate:
    """The unscaled number, in the unit of ITU-R M.1371; "not available" is ``None``."""
    return lambda record: None if record[name] == unavailable else record[name] / per_unit


def place(name: str, beyond: int) -> Translate:
    """Ten-thousandths of minutes, in types 17 and 27 tenths; 91 and 181 degrees are ``None``."""

    def translate(record: Record) -> object:
        per_degree = 600 if record["type"] in {17, 27} else 600_000
        return number(name, per_degree, beyond * per_degree)(record)

    return translate


def speed(record: Record) -> object:
    """Tenths of knots, for aircraft (9) and long range (27) whole knots."""
    if record["type"] == 27:
        return number("speed", 1, 63)(record)
    return number("speed", 1 if record["type"] == 9 else 10, 1023)(record)


def course(record: Record) -> object:
    """Tenths of degrees, for long range (27) whole degrees."""
    return number("course", *((1, 511) if record["type"] == 27 else (10, 3600)))(record)


def turn(record: Record) -> object:
    """Taken unscaled: gpsdecode squares the number and so loses its sign when it scales.

    ±127 is "turning, no indicator" and -128 "not available": no rate, so ``None``.
    """
    raw = record["turn"]
    return None if abs(raw) > 126 else (raw / 4.733) ** 2 * (1 if raw >= 0 else -1)


def stated(name: str, per_unit: int = 1) -> Translate:
    """Zero is "not available"; auxiliary craft (MMSI 98…) name a mother ship in place of a size."""
    return lambda record: record.get(name, 0) / per_unit or None


def sum_of(first: str, second: str) -> Translate:
    """Length and beam are sums of the distances to the antenna."""
    return lambda record: record.get(first, 0) + record.get(second, 0) or None


def eta(record: Record) -> str | None:
    """``MM-DDTHH:MMZ`` is written ``MM-DD HH:MM``; without a month and a day it says nothing."""
    month, day, hour, minute = re.findall(r"\d\d", record["eta"])
    return None if "00" in {month, day} else f"{month}-{day} {hour}:{minute}"


POSITION: dict[str, Translate] = {"lat": place("lat", 91), "lon": place("lon", 181)}
MOTION: dict[str, Translate] = {
    **POSITION,
    "accurate": lambda record: record["accuracy"],
    "speed_kn": speed,
    "course_deg": course,
}
SIZE: dict[str, Translate] = {
    "length_m": sum_of("to_bow", "to_stern"),
    "beam_m": sum_of("to_port", "to_starboard"),
}
HEADING = number("heading", 1, 511)
CLASS_A: dict[str, Translate] = {
    **MOTION,
    "heading_deg": HEADING,
    "turn_deg_min": turn,
    "navigation_status": lambda record: record["status"],
}
NAME = text("shipname")
KIND = stated("shiptype")
TRANSLATIONS: dict[int, dict[str, Translate]] = {
    1: CLASS_A,
    2: CLASS_A,
    3: CLASS_A,
    4: POSITION,
    5: {
        "name": NAME,
        "callsign": text("callsign"),
        "imo": stated("imo"),
        "ship_type": KIND,
        **SIZE,
        "eta": eta,
        "draught_m": stated("draught", 10),
        "destination": text("destination"),
    },
    9: {**MOTION, "altitude_m": number("alt", 1, 4095)},
    11: POSITION,
    17: POSITION,
    18: {**MOTION, "heading_deg": HEADING},
    19: {**MOTION, "heading_deg": HEADING, "name": NAME, "ship_type": KIND, **SIZE},
    21: {"name": text("name"), **POSITION},
    27: {**MOTION, "navigation_status": lambda record: record["status"]},
}
"""Which fields are compared for each type, and how gpsdecode's become ours."""

PART_A: dict[str, Translate] = {"name": NAME}
PART_B: dict[str, Translate] = {"callsign": text("callsign"), "ship_type": KIND, **SIZE}
"""gpsdecode adds the name of part A to part B of the same vessel; we keep what each part says."""


def expected(record: Record) -> Record:
    """Return what our reading must say, without what was not stated."""
    fields = TRANSLATIONS.get(record["type"], {})
    if record["type"] == 24:
        fields = PART_A if record.get("part") == "A" else PART_B
    values = {name: translate(record) for name, translate in fields.items()}
    return {name: value for name, value in values.items() if value is not None}


def ais(reading: Measured) -> AisContent:
    """Return what an AIS reader must give."""
    assert isinstance(reading.content, AisContent)
    return reading.content


def found(reading: Measured) -> Record:
    """Return all that a reading says, flat."""
    content = ais(reading)
    particulars = None if isinstance(content, AisOther) else content.particulars
    values = [] if particulars is None else [*msgspec.structs.asdict(particulars).items()]
    values += msgspec.structs.asdict(content).items()
    apart = {"particulars", "sentences", "ais_type"}
    return {name: value for name, value in values if value is not None and name not in apart}


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a recording."""
    contents = path.read_bytes()
    return (gzip.decompress(contents) if path.suffix == ".gz" else contents).splitlines()


def gpsdecode(sentences: list[bytes]) -> Iterator[Record]:
    """Return what gpsdecode reads: unscaled, which it documents as lossless."""
    ran = subprocess.run(
        ["gpsdecode", "--split24", "--unscaled"],
        input=b"".join(sentence + b"\r\n" for sentence in sentences),
        capture_output=True,
        check=True,
    )
    return map(json.loads, ran.stdout.splitlines())


def identity(reading: Measured) -> tuple[int, str]:
    """Return type and subject."""
    return ais(reading).ais_type, reading.subject


@pytest.mark.skipif(shutil.which("gpsdecode") is None, reason="gpsdecode (gpsd-clients) is absent")
@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("ais/ais-sample.txt.gz", 26_077),
        ("ais/dma_stream_example.txt", 4_018),
        ("ais/kystverket_Ais1000Lines.nm4", 877),
        ("ais/pyais_nmea_data_sample.txt", 778),
    ],
)
def test_every_field_equals(name: str, messages: int, recording: Recording) -> None:
    """The same messages in the same order, and every number and text of them the same."""
    matches = filter(None, map(KNOWN_TALKERS.search, lines_of(recording(name))))
    sentences = [match[0] for match in matches]
    reader = NmeaReader(start=datetime(2020, 1, 1, tzinfo=UTC))
    ours = list(filter(None, map(reader.feed, sentences)))
    theirs = list(gpsdecode(sentences))
    assert [identity(reading) for reading in ours] == [
        (record["type"], f"mmsi:{record['mmsi']:09}") for record in theirs
    ]
    pairs = zip(map(found, ours), map(expected, theirs), strict=True)
    assert list(islice((pair for pair in pairs if pair[0] != pair[1]), 5)) == []
    assert len(ours) == messages


def test_types_and_examples_of_libais(recording: Recording) -> None:
    """One message of each type, from another decoder's tests, which has the answers beside it."""
    lines = lines_of(recording("ais/libais/typeexamples.nmea"))
    answers = map(json.loads, lines_of(recording("ais/libais/typeexamples.json")))
    positions = {
        (answer["type"], answer["mmsi"]): (answer["lon"], answer["lat"])
        for answer in answers
        if "lon" in answer
    }
    compared = 0
    for reading in filter(None, map(NmeaReader().feed, lines)):
        content = ais(reading)
        key = content.ais_type, int(reading.subject.removeprefix("mmsi:"))
        if isinstance(content, VesselPosition) and content.lon is not None:
            assert positions[key] == pytest.approx((content.lon, content.lat), abs=1e-5)
            compared += 1
    assert compared == 3
