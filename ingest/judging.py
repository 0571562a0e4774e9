"""The engines, one per site, and what they need from the store."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from analytics.engine import Bounds, Changes, Engine, History, Metrics
from analytics.rule import Event, Rule
from haechi.findings import Finding, report_order
from haechi.observations import Observation
from ingest.ports import Store, Writing

Locate = Callable[[Sequence[Observation]], list[Event]]
"""Adds what geometry says: ``analytics.zones.ZoneSet.locate``."""

Found = tuple[str, list[Finding]]
"""A site and what is new or changed there."""

_SITE_END: Final = "/"
"""Between site and subject in the key of a state; neither holds one."""


class Judging:
    """Feeds the engines, answers their questions, and reports what they find.

    Everything happens inside the caller's transaction. After a transaction that failed the
    engines are ahead of the store: the same ``restore`` as after a crash brings them back.
    """

    def __init__(
        self,
        rules: Sequence[Rule[Any]],
        locate: Locate,
        *,
        allowance: timedelta,
        idle_limit: timedelta,
        bounds: Bounds | None = None,
    ) -> None:
        self._rules, self._locate = tuple(rules), locate
        self._allowance, self._idle_limit, self._bounds = allowance, idle_limit, bounds
        self._engines: dict[str, Engine] = {}

    def judge(
        self, observations: Sequence[Observation], store: Store, writing: Writing
    ) -> list[Found]:
        """Enrich and judge observations that the transaction has just kept."""
        return [
            (site, self._settle(site, self._engine(site).feed(self._locate(about)), store, writing))
            for site, about in _by_site(observations)
        ]

    def tick(self, site: str, watermark: datetime, store: Store, writing: Writing) -> Found:
        """Let time pass where nobody speaks, and judge the silence."""
        return site, self._settle(site, self._engine(site).tick(watermark), store, writing)

    def restore(self, store: Store, writing: Writing) -> list[Found]:
        """Take the snapshot and judge the log since: the state at the last commit.

        What that finds was reported before, and is not reported again; there is something new in
        it only if the rules changed. History is supplied at the end, since that is the moment of
        the log to which the store belongs.
        """
        position, states = store.snapshot()
        self._engines = {
            site: Engine.restored(
                self._rules,
                of_site,
                allowance=self._allowance,
                idle_limit=self._idle_limit,
                bounds=self._bounds,
            )
            for site, of_site in _by_prefix(states).items()
        }
        said: dict[str, list[Changes]] = {}
        for entry in store.log_since(position):
            for site, about in _by_site(entry.observations):
                said.setdefault(site, []).append(self._engine(site).feed(self._locate(about)))
            for site, watermark in entry.ticks:
                said.setdefault(site, []).append(self._engine(site).tick(watermark))
        return [
            (
                site,
                writing.report(_untold([*changes, *self._supplied(site, changes, store)], store)),
            )
            for site, changes in said.items()
        ]

    def changed_states(self) -> dict[str, bytes | None]:
        """Return what changed since the last call, for the snapshot."""
        return {
            f"{site}{_SITE_END}{subject}": state
            for site, engine in self._engines.items()
            for subject, state in engine.changed_states().items()
        }

    def watermarks(self) -> dict[str, datetime]:
        """Return how far event time has passed at each site."""
        reached = {site: engine.watermark for site, engine in self._engines.items()}
        return {site: watermark for site, watermark in reached.items() if watermark is not None}

    def metrics(self) -> dict[str, Metrics]:
        """Return how each engine is, by site."""
        return {site: engine.metrics() for site, engine in self._engines.items()}

    def _settle(self, site: str, changes: Changes, store: Store, writing: Writing) -> list[Finding]:
        """Report changes, and supply history until the engine needs no more."""
        new = writing.report(changes.findings)
        for more in self._supplied(site, [changes], store):
            new += writing.report(more.findings)
        return new

    def _supplied(self, site: str, asked: Sequence[Changes], store: Store) -> Iterator[Changes]:
        """Supply history until the engine needs no more, and yield what follows each time."""
        needs = [need for changes in asked for need in changes.needs]
        while needs:
            histories = [self._history(site, need.subject, need.since, store) for need in needs]
            changes = self._engine(site).supply(histories)
            yield changes
            needs = [*changes.needs]

    def _history(self, site: str, subject: str, since: datetime | None, store: Store) -> History:
        of_site = [each for each in store.history(subject, since) if each.site == site]
        return History(subject, self._locate(of_site), store.findings(subject=subject))

    def _engine(self, site: str) -> Engine:
        engine = self._engines.get(site)
        if engine is None:
            engine = self._engines[site] = Engine(
                self._rules,
                allowance=self._allowance,
                idle_limit=self._idle_limit,
                bounds=self._bounds,
            )
        return engine


def _untold(changes: Sequence[Changes], store: Store) -> list[Finding]:
    """Return the last word on each finding, unless the store has that or a later one."""
    last = {finding.id: finding for each in changes for finding in each.findings}
    subjects = {finding.subject for finding in last.values()}
    told = {kept.id: kept.revision for each in subjects for kept in store.findings(subject=each)}
    untold = [each for each in last.values() if each.revision > told.get(each.id, -1)]
    return sorted(untold, key=report_order)


def _by_site(observations: Sequence[Observation]) -> Iterator[tuple[str, list[Observation]]]:
    sites: dict[str, list[Observation]] = {}
    for observation in observations:
        sites.setdefault(observation.site, []).append(observation)
    yield from sites.items()


def _by_prefix(states: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    sites: dict[str, dict[str, bytes]] = {}
    for key, state in states.items():
        site, _, subject = key.partition(_SITE_END)
        sites.setdefault(site, {})[subject] = state
    return sites
