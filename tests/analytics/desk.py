"""An alarm desk for tests: alarms in a dict, findings to order, and a clock to turn by hand."""

from datetime import UTC, datetime, timedelta

from analytics.alarms import apply, on_time
from analytics.raising import after_findings
from haechi.alarms import Alarm, AlarmEvent, AlarmKey, AlarmPolicy, Signal
from haechi.findings import Finding, Severity, Status

START = datetime(2026, 5, 1, 6, tzinfo=UTC)
POLICY = AlarmPolicy()
MINUTE = timedelta(minutes=1)


def finding(name: str = "f1", **changes: object) -> Finding:
    """Return an overspeed that goes on, unless told otherwise."""
    said: dict[str, object] = {
        "id": name,
        "rule": "overspeed",
        "kind": "overspeed",
        "rule_version": "1",
        "subject": "mmsi:219000001",
        "severity": Severity.MAJOR,
        "since": START,
        "until": None,
        "text": "14 kn where 10 kn are allowed",
        "values": {},
        "thresholds": {},
        "zone": "harbour",
    }
    return Finding(**(said | changes))  # type: ignore[arg-type]  # a table of changes has one type for all


def ended(name: str = "f1", **changes: object) -> Finding:
    """Return the same, over after a minute."""
    return finding(name, **{"until": START + MINUTE, "status": Status.ENDED} | changes)


def retracted(name: str = "f1") -> Finding:
    """Return the same, no longer following from the data."""
    return finding(name, status=Status.RETRACTED)


class Desk:
    """A site with its alarms, and a clock to turn by hand."""

    def __init__(self) -> None:
        self.now = START
        self.alarms: dict[str, Alarm] = {}
        self.history: list[AlarmEvent] = []
        self.happened: list[tuple[Alarm, AlarmEvent]] = []

    def alarm(self, alarm: str) -> Alarm | None:
        """Return one alarm."""
        return self.alarms.get(alarm)

    def open_alarm(self, key: AlarmKey) -> Alarm | None:
        """Return the open alarm of a key."""
        found = [alarm for alarm in self.alarms.values() if alarm.key == key and alarm.is_open]
        assert len(found) <= 1, "two open alarms about one thing"
        return found[0] if found else None

    def say(self, *findings: Finding) -> list[Signal]:
        """Let the rules speak."""
        return self._keep(
            after_findings(findings, site="busan", alarms=self, now=self.now, policy=POLICY)
        )

    def act(self, signal: Signal, alarm: str = "f1", **details: object) -> list[Signal]:
        """Let an operator act."""
        return self._keep(
            [apply(self.alarms[alarm], signal, at=self.now, by="kim", policy=POLICY, **details)]  # type: ignore[arg-type]  # as above
        )

    def wait(self, time: timedelta) -> list[Signal]:
        """Let time pass."""
        self.now += time
        return self._keep(
            [step for a in [*self.alarms.values()] for step in on_time(a, self.now, POLICY)]
        )

    def status(self, alarm: str = "f1") -> str:
        """Return the state of an alarm."""
        return self.alarms[alarm].status

    def severity(self, alarm: str = "f1") -> str:
        """Return the severity of an alarm."""
        return self.alarms[alarm].severity

    def _keep(self, done: list[tuple[Alarm, AlarmEvent]]) -> list[Signal]:
        for alarm, event in done:
            self.alarms[alarm.id] = alarm
            self.history.append(event)
        self.happened += done
        return [event.signal for _, event in done]
