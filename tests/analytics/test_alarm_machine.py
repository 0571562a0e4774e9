"""Any sequence of findings, acts and waiting leaves every alarm alive (A3, ALM-3)."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from analytics.alarms import FOR_OPERATORS, TRANSITIONS, UnlawfulSignalError
from haechi.alarms import AlarmState, Signal
from haechi.findings import Severity
from tests.analytics.desk import START, Desk, ended, finding, retracted

NAMES = st.sampled_from(["f1", "f2", "f3"])


class AlarmLife(RuleBasedStateMachine):
    """Three findings about one thing, an impatient operator and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()

    @rule(name=NAMES, severity=st.sampled_from(Severity))
    def goes_on(self, name: str, severity: Severity) -> None:
        """A finding begins, goes on, or begins again."""
        self.desk.say(finding(name, severity=severity))

    @rule(name=NAMES, severity=st.sampled_from(Severity), seconds=st.integers(0, 600))
    def is_over(self, name: str, severity: Severity, seconds: int) -> None:
        """A finding ends, or was a moment."""
        self.desk.say(ended(name, severity=severity, until=START + timedelta(seconds=seconds)))

    @rule(name=NAMES)
    def is_withdrawn(self, name: str) -> None:
        """A finding no longer follows."""
        self.desk.say(retracted(name))

    @rule(old=NAMES, new=NAMES)
    def is_replaced(self, old: str, new: str) -> None:
        """A finding's beginning moved."""
        self.desk.say(retracted(old), finding(new, supersedes=old))

    @precondition(lambda self: self.desk.alarms)
    @rule(data=st.data(), signal=st.sampled_from(Signal))
    def is_handled(self, data: st.DataObject, signal: Signal) -> None:
        """An operator tries something; either the table has it or the alarm stays as it is."""
        name = data.draw(st.sampled_from(sorted(self.desk.alarms)))
        before = self.desk.alarms[name]
        lawful = signal in FOR_OPERATORS & TRANSITIONS[before.status].keys()
        lawful &= signal is not Signal.UNSHELVED or before.shelved_until is not None
        until = self.desk.now + timedelta(hours=1)
        try:
            self.desk.act(signal, name, note="because", until=until, assignee="lee")
        except UnlawfulSignalError:
            assert not lawful
            assert self.desk.alarms[name] is before
        else:
            assert lawful

    @rule(minutes=st.sampled_from([0, 1, 9, 10, 60, 1440]))
    def waits(self, minutes: int) -> None:
        """Time passes."""
        self.desk.wait(timedelta(minutes=minutes))

    @invariant()
    def one_alarm_at_most_is_open(self) -> None:
        """A2: they are all about the same thing."""
        for alarm in self.desk.alarms.values():
            self.desk.open_alarm(alarm.key)

    @invariant()
    def stamps_agree_with_the_state(self) -> None:
        """Who and when stand exactly where the state says that somebody did."""
        for alarm in self.desk.alarms.values():
            assert (alarm.cleared_at is None) == (alarm.cleared_by is None) == alarm.active
            assert (alarm.acknowledged_at is not None) == alarm.acknowledged
            assert (alarm.shelved_until is None) == (alarm.shelved_by is None)

    @invariant()
    def the_clock_is_set_exactly_where_state_and_condition_differ(self) -> None:
        """Nothing waits for ever, and nothing is woken in vain."""
        for alarm in self.desk.alarms.values():
            differ = alarm.active != bool(alarm.open_findings)
            assert (alarm.quiet_at is not None) == differ
            assert alarm.wake_at is None or alarm.wake_at > self.desk.now

    @invariant()
    def history_is_whole(self) -> None:
        """Numbered 1, 2, 3, ..., and each line begins where the last one ended."""
        for alarm in self.desk.alarms.values():
            lines = [event for event in self.desk.history if event.alarm == alarm.id]
            assert [event.number for event in lines] == [*range(1, alarm.events + 1)]
            assert [event.before for event in lines] == [None, *(e.after for e in lines[:-1])]
            assert lines[-1].after is alarm.status

    @invariant()
    def nothing_is_wedged(self) -> None:
        """Whatever happened, an operator can finish, and a new finding fires."""
        for alarm in self.desk.alarms.values():
            trial = Desk()
            trial.now, trial.alarms = self.desk.now, dict(self.desk.alarms)
            for signal in (Signal.ACKNOWLEDGED, Signal.CLEARED):
                if signal in TRANSITIONS[trial.alarms[alarm.id].status]:
                    trial.act(signal, alarm.id)
            assert trial.status(alarm.id) is AlarmState.CLEARED_ACK
            trial.say(finding("f9"))
            taken_up = trial.open_alarm(alarm.key)
            assert taken_up is not None
            assert taken_up.active


AlarmLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAlarmLife = AlarmLife.TestCase
