"""What the engine says on the way is in order: revised, retracted, superseded, asked for."""

from datetime import datetime
from typing import Any

import pytest

from analytics.changes import Bounds, Changes, NeedHistory
from analytics.engine import RunawayRuleError
from analytics.rule import Event, Step
from analytics.samples import Fast, Pulse, Renamed, Silent
from haechi.findings import Status
from haechi.observations import Flag
from haechi.vessels import VesselPosition
from tests.analytics.shell import MINUTE, VESSEL, Shell, at, fix, reading


def told(changes: Changes) -> list[tuple[str, Status, int]]:
    """Return what changed, in short."""
    return [(f.rule, f.status, f.revision) for f in changes.findings]


def test_an_episode_is_revised_under_its_id() -> None:
    """Opened, worse, ended: one id, revisions 0, 1, 2."""
    shell = Shell([Fast(10)])
    assert told(shell.feed(fix(0, 12))) == [("fast", Status.OPEN, 0)]
    assert told(shell.feed(fix(1, 11))) == []
    assert told(shell.feed(fix(2, 25))) == [("fast", Status.OPEN, 1)]
    assert told(shell.feed(fix(3, 0))) == [("fast", Status.ENDED, 2)]
    assert len(shell.findings) == 1


def test_a_duplicate_changes_nothing() -> None:
    """Neither the newest observation again nor an old one."""
    shell = Shell()
    shell.feed(fix(0, 12), fix(1, 25), fix(2, 12))
    assert shell.engine.feed([fix(2, 12)]) == Changes()
    assert shell.engine.feed([fix(0, 12), fix(1, 25)]) == Changes()


def test_late_data_that_breaks_a_silence_retracts_it() -> None:
    """A silence is found by the watermark alone, and taken back when it was none."""
    shell = Shell([Silent(3 * MINUTE)])
    shell.feed(fix(0), fix(2))
    assert told(shell.tick(at(4.9))) == []
    assert told(shell.tick(at(5))) == [("silent", Status.OPEN, 0)]
    assert told(shell.feed(fix(4))) == [("silent", Status.RETRACTED, 1)]
    assert told(shell.tick(at(7))) == [("silent", Status.OPEN, 0)]


def test_an_observation_at_exactly_the_wake_comes_first() -> None:
    """Even if the watermark delivered the wake before it arrived."""
    shell = Shell([Silent(3 * MINUTE)])
    shell.feed(fix(0))
    assert told(shell.tick(at(3))) == [("silent", Status.OPEN, 0)]
    assert told(shell.feed(fix(3))) == [("silent", Status.RETRACTED, 1)]
    assert shell.said() == shell.folded() == []


def test_a_finding_that_becomes_true_again_goes_on_counting() -> None:
    """Retracted and told again: the same id, the next revision."""
    shell = Shell([Fast(10)])
    shell.feed(fix(3, 12))
    shell.feed(fix(2, 12))
    shell.feed(fix(2.5, 0))
    third = [f for f in shell.revisions if f.since == at(3)]
    assert [(f.status, f.revision) for f in third] == [
        (Status.OPEN, 0),
        (Status.RETRACTED, 1),
        (Status.OPEN, 2),
    ]
    assert len({f.id for f in third}) == 1


def test_a_moved_beginning_supersedes() -> None:
    """Late data moves the start of an episode: the new finding names the one it replaces."""
    shell = Shell([Fast(10)])
    old = shell.feed(fix(5, 12)).findings[0]
    new, gone = shell.feed(fix(4, 12)).findings
    assert (gone.id, gone.status) == (old.id, Status.RETRACTED)
    assert (new.since, new.supersedes, new.revision) == (at(4), old.id, 0)
    assert shell.feed(fix(6, 0)).findings[0].supersedes == old.id


def test_what_does_not_touch_in_time_supersedes_nothing() -> None:
    """A silence taken back and another one found in the same batch are two happenings."""
    shell = Shell([Silent(3 * MINUTE)])
    shell.feed(fix(0), fix(5), fix(7))
    gone, new = shell.feed(fix(2), fix(4), fix(11)).findings
    assert (gone.since, gone.status) == (at(0), Status.RETRACTED)
    assert (new.since, new.supersedes) == (at(7), None)


