"""What findings do to alarms: raise them, fire them again, revise, end and withdraw them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from msgspec.structs import replace

from analytics.alarms import RULES, Act, Handled, advance, history, quiet_time, urgency
from analytics.saying import english, saying
from haechi.alarms import Alarm, AlarmKey, AlarmPolicy, Basis, Signal
from haechi.findings import Finding, Severity, Status

MAX_BASIS: Final = 64
"""Findings that one alarm remembers; ended ones make room first."""


Shared = Callable[[Finding, Mapping[str, Alarm]], Alarm | None]


class Alarms(Protocol):
    """Where alarms are kept, as far as raising them needs it; any store will do."""

    def alarm(self, alarm: str) -> Alarm | None:
        """Return one alarm."""
        ...

    def open_alarm(self, key: AlarmKey) -> Alarm | None:
        """Return the alarm of this key with ``is_open``, if any."""
        ...


def after_findings(
    findings: Sequence[Finding],
    *,
    site: str,
    alarms: Alarms,
    now: datetime,
    policy: AlarmPolicy,
    name_of: Callable[[str], str | None] = lambda _: None,
    shared: Shared = lambda _, __: None,
) -> list[Handled]:
    """Bring alarms up to date with what the engine says is new or other than before.

    Args:
        findings: In the engine's order.
        site: Whose findings they are.
        alarms: Those kept so far.
        now: Processing time.
        policy: The times.
        name_of: What a subject calls itself, already made plain.
        shared: The alarm of another subject that takes a finding up, given the alarms as changed
            so far.

    Returns:
        What to keep, in order; an alarm stands there once for each line of its history.
    """
    raising = _Raising(site, alarms, now, policy, name_of, shared)
    heirs = {(finding.supersedes, finding.zone) for finding in findings}
    done: list[Handled] = []
    for finding in findings:
        if finding.status is Status.RETRACTED and (finding.id, finding.zone) in heirs:
            continue  # the finding that takes its place carries its alarm on
        for step in raising.after(finding):
            raising.put(step[0])
            done.append(step)
    return done


@dataclass(frozen=True, slots=True)
class _Raising:
    """One call's work, with alarms as they will be once what was decided so far is kept."""

    site: str
    alarms: Alarms
    now: datetime
    policy: AlarmPolicy
    name_of: Callable[[str], str | None]
    shared: Shared
    by_id: dict[str, Alarm] = field(default_factory=dict[str, Alarm])
    by_key: dict[AlarmKey, Alarm] = field(default_factory=dict[AlarmKey, Alarm])

    def put(self, alarm: Alarm) -> None:
        self.by_id[alarm.id] = self.by_key[alarm.key] = alarm

    def after(self, finding: Finding) -> Iterable[Handled]:
        key = AlarmKey(self.site, finding.rule, finding.subject, finding.zone)
        alarm = self._open(key) or self._raised_by(finding) or self.shared(finding, self.by_id)
        if finding.status is Status.RETRACTED:
            return () if alarm is None else self._withdraw(alarm, finding)
        if alarm is None:
            return (self._raise(finding, key),)
        return self._revise(alarm, finding)

    def _open(self, key: AlarmKey) -> Alarm | None:
        touched = self.by_key.get(key)
        if touched is None:
            return self.alarms.open_alarm(key)
        return touched if touched.is_open else None

    def _raised_by(self, finding: Finding) -> Alarm | None:
        ids = [each for each in (finding.id, finding.supersedes) if each is not None]
        known = (self.by_id.get(each) or self.alarms.alarm(each) for each in ids)
        return next(filter(None, known), None)

    def _raise(self, finding: Finding, key: AlarmKey) -> Handled:
        ongoing = finding.until is None
        quiet = quiet_time(self.policy, finding.rule, finding.severity)
        alarm = Alarm(
            id=finding.id,
            key=key,
            active=True,
            acknowledged=False,
            raised_at=self.now,
            updated_at=self.now,
            basis=(_basis(finding),),
            quiet_at=None if ongoing else self.now + quiet,
            severity=finding.severity,
            **self._said(finding),
        )
        return alarm, history(alarm, None, self._act(Signal.OPENED, finding))

    def _revise(self, alarm: Alarm, finding: Finding) -> Iterable[Handled]:
        rests_on = _with(alarm.basis, finding)
        is_outlived = finding.until is not None and any(basis.ongoing for basis in rests_on)
        said = ({} if is_outlived else self._said(finding)) | {
            "basis": rests_on,
            "severity": _severity(rests_on, finding),
            "subject_name": self.name_of(finding.subject) or alarm.subject_name,
        }
        then = replace(alarm, **said)
        if then == alarm:
            return
        for signal in _signals(alarm, _known(alarm, finding), then):
            act = self._act(signal, finding)
            alarm, event = advance(alarm, act, self.policy, **said)
            yield alarm, event

    def _withdraw(self, alarm: Alarm, finding: Finding) -> Iterable[Handled]:
        if _known(alarm, finding) is None:
            return
        rests_on = tuple(basis for basis in alarm.basis if basis.finding != finding.id)
        over = bool(alarm.open_findings) and not any(basis.ongoing for basis in rests_on)
        signal = Signal.RETRACTED if not rests_on else Signal.ENDED if over else Signal.CHANGED
        withdrawn = saying("withdrawn", said=finding.saying or finding.text)
        act = Act(signal, self.now, RULES, english(withdrawn), withdrawn)
        yield advance(alarm, act, self.policy, basis=rests_on)

    def _act(self, signal: Signal, finding: Finding) -> Act:
        return Act(signal, self.now, RULES, finding.text, finding.saying)

    def _said(self, finding: Finding) -> dict[str, Any]:  # fields of several types
        return {
            "kind": finding.kind,
            "text": finding.text,
            "saying": finding.saying,
            "since": finding.since,
            "until": finding.until,
            "lat": finding.lat,
            "lon": finding.lon,
            "subject_name": self.name_of(finding.subject),
        }


def _signals(alarm: Alarm, before: Basis | None, then: Alarm) -> list[Signal]:
    """Name what is new in ``then``; ``before`` is the finding as the alarm knew it."""
    began = before is None or (then.until is None and not before.ongoing)
    found = [Signal.OPENED] if began else []
    if alarm.active or not began:
        rise = urgency(then.severity) - urgency(alarm.severity)
        found += [Signal.WORSENED] if rise > 0 else [Signal.EASED] if rise < 0 else []
    if alarm.open_findings and not then.open_findings:
        found.append(Signal.ENDED)
    return found or [Signal.CHANGED]


def _basis(finding: Finding) -> Basis:
    return Basis(finding.id, finding.severity, finding.until is None, finding.subject)


def _known(alarm: Alarm, finding: Finding) -> Basis | None:
    names = {finding.id, finding.supersedes}
    return next((basis for basis in alarm.basis if basis.finding in names), None)


def _with(rests_on: tuple[Basis, ...], finding: Finding) -> tuple[Basis, ...]:
    """Return the basis with the finding last; long ones lose what has been over for longest."""
    names = {finding.id, finding.supersedes}
    others = [basis for basis in rests_on if basis.finding not in names]
    excess = max(len(others) + 1 - MAX_BASIS, 0)
    forgotten = [basis for basis in others if not basis.ongoing][:excess]
    return (*(basis for basis in others if basis not in forgotten), _basis(finding))


def _severity(rests_on: tuple[Basis, ...], finding: Finding) -> Severity:
    """Return the most urgent of what goes on, or what was said last if nothing does."""
    ongoing = [basis.severity for basis in rests_on if basis.ongoing]
    return max(ongoing, key=urgency, default=finding.severity)
