"""From findings to alarms to pushes, kept in the transaction that keeps the findings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from analytics.alarms import Handled, on_time
from analytics.digests import Budget, Spent, digest_with, is_over, series_of, spent_after
from analytics.incidents import WITHIN, incident, is_shareable
from analytics.pushes import Last, Told, last_told, pushes_for
from analytics.raising import after_findings
from analytics.wording import Voice
from haechi.alarms import Alarm, AlarmPolicy
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.pushes import Push, PushPolicy
from ingest.ports import Store, Writing

_LOOKS: Final = 100
"""Sights of one object that are looked at; a camera gives a few."""


class Alarming:
    """Raises and revises alarms, lets their clocks run, and queues the pushes that follow."""

    def __init__(self, policy: AlarmPolicy, pushes: PushPolicy, voice: Voice) -> None:
        self._policy, self._pushes, self._voice = policy, pushes, voice
        self._last: dict[Told, Last] = {}
        self._spent: dict[Budget, Spent] = {}

    def restore(self, store: Store, now: datetime) -> None:
        """Learn from the store who was told what lately: at the start, and after a failure."""
        windows = (channel.limit_window_s for channel in self._pushes.channels)
        lately = timedelta(seconds=max(self._pushes.cooldown_s, *windows, 0))
        pushes = store.pushes(since=now - lately)
        self._last = last_told(pushes)
        self._spent = spent_after(pushes, self._pushes, {})

    def after_findings(
        self,
        site: str,
        findings: Sequence[Finding],
        *,
        store: Store,
        writing: Writing,
        now: datetime,
    ) -> int:
        """Bring alarms up to date with findings; return how many lines of history that made."""
        handled = after_findings(
            findings,
            site=site,
            alarms=store,
            now=now,
            policy=self._policy,
            name_of=lambda subject: _name(store, subject),
            shared=lambda finding, changed: _shared(store, site, finding, changed),
        )
        return self._put(handled, store, writing)

    def on_time(self, store: Store, writing: Writing, now: datetime) -> int:
        """Do what is due by the clock; return how many lines of history that made."""
        due = [
            step
            for alarm in store.alarms_to_wake(now)
            for step in on_time(alarm, now, self._policy)
        ]
        return self._put(due, store, writing)

    def _put(self, handled: Sequence[Handled], store: Store, writing: Writing) -> int:
        for alarm, event in handled:
            writing.put_alarm(alarm, event)
            for push in pushes_for(alarm, event, self._pushes, last=self._last, voice=self._voice):
                self._tell(push, store, writing)
        return len(handled)

    def _tell(self, push: Push, store: Store, writing: Writing) -> None:
        """Queue a message by itself, or in a digest if its channel has had enough of them."""
        if is_over(push, self._pushes, self._spent):
            kept = store.pushes(series_of(push, self._pushes))
            writing.put_push(digest_with(push, kept, self._pushes, self._voice))
        elif writing.add_push(push):
            self._last |= last_told([push])
            self._spent = spent_after([push], self._pushes, self._spent)


def _shared(
    store: Store, site: str, finding: Finding, changed: Mapping[str, Alarm]
) -> Alarm | None:
    """Return the alarm of a site about what another camera sees."""
    if not is_shareable(finding):
        return None
    known = {**{alarm.id: alarm for alarm in store.alarms(open_only=True)}, **changed}
    mine = (alarm for alarm in known.values() if alarm.is_open and alarm.key.site == site)

    def seen(subject: str, at: datetime) -> list[Observation]:
        return store.track(subject, at - WITHIN, at + WITHIN, _LOOKS)

    return incident(finding, mine, seen)


def _name(store: Store, subject: str) -> str | None:
    latest = store.latest_of(subject)
    return None if latest is None else latest.name
