"""What was reported about one subject, and how a changed mind is told."""

from collections.abc import Container, Iterable
from datetime import datetime

from msgspec.structs import replace

from analytics.watermark import EARLIEST
from haechi.findings import Finding, Status, report_order


class Statements:
    """The findings of one subject: as reported, and as the fold has them now.

    ``now`` holds only what may differ from what was reported, ``None`` for what no longer follows;
    ``settle`` reports the difference.
    """

    def __init__(
        self, reported: Iterable[Finding] = (), forgotten_until: datetime = EARLIEST
    ) -> None:
        self.reported = {finding.id: finding for finding in reported}
        self.now: dict[str, Finding | None] = {}
        self.forgotten_until = forgotten_until
        """No forgotten finding began later."""

    def current(self, finding_id: str) -> Finding | None:
        """Return what the fold now says under this id."""
        if finding_id in self.now:
            return self.now[finding_id]
        known = self.reported.get(finding_id)
        return known if known is not None and known.status is not Status.RETRACTED else None

    def learn(self, stored: Iterable[Finding]) -> None:
        """Take all findings of the store; afterwards nothing is forgotten.

        The newer revision wins: the store may lag behind memory, or, after a crash, lead. Where
        it leads the fold has yet to say what was reported, and must not believe that it has.
        """
        for finding in stored:
            known = self.reported.get(finding.id)
            if known is None or known.revision < finding.revision:
                if known is not None or not self._may_be_forgotten(finding):
                    self.now.setdefault(finding.id, self.current(finding.id))
                self.reported[finding.id] = finding
        self.forgotten_until = EARLIEST

    def forget(self, changeable: Container[str]) -> None:
        """Drop findings that nothing in memory can change any more, except open ones."""
        for finding in list(self.reported.values()):
            if finding.status is not Status.OPEN and finding.id not in changeable:
                del self.reported[finding.id]
                self.forgotten_until = max(self.forgotten_until, finding.since)

    def _may_be_forgotten(self, finding: Finding) -> bool:
        return finding.status is not Status.OPEN and finding.since <= self.forgotten_until

    def unsure(self) -> bool:
        """Return whether something said now may be a forgotten finding, whose revision counts."""
        return any(
            said is not None
            and said.since <= self.forgotten_until
            and finding_id not in self.reported
            for finding_id, said in self.now.items()
        )

    def judged_since(self, oldest: datetime | None) -> list[str]:
        """Return ids of findings that observations from ``oldest`` on can confirm or refute.

        What had ended before rests on observations that the store no longer holds, and so does
        everything reported if there is no observation at all.
        """
        judged = [
            finding.id
            for finding in self.reported.values()
            if oldest is not None
            and (finding.status is not Status.ENDED or (finding.until or oldest) >= oldest)
        ]
        return [*self.now, *judged]

    def settle(self) -> list[Finding]:
        """Number and return what differs from what was reported, which it now becomes."""
        changes = [change for item in self.now.items() if (change := self._change(*item))]
        changes = _superseding(
            changes, {finding.id for finding in changes if self._is_new(finding)}
        )
        self.reported.update((finding.id, finding) for finding in changes)
        self.now.clear()
        return changes

    def _change(self, finding_id: str, said: Finding | None) -> Finding | None:
        known = self.reported.get(finding_id)
        if known is None:
            return said
        revision = known.revision + 1
        if said is None:
            gone = known.status is Status.RETRACTED
            return None if gone else replace(known, status=Status.RETRACTED, revision=revision)
        if said.says_the_same_as(known):
            return None
        return replace(said, revision=revision, supersedes=known.supersedes)

    def _is_new(self, finding: Finding) -> bool:
        known = self.reported.get(finding.id)
        return known is None or known.status is Status.RETRACTED


def _superseding(changes: list[Finding], new: set[str]) -> list[Finding]:
    """Let each new finding name the retracted one whose place it takes, each at most once."""
    changes.sort(key=report_order)
    gone = [finding for finding in changes if finding.status is Status.RETRACTED]
    for place, finding in enumerate(changes):
        replaced = [old for old in gone if finding.id in new and _same_episode(old, finding)]
        if replaced:
            old = min(replaced, key=lambda old: (old.kind != finding.kind, report_order(old)))
            gone.remove(old)
            changes[place] = replace(finding, supersedes=old.id)
    return changes


def _same_episode(old: Finding, new: Finding) -> bool:
    """Return whether two findings of one subject are about one happening: they touch in time."""
    return (
        (old.rule, old.zone) == (new.rule, new.zone)
        and (new.until is None or old.since <= new.until)
        and (old.until is None or new.since <= old.until)
    )
