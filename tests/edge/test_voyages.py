"""Voyage files: what they say, and what is refused with the place and a way out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.voyages import VoyageFile, VoyageFileError, read
from haechi.declared import DeclaredVoyage, PortCall

FILE = """
[[voyage]]
subject = "mmsi:440123456"
declared_at = 2026-11-01T00:00:00Z
voyage = "0123W"
version = 2
begins = 2026-11-02T00:00:00Z
corridor_m = 15000
allowed_stops = ["port-said-anchorage"]
containers = ["CSQU3054383"]

[[voyage.calls]]
locode = "KRPUS"
lat = 35.1
lon = 129.05

[[voyage.calls]]
locode = "EGALY"
lat = 31.2
lon = 29.87
arrival = 2026-12-01T06:00:00Z
"""


def test_a_file_says_who_declared_what_and_when(tmp_path: Path) -> None:
    """The reading is dated with the declaration, not with the voyage."""
    path = tmp_path / "voyages.toml"
    path.write_text(FILE)
    ((reading,),) = VoyageFile(path).batches()
    assert (reading.subject, reading.at) == ("mmsi:440123456", datetime(2026, 11, 1, tzinfo=UTC))
    assert isinstance(reading.content, DeclaredVoyage)
    assert reading.content.calls[1] == PortCall(
        locode="EGALY", lat=31.2, lon=29.87, arrival=datetime(2026, 12, 1, 6, tzinfo=UTC)
    )


def test_the_same_file_has_the_same_boot_and_another_has_another(tmp_path: Path) -> None:
    """So what is sent again is known to have been sent."""
    one, copy, other = (tmp_path / name for name in ("one", "copy", "other"))
    one.write_text(FILE)
    copy.write_text(FILE)
    other.write_text(FILE.replace("version = 2", "version = 3"))
    assert VoyageFile(one).boot == VoyageFile(copy).boot != VoyageFile(other).boot


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[voyage]]", "[[voyage]", "write TOML"),
        ("[[voyage]]", "[[trip]]", r"one \[\[voyage\]\] each"),
        ('"mmsi:440123456"', '"440123456"', r"voyage 1: .*subject"),
        ("declared_at", "declared_on", r"voyage 1: .*declared_at"),
        ("lat = 35.1", "lat = 95.1", r"voyage 1: .*lat"),
        ("begins", "starts", r"voyage 1: .*known are subject"),
        ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00", r"voyage 1: .*timezone"),
    ],
)
def test_what_is_no_voyage_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    """A person must be able to mend it."""
    with pytest.raises(VoyageFileError, match=message):
        read(FILE.replace(old, new, 1).encode(), "voyages.toml")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """By name."""
    with pytest.raises(VoyageFileError, match=r"nowhere\.toml: No such file"):
        VoyageFile(tmp_path / "nowhere.toml")
