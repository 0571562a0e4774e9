"""Both stages of a site: its subjects, and its pairs, under the engine's one interface."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from analytics.changes import Bounds, Changes, History, Metrics, NeedHistory
from analytics.engine import Engine
from analytics.pairs.stage import Pairs, judges_pairs
from analytics.pairwise import is_pair, parts
from analytics.rule import Event, Rule
from haechi.findings import Finding

Read = Callable[[str, datetime | None], Sequence[Event]]
"""Reads the events of a subject since a time from the store."""
Told = Callable[[str], Sequence[Finding]]
"""Reads the findings about a subject from the store."""


class Court:
    """Judges a site.

    Args:
        rules: Of both stages.
        site: Its name.
        states: What ``save`` told; what was fed since is to be fed again, then ``resume``.
        allowance: As the engine has it.
        idle_limit: As the engine has it.
        bounds: Of the first stage.
        shelters: Zones where lying side by side is what ships do.
        lagging: As the engine of the first stage has it.
    """

    def __init__(
        self,
        rules: Sequence[Rule[Any]],
        site: str,
        states: Mapping[str, bytes] | None = None,
        *,
        allowance: timedelta,
        idle_limit: timedelta,
        bounds: Bounds | None = None,
        shelters: frozenset[str] = frozenset(),
        lagging: bool = False,
    ) -> None:
        self._engine = Engine.restored(
            [rule for rule in rules if not judges_pairs(rule)],
            {key: state for key, state in (states or {}).items() if not is_pair(key)},
            allowance=allowance,
            idle_limit=idle_limit,
            bounds=bounds,
            lagging=lagging,
        )
        self._pairs = Pairs([rule for rule in rules if judges_pairs(rule)], site, shelters=shelters)
        self._is_resuming = states is not None
        if states is not None:
            of_pairs = {key: state for key, state in states.items() if is_pair(key)}
            self._pairs.restore(of_pairs, self._engine.watermark)

    @property
    def watermark(self) -> datetime | None:
        """How far event time has passed; ``None`` before anything was heard."""
        return self._engine.watermark

    @property
    def heard(self) -> bytes:
        """As the engine has it."""
        return self._engine.heard

    def given(self, promises: Mapping[str, datetime]) -> datetime | None:
        """As the engine has it."""
        return self._engine.given(promises)

    def feed(self, events: Sequence[Event], judged: Sequence[Event] = ()) -> Changes:
        """Judge events in arrival order; ``judged`` are held by restored states of the engine."""
        changes = self._engine.feed(events, [event.observation for event in judged])
        return _both(changes, self._of_pairs((*events, *judged)))

    def tick(self, watermark: datetime) -> Changes:
        """Take the shell's word that nothing at or before ``watermark`` is waited for."""
        return _both(self._engine.tick(watermark), self._of_pairs(()))

    def resume(self) -> Changes:
        """Return what follows for pairs from all that was fed again."""
        self._is_resuming = False
        return self._pairs.resume()

    def history(self, need: NeedHistory, read: Read, told: Told) -> History:
        """Return what is needed, read from the store."""
        first, second = parts(need.subject)
        if second:
            findings = [finding for finding in told(first) if finding.other == second]
            return self._pairs.history(need, findings, read)
        findings = [finding for finding in told(first) if finding.other is None]
        return History(first, read(first, need.since), findings)

    def supply(self, histories: Sequence[History]) -> Changes:
        """Judge what waited for history."""
        single = [history for history in histories if not is_pair(history.subject)]
        pairs = [history for history in histories if is_pair(history.subject)]
        changes = self._engine.supply(single) if single else Changes()
        return _both(changes, self._pairs.supply(pairs)) if pairs else changes

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Keys of what changed since it was saved."""
        return (*self._engine.unsaved, *self._pairs.unsaved)

    def save(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the states of some keys as they are now; these then count as saved."""
        single = self._engine.save([key for key in keys if not is_pair(key)])
        return single | self._pairs.save([key for key in keys if is_pair(key)])

    def metrics(self) -> Metrics:
        """Return how the engine is, and how many fixes were too late for the second stage."""
        return replace(self._engine.metrics(), too_late_for_pairs=self._pairs.late)

    def _of_pairs(self, events: Iterable[Event]) -> Changes:
        if self._is_resuming:
            self._pairs.replay(events, self.watermark)
            return Changes()
        return self._pairs.feed(events, self.watermark)


def _both(first: Changes, then: Changes) -> Changes:
    if not then.findings and not then.needs:
        return first
    return Changes((*first.findings, *then.findings), (*first.needs, *then.needs))
