"""Container numbers in what a reader saw."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from stdnum import iso6346

from edge.cctv.container_numbers import ContainerNumber, Text, container_numbers
from edge.cctv.frames import Pixels
from edge.cctv.ocr import TextReader
from haechi.ids import container

VECTORS = ("CSQU3054383", "TOLU4734787", "MSKU9070323", "HLXU2008419", "TGHU7599330")
"""Numbers whose check digits are known: ISO 6346's own example, and others from the literature."""


def line(text: str, x: float = 0.1, y: float = 0.1, score: float = 0.9) -> Text:
    """Return a line of text a twentieth of the picture high."""
    return Text(text, score, (x, y, x + 0.2, y + 0.05))


@pytest.mark.parametrize("number", VECTORS)
def test_check_digits_are_computed_as_the_standard_says(number: str) -> None:
    """The same as two other implementations."""
    assert [one.number for one in container_numbers([line(number[:10])])] == [number]
    assert container(number) == number
    assert iso6346.is_valid(number)


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("CSQU3054383", 3),
        ("CSQU 305438 3", 3),
        ("csqu 305438", None),
        ("CSQU-305438[3]", 3),
        ("\uff23\uff33\uff31\uff35 305438 7", 7),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, digit: int | None) -> None:
    """With or without its check digit; as painted, even where that is wrong."""
    (read,) = container_numbers([line(text)])
    assert (read.number, read.check_digit_read) == ("CSQU3054383", digit)
    assert read.agrees == (digit == 3)


@pytest.mark.parametrize(
    "text", ["CSQX3054383", "CSQU30543", "22G1", "MAX GROSS 30480", "CSQU30543834", "C5QU3054383"]
)
def test_what_has_not_the_form_of_a_number_is_none(text: str) -> None:
    """Nothing is repaired by a guess."""
    assert container_numbers([line(text)]) == []


def test_the_owner_code_may_stand_beside_or_above() -> None:
    """But not at the other end of the picture."""
    owner = line("CSQU")
    assert _numbers([owner, line("305438 3", x=0.32)]) == ["CSQU3054383"]
    assert _numbers([owner, line("3054383", y=0.17)]) == ["CSQU3054383"]
    assert _numbers([owner, line("3054383", x=0.8, y=0.9)]) == []


def test_of_two_readings_the_one_that_agrees_counts() -> None:
    """Then the surer one."""
    read = container_numbers([line("CSQU3054387", score=0.99), line("CSQU3054383", score=0.8)])
    assert [(one.check_digit_read, one.score) for one in read] == [(3, 0.8)]


@pytest.mark.slow
def test_painted_numbers_are_read() -> None:
    """Synthetic: white letters on container colours, in one line and in two, with a slant.

    RapidOCR with the models of its wheel; nothing is fetched.
    """
    reader = TextReader()
    for number, colour in zip(
        VECTORS[:3], ((150, 60, 40), (30, 60, 110), (60, 90, 60)), strict=True
    ):
        read = container_numbers(reader.read(painted(number, colour)))
        assert [(one.number, one.check_digit_read) for one in read] == [(number, int(number[-1]))]
        assert read[0].score > 0.8
    assert reader.read(np.full((200, 300, 3), 90, np.uint8)) == []


def painted(number: str, colour: tuple[int, int, int]) -> Pixels:
    """Return the side of a container with its number, in a picture of 480 by 160."""
    picture = Image.new("RGB", (480, 160), colour)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(40)
    pen.text((40, 50), f"{number[:4]} {number[4:10]} {number[10]}", font=font, fill=(235, 235, 230))
    slanted = picture.rotate(2, fillcolor=colour, resample=Image.Resampling.BILINEAR)
    return np.asarray(slanted, np.uint8)


def _numbers(texts: list[Text]) -> list[str]:
    found: list[ContainerNumber] = container_numbers(texts)
    return [one.number for one in found]
