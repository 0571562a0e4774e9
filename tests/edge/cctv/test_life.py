"""Nothing before it is confirmed, and an end for everybody who was announced."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cctv.detector import Found
from edge.cctv.life import Statement, Watch
from edge.cctv.scene import Line, Scene, Zone
from tests.edge.cctv.scenes import after, car

GATE = Zone(name="gate", polygon=((0.5, 0), (1, 0), (1, 1), (0.5, 1)), loiter_after_s=3)
QUAY = Line(name="quay", begin=(0.5, 0), end=(0.5, 1))


def told(watch: Watch, frames: Iterable[list[Found]], fps: float = 10) -> list[Statement]:
    """Return what is said of frames from noon on."""
    return [
        said
        for number, found in enumerate(frames)
        for said in watch.see(after(number / fps), found)
    ]


def phases(said: Iterable[Statement]) -> list[str]:
    """Return what happened."""
    return [one.phase for one in said]


def test_an_object_is_announced_once_confirmed() -> None:
    """At 10 frames a second more than five frames with it (Frigate's ``min_initialized``)."""
    watch = Watch(Scene(), fps=10)
    said = told(watch, [[car(0.5)]] * 10)
    assert phases(said) == ["new"]
    assert said[0].at == after(0.5)
    assert (said[0].label, said[0].score, said[0].box) == ("car", 0.9, (0.45, 0.45, 0.55, 0.55))


@pytest.mark.parametrize(
    "frames",
    [
        [[car(0.5)]] * 5,
        [[car(0.5, score=0.65)]] * 50,
        [[car(0.5, label="cat")]] * 50,
        [[car(0.5)] if number % 60 == 0 else [] for number in range(200)],
    ],
    ids=["too few frames", "never sure enough", "not wanted", "now and then, far apart"],
)
def test_cam_1_what_is_not_confirmed_is_never_mentioned(frames: list[list[Found]]) -> None:
    """Not even at the end (frigate#8397)."""
    watch = Watch(Scene(), fps=10)
    assert told(watch, frames) + watch.end() == []


def test_one_lucky_frame_confirms_nothing() -> None:
    """At one frame a second half a second's frames are none; three are wanted all the same."""
    watch = Watch(Scene(), fps=1)
    assert phases(told(watch, [[car(0.5)]] * 2, fps=1)) == []
    assert phases(watch.see(after(2), [car(0.5)])) == ["new"]


def test_the_median_of_the_scores_decides() -> None:
    """Half of the latest ten must reach the threshold."""
    scores = [0.6] * 9 + [0.8] * 9
    said = told(Watch(Scene(), fps=10), [[car(0.5, score=score)] for score in scores])
    assert phases(said) == ["new"]
    assert said[0].at == after(1.3)
    assert said[0].score == pytest.approx(0.7)


def test_who_goes_on_is_reported_now_and_then() -> None:
    """Every two seconds, however many frames there are."""
    said = told(Watch(Scene(), fps=10), [[car(0.5)]] * 101)
    assert phases(said) == ["new"] + ["update"] * 4
    assert [one.at for one in said] == [after(0.5 + 2 * number) for number in range(5)]


def test_cam_2_who_leaves_gets_an_end_five_seconds_later_as_of_when_it_was_seen() -> None:
    """Once (frigate#7281)."""
    said = told(Watch(Scene(), fps=10), [[car(0.5)]] * 10 + [[]] * 200)
    assert phases(said) == ["new", "end"]
    assert said[1].at == after(0.9)
    assert said[1].track.frames == 10


def test_everybody_gets_an_end_when_the_watching_ends() -> None:
    """Those who were announced; and then nobody is left."""
    watch = Watch(Scene(), fps=10)
    told(watch, [[car(0.2), car(0.8)]] * 10)
    assert phases(watch.end()) == ["end", "end"]
    assert watch.end() == []


def test_a_clock_set_back_ends_all_and_begins_anew() -> None:
    """Numbers are not used again."""
    watch = Watch(Scene(), fps=10)
    first = told(watch, [[car(0.5)]] * 10)
    said = [one for n in range(10) for one in watch.see(after(n / 10 - 3600), [car(0.5)])]
    assert phases(first + said) == ["new", "end", "new"]
    assert said[-1].track.number != first[0].track.number


def test_a_zone_is_entered_and_left_with_inertia() -> None:
    """After three frames with the foot inside; one frame beyond its edge means nothing."""
    scene = Scene(zone=(GATE,), update_s=1000)
    way = [0.3] * 8 + [0.7] * 2 + [0.3] * 2 + [0.7] * 10 + [0.45] + [0.7] * 3 + [0.3] * 8
    wide = [[Found("car", 0.9, x - 0.3, 0.2, x + 0.3, 0.8)] for x in way]
    said = told(Watch(scene, fps=10), wide)
    assert [(one.phase, one.zones) for one in said] == [
        ("new", ()),
        ("update", ("gate",)),
        ("update", ()),
    ]


def test_a_zone_for_others_does_not_count() -> None:
    """Zones can be about some labels only."""
    gate = Zone(name="gate", polygon=GATE.polygon, labels=("person",))
    said = told(Watch(Scene(zone=(gate,)), fps=10), [[car(0.8)]] * 20)
    assert said[0].zones == ()


def test_who_stays_in_a_zone_loiters() -> None:
    """After the time of the zone, from when it was in it; reported at that moment."""
    scene = Scene(zone=(GATE,), update_s=1000)
    said = told(Watch(scene, fps=10), [[car(0.8)]] * 50)
    assert [(one.phase, one.loitering) for one in said] == [("new", False), ("update", True)]
    assert said[1].at == after(0.2 + 3)


@pytest.mark.parametrize(
    ("way", "crossings"),
    [
        ([0.3 + n / 100 for n in range(40)], 1),
        ([0.7 - n / 100 for n in range(40)], 1),
        ([0.3 + n / 1000 for n in range(40)], 0),
        ([0.492, 0.508] * 20, 0),
    ],
    ids=["to the right", "to the left", "not as far", "trembling on it"],
)
def test_a_line_is_crossed(way: list[float], crossings: int) -> None:
    """Once, in either direction; trembling crosses nothing."""
    scene = Scene(line=(QUAY,), update_s=1000)
    said = told(Watch(scene, fps=10), [[car(x)] for x in way])
    assert [name for one in said for name in one.crossed] == ["quay"] * crossings


def test_a_line_is_not_crossed_beyond_its_end() -> None:
    """Who walks past its end does not cross it."""
    short = Line(name="quay", begin=(0.5, 0), end=(0.5, 0.4))
    said = told(Watch(Scene(line=(short,)), fps=10), [[car(0.3 + n / 100)] for n in range(40)])
    assert not any(one.crossed for one in said)


@given(
    st.lists(
        st.lists(
            st.builds(
                car,
                st.sampled_from([0.1, 0.12, 0.5, 0.9]),
                score=st.sampled_from([0.15, 0.4, 0.72, 0.95]),
                label=st.sampled_from(["car", "truck", "cat"]),
            ),
            max_size=4,
        ),
        max_size=120,
    )
)
def test_every_life_is_new_then_updates_then_one_end(frames: list[list[Found]]) -> None:
    """Whatever a detector says."""
    watch = Watch(Scene(lost_s=1, zone=(GATE,), line=(QUAY,)), fps=5)
    said = told(watch, frames, fps=5) + watch.end()
    for number in {one.track.number for one in said}:
        life = [one for one in said if one.track.number == number]
        assert phases(life)[0] == "new"
        assert phases(life)[-1] == "end"
        assert set(phases(life)[1:-1]) <= {"update"}
        assert [one.at for one in life] == sorted(one.at for one in life)
        assert life[0].score >= 0.7
