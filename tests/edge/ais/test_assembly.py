"""Messages of several sentences."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.ais.assembly import OPEN_LIMIT, PART_LIMIT, Assembly
from edge.ais.nmea import Sentence

START = datetime(2024, 3, 1, tzinfo=UTC)


def part(
    message: int, number: int, total: int = 3, *, station: bytes = b"", group: bytes = b""
) -> Sentence:
    """Return one part of a message that is told apart by its sequence number and its channel."""
    sequence, channel = b"%d" % (message % 10), b"AB"[message // 10 % 2 :][:1]
    payload = b"%d/%d" % (message, number)
    return Sentence(
        b"AI", total, number, sequence, channel, payload, 0, "", None, station, group
    )  # fmt: skip


class Bench:
    """An assembly whose results and losses can be looked at."""

    def __init__(self) -> None:
        self.whole: list[list[bytes]] = []
        self.lost: list[list[bytes]] = []
        self.assembly = Assembly(lambda parts, _: self.lost.append([p.payload for p in parts]))

    def add(
        self, parts: Iterable[Sentence], at: datetime = START, stated: datetime | None = None
    ) -> None:
        """Add parts, all at one time."""
        for each in parts:
            done = self.assembly.add(each, at, stated)
            if done:
                self.whole.append([p.payload for p in done[0]])


@given(st.permutations([(message, number) for message in range(6) for number in (1, 2, 3)]))
def test_parts_come_in_any_order(order: list[tuple[int, int]]) -> None:
    """Interleaved and out of order, every message is put together, its parts in their order."""
    bench = Bench()
    bench.add(part(*place) for place in order)
    expected = [[b"%d/%d" % (message, number) for number in (1, 2, 3)] for message in range(6)]
    assert sorted(bench.whole) == expected
    assert not bench.lost


@given(
    st.permutations([(message, number) for message in range(6) for number in (1, 2, 3)]),
    st.sets(st.integers(0, 17), max_size=6),
)
def test_no_part_is_forgotten(order: list[tuple[int, int]], dropped: set[int]) -> None:
    """Whatever is lost on the way, each part that came is in a message or given up, once."""
    came = [place for index, place in enumerate(order) if index not in dropped]
    bench = Bench()
    bench.add(part(*place) for place in came)
    bench.assembly.close()
    found = sorted(payload for group in bench.whole + bench.lost for payload in group)
    assert found == sorted(b"%d/%d" % place for place in came)


def test_a_number_in_use_again_ends_the_message_before() -> None:
    """The same part a second time belongs to another message."""
    bench = Bench()
    bench.add([part(1, 1), part(1, 2), part(1, 1), part(1, 2), part(1, 3)])
    assert bench.lost == [[b"1/1", b"1/2"]]
    assert bench.whole == [[b"1/1", b"1/2", b"1/3"]]


def test_parts_far_apart_do_not_belong_together() -> None:
    """Event time decides, in both directions; no clock is asked."""
    for step in (PART_LIMIT, -PART_LIMIT):
        bench = Bench()
        bench.add([part(1, 1, 2)])
        bench.add([part(1, 2, 2)], START + step + step / 1000)
        assert bench.lost == [[b"1/1"]]
        assert not bench.whole


def test_receivers_are_told_apart() -> None:
    """Two stations may use one number at once; a group names its message by itself."""
    bench = Bench()
    bench.add([part(1, 1, 2, station=b"x"), part(1, 1, 2, station=b"y")])
    bench.add([part(1, 2, 2, station=b"y"), part(1, 2, 2, station=b"x")])
    bench.add([part(2, 1, 2, station=b"x", group=b"7"), part(2, 2, 2, group=b"7")])
    assert len(bench.whole) == 3
    assert not bench.lost


def test_the_time_is_that_of_the_first_part_to_come() -> None:
    """It is the earliest that the message was surely heard."""
    assembly = Bench().assembly
    assembly.add(part(1, 2, 2), START)
    done = assembly.add(part(1, 1, 2), START + timedelta(seconds=1))
    assert done
    assert done[1] == START


def test_memory_is_bounded() -> None:
    """A sender that never ends a message only pushes out the oldest."""
    bench = Bench()
    bench.add(part(1, 1, 2, group=b"%d" % group) for group in range(OPEN_LIMIT + 5))
    assert len(bench.lost) == 5


def test_parts_are_held_against_each_other_by_one_clock() -> None:
    """A backlog comes at once, so what it states counts; else when it was heard does."""
    long_ago, late = START - timedelta(days=400), PART_LIMIT + timedelta(seconds=1)
    bench = Bench()
    bench.add([part(1, 1, 2)], START, long_ago)
    bench.add([part(1, 2, 2)], START, long_ago + late)
    assert bench.lost == [[b"1/1"]]
    bench.add([part(2, 1, 2)], START, long_ago)
    bench.add([part(2, 2, 2)], START + late)
    assert bench.lost[1:] == [[b"2/1"]]
    bench.add([part(3, 2, 2)], START)
    bench.add([part(3, 1, 2)], START + PART_LIMIT, long_ago)
    assert bench.whole == [[b"3/1", b"3/2"]]
