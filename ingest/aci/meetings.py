"""Who has met whom: a finding about two is filed under one of them only."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, Protocol

from analytics.crosscheck.sensors import MEETINGS
from haechi.alarms import Alarm
from haechi.findings import Finding


class Found(Protocol):
    """What is read of the platform's store."""

    def alarms(self, *, since_position: int = 0, open_only: bool = False) -> list[Alarm]:
        """Return alarms changed after a log position."""
        ...

    def findings_about(self, subjects: Collection[str], since: datetime | None) -> list[Finding]:
        """Return findings about any of these in report order, retracted ones included."""
        ...


class Meetings:
    """Remembers under whom the findings about two are filed, so that both are asked for them."""

    def __init__(self, platform: Found) -> None:
        self._platform: Final = platform
        self._filed: dict[str, set[str]] = {}
        self._is_begun = False

    def met(self, alarms: Iterable[Alarm]) -> set[str]:
        """Take in alarms that have changed; return whom else they are about."""
        self._begin()
        return self._file(alarms)

    def with_others(self, subjects: set[str]) -> set[str]:
        """Return subjects, and those under whom findings about them may be filed."""
        self._begin()
        return subjects.union(*(self._filed.get(name, ()) for name in subjects))

    def _begin(self) -> None:
        """Take in what was raised before this process looked."""
        if not self._is_begun:
            self._is_begun = True
            self._file(self._platform.alarms())

    def _file(self, alarms: Iterable[Alarm]) -> set[str]:
        filed = {each.key.subject for each in alarms if each.kind in MEETINGS}
        others: set[str] = set()
        for finding in self._platform.findings_about(filed, None) if filed else ():
            if finding.other is not None:
                self._filed.setdefault(finding.other, set()).add(finding.subject)
                others.add(finding.other)
        return others