def test_two_devices_that_say_the_same_are_one_step() -> None:
    """A count does not grow because two receivers heard one report."""
    shell = Shell([Pulse(4 * MINUTE, beats=1)])
    shell.feed(fix(0), fix(1, device="ais-2", seq=7))
    shell.feed(fix(1, device="ais-1", seq=9), fix(2))
    shell.tick(at(4))
    assert [finding.values for finding in shell.said()] == [{"count": 3}]


def test_a_clock_ahead_moves_nothing_and_is_for_rules_about_clocks() -> None:
    """A reading from the future neither ends a silence nor begins an episode nor passes time."""
    shell = Shell()
    shell.feed(fix(0))
    ahead = reading(50, VesselPosition(speed_kn=25), flags=(Flag.CLOCK_AHEAD,))
    assert told(shell.feed(ahead)) == [("clock_ahead", Status.ENDED, 0)]
    assert shell.engine.watermark == at(-1)
    assert told(shell.tick(at(3))) == [("silent", Status.OPEN, 0)]


SMALL = Bounds(observations=0, spacing=1, checkpoints=2)


def test_what_memory_does_not_hold_is_asked_for() -> None:
    """From a checkpoint if there is one old enough, else everything; and the rest waits."""
    shell = Shell([Fast(10)], bounds=SMALL, slow=True)
    shell.feed(*(fix(minute) for minute in range(6)))
    assert shell.feed(fix(0.5, 12)).needs == (NeedHistory(VESSEL, None),)
    assert shell.feed(fix(7, 12), fix(8)) == Changes()
    shell.answer()
    assert shell.said() == shell.folded()
    assert len(shell.said()) == 2
    assert shell.engine.metrics().histories == 1


def test_what_is_fed_while_history_is_read_is_not_lost() -> None:
    """The history may be older than what arrived since."""
    shell = Shell([Fast(10)], bounds=SMALL, slow=True)
    shell.feed(*(fix(minute) for minute in range(6)))
    (need,) = shell.feed(fix(3.5, 12)).needs
    history = shell.history(need)
    shell.feed(fix(3.8, 25), fix(7, 12))
    shell.supply([history])
    assert shell.said() == shell.folded()


def test_what_is_later_still_asks_for_more_history() -> None:
    """An event older than the checkpoint that history was asked for waits for another answer."""
    shell = Shell([Fast(10)], bounds=SMALL, slow=True)
    shell.feed(*(fix(minute) for minute in range(6)))
    (need,) = shell.feed(fix(3.5, 12)).needs
    assert need.since is not None
    history, shell.needs = shell.history(need), []
    shell.feed(fix(0.5, 12))
    shell.supply([history])
    assert shell.needs == [NeedHistory(VESSEL, None)]
    shell.answer()
    assert shell.said() == shell.folded()


@pytest.mark.parametrize("minute", range(0, 40, 3))
def test_checkpoints_that_thinned_out_lead_back_as_well(minute: int) -> None:
    """However far back, what was said after is taken back, though its checkpoint has gone."""
    shell = Shell([Fast(10)], bounds=Bounds(spacing=1))
    for before in range(40):
        shell.feed(fix(before, 12 if before % 4 == 2 else 0))
    shell.feed(fix(minute + 0.5, 12))
    shell.feed(fix(minute + 0.7, 0))
    assert shell.said() == shell.folded()
    assert shell.engine.metrics().histories == 0


def test_a_checkpoint_outlives_the_observations_after_it() -> None:
    """Then history is asked for since that checkpoint only."""
    shell = Shell([Fast(10)], bounds=Bounds(observations=2, spacing=2, checkpoints=9), slow=True)
    for minute in range(9):
        shell.feed(fix(minute))
    (need,) = shell.feed(fix(4.5, 12)).needs
    assert need.since is not None
    assert at(0) < need.since < at(4.5)
    shell.answer()
    assert shell.said() == shell.folded()


