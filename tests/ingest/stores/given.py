"""What the stores of the tests are given."""

from haechi.alarms import Alarm, AlarmEvent, AlarmKey, AlarmState, Signal
from haechi.findings import Severity
from haechi.messages import DeviceState
from haechi.pushes import Alert, Push
from ingest.ports import DeadLetter, Store
from tests.ingest.observed import NOON, SHIP, after, observed

KEY = AlarmKey("busan", "overspeed", SHIP, None)


def keep(store: Store, *seqs: int) -> list[int]:
    """Keep readings in one transaction; return the seqs that were new."""
    with store.writing() as writing:
        return [o.seq for o in writing.keep([observed(seq) for seq in seqs])]


def letter(seq: int = 0, reason: str = "schema: no") -> DeadLetter:
    """Return a refused reading."""
    return DeadLetter(
        topic="haechi/v1/busan/ais-1/up/telemetry",
        payload=b"\x00{",
        reason=reason,
        received_at=NOON,
        device="ais-1",
        boot="boot-1",
        seq=seq,
    )


def state(
    numbered: int, seconds: float, *, online: bool = True, boot: str = "boot-1"
) -> DeviceState:
    """Return what a device says of itself."""
    return DeviceState(
        device="ais-1", boot=boot, online=online, at=after(seconds), numbered=numbered
    )


def alarm(finding: str = "a", *, acknowledged: bool = False, active: bool = True) -> Alarm:
    """Return an alarm in the state wanted."""
    return Alarm(
        id=finding,
        key=KEY,
        kind="overspeed",
        severity=Severity.MAJOR,
        text="31 kn",
        active=active,
        acknowledged=acknowledged,
        since=NOON,
        until=None,
        raised_at=NOON,
        updated_at=NOON,
    )


def event(alarm_id: str, number: int) -> AlarmEvent:
    """Return a line of an alarm's history."""
    return AlarmEvent(
        alarm=alarm_id,
        number=number,
        at=NOON,
        by="rules",
        signal=Signal.OPENED,
        before=None,
        after=AlarmState.ACTIVE_UNACK,
    )


def push(name: str, due: float = 0) -> Push:
    """Return a push due so many seconds after noon."""
    return Push(
        id=name,
        alarm="a",
        channel="console",
        title="t",
        body="b",
        severity=Severity.MAJOR,
        created_at=NOON,
        due_at=after(due),
        alert=Alert(
            id=name,
            alarm="a",
            number=1,
            signal=Signal.OPENED,
            state=AlarmState.ACTIVE_UNACK,
            severity=Severity.MAJOR,
            site=KEY.site,
            rule=KEY.rule,
            kind="overspeed",
            subject=SHIP,
            subject_name=None,
            zone=None,
            text="31 kn",
            since=NOON,
            until=None,
            at=NOON,
            lat=None,
            lon=None,
        ),
    )


def put(store: Store, *alarms: Alarm) -> None:
    """Write alarms, one transaction each."""
    for number, each in enumerate(alarms, start=1):
        with store.writing() as writing:
            writing.put_alarm(each, event(each.id, number))
