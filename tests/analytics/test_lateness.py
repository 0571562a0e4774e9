"""Wakes of what a device tells late wait for the rest of it, and never longer than a rule waits."""

from analytics.changes import Bounds
from analytics.rule import Event
from analytics.samples import Silent
from haechi.findings import Status
from haechi.vessels import VesselPosition
from tests.analytics.shell import MINUTE, VESSEL, Shell, at, reading

BUOY = "mmsi:219000002"
OTHER = "mmsi:219000003"


def live(minute: float) -> Event:
    """Return what the receiver hears that is never late."""
    return reading(minute, VesselPosition(), device="ais-1", subject=BUOY)


def late(minute: float, subject: str = VESSEL) -> Event:
    """Return what the other one hears."""
    return reading(minute, VesselPosition(), device="ais-2", subject=subject)


def begun(bounds: Bounds | None = None) -> Shell:
    """Return a shell that has heard the first receiver for half an hour, till 00:30."""
    shell = Shell([Silent(5 * MINUTE)], bounds=bounds, lagging=True)
    for minute in range(0, 31, 3):
        shell.feed(live(minute))
    assert shell.engine.watermark == at(29)
    return shell


def silent(shell: Shell) -> list[str]:
    """Return who was ever found silent."""
    return sorted({finding.subject for finding in shell.revisions})


def test_a_silence_is_not_found_while_a_device_catches_up() -> None:
    """Until it has come to the time of the site; what it did not go on with is found at once."""
    shell = begun()
    shell.feed(late(10))
    for minute in range(10, 30, 4):
        shell.feed(late(minute, OTHER), live(30 + minute / 10))
        assert silent(shell) == []
    assert shell.engine.metrics().waiting == 2
    shell.feed(late(30, OTHER), late(34, OTHER))
    assert [(f.subject, f.since, f.revision) for f in shell.revisions] == [(VESSEL, at(10), 0)]
    assert shell.engine.metrics().waiting == 0
    assert shell.said() == shell.folded()


def test_a_device_that_fails_again_is_waited_for_as_a_rule_waits() -> None:
    """Five minutes after the reading came, told at 00:29, it is as if it had been made then."""
    shell = begun()
    shell.feed(late(10))
    shell.feed(live(33), live(34.9))
    assert silent(shell) == []
    shell.feed(live(35))
    assert silent(shell) == [VESSEL]
    assert shell.agrees


def test_a_device_that_is_always_late_is_judged_in_its_own_time() -> None:
    """Twenty minutes behind: nobody is silent before as much time has passed for it."""
    shell = begun()
    for minute in range(30, 60, 2):
        shell.feed(live(minute), late(minute - 20))
    assert silent(shell) == []
    for minute in range(60, 66):
        shell.feed(live(minute), late(minute - 20, OTHER))
    assert silent(shell) == [VESSEL]


def test_who_was_found_silent_stays_so_until_that_is_refuted() -> None:
    """The silence moves with what comes late, each in the place of the one before."""
    shell = Shell([Silent(5 * MINUTE)], lagging=True)
    shell.feed(late(0))
    shell.feed(live(30))
    shell.feed(late(3))
    old, gone, moved = shell.revisions
    assert (gone.id, gone.status) == (old.id, Status.RETRACTED)
    assert (moved.since, moved.supersedes) == (at(3), old.id)
    shell.feed(late(26))
    assert shell.said() == shell.folded()
    assert [f.status for f in shell.revisions[3:]] == [Status.ENDED]


def test_a_subject_at_rest_goes_on_waiting() -> None:
    """Packed into bytes, and after a restart; its device is remembered with it."""
    shell = begun(Bounds(idle=MINUTE))
    shell.feed(late(10), live(31))
    shell.save()
    assert shell.engine.metrics().resting == 1
    shell.crash()
    shell.feed(live(33))
    assert silent(shell) == []
    assert shell.engine.metrics().waiting == 1
    shell.feed(late(33, OTHER))
    assert silent(shell) == [VESSEL]
