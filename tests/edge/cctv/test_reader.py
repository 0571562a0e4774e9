"""The thread that decodes ahead."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from edge.cctv.films import FilmError
from edge.cctv.frames import Frame, Pixels
from edge.cctv.reader import AHEAD, Reader
from tests.edge.cctv.scenes import FilmOf, after, block, filmed, passing


def nothing(pixels: Pixels) -> Pixels:
    """Prepare nothing."""
    return pixels


class Storm:
    """A live camera that gives thousands of frames as fast as it can, then waits."""

    waits = False

    def __init__(self, frames: int) -> None:
        self.given = Event()
        self._count = frames

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return them, and then hold on."""
        pixels = block(0)
        for number in range(self._count):
            yield Frame(after(number / 1000), pixels)
        self.given.set()
        stopped.wait()


def test_of_a_storm_the_newest_frame_is_seen_and_the_rest_counted() -> None:
    """Nothing is queued: a camera that is slow to be looked at is never looked at late."""
    storm = Storm(5000)
    with Reader(storm, nothing) as reader:
        assert storm.given.wait(20)
        ready = reader.next(5)
        assert ready is not None
        assert ready.frame.at == after(4.999)
        assert ready.dropped == 4999
        assert reader.next(0) is None
        assert not reader.is_over


def test_of_a_recording_no_frame_is_lost() -> None:
    """It is read ahead a little and waits."""
    frames = filmed(passing(20))
    prepared: list[Any] = []

    def prepare(pixels: Pixels) -> int:
        prepared.append(pixels)
        return len(prepared)

    seen: list[tuple[Frame, int]] = []
    with Reader(FilmOf(frames), prepare) as reader:
        while not reader.is_over:
            if ready := reader.next(5):
                seen.append((ready.frame, ready.dropped))
                assert len(prepared) <= len(seen) + AHEAD + 1
    assert seen == [(frame, 0) for frame in frames]


def test_whatever_ends_the_film_is_said_after_its_last_frame() -> None:
    """An error is not an end."""

    class Broken(FilmOf):
        def frames(self, stopped: Event) -> Iterator[Frame]:
            yield from super().frames(stopped)
            raise FilmError("clip.mp4: torn")

    with Reader(Broken(filmed(passing(2))), nothing) as reader:
        assert reader.next(5) is not None
        assert reader.next(5) is not None
        with pytest.raises(FilmError, match="torn"):
            reader.next(5)


def test_it_can_be_left_at_any_time() -> None:
    """While it waits for somebody to look, too."""
    with Reader(FilmOf(filmed(passing(20))), nothing) as reader:
        assert reader.next(5) is not None
    assert reader.next(0) is None