def test_a_subject_that_rests_is_woken() -> None:
    """Packed into bytes, it still has its wakes, and goes on where it was."""
    shell = Shell([Silent(10 * MINUTE)], bounds=Bounds(idle=MINUTE))
    shell.feed(fix(0))
    shell.tick(at(5))
    assert (shell.engine.metrics().subjects, shell.engine.metrics().resting) == (0, 1)
    assert told(shell.tick(at(10))) == [("silent", Status.OPEN, 0)]
    assert told(shell.feed(fix(11))) == [("silent", Status.ENDED, 1)]
    assert shell.engine.metrics().histories == 0


def test_a_silence_is_broken_without_history() -> None:
    """Not even for a subject at rest: how it was before the watermark woke it is remembered."""
    shell = Shell([Silent(10 * MINUTE)], bounds=Bounds(idle=MINUTE))
    shell.feed(fix(0))
    assert told(shell.tick(at(15))) == [("silent", Status.OPEN, 0)]
    assert shell.engine.metrics().subjects == 0
    assert told(shell.feed(fix(9))) == [("silent", Status.RETRACTED, 1)]
    assert shell.engine.metrics().histories == 0


def test_other_rules_judge_everything_again() -> None:
    """A subject judged by other rules is folded from the beginning; differences are revisions."""
    shell = Shell([Fast(10)])
    shell.feed(fix(0, 12), fix(1, 25), fix(2, 0))
    shell.save()
    shell.rules = [Fast(20, version="2"), Renamed()]
    shell.crash()
    assert shell.engine.metrics().subjects == 1
    shell.tick(at(2))
    assert [(f.since, f.status, f.revision) for f in shell.revisions[-2:]] == [
        (at(0), Status.RETRACTED, 1),
        (at(1), Status.ENDED, 0),
    ]
    assert shell.said() == shell.folded()


def test_what_the_store_no_longer_knows_is_not_taken_back() -> None:
    """A finding that had ended before the oldest observation supplied rests on others."""
    shell = Shell([Fast(10)])
    shell.feed(fix(0, 12), fix(1, 0), fix(5, 12), fix(6, 0))
    shell.save()
    shell.rules = [Fast(20, version="2")]
    shell.crash()
    shell.kept = [e for e in shell.kept if e.at >= at(5)]
    shell.tick(at(6))
    assert [finding.since for finding in shell.said()] == [at(0)]


class Runaway(Fast, frozen=True):
    """Asks to be woken at the very moment it is woken."""

    def on_event(self, state: Any, event: Event) -> Step[Any]:
        """Ask once."""
        return Step(state, wake_at=event.at + MINUTE)

    def on_wake(self, state: Any, now: datetime) -> Step[Any]:
        """Ask for ever."""
        return Step(state, wake_at=now)


def test_a_rule_that_would_never_end_is_refused() -> None:
    """And named."""
    engine = Shell([Runaway(10, name="runaway")]).engine
    engine.feed([fix(0)])
    with pytest.raises(RunawayRuleError, match=r"rule runaway, woken at .* asks to be woken at"):
        engine.tick(at(1))


def test_rules_of_one_name_are_refused() -> None:
    """Their findings could not be told apart."""
    with pytest.raises(ValueError, match="not unique: fast, fast"):
        Shell([Fast(10), Fast(20)])


def test_an_unknown_format_is_judged_again() -> None:
    """A snapshot of another version of the engine is no snapshot, but names the subjects."""
    shell = Shell([Fast(10)])
    shell.feed(fix(0, 12))
    shell.save()
    shell.states = {
        subject: (position, b"\xff" + state[1:])
        for subject, (position, state) in shell.states.items()
    }
    shell.crash()
    shell.tick(at(1))
    assert shell.said() == shell.folded()
    assert shell.engine.metrics().histories == 1


def test_the_engine_tells_how_it_is() -> None:
    """Lateness in event time behind the subject, and how deep it had to go back."""
    shell = Shell()
    shell.feed(*(fix(minute) for minute in range(5)))
    shell.feed(fix(3.9), fix(0.5))
    metrics = shell.engine.metrics()
    assert metrics.lateness == (0, 1, 0, 1, 0, 0, 0)
    assert (metrics.rewinds, metrics.deepest_rewind, metrics.observations) == (1, 7, 7)
    assert metrics.watermark == at(3)
