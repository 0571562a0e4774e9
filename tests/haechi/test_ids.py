"""Identifiers that are well formed pass; near misses are refused by name."""

import pytest

from haechi.ids import InvalidIdError, container, device_id, imo, mmsi, seal


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (device_id, "ais-1"),
        (mmsi, "219000001"),
        (imo, "9074729"),
        (container, "CSQU3054383"),
        (container, "MSKU6011672"),
        (seal, "EG-0012345"),
    ],
)
def test_good_ones_come_back_unchanged(check: object, text: str) -> None:
    """Published examples of each standard."""
    assert callable(check)
    assert check(text) == text


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (device_id, "ab"),
        (device_id, "drone\n"),
        (device_id, "Drone-1"),
        (device_id, "a/b"),
        (device_id, "+abc"),
        (device_id, "a" * 33),
        (mmsi, "21900000"),
        (mmsi, "\uff1219000001"),
        (imo, "9074728"),
        (container, "CSQU3054384"),
        (container, "CSQX3054383"),
        (seal, "a"),
    ],
)
def test_near_misses_are_refused_with_their_text(check: object, text: str) -> None:
    """The message shows what was given and what it should have been."""
    assert callable(check)
    with pytest.raises(InvalidIdError, match=r"not a|wrong check digit"):
        check(text)
