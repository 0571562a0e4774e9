"""The thread that decodes ahead."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest

from edge.cctv.detector import FakeDetector, Found
from edge.cctv.films import FilmError
from edge.cctv.frames import Frame, Pixels
from edge.cctv.reader import AHEAD, Reader
from tests.edge.cctv.scenes import FilmOf, after, block, filmed, passing


def idle(prepared: Callable[[Pixels], None] = lambda _: None) -> FakeDetector:
    """Return a detector that finds nothing, and tells when it prepares."""

    class Told(FakeDetector):
        def prepare(self, pixels: Pixels) -> Pixels:
            prepared(pixels)
            return pixels

    return Told(lambda _: [], ())


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

    def slow(_: Pixels) -> list[Found]:
        assert storm.given.wait(20)
        return []

    with Reader(storm, FakeDetector(slow, ())) as reader:
        first, last = reader.next(20), reader.next(20)
        assert first is not None
        assert last is not None
        assert last.frame.at == after(4.999)
        assert last.dropped == 5000 - 2
        assert reader.next(0) is None
        assert not reader.is_over


def test_of_a_recording_no_frame_is_lost() -> None:
    """It is read ahead a little and waits."""
    frames, prepared, seen = filmed(passing(20)), list[Pixels](), list[Frame]()
    with Reader(FilmOf(frames), idle(prepared.append)) as reader:
        while not reader.is_over:
            if looked := reader.next(5):
                seen.append(looked.frame)
                assert looked.dropped == 0
                assert len(prepared) <= len(seen) + 2 * AHEAD + 2
    assert seen == frames


def test_whatever_ends_the_film_is_said_after_its_last_frame() -> None:
    """An error is not an end."""

    class Broken(FilmOf):
        def frames(self, stopped: Event) -> Iterator[Frame]:
            yield from super().frames(stopped)
            raise FilmError("clip.mp4: torn")

    with Reader(Broken(filmed(passing(2))), idle()) as reader:
        assert reader.next(5) is not None
        assert reader.next(5) is not None
        with pytest.raises(FilmError, match="torn"):
            reader.next(5)


def test_it_can_be_left_at_any_time() -> None:
    """While it waits for somebody to look, too."""
    with Reader(FilmOf(filmed(passing(20))), idle()) as reader:
        assert reader.next(5) is not None
    assert reader.next(0) is None
