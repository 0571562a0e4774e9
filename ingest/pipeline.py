"""The way of every message through ingest, in order; the rest of the folder is its parts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from haechi.mqtt import Delivery
from haechi.observations import Observation
from ingest.alarming import Alarming
from ingest.answering import answers
from ingest.decoding import Input, decode
from ingest.denied import DenyList, refusal
from ingest.failpoint import passing
from ingest.identity import Identities
from ingest.judging import Found, Judging
from ingest.ports import Store, Writing
from ingest.saving import Saving


class Link(Protocol):
    """The broker session, as far as answering goes."""

    def acknowledge_all(self, deliveries: Iterable[Delivery]) -> None:
        """Let the broker forget deliveries."""
        ...

    def publish(self, topic: str, payload: bytes) -> int | None:
        """Send at least once while connected."""
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What one transaction did, for those who count."""

    inputs: tuple[Input, ...] = ()
    new: tuple[Observation, ...] = ()
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Takes what has arrived as one transaction: all of it is kept and judged, or none."""

    store: Store
    judging: Judging
    alarming: Alarming
    saving: Saving
    link: Link
    ring: Callable[[], None]
    """Tells other processes that alarms have changed."""
    skew_limit: timedelta
    is_live: bool = True
    """Whether event time is now, so that devices can promise by their clocks."""
    deny_list: DenyList = field(default_factory=DenyList)
    identities: Identities = field(default_factory=Identities)

    def take(self, deliveries: Sequence[Delivery], now: datetime) -> Settled:
        """Carry deliveries through every step; ``now`` is when they arrived.

        Raises:
            StoreUnavailableError: nothing was kept and nothing acknowledged; ``recover``, then
                take the same again.
        """
        denied = self.deny_list.reasons()
        inputs = tuple(
            refusal(each, denied, now) or decode(each, now, self.skew_limit) for each in deliveries
        )
        return self.settle(deliveries, inputs, now)

    def settle(
        self, deliveries: Sequence[Delivery], inputs: tuple[Input, ...], now: datetime
    ) -> Settled:
        """Carry what was decoded through the other steps."""
        with self.store.writing() as writing:
            _set_aside(inputs, writing)
            new = _keep(inputs, writing)
            found = self.judging.judge(new, self.store, writing)  # enrich, judge, report
            self._note_promises(inputs, now)
            found += self._pass_time(self.judging.passed(), writing)
            found += _reported(self.identities.notice(inputs, now), writing)
            has_raised = self._raise(found, writing, now)
            self.saving.write(writing)
            passing("before_commit")
        passing("after_commit")
        if has_raised:
            self.ring()
        self._acknowledge(deliveries, inputs)
        return Settled(inputs, tuple(new), tuple(found))

    def tick(self, watermarks: Iterable[tuple[str, datetime]], now: datetime) -> Settled:
        """Let event time pass at sites where nobody speaks."""
        with self.store.writing() as writing:
            found = self._pass_time(watermarks, writing)
            has_raised = self._raise(found, writing, now)
        if has_raised:
            self.ring()
        return Settled(found=tuple(found))

    def wake_alarms(self, now: datetime) -> int:
        """Do what the clock does to alarms; return how many lines of history that made."""
        if not self.store.alarms_to_wake(now):
            return 0
        with self.store.writing() as writing:
            done = self.alarming.on_time(self.store, writing, now)
        self.ring()
        return done

    def recover(self, now: datetime) -> None:
        """Bring the engines to where the store is: at the start, and after a failed transaction."""
        self.alarming.restore(self.store, now)
        with self.store.writing() as writing:
            found = self.judging.restore(self.store, writing)
            self._raise(found, writing, now)
        self.saving.begin_anew()

    def save_due(self) -> None:
        """Keep what of the engines' states is due, where no batch does it by the way."""
        if self.saving.is_due:
            with self.store.writing() as writing:
                self.saving.write(writing)

    def save_all(self) -> None:
        """Keep the engines' states, so that a restart has no log to judge again."""
        if not self.judging.is_saved or self.saving.is_due:
            with self.store.writing() as writing:
                self.saving.write_all(writing)

    def _note_promises(self, inputs: Iterable[Input], now: datetime) -> None:
        """Heed what devices promise, unless their clocks are not believed."""
        for each in inputs:
            until = None if each.state is None else each.state.complete_until
            if self.is_live and until is not None and until <= now + self.skew_limit:
                self.judging.promise(each.site, each.device, until)

    def _pass_time(
        self, watermarks: Iterable[tuple[str, datetime]], writing: Writing
    ) -> list[Found]:
        """Let event time pass at sites; the log remembers it."""
        found: list[Found] = []
        for site, watermark in watermarks:
            writing.tick(site, watermark)
            found.append(self.judging.tick(site, watermark, self.store, writing))
        return found

    def _raise(self, found: Iterable[Found], writing: Writing, now: datetime) -> bool:
        """Bring alarms up to date; return whether that changed any."""
        lines = [
            self.alarming.after_findings(site, findings, store=self.store, writing=writing, now=now)
            for site, findings in found
            if findings
        ]
        return any(lines)

    def _acknowledge(self, deliveries: Sequence[Delivery], inputs: Sequence[Input]) -> None:
        """Answer the broker, then the agents: only what is committed."""
        self.link.acknowledge_all(deliveries)
        passing("after_puback")
        for topic, payload in answers(inputs):
            self.link.publish(topic, payload)
        passing("after_ack")


def _set_aside(inputs: Sequence[Input], writing: Writing) -> None:
    writing.set_aside(letter for each in inputs for letter in each.letters)
    for each in inputs:
        if each.state is not None:
            writing.device_state(each.site, each.state)


def _keep(inputs: Sequence[Input], writing: Writing) -> list[Observation]:
    return writing.keep([observation for each in inputs for observation in each.observations])


def _reported(found: Iterable[Found], writing: Writing) -> list[Found]:
    return [(site, writing.report(findings)) for site, findings in found]
