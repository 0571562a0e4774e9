"""Scenarios: what a file may say, and that the same file gives the same day."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from edge.seal.keys import parse
from edge.seal.reading import SealReader
from edge.sources import forget
from firmware_sim import day, sealed_day
from firmware_sim.scenario import ScenarioError, find, read, shipped
from haechi.seals import SealReport

DAY = """
title = "One ship"
starts = 2026-01-01T12:00:00Z
lasts_s = 600

[[vessel]]
name = "HAECHI"
mmsi = 440000001
way = [[129.0, 35.0], [129.2, 35.0]]
speeds_kn = [[-60, 10.0], [300, 0.0]]
silent_s = [[100, 200]]
noise_m = 20

[vessel.voyage]
number = "V1"
withdrawn_at_s = 300

[[truth]]
rule = "silence"
subject = "mmsi:440000001"
at_s = 100
"""


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    """Also where positions are noisy."""
    lines = [[*day.sentences(read(DAY.encode(), "one"))] for _ in range(2)]
    other = [*day.sentences(read(f"seed = 2\n{DAY}".encode(), "one"))]
    assert lines[0] == lines[1] != other
    frames = [[*day.seal_frames(find("seal-attacks"))] for _ in range(2)]
    others = [*day.seal_frames(replace(find("seal-attacks"), seed=2))]
    assert frames[0] == frames[1] != others


def test_a_day_has_no_sentence_while_a_transponder_is_off() -> None:
    """And some before and after."""
    seconds = [second for second, _ in day.sentences(read(DAY.encode(), "one"))]
    assert [second for second in seconds if 100 <= second < 200] == []
    assert min(seconds) < 100
    assert 200 <= max(seconds) < 600


def test_a_voyage_is_declared_and_taken_back() -> None:
    """Its line is the vessel's own way unless stated."""
    made, taken_back = day.declarations(read(DAY.encode(), "one"))
    assert (made.subject, made.content.voyage) == ("mmsi:440000001", "V1")  # type: ignore[union-attr] # declarations only
    assert made.content.route == ((129.0, 35.0), (129.2, 35.0))  # type: ignore[union-attr] # as above
    assert taken_back.content.withdrawn  # type: ignore[union-attr] # as above
    assert (taken_back.at - made.at).total_seconds() == 3900


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title", "tittle", "unknown field `tittle`"),
        ("lasts_s = 600", "lasts_s = 0", r"\$\.lasts_s"),
        ("lasts_s = 600", "lasts_s = [", "not TOML"),
        ("mmsi = 440000001", "mmsi = 12", r"\$\.vessel\[0\]\.mmsi"),
        ("[[-60, 10.0], [300, 0.0]]", "[[300, 10.0], [-60, 0.0]]", "seconds must ascend"),
        ("silent_s = [[100, 200]]", "silent_s = [[200, 100]]", "must end after it begins"),
        ("[[129.0, 35.0], [129.2, 35.0]]", "[[129.0, 35.0]]", r"\$\.vessel\[0\]\.way"),
        (
            'subject = "mmsi:440000001"',
            'subject = "mmsi:440000002"',
            r"truth\[0\]\.subject: nobody",
        ),
        (
            "at_s = 100\n",
            'at_s = 100\nsensors = ["camera:x"]\n',
            r"truth\[0\]\.sensors: no 'camera",
        ),
    ],
)
def test_what_is_no_scenario_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    """Before anything moves."""
    with pytest.raises(ScenarioError, match=message):
        read(DAY.replace(old, new, 1).encode(), "one")


def test_a_seal_aboard_nobody_is_refused() -> None:
    """Its place would be unknown without a word."""
    lost = DAY + '\n[[seal]]\nnumber = "KR-0001"\naboard = "mmsi:440000002"\n'
    with pytest.raises(ScenarioError, match=r"seal\[0\]\.aboard: nobody is"):
        read(lost.encode(), "one")


FLEET = """
[[drone]]
name = "d-1"
home = [129.0, 35.0]
patrol = [[129.1, 35.0]]
[[truck]]
name = "t-1"
way = [[129.0, 35.1], [129.1, 35.1]]
speeds_kn = [[0, 30.0]]
[truck.voyage]
number = "T1"
[[seal]]
number = "KR-0001"
aboard = "mmsi:440000001"
moves = [[60, "truck:t-1"]]
period_s = 50
acts = [[1, "armed"]]
"""


def test_a_truck_says_where_it_is_and_has_a_declared_way() -> None:
    """On a subject of its own."""
    scenario = read((DAY + FLEET).encode(), "one")
    said = [*day.truck_positions(scenario)]
    assert {each.subject for _, each in said} == {"truck:t-1"}
    assert 18 <= len(said) <= 20
    assert "truck:t-1" in {each.subject for each in day.declarations(scenario)}


def test_a_seal_that_moves_has_the_place_of_whoever_carries_it() -> None:
    """First the ship's, then the truck's."""
    keys = parse(sealed_day.keys(scenario := read((DAY + FLEET).encode(), "one")))
    reader = SealReader(lambda number: keys.get(number, ()), forget)
    lats = [
        reading.content.lat
        for sent in day.seal_frames(scenario)
        for reading in reader.datagram(sent.raw, scenario.at(sent.second))
        if isinstance(reading.content, SealReport)
    ]
    assert lats[0] == pytest.approx(35.0, abs=0.01)
    assert lats[-1] == pytest.approx(35.1, abs=0.01)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("patrol = [[129.1, 35.0]]", "", r"drone\[0\]: give either places"),
        ('name = "t-1"', 'name = "d-1"', "d-1 is used twice"),
        ("truck:t-1", "truck:t-2", "nobody is 'truck:t-2'"),
        ("[[0, 30.0]]", "[[0, 30.0], [0, 1.0]]", r"truck\[0\].speeds_kn: seconds must ascend"),
    ],
)
def test_a_fleet_that_cannot_be_is_refused(old: str, new: str, message: str) -> None:
    """Before anything moves."""
    with pytest.raises(ScenarioError, match=message):
        read((DAY + FLEET.replace(old, new)).encode(), "one")


def test_two_vessels_with_one_number_are_refused() -> None:
    """Labels could not tell them apart."""
    ship = re.search(r"\[\[vessel\]\].*?(?=\[vessel\.voyage)", DAY, re.DOTALL)
    assert ship is not None
    with pytest.raises(ScenarioError, match="MMSI 440000001 is used twice"):
        read((DAY + ship[0]).encode(), "one")


def test_an_unknown_name_is_answered_with_those_there_are(tmp_path: Path) -> None:
    """A file is named with its ending."""
    with pytest.raises(ScenarioError, match=r"shipped are .*dark-ship"):
        find("dark")
    with pytest.raises(ScenarioError, match="No such file"):
        find(str(tmp_path / "dark.toml"))


@pytest.mark.parametrize("name", shipped())
def test_each_shipped_scenario_can_be_read(name: str) -> None:
    """And says what happens in it."""
    assert find(name).title
    assert find(name).story
